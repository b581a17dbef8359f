"""A draw comes in; a picture of one nameable thing on a background, with questions about it, goes out."""

from PIL import Image

from ...damage import save
from ...drawings import licence_of
from ...rendering import Draw, Rendered, Renderer
from ..inks import NAMED, shade_of
from ..staging import Box, card, draw_style, ground, lay
from . import asks as things_asks
from .asks import TASKS, Scene


SMALLEST = 72  # pixels of a drawing
CARD_SHARE = 0.25
LOOSE = 0.5  # a drawing of at most this share of the shorter side has a place in the picture
CLEAR = ((0.0, 0.31), (0.42, 0.58), (0.69, 1.0))  # where a middle is clearly in the first, second or last third


class Things(Renderer):
    """Pictures of one thing.

    Args:
        assets: Where drawings and photographs come from.
        longest: Most pixels of the longer side.
        shortest: Least pixels of the longer side.
    """

    name = "things"
    tasks = TASKS
    licence = "Apache-2.0 AND CC-BY-4.0 AND MIT"
    packages = ("resvg_py",)

    def __init__(self, assets, *, longest: int = 448, shortest: int = 192):
        if not 2 * SMALLEST <= shortest <= longest:
            raise ValueError(
                f"found shortest={shortest} and longest={longest}, "
                f"expected {2 * SMALLEST} <= shortest <= longest; correct the recipe"
            )
        super().__init__(assets)
        self.longest, self.shortest = longest, shortest
        self._drawings = None

    @property
    def drawings(self):
        """All drawings; fetched when first needed."""
        self._drawings = self._drawings or self.assets.drawings()
        return self._drawings

    def render(self, draw: Draw) -> Rendered:
        """Lay one drawing somewhere on a background."""
        drawing = self.drawings.pick(draw)
        picture, box, behind = self._compose(draw, self.drawings.sticker(drawing), drawing.thing.bare)
        scene = Scene(drawing, behind, place_of(box, picture.size))
        things = self.drawings.things
        asks = [
            *things_asks.naming(draw, scene, things),
            *things_asks.category(draw, drawing.thing),
            *things_asks.knowledge(draw, drawing.thing),
            *things_asks.looks(draw, scene),
            *things_asks.captions(draw, scene),
        ]
        medium = draw.pick(("clean", "screen", "photo"), (0.25, 0.5, 0.25))
        image = save(draw, picture, medium, self.longest)
        return Rendered([image], asks, things_asks.in_vain(draw, scene, things), licence_of([drawing]))

    def _compose(
        self, draw: Draw, sticker: Image.Image, bare: bool
    ) -> tuple[Image.Image, Box, tuple[str, str] | None]:
        """The picture, where the drawing lies in it, and what card is behind; a bare shape lies on none."""
        longer = draw.whole(self.shortest, self.longest)
        shorter = round(longer * draw.between(0.6, 1))
        size = (longer, shorter) if draw.chance(0.6) else (shorter, longer)
        picture = ground(draw, self.assets, size)
        side = max(SMALLEST, shorter * draw.between(0.35, 0.96))
        left, top = (draw.between(0, room - side) for room in size)
        behind = None
        if not bare and draw.chance(CARD_SHARE):
            behind = (draw.pick(tuple(NAMED)), draw.pick(tuple(things_asks.words.SHAPES)))
            card(picture, (left, top, side - 1), shade_of(draw, behind[0]), behind[1])
            margin = side * (0.15 if behind[1] == "circle" else 0.1)
            lay(draw, picture, sticker, (left + margin, top + margin, side - 2 * margin), draw_style(draw))
        else:
            lay(draw, picture, sticker, (left, top, side), draw_style(draw))
        return picture, (left, top, side), behind


def place_of(box: Box, size: tuple[int, int]) -> tuple[int, int] | None:
    """Column and row, in thirds of the picture, where a box clearly lies; None where that is not clear."""
    left, top, side = box
    if side > LOOSE * min(size):
        return None
    thirds = []
    for start, room in zip((left, top), size, strict=True):
        middle = (start + side / 2) / room
        thirds += [index for index, (low, high) in enumerate(CLEAR) if low <= middle <= high]
    return tuple(thirds) if len(thirds) == 2 else None
