"""A `Draw` comes in; figures of plane and solid geometry, points on grids and clocks go out, with computed answers."""

from collections.abc import Callable

from PIL import Image, ImageDraw

from ...damage import save
from ...rendering import Ask, CannotRenderError, Draw, Rendered, Renderer
from ..grounds import GROUNDS, lay_ground, lay_ink
from ..labels import at_size, label_font, line_height, mix
from . import plane_angles, plane_grid, plane_measures, plane_polygons, solid_figures
from .canvas import Pen, draw_figure
from .clock_faces import clock
from .figure import Figure
from .wordings import ASKED, CAPTIONS, NAMED, NO_POINT, NO_SHAPE, SHAPES, WORKING


PLANE = "logical-reasoning/mathematical/plane-geometry"
SOLID = "logical-reasoning/mathematical/solid-geometry"
CLOCK = "recognition/local-description/object-attribute"
ABSENCE = "safety/counterfactual-questioning"
FIGURES: dict[str, tuple[str, tuple[Callable, ...], float]] = {  # task, makers, share
    "angles": (
        PLANE,
        (plane_angles.triangle, plane_angles.isosceles, plane_angles.exterior, plane_angles.straight, plane_angles.crossing,
         plane_angles.parallels, plane_angles.inscribed, plane_polygons.quadrilateral, plane_polygons.regular),
        0.32,
    ),
    "measures": (
        PLANE,
        (plane_measures.right_triangle, plane_measures.rectangle, plane_measures.circle, plane_measures.sector,
         plane_measures.parallelogram, plane_measures.trapezoid, plane_measures.l_shape, plane_measures.shaded,
         plane_measures.similar),
        0.28,
    ),
    "grid": (PLANE, (plane_grid.points_on_grid,), 0.14),
    "solids": (
        SOLID,
        (solid_figures.cuboid, solid_figures.cuboid, solid_figures.cylinder, solid_figures.cone, solid_figures.sphere,
         solid_figures.prism, solid_figures.pyramid),
        0.18,
    ),
    "clocks": (CLOCK, (clock,), 0.08),
}  # fmt: skip
# Shapes that are surely not in a figure of a kind; a question about one is answered by saying so.
STRANGERS = {
    "angles": ("cylinder", "cone", "cube"),
    "measures": ("cylinder", "cone", "sphere", "pyramid"),
    "grid": ("circle", "sector"),
    "solids": ("sector",),
    "clocks": ("triangle", "square"),
}


class Geometry(Renderer):
    """Figures of geometry, to scale.

    Args:
        assets: Where fonts come from.
        longest: Pixels that the longer side of a picture may have.
        kinds: Keys of `FIGURES`.

    Raises:
        ValueError: if an argument is out of range.
    """

    name = "geometry"
    tasks = (PLANE, SOLID, CLOCK, ABSENCE)
    licence = "CC0-1.0"
    packages = ("fontTools",)

    def __init__(self, assets, *, longest: int = 1024, kinds: tuple[str, ...] = tuple(FIGURES)):
        super().__init__(assets)
        if longest < 384:
            raise ValueError(
                f"found longest {longest}, expected at least 384 pixels for labels to be legible; raise it"
            )
        unknown = [kind for kind in kinds if kind not in FIGURES]
        if unknown or not kinds:
            raise ValueError(f"found kinds {list(kinds)}, expected some of {', '.join(FIGURES)}; leave out {unknown}")
        self.longest, self.kinds = longest, tuple(kinds)

    def render(self, draw: Draw) -> Rendered:
        """Draw one figure."""
        kind = draw.pick(self.kinds, [FIGURES[kind][2] for kind in self.kinds])
        task, makers, _ = FIGURES[kind]
        make = draw.pick(makers)
        figure: Figure = draw.made("figure", make, key=lambda figure: figure.key)
        caption = draw.phrase(CAPTIONS, number=draw.whole(1, 40)) if draw.chance(0.4) else ""
        font = label_font(draw, self.assets, figure.labels + caption, ("sans", "serif"))
        picture, medium = _picture(draw, figure, font, caption)
        if max(picture.size) > self.longest:
            raise CannotRenderError(f"found a picture of {picture.size}, expected at most {self.longest} pixels")
        asks = [ask for wanted in figure.asks for ask in _asks(draw, task, *wanted)]
        return Rendered([save(draw, picture, medium, self.longest)], asks, _absent(draw, figure, kind))


