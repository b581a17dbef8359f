"""Texts and names come in; rows without a picture go out: what keeps a model's language while it learns to see.

Prose and statutes as they are, and conversations whose answers are true by construction: sums, words, translations, and what can be
said of a picture that is not there.
"""

from collections.abc import Callable, Mapping

from ..rendering import Ask, CannotRenderError, Draw, Rendered, Renderer
from ..taxonomy import TEXT


KINDS = {"prose": 0.55, "sums": 0.12, "words": 0.12, "translations": 0.11, "no_picture": 0.06, "talk": 0.04}
FEW = ("no_picture", "talk")
ANOTHER = 0.25  # how often a conversation has a second question
SUBJECTS = ("country", "language", "animal", "food", "month", "weekday", "city")
OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "×": lambda one, other: one * other,
}
SUM = {
    "en": ("What is {sum}?", "Calculate {sum}.", "How much is {sum}?", "{sum} = ?", "Work out {sum}."),
    "zh": ("{sum}等于多少？", "计算{sum}。", "{sum}是多少？", "请算出{sum}。", "{sum}=？"),
}
SUM_ANSWER = {"en": ("{sum} = {value}",), "zh": ("{sum} = {value}",)}
SPELL = {
    "en": ('Spell the word "{word}".', 'How is "{word}" spelt?', 'Say the letters of "{word}" one by one.'),
    "zh": ("请逐字写出“{word}”。", "把“{word}”一个字一个字地写出来。", "“{word}”是由哪几个字组成的？"),
}
COUNT = {
    "en": ('How many letters does "{word}" have?', 'Count the letters of "{word}".', 'How long is the word "{word}"?'),
    "zh": ("“{word}”有几个字？", "数一数“{word}”有几个字。", "“{word}”由几个字组成？"),
}
LAST = {
    "en": (
        "What is the last word of this sentence? {text}",
        "Which word comes last? {text}",
        "Repeat the last word: {text}",
    ),
    "zh": ("这句话的最后一个字是什么？{text}", "下面这句话以哪个字结尾？{text}", "写出最后一个字：{text}"),
}
SORT = {
    "en": (
        "Sort by size: {numbers}",
        "Put these numbers in order, smallest first: {numbers}",
        "Order these from the smallest to the largest: {numbers}",
    ),
    "zh": ("从小到大排列：{numbers}", "把这些数按从小到大的顺序排好：{numbers}", "请将{numbers}由小到大排序。"),
}
TO_OTHER = {
    "en": ('What is "{word}" in Chinese?', 'How do you say "{word}" in Chinese?', 'Translate into Chinese: "{word}"'),
    "zh": ("“{word}”用英语怎么说？", "把“{word}”翻译成英语。", "“{word}”的英文是什么？"),
}
ABOUT_PICTURE = {
    "en": (
        "What is in the picture?",
        "What do you see?",
        "Read the text.",
        "Describe the image.",
        "How many things are there?",
        "What colour is it?",
        "What does the chart show?",
    ),
    "zh": (
        "图片里是什么？",
        "你看到了什么？",
        "读出文字。",
        "描述一下这张图。",
        "图里有几样东西？",
        "它是什么颜色的？",
        "图表说明了什么？",
    ),
}
NO_PICTURE = {"en": "I do not see a picture. Please show me one.", "zh": "我没有看到图片，请给我一张。"}
TALK: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "Hello! Show me a picture and ask me about it.": ("Hello!", "Hi!", "Hi there.", "Good morning.", "Hey."),
        "You are welcome.": ("Thank you.", "Thanks!", "Thank you very much.", "That helped, thanks."),
        "Goodbye!": ("Bye.", "Goodbye!", "See you later.", "That is all for today."),
        "I am a small vision-language model. I look at pictures and answer questions about them.": (
            "Who are you?",
            "What are you?",
            "What can you do?",
            "Tell me about yourself.",
        ),
    },
    "zh": {
        "你好！给我一张图片，然后问我吧。": ("你好！", "您好。", "早上好。", "嗨！"),
        "不客气。": ("谢谢。", "多谢！", "非常感谢。", "谢谢你的帮助。"),
        "再见！": ("再见。", "拜拜。", "回头见。", "今天就到这里吧。"),
        "我是一个小型视觉语言模型，能看图并回答关于图片的问题。": (
            "你是谁？",
            "你是什么？",
            "你能做什么？",
            "介绍一下你自己。",
        ),
    },
}


