"""What makers of things share: fonts, colours, folded lines, and the record of what was written.

A maker gets a `Kit` and a size, draws at `FINE` times that size, and returns a `Thing`.
"""

from dataclasses import dataclass, field

from PIL import Image

from ...assets import Assets, Font
from ...rendering import Draw
from ..inks import NAMED, Colour, named_on, shade_of
from ..lettering import WHOLE, Box, Piece, write
from ..typefaces import CLEAR_STYLES, as_drawn, at_size, choose_font, is_chinese
from .words import Words


FINE = 2  # things are drawn this much larger, so that their edges come out smooth
CAPITALS = 0.35  # of the English texts are set in capitals
UNFOLDED = ("phone", "price", "hours", "date", "plate", "website")  # one line each, as they are
FOLDED = 6  # Chinese texts of so many characters may be set on two lines


@dataclass
class Thing:
    """Something with text on it.

    Args:
        picture: RGBA, at `FINE` times its size.
        kind: "sign", "book", ...
        colour: Name of what one would call its colour; empty where people may not agree.
        pieces: Its texts in the order in which they are read.
    """

    picture: Image.Image
    kind: str
    colour: str = ""
    pieces: list[Piece] = field(default_factory=list)


class Kit:
    """What a maker needs.

    Args:
        draw: Decides.
        assets: Has fonts and words.
    """

    def __init__(self, draw: Draw, assets: Assets):
        self.draw, self.assets = draw, assets
        self.words = Words(draw, assets)

    def layer(self, size: tuple[int, int]) -> Image.Image:
        """An empty layer for a thing of a size."""
        return Image.new("RGBA", (FINE * size[0], FINE * size[1]))

    def font(self, *texts: str, styles: tuple[str, ...] | None = None) -> Font:
        """A font that can write some texts; a plain one where there are digits."""
        styles = CLEAR_STYLES if any(map(str.isdigit, "".join(texts))) else styles
        return choose_font(self.draw, self.assets, "".join(texts), styles)

    def pair(self, *grounds: str) -> tuple[str, str, Colour, Colour]:
        """Names of a ground and of letters that are clear on it, and their colours."""
        ground = self.draw.pick(grounds or tuple(NAMED))
        letters = named_on(self.draw, ground)
        return ground, letters, shade_of(self.draw, ground), shade_of(self.draw, letters)

    def write(
        self, layer: Image.Image, box: Box, text: str, role: str, font: Font, ink: Colour, fold: bool = True, **style
    ) -> Piece:
        """Write a text into a box, on more than one line if that makes it larger; see `lettering.write`."""
        if text.isascii() and role not in UNFOLDED and self.draw.chance(CAPITALS):
            text = text.upper()
        text = as_drawn(font, text)
        if font.style not in CLEAR_STYLES:  # the strokes of a brush or of a poster run into each other when made bold
            style["stroke"] = False
        if fold and role not in UNFOLDED:
            text = folded(font, text, box)
        return write(self.draw, layer, box, text, role, font, ink, **style)

    def stack(self, layer: Image.Image, box: Box, parts, font: Font, ink: Colour, **style) -> list[Piece]:
        """Write texts one below the other.

        Args:
            layer: Changed in place.
            box: That they share.
            parts: Of each its text, its role, and its share of the height.
            font: Of all.
            ink: Of all.
            style: As `lettering.write` takes it.
        """
        left, top, right, bottom = box
        whole = sum(share for _, _, share in parts)
        pieces = []
        for text, role, share in parts:
            height = (bottom - top) * share / whole
            room = (left, box[1] + height * 0.06, right, box[1] + height * 0.94)
            pieces.append(self.write(layer, room, text, role, font, ink, **style))
            box = (left, box[1] + height, right, bottom)
        return pieces


def folded(font: Font, text: str, box: Box) -> str:
    """Break a text into the lines in which it can be largest."""
    wide, deep = box[2] - box[0], box[3] - box[1]
    face = at_size(font.path, WHOLE)

    def size(lines):
        return min(wide / max(map(face.getlength, lines)), deep / (len(lines) * 1.3 * WHOLE))

    return "\n".join(max(_ways(text), key=size))


def _ways(text: str) -> list[list[str]]:
    """The ways in which a text may be broken into at most three lines."""
    ways = [[text]]
    if is_chinese(text):
        places = [at for at in range(2, len(text) - 1) if is_chinese(text[at - 1]) and is_chinese(text[at])]
        if len(text) >= FOLDED and places:
            at = min(places, key=lambda place: abs(2 * place - len(text)))
            ways.append([text[:at], text[at:]])
        return ways
    words = text.split(" ")
    for one in range(1, len(words)):
        ways.append([" ".join(words[:one]), " ".join(words[one:])])
        ways += [
            [" ".join(words[:one]), " ".join(words[one:two]), " ".join(words[two:])]
            for two in range(one + 1, len(words))
        ]
    return ways


def inner(size: tuple[int, int], share: float) -> Box:
    """The box inside a margin, as a share of the shorter side, of a layer of a size."""
    margin = min(size) * share
    return (margin, margin, size[0] - margin, size[1] - margin)
