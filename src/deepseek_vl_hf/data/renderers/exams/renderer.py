"""A `Draw` comes in; a page of an exam and questions about it go out: its Markdown, and the worked answer of each question."""

from ...damage import save
from ...rendering import CannotRenderError, Draw, Rendered, Renderer
from ..typesetting import PACKAGES, check_longest, draw_font, fits, missing, typeset
from .asks import TASKS, write_asks
from .paper import Paper, draw_paper
from .questions import Question, equations, gaps, sums
from .stories import choices, stories


SORTS = ("choice", "blank", "sum", "equation", "story")


class Exams(Renderer):
    """Pages of exams in arithmetic, algebra and simple facts.

    Args:
        assets: Where fonts and names come from.
        longest: Pixels of a picture's longer side, at most.
        most: Questions on a page, at most.
        sorts: Which questions to ask; all when not given.

    Raises:
        ValueError: if an option is out of range.
    """

    name = "exams"
    tasks = TASKS
    licence = "CC0-1.0"
    packages = PACKAGES

    def __init__(self, assets, *, longest: int = 1024, most: int = 12, sorts: tuple[str, ...] | None = None):
        super().__init__(assets)
        self.longest, self.most, self.sorts = check_longest(longest), most, tuple(sorts or SORTS)
        if not isinstance(most, int) or not 1 <= most <= 30:
            raise ValueError(f"found most {most!r}, expected a whole number of questions from 1 to 30; change it")
        unknown = [sort for sort in self.sorts if sort not in SORTS]
        if unknown:
            raise ValueError(f"found sorts of questions {unknown}, expected some of {SORTS}; correct them")

    def render(self, draw: Draw) -> Rendered:
        """Draw a page and everything that may be asked about it.

        Raises:
            CannotRenderError: if no question fits on it, or the font lacks a character.
        """
        questions = self._questions(draw)
        font = draw_font(draw, self.assets)
        paper = draw_paper(draw, self.longest)
        # The question that was drawn first is the one that a test holds out, so it is the last to go.
        for count in range(len(questions), 0, -1):
            asked = sorted(questions[:count], key=lambda question: SORTS.index(question.sort))
            page = Paper(paper, asked, draw.language)
            if lacking := missing(font, page.text):
                raise CannotRenderError(f"font {font.name!r} lacks {lacking!r}")
            if fits(source := page.to_typst(font), font, self.longest):
                picture = typeset(source, font)[0]
                if max(picture.size) > self.longest:
                    continue
                asks, false_asks = write_asks(draw, page)
                return Rendered(
                    [save(draw, picture, draw.pick(("scan", "scan", "clean")), self.longest)], asks, false_asks
                )
        raise CannotRenderError(f"found no room for a question on a page of {self.longest} pixels")

    def _questions(self, draw: Draw) -> list[Question]:
        """Some of one sort, or of several."""
        makers = {
            "choice": lambda rng: choices(draw, self.assets),
            "blank": lambda rng: gaps(draw),
            "sum": lambda rng: sums(draw),
            "equation": lambda rng: equations(draw),
            "story": lambda rng: stories(draw, self.assets),
        }
        sorts = draw.sample(self.sorts, draw.whole(1, min(4, len(self.sorts))))
        found: dict[str, Question] = {}
        for _ in range(draw.whole(1, self.most)):
            question = draw.made("question", makers[draw.pick(sorts)], key=lambda question: question.key)
            found.setdefault(question.text, question)
        return list(found.values())
