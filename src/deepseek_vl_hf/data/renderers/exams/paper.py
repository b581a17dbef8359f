"""Questions and looks come in; an exam page as typst and as Markdown goes out."""

from dataclasses import dataclass

from ...assets import Font
from ...rendering import Draw
from ..page_blocks import Heading, Line
from ..typesetting import ACCENTS, INKS, PAPERS, Page, inline, preamble, quote
from .questions import Question


TITLES = {
    "en": ("Mathematics Test", "Maths Quiz", "Practice Sheet", "End-of-Term Examination", "Weekly Test", "Homework", "Mid-Year Assessment",
           "Placement Test", "Revision Exercises"),
    "zh": ("数学试卷", "期末测试卷", "单元检测", "课堂练习", "家庭作业", "期中考试试题", "数学练习题", "综合能力测试", "摸底考试卷"),
}  # fmt: skip
GRADES = {
    "en": tuple(f"Grade {grade}" for grade in range(3, 10)),
    "zh": ("三年级", "四年级", "五年级", "六年级", "七年级", "八年级"),
}
LINES = {
    "en": ("Name: ____________    Class: ________    Score: ________", "Name: ______________    Date: __________", "Student: ______________    Marks: ______"),
    "zh": ("班级：________  姓名：________  得分：________", "学校：__________  姓名：________  学号：________", "姓名：________    成绩：________"),
}  # fmt: skip
SECTIONS = {
    "choice": {"en": ("Multiple choice", "Choose the right answer"), "zh": ("选择题", "单项选择")},
    "blank": {"en": ("Fill in the blanks", "Complete"), "zh": ("填空题", "填一填")},
    "sum": {"en": ("Calculate", "Work out"), "zh": ("计算题", "算一算")},
    "equation": {"en": ("Equations", "Solve for the unknown"), "zh": ("解方程", "方程")},
    "story": {"en": ("Word problems", "Solve the problems"), "zh": ("应用题", "解决问题")},
}
HANZI = "一二三四五六"


@dataclass(frozen=True)
class Looks:
    """What a page has beside its questions.

    Args:
        page: Its measures and colours.
        title: At the top, or "".
        line: For the pupil's name, or "".
        names: Index of the wording of each section's name.
        points: Of each question, 0 if none are printed.
        has_sections: Whether sections have headings.
        gap: Room to work below each question, of the size of the text.
        mark: How a question's number is written.
        is_coloured: Whether headings are.
        across: Columns of short sums.
    """

    page: Page
    title: str
    line: str
    names: int
    points: int
    has_sections: bool
    gap: float
    mark: str
    is_coloured: bool
    across: int


def draw_paper(draw: Draw, longest: int) -> Looks:
    """Draw the looks of a page."""
    language = draw.language
    width = round(longest * draw.between(0.5, 0.9))
    size = draw.whole(17, 24)
    page = Page(
        width, None, round(width * draw.between(0.06, 0.12)), draw.whole(24, 70), size, paper=draw.pick(PAPERS), ink=draw.pick(INKS),
        accent=draw.pick(ACCENTS), leading=draw.between(0.6, 0.95), spacing=1.0,
    )  # fmt: skip
    grade = draw.pick(GRADES[language])
    title = draw.pick(TITLES[language])
    if draw.chance(0.5):
        title = f"{grade}{title}" if language == "zh" else f"{grade} {title}"
    is_titled = draw.chance(0.75)
    return Looks(
        page, title if is_titled else "", draw.pick(LINES[language]) if is_titled and draw.chance(0.6) else "", draw.whole(0, 1),
        draw.pick((0, 2, 3, 4, 5)), draw.chance(0.75), draw.pick((0, 0, 0.5, 1.5, 3)),
        draw.pick(("{}.", "{}.", "{})", "{}、" if language == "zh" else "{}.")), draw.chance(0.3), draw.pick((1, 2, 2)),
    )  # fmt: skip


