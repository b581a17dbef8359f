"""An exam page comes in; questions that it answers, and questions about what it has not, go out."""

import re

from ...rendering import Ask, Draw
from .paper import Paper
from .questions import ALGEBRA, GEOMETRY, PUZZLE


READ, FORMAT = "recognition/ocr-and-transcription/printed-text", "recognition/ocr-and-transcription/specified-format"
COUNTING, COUNTERFACTUAL = "recognition/local-description/counting", "safety/counterfactual-questioning"
TASKS = (READ, FORMAT, COUNTING, ALGEBRA, GEOMETRY, PUZZLE, COUNTERFACTUAL)
WORDINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "markdown": {
        "en": ("Transcribe this page to Markdown.", "Convert the exam to Markdown, formulas as LaTeX.", "Write out the questions in Markdown.",
               "Give the content of this page as Markdown.", "Turn this test into Markdown."),
        "zh": ("把这一页转成 Markdown。", "用 Markdown 抄录这份试卷，公式用 LaTeX。", "请用 Markdown 写出图中的题目。", "将试题转换为 Markdown 格式。",
               "以 Markdown 输出本页内容。"),
    },
    "read": {
        "en": ("Read question {n}.", "What does question {n} say?", "Write out question {n}.", "Copy question number {n}."),
        "zh": ("读出第{n}题。", "第{n}题的题目是什么？", "抄写第{n}题。", "写出第{n}题的内容。"),
    },
    "solve": {
        "en": ("Solve question {n}.", "What is the answer to question {n}?", "Work out question {n}.", "Answer question {n}; show the steps.",
               "How is question {n} solved?"),
        "zh": ("解答第{n}题。", "第{n}题的答案是什么？", "请做第{n}题。", "第{n}题怎么做？写出步骤。", "求第{n}题的结果。"),
    },
    "option": {
        "en": ("Which option is right in question {n}?", "Solve question {n}.", "Choose the right option for question {n}.",
               "What is the correct choice in question {n}?"),
        "zh": ("第{n}题应选哪一项？", "解答第{n}题。", "第{n}题的正确选项是哪个？", "第{n}题选什么？"),
    },
    "final": {
        "en": ("Give only the result of question {n}.", "Question {n}: just the answer, please.", "What is the result of question {n}? No steps.",
               "Answer question {n} with the result alone."),
        "zh": ("只写第{n}题的结果。", "第{n}题的得数是多少？不写过程。", "直接给出第{n}题的答案。", "第{n}题，只要答案。"),
    },
    "letter": {
        "en": ("Give only the letter of the right option in question {n}.", "Question {n}: just the letter, please.",
               "Which letter answers question {n}? No steps.", "Answer question {n} with the letter alone."),
        "zh": ("只写第{n}题的选项字母。", "第{n}题选哪个字母？不写过程。", "直接给出第{n}题的答案。", "第{n}题，只要答案。"),
    },
    "all": {
        "en": ("Give the answers to all questions.", "Answer every question on the page, results only.", "Make an answer key for this page.",
               "List the result of each question."),
        "zh": ("给出所有题目的答案。", "写出本页各题的结果。", "请为这一页做一份答案。", "列出每道题的结果。"),
    },
    "check": {
        "en": ("A pupil answered {try_} to question {n}. Is that right?", "Is {try_} the right answer to question {n}?",
               "Check this answer to question {n}: {try_}.", "For question {n} somebody wrote {try_}. Correct?"),
        "zh": ("第{n}题有同学的答案是{try_}，对吗？", "{try_}是第{n}题的正确答案吗？", "请检查：第{n}题答{try_}，是否正确？", "第{n}题写了{try_}，做对了吗？"),
    },
    "right": {"en": ("Yes, that is right.",), "zh": ("对，答案正确。",)},
    "wrong": {"en": ("No, the right answer is {answer}.",), "zh": ("不对，正确答案是{answer}。",)},
    "count": {
        "en": ("How many questions are on the page?", "Count the questions.", "What is the number of questions here?", "How many tasks does this page have?"),
        "zh": ("这一页有几道题？", "一共有多少道题？", "数一数有几道题。", "图中共有几题？"),
    },
    "title": {
        "en": ("What is the title of this paper?", "Read the heading at the top.", "What is this test called?", "Read the title."),
        "zh": ("这份试卷的标题是什么？", "读出最上面的标题。", "试卷名称是什么？", "读出标题。"),
    },
    "points": {
        "en": ("How many points is each question worth?", "How many points are given for each question?", "How many points does each question carry?",
               "What is each question worth in points?"),
        "zh": ("每题多少分？", "每道题的分值是多少？", "一道题几分？", "每小题值多少分？"),
    },
    "absent": {
        "en": ("There is no question {n} on this page; the last one is {last}.",),
        "zh": ("这一页没有第{n}题，最后一题是第{last}题。",),
    },
}  # fmt: skip


def write_asks(draw: Draw, page: Paper) -> tuple[list[Ask], list[Ask]]:
    """All questions about a page, and those about what it has not."""

    def say(name: str, **fields) -> str:
        return draw.phrase(WORDINGS[name], **fields)

    questions, looks = list(enumerate(page.questions, 1)), page.looks
    asks = [
        Ask(FORMAT, say("markdown"), page.to_markdown(), 3),
        Ask(COUNTING, say("count"), str(len(questions)), 0.3),
    ]
    if looks.title:
        asks.append(Ask(READ, say("title"), looks.title, 0.4))
    if looks.points and looks.has_sections:
        answer = f"{looks.points}分" if page.language == "zh" else f"{looks.points} points"
        asks.append(Ask(READ, say("points"), answer, 0.3))
    for number, question in questions:
        share = 1 / len(questions)
        whole, final = ("option", "letter") if question.options else ("solve", "final")
        asks.append(Ask(question.task, say(whole, n=number), question.solve(page.language), 4 * share))
        asks.append(Ask(question.task, say(final, n=number), question.answer, share))
        printed = page.transcribe(number, question, looks.mark)
        asks.append(Ask(READ, say("read", n=number), printed, 1.5 * share))
    asks.append(_check(draw, page))
    if len(questions) > 1:
        key = "\n".join(f"{number}. {question.answer}" for number, question in questions)
        asks.append(Ask(_most_common([question.task for question in page.questions]), say("all"), key, 0.6))
    beyond = len(questions) + draw.whole(1, 6)
    absent = say("absent", n=beyond, last=len(questions))
    return asks, [Ask(COUNTERFACTUAL, say(name, n=beyond), absent) for name in ("solve", "read", "final")]


def _check(draw: Draw, page: Paper) -> Ask:
    """An answer that is right, or one of those that somebody could think right."""
    number = draw.whole(1, len(page.questions))
    question = page.questions[number - 1]
    tried = question.answer
    if draw.chance(0.5):
        if question.options:
            tried = draw.pick([letter for letter in "ABCD" if letter != question.answer])
        else:  # a whole number, that of "$x = -7$" too; no fraction
            slip = draw.pick((-1, 1, 10, 2))
            tried = re.sub(r"(?<![\d.{])-?\d+(?=\$?$)", lambda found: str(int(found[0]) + slip), tried)
    wording = draw.phrase(WORDINGS["check"], n=number, try_=tried)
    verdict = "right" if tried == question.answer else "wrong"
    return Ask(question.task, wording, draw.phrase(WORDINGS[verdict], answer=question.answer), 0.6)


def _most_common(tasks: list[str]) -> str:
    return max(tasks, key=tasks.count)
