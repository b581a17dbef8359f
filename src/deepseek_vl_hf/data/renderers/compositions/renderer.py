"""A draw comes in; a picture of several things in known places, with questions about them, goes out."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw

from ...damage import save
from ...drawings import Drawing, licence_of
from ...rendering import CannotRenderError, Draw, Rendered, Renderer
from ...things import CATEGORIES, Thing, alike
from ..guesses import apart
from ..inks import NAMED, shade_of
from ..staging import CALM, card, draw_style, ground, lay
from . import asks as compositions_asks
from . import counts as compositions_counts
from . import places as compositions_places
from .layouts import LEAST, LEAST_CARD, Layout, arrange, free
from .view import Placed, View


SCENES = {"counts": 4, "arrangement": 5, "odd": 1.5, "sizes": 1.5}
MOST = 12  # drawings in a picture
CARD_SHARE = 0.3
LAYOUTS = {
    "counts": {"free": 5, "grid": 2, "shelf": 1, "row": 1},
    "arrangement": {"row": 3, "column": 1, "grid": 2, "shelf": 2, "corners": 2, "free": 2},
    "odd": {"free": 2, "grid": 2, "row": 2, "shelf": 1},
}
COUNTED = tuple(name for name, (_, many, _, _) in CATEGORIES.items() if many)


class Compositions(Renderer):
    """Pictures of several things.

    Args:
        assets: Where drawings and photographs come from.
        longest: Most pixels of the longer side.
        most: Drawings in a picture, at most.
        scenes: How often each kind of picture comes: any of "counts", "arrangement", "odd", "sizes".
    """

    name = "compositions"
    tasks = (
        compositions_counts.COUNTING,
        compositions_counts.COMPARISON,
        compositions_counts.ALGEBRA,
        compositions_places.POSITION,
        compositions_places.POINTING,
        compositions_places.SPATIAL,
        compositions_places.SIZE,
        compositions_asks.ATTRIBUTE,
        compositions_asks.THEME,
        compositions_asks.PUZZLE,
        compositions_asks.DESCRIPTION,
        compositions_asks.COUNTERFACTUAL,
    )
    licence = "Apache-2.0 AND CC-BY-4.0 AND MIT"
    packages = ("resvg_py",)

    def __init__(self, assets, *, longest: int = 640, most: int = MOST, scenes: Mapping[str, float] | None = None):
        if longest < 384:
            raise ValueError(
                f"found longest={longest}, expected at least 384, room for some things; correct the recipe"
            )
        if not 4 <= most <= MOST:
            raise ValueError(f"found most={most}, expected from 4 to {MOST} drawings; correct the recipe")
        scenes = dict(SCENES if scenes is None else scenes)
        if not set(scenes) <= set(SCENES) or not scenes or min(scenes.values()) < 0 or not any(scenes.values()):
            raise ValueError(f"found scenes={scenes}, expected some above 0 and none below, of {', '.join(SCENES)}")
        super().__init__(assets)
        self.longest, self.most = longest, most
        self.scenes = {name: scenes.get(name, 0) for name in SCENES}
        self._drawings = None

    @property
    def drawings(self):
        """All drawings; fetched when first needed."""
        self._drawings = self._drawings or self.assets.drawings()
        return self._drawings

    @property
    def things(self):
        """What they show; no bare shapes, which may be behind the drawings as well."""
        return [thing for thing in self.drawings.things if not thing.bare]

    def render(self, draw: Draw) -> Rendered:
        """Choose things, lay them out, and ask about them."""
        scene = draw.pick(tuple(self.scenes), tuple(self.scenes.values()))
        drawings = self.choose(draw, scene)
        carded = scene in ("arrangement", "odd") and len(drawings) < 8 and draw.chance(CARD_SHARE)
        if scene == "sizes":
            layout = free(draw, len(drawings), self.longest, draw.between(1.8, 3.4))
        else:
            layout = arrange(draw, len(drawings), self.longest, LAYOUTS[scene], LEAST_CARD if carded else LEAST)
        picture, view = compose(draw, self, drawings, layout, carded)
        things = self.things
        asks = [
            *compositions_counts.counting(draw, view),
            *compositions_counts.comparing(draw, view),
            *compositions_places.relations(draw, view),
            *compositions_places.places(draw, view),
            *compositions_places.sizes(draw, view),
            *compositions_asks.cards(draw, view),
            *compositions_asks.belonging(draw, view),
            *compositions_asks.description(draw, view),
            *compositions_asks.presence(draw, view, things),
        ]
        image = save(draw, picture, draw.pick(("clean", "screen", "photo"), (0.3, 0.5, 0.2)), self.longest)
        return Rendered([image], asks, compositions_asks.in_vain(draw, view, things), licence_of(drawings))

    def choose(self, draw: Draw, scene: str) -> list[Drawing]:
        """Which drawings a picture has, in the order in which they are laid."""
        if scene == "counts":
            return self._counted(draw)
        if scene == "odd":
            return self._odd(draw)
        count = draw.whole(2, 4) if scene == "sizes" else draw.whole(2, min(9, self.most))
        pool = self._known_sizes() if scene == "sizes" and draw.chance(0.4) else self._pool(draw)
        return [self.drawings.of(draw, thing) for thing in apart(draw, pool, count)]

    def _counted(self, draw: Draw) -> list[Drawing]:
        """Several of each of a few things."""
        kinds = draw.whole(1, 4)
        pool = [thing for thing in self._pool(draw) if thing.countable]
        found: list[Drawing] = []
        for thing in apart(draw, pool, kinds):
            count = draw.whole(1, 7 if kinds < 3 else 4)
            mixed = draw.chance(0.3)
            one = self.drawings.of(draw, thing)
            found += [self.drawings.of(draw, thing) if mixed else one for _ in range(count)]
        if not 2 <= len(found) <= self.most:
            raise CannotRenderError(f"found {len(found)} drawings, expected 2 to {self.most}")
        return [found[place] for place in draw.rng.permutation(len(found)).tolist()]

    def _odd(self, draw: Draw) -> list[Drawing]:
        """Things of one category, and one of another."""
        category = draw.pick(COUNTED)
        same = [thing for thing in self.things if thing.category == category]
        usual = apart(draw, same, draw.whole(3, min(5, self.most - 1)))
        odd = draw.pick([thing for thing in self.things if category in thing.never])
        if any(alike(odd, thing) for thing in usual):
            raise CannotRenderError("found an odd one that may be confused with the others")
        found = [self.drawings.of(draw, thing) for thing in (odd, *usual)]
        return [found[place] for place in draw.rng.permutation(len(found)).tolist()]

    def _pool(self, draw: Draw) -> Sequence[Thing]:
        """Any things, or those of one or two categories, which are harder to tell apart."""
        if draw.chance(0.5):
            return self.things
        chosen = draw.sample(COUNTED, draw.whole(1, 2))
        return [thing for thing in self.things if thing.category in chosen]

    def _known_sizes(self) -> Sequence[Thing]:
        return [thing for thing in self.things if thing in compositions_places.REAL_SIZE]


def compose(
    draw: Draw,
    renderer,
    drawings: Sequence[Drawing],
    layout: Layout,
    carded: bool,
    ground_picture: Image.Image | None = None,
) -> tuple[Image.Image, View]:
    """Lay drawings into a layout.

    Args:
        draw: Decides ground, cards and style.
        renderer: Whose assets and drawings are used.
        drawings: As many as the layout has boxes.
        layout: Where they go.
        carded: Whether each lies on a card of its own.
        ground_picture: What they lie on; painted if there is none.
    """
    picture = ground_picture or ground(draw, renderer.assets, layout.size, CALM)
    if layout.kind == "shelf" or (layout.kind == "grid" and draw.chance(0.4)):
        _lines(draw, picture, layout)
    style, shape = draw_style(draw), draw.pick(("square", "rounded", "circle"))
    colours = draw.sample(tuple(NAMED), min(len(NAMED), len(drawings))) if carded else []
    if carded and (draw.chance(0.3) or len(drawings) > len(NAMED)):  # some colours on several cards
        colours = [draw.pick(colours) for _ in drawings]
    placed = []
    for number, (drawing, box) in enumerate(zip(drawings, layout.boxes, strict=True)):
        sticker, inner = renderer.drawings.sticker(drawing), box
        if carded:
            card(picture, box, shade_of(draw, colours[number]), shape)
            margin = box[2] * (0.15 if shape == "circle" else 0.1)
            inner = (box[0] + margin, box[1] + margin, box[2] - 2 * margin)
        lay(draw, picture, sticker, inner, style)
        height = _height(sticker) * inner[2] / layout.size[1]
        cell = layout.cells[number] if layout.cells else None
        placed.append(Placed(drawing, box, cell, colours[number] if carded else "", height))
    return picture, View(layout, tuple(placed))


def _height(sticker: Image.Image) -> float:
    """Of what is visible, as a share of the side."""
    rows = np.flatnonzero(np.asarray(sticker.getchannel("A")).max(1) > 64)
    return float(rows[-1] - rows[0] + 1) / sticker.height if len(rows) else 0.0


def _lines(draw: Draw, picture: Image.Image, layout: Layout) -> None:
    """Boards under the rows of a shelf, or thin lines between the cells of a grid."""
    pen = ImageDraw.Draw(picture)
    border = (layout.size[1] - layout.rows * layout.cell) / 2
    if layout.kind == "shelf":
        wood = draw.pick(((120, 82, 50), (92, 92, 96), (176, 134, 88), (236, 236, 236), (60, 50, 46)))
        thick = max(4, round(layout.cell * 0.07))
        for row in range(layout.rows):
            top = round(border + (row + 1) * layout.cell - thick / 2)
            pen.rectangle((0, top, layout.size[0], top + thick), fill=wood)
            pen.line((0, top + thick, layout.size[0], top + thick), fill=tuple(part // 2 for part in wood))
        return
    ink = draw.pick(((150, 150, 150), (60, 60, 60), (200, 200, 210)))
    across = layout.size[0] / layout.columns
    for column in range(1, layout.columns):
        pen.line((round(column * across), 0, round(column * across), layout.size[1]), fill=ink)
    for row in range(1, layout.rows):
        top = round(border + row * layout.cell)
        pen.line((0, top, layout.size[0], top), fill=ink)