class Texts(Renderer):
    """Rows of text alone.

    Args:
        assets: Where texts and names come from.
        kinds: Shares of the kinds of text, see `KINDS`.

    Raises:
        ValueError: if there is no such kind.
    """

    name = "texts"
    tasks = (TEXT,)
    licence = "CC0-1.0"

    def __init__(self, assets, *, kinds: Mapping[str, float] | None = None):
        super().__init__(assets)
        self.kinds = dict(KINDS if kinds is None else kinds)
        if not self.kinds or set(self.kinds) - set(KINDS) or sum(self.kinds.values()) <= 0:
            raise ValueError(f"texts: found kinds {self.kinds}, expected shares of some of {', '.join(KINDS)}")

    def render(self, draw: Draw) -> Rendered:
        """Make a text, or a conversation."""
        kind = draw.pick(list(self.kinds), list(self.kinds.values()))
        if kind == "prose":
            return Rendered(text=draw.item("text", self.assets.paragraphs(draw.language, draw.split)))
        kinds = [kind]
        if kind in FEW or draw.chance(ANOTHER):  # what can be said in few ways is said beside something else
            kinds.append(draw.pick([other for other in self.kinds if other not in (*FEW, "prose")] or [kind]))
        turns = [getattr(self, f"_{kind}")(draw) for kind in kinds]
        return Rendered(asks=[Ask(TEXT, question, answer) for question, answer in turns], in_order=True)

    def _sums(self, draw: Draw) -> tuple[str, str]:
        def make(rng):
            most = (10, 100, 1000)[rng.integers(3)]
            sign = "+-×"[rng.integers(3)]
            return int(rng.integers(most)), sign, int(rng.integers(most if sign != "×" else 13))

        one, sign, other = draw.made("sum", make)
        shown = f"{one} {sign} {other}"
        value = OPERATIONS[sign](one, other)
        return draw.phrase(SUM, sum=shown), draw.phrase(SUM_ANSWER, sum=shown, value=value)

    def _words(self, draw: Draw) -> tuple[str, str]:
        style = draw.whole(0, 3)
        if style == 0:
            numbers = draw.made("numbers", lambda rng: rng.integers(0, 1000, rng.integers(3, 7)).tolist())
            shown = ", ".join(map(str, numbers))
            return draw.phrase(SORT, numbers=shown), ", ".join(map(str, sorted(numbers)))
        if style == 1:
            text = draw.item("text", self.assets.sentences(draw.language, draw.split))
            words = text.rstrip(".!?;:,。！？；：，”\"'’)） ").replace("—", " ").split()
            if not words or not words[-1][-1:].isalpha():
                raise CannotRenderError("the last word is none")
            return draw.phrase(LAST, text=text), words[-1].lstrip("\"'“‘(") if draw.language == "en" else words[-1][-1]
        word = draw.item("word", self.assets.words(draw.language))
        if style == 2:
            return draw.phrase(SPELL, word=word), "-".join(word) if draw.language == "en" else "、".join(word)
        return draw.phrase(COUNT, word=word), str(len(word))

    def _translations(self, draw: Draw) -> tuple[str, str]:
        subject = draw.pick(SUBJECTS)
        pairs = list(zip(self.assets.names(subject, "en"), self.assets.names(subject, "zh"), strict=True))
        here, there = (0, 1) if draw.language == "en" else (1, 0)
        # A name that two words share has no one translation.
        names = [pair[here] for pair in pairs]
        pair = draw.item("word", [pair for pair in pairs if names.count(pair[here]) == 1], key=lambda pair: pair[0])
        return draw.phrase(TO_OTHER, word=pair[here]), pair[there]

    def _no_picture(self, draw: Draw) -> tuple[str, str]:
        return draw.item("request", ABOUT_PICTURE[draw.language]), NO_PICTURE[draw.language]

    def _talk(self, draw: Draw) -> tuple[str, str]:
        said = TALK[draw.language]
        pairs = [(question, answer) for answer, questions in said.items() for question in questions]
        return draw.item("talk", pairs, key=lambda pair: pair[0])
