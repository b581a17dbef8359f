"""A draw comes in; a chart with realistic numbers, and questions about values, words, tables and code, go out.

    topics                    what charts are about
    data, tables, special_data
                              the numbers, without language
    colours, titles, looks    the chart as it is to be seen
    matplotlib, vega          chart -> the program that draws it, and the picture it draws
    speech, wordings, questions, reading
                              chart -> questions with true answers

Each name stands for a module `charts_...` beside this one.
"""

import functools

from PIL import Image, ImageOps

from ...assets import Assets, Font
from ...damage import save
from ...rendering import CannotRenderError, Draw, Rendered, Renderer
from .looks import capital_height, draw_chart, room_for_labels
from .matplotlib_scripts import draw_script, write_script
from .questions import FINANCE, GRAPH, SUGGESTIVE, value_asks
from .reading import CODE, COUNTING, FALSE, FORMAT, PRINTED, false_asks, reading_asks
from .tables import make_data
from .topics import KINDS, Pair
from .vega_specs import draw_spec, write_spec


# Shape -> how often, and how its values can be read.
SHAPES: dict[str, tuple[float, tuple[str, ...]]] = {
    "bar": (3, ("labels", "labels", "grid", "grid", "plain")),
    "barh": (2, ("labels", "labels", "grid", "grid", "plain")),
    "grouped": (2, ("labels", "labels", "grid", "grid", "plain")),
    "stacked": (1.5, ("labels", "labels", "labels", "grid", "plain")),
    "line": (3, ("labels", "grid", "grid", "plain")),
    "area": (1, ("labels", "grid", "plain")),
    "pie": (1.5, ("labels", "labels", "labels", "plain")),
    "donut": (1, ("labels", "labels", "labels", "plain")),
    "scatter": (1.3, ("grid", "plain")),
    "histogram": (1.2, ("labels", "grid", "plain")),
    "box": (1.2, ("grid", "grid", "plain")),
    "candlestick": (1.8, ("grid", "grid", "plain")),
    "heatmap": (1.3, ("labels", "labels", "labels", "plain")),
}
SIMPLE = ("bar", "barh", "pie", "line")
LONGEST_NAME = (13, 6)  # letters of a label, English and Chinese
STYLES = ("sans", "serif", "mono")
LEAST, LEAST_SIMPLE = 360, 160  # pixels of the longer side that words need
SEEN, MOST_SIGN = 256, 16  # pixels of a small picture, and of a sign in it such that there is room beside it
SMALL = 10  # pixels of a capital letter below which a picture is not shrunk
OTHER_LETTERS = "0123456789.-%"  # that any chart may need
PAPER_MARGIN = 0.035  # of the longer side
COLOURLESS = ("bar", "barh", "area", "histogram", "box")  # charts that need no colours, so that paper may show them


class Charts(Renderer):
    """Charts of thirteen kinds, drawn by matplotlib or Vega.

    Args:
        assets: Where fonts and names come from.
        longest: Pixels of the longer side, at most.
        simple: Whether charts have few values, large words and little else, for small pictures.
        sign: Height in pixels that every capital letter and digit has at least once the longer side is scaled to `SEEN`; for models
            that see a picture no larger. Without it they are a little lower, in some faces much.
        shapes: Which kinds to draw, all by default.
    """

    name = "charts"
    tasks = (GRAPH, FINANCE, CODE, PRINTED, FORMAT, COUNTING, SUGGESTIVE, FALSE)
    licence = "CC0-1.0"
    packages = ("matplotlib", "vl_convert")

    def __init__(
        self,
        assets: Assets,
        *,
        longest: int = 900,
        simple: bool = False,
        shapes: tuple[str, ...] | None = None,
        sign: float = 0,
    ):
        super().__init__(assets)
        least = LEAST_SIMPLE if simple else LEAST
        if longest < least:
            raise ValueError(
                f"found longest={longest} with simple={simple}, expected at least {least}; "
                "words would be too small, so ask for larger pictures or for simple charts"
            )
        usual = SIMPLE if simple else tuple(SHAPES)
        self.shapes = tuple(shapes or usual)
        if unknown := [shape for shape in self.shapes if shape not in usual]:
            raise ValueError(f"found shapes {unknown}, expected some of {usual}; choose from these")
        if not 0 <= sign <= MOST_SIGN:
            raise ValueError(f"found sign={sign}, expected from 0 to {MOST_SIGN} pixels of {SEEN}; lower it")
        self.longest, self.simple, self.sign = longest, simple, sign

    def names(self, kind: str) -> tuple[Pair, ...]:
        """All names of a kind of `KINDS`, in both languages."""
        self.assets.take_names(KINDS[kind].subject)
        return self._names[kind]

    @functools.cached_property
    def _names(self) -> dict[str, tuple[Pair, ...]]:
        return {name: tuple(self._read(name)) for name in KINDS}

    def _read(self, name: str) -> list[Pair]:
        """Names short enough for a label, none of them twice."""
        kind = KINDS[name]
        pairs = kind.names
        if kind.subject:
            pairs = zip(*(self.assets.names(kind.subject, language) for language in ("en", "zh")), strict=True)
        english, chinese, kept = set(), set(), []
        for pair in pairs:
            if len(pair[0]) <= LONGEST_NAME[0] and len(pair[1]) <= LONGEST_NAME[1]:
                if pair[0] not in english and pair[1] not in chinese:
                    kept.append(tuple(pair))
                english.add(pair[0])
                chinese.add(pair[1])
        return kept

    def render(self, draw: Draw) -> Rendered:
        """Make one chart and all questions about it."""
        shape = draw.pick(self.shapes, [SHAPES[each][0] for each in self.shapes])
        reading = draw.pick(SHAPES[shape][1])
        if self.simple and reading == "plain":
            reading = "labels"
        data = draw.made(
            "chart", lambda rng: make_data(rng, shape, reading, self.names, self.simple), key=lambda data: data.key
        )
        font = draw.item("font", self._fonts(draw.language), key=lambda font: font.name)
        chart = draw_chart(draw, data, font, self.names, self.longest, self.simple, self.sign / SEEN)
        if not font.can_write(chart.words + OTHER_LETTERS):
            raise CannotRenderError(f"{font.name} cannot write all words of a chart")
        room_for_labels(chart)
        program = draw.pick(("matplotlib", "vega"), (0.6, 0.4))
        if program == "matplotlib":
            code = write_script(chart)
            picture = draw_script(code, font)
        else:
            code = write_spec(chart)
            picture = draw_spec(code, font)
        if max(picture.size) > self.longest * 1.1:
            raise CannotRenderError(f"found a picture of {picture.size}, expected at most {self.longest} pixels")
        medium = "screen" if capital_height(font, chart.pixels) >= SMALL else "clean"
        if shape in COLOURLESS and not chart.series and medium == "screen" and draw.chance(0.3):
            medium = "scan"
            picture = _on_paper(picture)
        asks = [*value_asks(draw, chart), *reading_asks(draw, chart, code, program)]
        image = save(draw, picture, medium, longest=self.longest)
        return Rendered([image], asks, false_asks(draw, chart, self.names))

    def _fonts(self, language: str) -> tuple[Font, ...]:
        return self.assets.fonts(language, STYLES) or self.assets.fonts(language)


def _on_paper(picture: Image.Image) -> Image.Image:
    """A picture with a margin, so that a page that lies askew loses no words."""
    margin = round(max(picture.size) * PAPER_MARGIN)
    return ImageOps.expand(picture, margin, fill=picture.getpixel((0, 0)))
