"""A `Draw` comes in; a picture of a table and questions about it go out.

They ask for the table as Markdown, HTML or CSV, for single cells, and for what follows from its numbers. In every answer numbers
stand as they are printed.
"""

from ...damage import save
from ...rendering import CannotRenderError, Draw, Rendered, Renderer
from ..typesetting import PACKAGES, check_longest, draw_font, missing, typeset
from .asks import TASKS, write_asks
from .kinds import KINDS
from .looks import check_fit, draw_look, draw_receipt, scale_of
from .papers import PAPERS
from .simple import simple_sheet


MAKERS = {**KINDS, **PAPERS}
LEAST, LEAST_SIMPLE = 512, 192  # pixels of the longer side
DOTS = 72  # to the inch, at which a point is a pixel


class Tables(Renderer):
    """Pictures of tables.

    Args:
        assets: Where fonts and names come from.
        longest: Pixels of a picture's longer side, at most.
        kinds: Which tables to draw; all when not given.
        simple: Whether tables have two to four rows and few, large words, for small pictures; they are of one kind.

    Raises:
        ValueError: if `longest` is out of range, a kind is unknown, or kinds are given for simple tables.
    """

    name = "tables"
    tasks = TASKS
    licence = "CC0-1.0"
    packages = PACKAGES

    def __init__(self, assets, *, longest: int = 1024, kinds: tuple[str, ...] | None = None, simple: bool = False):
        super().__init__(assets)
        self.longest, self.simple = check_longest(longest, LEAST_SIMPLE if simple else LEAST), simple
        if simple and kinds:
            raise ValueError(f"found kinds {list(kinds)} with simple=True, expected none; leave out one of both")
        self.kinds = tuple(kinds or MAKERS)
        unknown = [kind for kind in self.kinds if kind not in MAKERS]
        if unknown:
            raise ValueError(f"found kinds of tables {unknown}, expected some of {sorted(MAKERS)}; correct them")

    def render(self, draw: Draw) -> Rendered:
        """Draw a table and everything that may be asked about it.

        Raises:
            CannotRenderError: if it is too large, or the font lacks a character.
        """
        if self.simple:
            return self._simple(draw)
        kind = draw.pick(self.kinds)
        sheet = draw.made("table", lambda rng: MAKERS[kind](draw, self.assets), key=lambda sheet: sheet.key)
        styles = ("mono", "sans", "serif") if kind == "receipt" else ("sans", "serif")
        font = draw_font(draw, self.assets, styles)
        if lacking := missing(font, sheet.text):
            raise CannotRenderError(f"font {font.name!r} lacks {lacking!r}")
        look = draw_receipt if kind == "receipt" else draw_look
        picture = typeset(look(draw, sheet, font), font)[0]
        check_fit(picture.size, self.longest)
        asks, false_asks = write_asks(draw, sheet)
        return Rendered([save(draw, picture, draw.pick(("scan", "clean")), self.longest)], asks, false_asks)

    def _simple(self, draw: Draw) -> Rendered:
        sheet = draw.made("table", lambda rng: simple_sheet(draw, self.assets), key=lambda sheet: sheet.key)
        font = draw_font(draw, self.assets, ("sans", "serif"))
        if lacking := missing(font, sheet.text):
            raise CannotRenderError(f"font {font.name!r} lacks {lacking!r}")
        source = draw_look(draw, sheet, font, simple=True)
        scale = scale_of(draw, typeset(source, font)[0].size, font, self.longest)
        picture = typeset(source, font, DOTS * scale)[0]
        asks, false_asks = write_asks(draw, sheet, simple=True)
        return Rendered([save(draw, picture, draw.pick(("scan", "clean")), self.longest)], asks, false_asks)