@dataclass(frozen=True)
class Paper:
    """A page of an exam, its questions in the order of their sections; numbers run through."""

    looks: Looks
    questions: list[Question]
    language: str

    @property
    def sections(self) -> list[tuple[str, list[tuple[int, Question]]]]:
        """Headings, and numbered questions below each."""
        sorts = list(dict.fromkeys(question.sort for question in self.questions))
        numbered = list(enumerate(self.questions, 1))
        return [
            (
                self._heading(place, sort),
                [(number, question) for number, question in numbered if question.sort == sort],
            )
            for place, sort in enumerate(sorts)
        ]

    def _heading(self, place: int, sort: str) -> str:
        if not self.looks.has_sections:
            return ""
        name, points = SECTIONS[sort][self.language][self.looks.names], self.looks.points
        if self.language == "zh":
            return f"{HANZI[place]}、{name}" + (f"（每题{points}分）" if points else "")
        return f"{'ABCDEF'[place]}. {name}" + (f" ({points} points each)" if points else "")

    @property
    def text(self) -> str:
        """Every character that is printed by the page's font."""
        texts = [self.looks.title, self.looks.line, self.looks.mark, "0123456789ABCD."]
        texts += [heading for heading, _ in self.sections]
        texts += [
            "".join(span.text for span in question.content if span.form != "formula") for question in self.questions
        ]
        return "".join([*texts, *(option for question in self.questions for option in question.options)])

    def _top(self) -> list[Heading | Line]:
        looks = self.looks
        title = [Heading(1, looks.title, 1.4, "center", looks.is_coloured)] if looks.title else []
        return title + ([Line((looks.line,), "center", 0.95)] if looks.line else [])

    def to_markdown(self) -> str:
        """What a person would transcribe; each option on a line of its own."""
        parts = [block.to_markdown() for block in self._top()]
        for heading, questions in self.sections:
            parts += [f"## {heading}"] if heading else []
            parts += [self.transcribe(number, question) for number, question in questions]
        return "\n\n".join(parts)

    def transcribe(self, number: int, question: Question, mark: str = "{}.") -> str:
        """One question with its number, as Markdown has it or as it is printed, and options."""
        options = [f"{letter}. {option}" for letter, option in zip("ABCD", question.options, strict=False)]
        return "\n".join([f"{mark.format(number)} {question.text.strip()}", *options])

    def to_typst(self, font: Font) -> str:
        """Source of the page."""
        source = preamble(self.looks.page, font, self.language) + "".join(block.to_typst() for block in self._top())
        for heading, questions in self.sections:
            source += Heading(2, heading, 1.1, "left", self.looks.is_coloured).to_typst() if heading else ""
            columns = self.looks.across if questions[0][1].sort == "sum" else 1
            cells = ", ".join(f"[{self._set(number, question)}]" for number, question in questions)
            tracks = ", ".join(["1fr"] * columns)
            source += (
                f"#grid(columns: ({tracks},), row-gutter: {1.1 + self.looks.gap}em, column-gutter: 1em, {cells})\n"
            )
        return source + f"#v({self.looks.gap}em)\n"

    def _set(self, number: int, question: Question) -> str:
        """A question with hanging number, its options in as few lines as they fit."""
        body = "".join(span.to_typst() for span in question.content)
        mark = inline(self.looks.mark.format(number))
        if question.options:
            longest = max(map(len, question.options)) * (2 if self.language == "zh" else 1)
            columns = 4 if longest <= 7 else 2 if longest <= 20 else 1
            cells = ", ".join(
                quote(f"{letter}. {option}") for letter, option in zip("ABCD", question.options, strict=True)
            )
            tracks = ", ".join(["1fr"] * columns)
            body += (
                f"#v(0.7em, weak: true)#grid(columns: ({tracks},), row-gutter: 0.8em, column-gutter: 0.6em, {cells})"
            )
        row = f"#grid(columns: (auto, 1fr), column-gutter: 0.5em, [{mark}], [{body}])"
        # A line is set as if its fractions were lower than they are, so that they would touch the line above.
        return f"#pad(y: 0.45em)[{row}]" if "frac" in question.text else row