def _picture(draw: Draw, figure: Figure, font, caption: str):
    """The figure on a ground, with room around it and perhaps a caption."""
    ground_kind = draw.pick(("white", "white", "paper", "notebook", "blackboard", "whiteboard", "screen", "slide"))
    colours, medium = GROUNDS[ground_kind]
    ground, ink = draw.pick(colours)
    accent = draw.pick(((200, 60, 50), (40, 100, 200), (40, 140, 80), (220, 150, 30), (130, 80, 180)))
    size = draw.whole(17, 26)
    extent = draw.between(*((420, 620) if figure.kind in ("grid", "clock") else (260, 520)))
    letters = ink if draw.chance(0.7) else mix(ink, accent, 0.35)
    turn = draw.pick((0.0, 0.0, draw.between(-35, 35), draw.between(0, 360)))
    pen = Pen(
        str(font.path),
        size,
        extent,
        turn,
        draw.chance(0.5),
        draw.pick((1.3, 1.8, 2.2, 3)),
        ink,
        letters,
        mix(ground, accent, 0.3),
    )
    drawn = draw_figure(figure, pen, lambda path, points: at_size(font.path, points))
    margins = [draw.whole(14, 110) for _ in range(4)]
    letters_font = at_size(font.path, size)
    room = int(line_height(letters_font) * 1.6) if caption else 0
    above = bool(caption) and draw.chance(0.4)
    width = max(drawn.width, int(letters_font.getlength(caption))) + margins[0] + margins[2]
    sheet = Image.new("RGBA", (width, drawn.height + margins[1] + margins[3] + room), (*ink, 0))
    sheet.paste(
        drawn, ((width - margins[0] - margins[2] - drawn.width) // 2 + margins[0], margins[1] + (room if above else 0))
    )
    if caption:
        y = margins[1] // 2 if above else margins[1] + drawn.height + room // 3
        x = margins[0] if above else width / 2
        ImageDraw.Draw(sheet).text((x, y), caption, (*ink, 255), letters_font, anchor="la" if above else "ma")
    return lay_ink(draw, ground_kind, lay_ground(draw, ground_kind, sheet.size, ground), sheet), medium


def _asks(draw: Draw, task: str, wording: str, answer: str, working: str, fields: dict[str, str]) -> list[Ask]:
    place = ("en", "zh").index(draw.language)
    if "shape" in fields:
        fields = {**fields, "shape": SHAPES[fields["shape"]][place]}
    if wording in NAMED:
        answer = SHAPES[answer][place]
    question = draw.phrase(ASKED[wording], **fields)
    asks = [Ask(task, question, answer, 0.4 if wording in (*NAMED, "sides", "quadrant", "point_at") else 1.0)]
    if working:
        more = draw.phrase(WORKING, question=question)
        asks.append(Ask(task, more, f"{working.rsplit('=', 1)[0]}= {answer}", 0.35))  # with its unit
    return asks


def _absent(draw: Draw, figure: Figure, kind: str) -> list[Ask]:
    questions, reply = NO_POINT[draw.language]
    letter = draw.pick([letter for letter in "ABCDEFGHJKLMNPQRSTUVWXYZ" if letter not in figure.letters])
    asks = (
        [Ask(ABSENCE, draw.pick(questions).format(name=letter), reply.format(name=letter))] if kind != "clocks" else []
    )
    questions, reply = NO_SHAPE[draw.language]
    shape = SHAPES[draw.pick(STRANGERS[kind])][("en", "zh").index(draw.language)]
    return [*asks, Ask(ABSENCE, draw.pick(questions).format(shape=shape), reply.format(shape=shape))]
