"""A draw comes in; two or three pictures that belong together, with questions that compare them, go out."""

from dataclasses import dataclass, replace

from PIL import Image

from ...damage import encode, save
from ...drawings import Drawing, licence_of
from ...rendering import Draw, Rendered, Renderer
from ..compositions.layouts import LEAST, LEAST_CARD, free
from ..guesses import apart
from ..inks import colour_word, shade_of
from ..staging import CALM, Box, Style, card, ground, lay
from . import asks as differences_asks
from .asks import TASKS, Change


SCENES = {"spot": 4, "sets": 3, "counts": 2, "one_each": 2}
CHANGES = ("missing", "added", "replaced", "moved", "larger", "smaller", "colour", "none")
COLOURS = ("red", "blue", "green", "yellow", "black", "white")  # no two of which anybody confuses
SCALED = 0.6  # side of a thing that has become smaller


@dataclass(frozen=True)
class Spot:
    """A drawing in a picture, where it lies, and the colour of the card behind it, or an empty word."""

    drawing: Drawing
    box: Box
    card: str = ""


class Differences(Renderer):
    """Two or three pictures in a row of their own each.

    Args:
        assets: Where drawings and photographs come from.
        longest: Most pixels of the longer side of a picture.
    """

    name = "differences"
    tasks = TASKS
    licence = "Apache-2.0 AND CC-BY-4.0 AND MIT"
    packages = ("resvg_py",)

    def __init__(self, assets, *, longest: int = 448):
        if longest < 256:
            raise ValueError(
                f"found longest={longest}, expected at least 256, room for some things; correct the recipe"
            )
        super().__init__(assets)
        self.longest = longest
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
        """Make the pictures of one scene."""
        scene = draw.pick(tuple(SCENES), tuple(SCENES.values()))
        pictures, asks, drawings = getattr(self, f"_{scene}")(draw)
        shown = list(dict.fromkeys(drawing.thing for drawing in drawings))
        in_vain = differences_asks.in_vain(draw, shown, len(pictures), self.things)
        if scene == "spot":  # encoded alike, so that pictures without a difference are the same
            quality = draw.pick((None, None, 92, 75, 60))
            images = [encode(picture, quality) for picture in pictures]
        else:
            medium = draw.pick(("clean", "screen", "photo"), (0.4, 0.4, 0.2))
            images = [save(draw, picture, medium, self.longest) for picture in pictures]
        return Rendered(images, asks, in_vain, licence_of(drawings))

    def _spot(self, draw: Draw) -> tuple:
        """The same picture twice, but for one change."""
        kind = draw.pick(CHANGES)
        things = apart(draw, self.things, draw.whole(2, 5) + 1)
        drawings = [self.drawings.of(draw, thing) for thing in things]
        carded = kind == "colour" or draw.chance(0.2)
        least = round((LEAST_CARD if carded else LEAST) / (SCALED if kind in ("larger", "smaller") else 1))
        layout = free(draw, len(drawings), self.longest, 1.4, least)
        # The last drawing and its place are in reserve, for what is added, or moved, or takes another's place.
        order = draw.rng.permutation(len(drawings)).tolist()
        *before, spare = [
            Spot(drawings[number], layout.boxes[place], draw.pick(COLOURS) if carded else "")
            for number, place in enumerate(order)
        ]
        before, after, change = _changed(draw, before, spare, kind)
        style = Style(0.0, draw.chance(0.15), draw.chance(0.2))
        behind = ground(draw, self.assets, layout.size, CALM)
        shades = {name: shade_of(draw, name) for name in COLOURS}
        pictures = [self._paint(draw, behind, spots, style, shades) for spots in (before, after)]
        used = [spot.drawing for spot in (*before, *after)]
        return pictures, differences_asks.spotting(draw, change), used

    def _sets(self, draw: Draw) -> tuple:
        """A few things in each picture, some of them in several."""
        count = draw.whole(2, 3)
        things = apart(draw, self.things, draw.whole(3, 7))
        chosen = [draw.sample(things, draw.whole(1, min(4, len(things)))) for _ in range(count)]
        if draw.chance(0.5):
            chosen = [[things[0], *(thing for thing in some if thing is not things[0])] for some in chosen]
        pictures, drawings, shown = [], [], []
        for some in chosen:
            own = [self.drawings.of(draw, thing) for thing in some for _ in range(self._times(draw, thing, len(some)))]
            pictures.append(self._free(draw, own))
            drawings += own
            shown.append({thing: sum(each.thing is thing for each in own) for thing in some})
        return pictures, differences_asks.sets(draw, shown, self.things), drawings

    @staticmethod
    def _times(draw: Draw, thing, among: int) -> int:
        return draw.whole(1, 3) if thing.countable and among < 4 and draw.chance(0.3) else 1

    def _counts(self, draw: Draw) -> tuple:
        """One thing in all pictures, in different numbers."""
        thing = draw.pick([thing for thing in self.things if thing.countable])
        numbers = [draw.whole(1, 7) for _ in range(draw.whole(2, 3))]
        drawing = self.drawings.of(draw, thing)
        pictures = [self._free(draw, [drawing] * number) for number in numbers]
        return pictures, differences_asks.counts(draw, thing, numbers), [drawing]

    def _one_each(self, draw: Draw) -> tuple:
        """One thing in each picture, often the same in all, or in all but one."""
        count, kind = draw.whole(2, 3), draw.pick(("same", "odd", "different"))
        things = apart(draw, self.things, count)
        if kind != "different":
            things = [things[0]] * count if kind == "same" else [things[0], *[things[1]] * (count - 1)]
        order = draw.rng.permutation(count).tolist()
        drawings = [self.drawings.of(draw, things[place]) for place in order]
        pictures = [self._free(draw, [drawing]) for drawing in drawings]
        shown = [drawing.thing for drawing in drawings]
        asks = differences_asks.sameness(draw, shown)
        if kind == "different":
            asks += differences_asks.sets(draw, [{thing: 1} for thing in shown], self.things)
        return pictures, asks, drawings

    def _free(self, draw: Draw, drawings: list[Drawing]) -> Image.Image:
        """Drawings anywhere in a picture."""
        roomy = draw.between(0.6 if len(drawings) < 4 else 0.9, 1)
        layout = free(draw, len(drawings), round(self.longest * roomy), 1.5)
        spots = [Spot(drawing, box) for drawing, box in zip(drawings, layout.boxes, strict=True)]
        style = Style(draw.pick((0.0, 6.0)), draw.chance(0.15), draw.chance(0.2))
        return self._paint(draw, ground(draw, self.assets, layout.size, CALM), spots, style, {})

    def _paint(self, draw: Draw, behind: Image.Image, spots: list[Spot], style: Style, shades: dict) -> Image.Image:
        picture = behind.copy()
        for spot in spots:
            left, top, side = spot.box
            inner = spot.box
            if spot.card:
                card(picture, spot.box, shades[spot.card], "rounded")
                inner = (left + 0.1 * side, top + 0.1 * side, 0.8 * side)
            lay(draw, picture, self.drawings.sticker(spot.drawing), inner, style)
        return picture


def _changed(draw: Draw, before: list[Spot], spare: Spot, kind: str) -> tuple[list[Spot], list[Spot], Change]:
    """What the first picture shows, what the second shows, and how they differ."""
    place = draw.whole(0, len(before) - 1)
    spot = before[place]
    left, top, side = spot.box
    rest = [*before[:place], *before[place + 1 :]]
    thing = spot.drawing.thing
    if kind == "none":
        return before, before, Change(kind, thing)
    if kind == "missing":
        return before, rest, Change(kind, thing)
    if kind == "added":
        return before, [*before, spare], Change(kind, spare.drawing.thing)
    if kind == "replaced":
        new = replace(spot, drawing=spare.drawing)
        return before, [*rest, new], Change(kind, thing, spare.drawing.thing)
    if kind == "moved":
        side = min(side, spare.box[2])
        here, there = (replace(spot, box=(*box[:2], side)) for box in (spot.box, spare.box))
        return [*rest, here], [*rest, there], Change(kind, thing)
    if kind == "colour":
        new = replace(spot, card=draw.pick([colour for colour in COLOURS if colour != spot.card]))
        words = (colour_word(spot.card, draw.language), colour_word(new.card, draw.language))
        return before, [*rest, new], Change(kind, thing, None, words)
    small = side * SCALED
    shrunk = replace(spot, box=(left + (side - small) / 2, top + (side - small) / 2, small))
    large, little = [*rest, spot], [*rest, shrunk]
    return (little, large, Change(kind, thing)) if kind == "larger" else (large, little, Change(kind, thing))
