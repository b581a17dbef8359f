"""A draw comes in; a line of print, or a few, on a plain ground, and questions about what is written go out.

These are the first pictures that a model learns to read from: every font, size, colour and place, and nothing else to look at.
"""

from collections.abc import Mapping
from dataclasses import replace

from PIL import Image, ImageDraw

from ...assets import Font
from ...damage import save
from ...rendering import CannotRenderError, Draw, Rendered, Renderer
from ..inks import LEAST_CONTRAST, any_ground, any_ink
from ..lettering import draw_lines, line_boxes
from ..surfaces import soft
from ..typefaces import CLEAR_STYLES, as_drawn, at_size, choose_font, clear_share, is_chinese
from .content import KINDS, Passage, Span, make_passage
from .questions import TASKS, ask_passage


SHARES = {"words": 0.25, "sentences": 0.4, "numbers": 0.2, "codes": 0.15}
BOTH_LANGUAGES = 0.06  # of the pictures: a line in each
MONO_SHARE = 0.7  # of the programs that are set in fonts of one width; the others in any clear font
CHINESE_LARGER = 1.4  # how much larger than a capital letter a Chinese character must be to be as clear
MOST_LINES = 7
FINE = 14  # pixels; smaller glyphs are spared what would blur them


class Lines(Renderer):
    """Lines of printed text.

    Args:
        assets: Where fonts, words and sentences come from.
        longest: Pixels of the longer side of a picture, at most, before it is damaged: a scan that lies askew, or a screenshot that
            was scaled up, is a little larger.
        characters: Fewest and most of a line; fewer where no more would fit.
        lines: Fewest and most.
        height: Least and greatest height of a capital letter in pixels. Chinese characters are larger by `CHINESE_LARGER`.
        shares: How often each kind of content comes: any of "words", "sentences", "numbers", "codes", "programs". Programs have up to
            `content.MOST_PROGRAM_LINES` lines, whatever `lines` says.
        latin: Share of the rows in Chinese whose text is English, numbers or codes in Latin letters, asked about in Chinese: for a
            model that sees too little to read Chinese characters.
        both: Share of the pictures with a line in each language.
        reading: Share of the first questions that are plainly "Read the text.", below 1; about a quarter when not given.

    Raises:
        ValueError: if an option makes no sense, saying why.
    """

    name = "lines"
    tasks = TASKS
    licence = "CC0-1.0"
    packages = ("fontTools",)

    def __init__(
        self,
        assets,
        *,
        longest: int = 384,
        characters: Span = (2, 40),
        lines: Span = (1, 5),
        height: Span = (9, 56),
        shares: Mapping[str, float] | None = None,
        latin: float = 0.0,
        both: float = BOTH_LANGUAGES,
        reading: float | None = None,
    ):
        super().__init__(assets)
        for name, (low, high) in {"characters": characters, "lines": lines, "height": height}.items():
            if not 1 <= low <= high:
                raise ValueError(
                    f"found {name}={(low, high)}, expected a least and a greatest, both at least 1; swap them"
                )
        if lines[1] > MOST_LINES:
            raise ValueError(f"found lines={lines}, expected at most {MOST_LINES}; lower it")
        if longest < 8 * height[0]:
            raise ValueError(f"found longest={longest}, expected at least {8 * height[0]}; or lower height={height}")
        shares = dict(SHARES if shares is None else shares)
        unknown = sorted(set(shares) - set(KINDS))
        if unknown or not any(share > 0 for share in shares.values()) or min(shares.values()) < 0:
            raise ValueError(f"found shares={shares}, expected some above 0 and none below, of {', '.join(KINDS)}")
        for name, share, most in (("latin", latin, 1), ("both", both, 1), ("reading", reading or 0, 0.99)):
            if not 0 <= share <= most:
                raise ValueError(f"found {name}={share}, expected a share from 0 to {most}; correct it")
        self.longest, self.characters, self.lines, self.height = (
            longest,
            tuple(characters),
            tuple(lines),
            tuple(height),
        )
        self.latin, self.both, self.reading = latin, both, reading
        self.shares = {kind: shares.get(kind, 0) for kind in KINDS}

    def render(self, draw: Draw) -> Rendered:
        """Write a passage, and ask about it."""
        passage, picture, medium = self.compose(draw)
        words = self.assets.words(draw.language if passage.kind == "both" else passage.language)
        asks, false_asks = ask_passage(draw, passage, words, self.reading)
        return Rendered([save(draw, picture, medium, self.longest)], asks, false_asks, passage.licence or None)

    def compose(self, draw: Draw) -> tuple[Passage, Image.Image, str]:
        """Write a passage: what is written, the picture, and the medium that it will go through."""
        passage = self._passage(draw)
        is_program = passage.kind == "programs"
        styles = CLEAR_STYLES if passage.kind in ("numbers", "codes", "programs") else None
        if is_program and draw.chance(MONO_SHARE):
            styles = ("mono",)
        font = choose_font(draw, self.assets, "".join(passage.lines), styles)
        passage = replace(passage, lines=tuple(as_drawn(font, line) for line in passage.lines))
        size, gap = self._size(draw, font, passage)
        align = 0.0 if is_program else draw.pick((0.0, 0.5, 1.0), (0.7, 0.2, 0.1))
        boxes = line_boxes(font, size, gap, passage.lines, align)
        width, height = max(right for _, _, right, _ in boxes), boxes[-1][3]
        canvas, left, top = self._canvas(draw, width, height, size)
        picture = _write(draw, font, size, canvas, [_moved(box, left, top) for box in boxes], passage.lines)
        return passage, picture, self._medium(draw, font, size, passage)

    def _passage(self, draw: Draw) -> Passage:
        low, high = self.lines
        count = draw.whole(low, high) if low > 1 or draw.chance(0.4) else low
        kind = draw.pick(KINDS, [self.shares[kind] for kind in KINDS])
        if high > 1 and draw.chance(self.both):
            order = ("en", "zh") if draw.chance(0.5) else ("zh", "en")
            kinds = ("words", "sentences")
            parts = [
                make_passage(draw, self.assets, each, draw.pick(kinds), 1, self._characters("zh")) for each in order
            ]
            return Passage(tuple(line for part in parts for line in part.lines), "both")
        language = "en" if draw.language == "zh" and self.latin and draw.chance(self.latin) else draw.language
        written = "en" if kind == "programs" else language
        return make_passage(draw, self.assets, language, kind, count, self._characters(written))

    def _characters(self, language: str) -> Span:
        """What of `characters` fits into the picture at the least height."""
        wide = self.height[0] * (CHINESE_LARGER * 1.1 if language == "zh" else 0.75)
        most = max(1, int(0.9 * self.longest / wide))
        return min(self.characters[0], most), min(self.characters[1], most)

    def _size(self, draw: Draw, font: Font, passage: Passage) -> tuple[int, float]:
        """The font size, any that fits, and the distance of lines as a multiple of it."""
        chinese = any(map(is_chinese, passage.lines))
        share = clear_share(font, chinese) / (CHINESE_LARGER if chinese else 1)
        gap = draw.between(1.2, 1.9)
        widest = max(at_size(font.path, 100).getlength(line) for line in passage.lines) / 100
        deep = 1.35 + gap * (len(passage.lines) - 1)
        most = 0.92 * self.longest / max(widest, deep)
        low, high = self.height[0] / share, min(self.height[1] / share, most)
        if high < low:
            raise CannotRenderError(f"{passage.lines} do not fit into {self.longest} pixels")
        return max(1, round(low * (high / low) ** draw.between(0, 1) + 0.49)), gap

    def _canvas(self, draw: Draw, width: int, height: int, size: int) -> tuple[tuple[int, int], int, int]:
        """The size of the picture, and where in it the text begins."""
        least = max(3, size // 5)
        if max(width, height) + 2 * least > self.longest:
            raise CannotRenderError(f"{width} x {height} pixels of text do not fit into {self.longest}")
        sides = [side + 2 * least for side in (width, height)]
        shape = draw.pick(("tight", "page", "square"), (0.35, 0.35, 0.3))
        if shape == "tight":
            canvas = [min(self.longest, side + round(draw.between(0, 1.2) * size)) for side in sides]
        elif shape == "page":
            canvas = [draw.whole(side, self.longest) for side in sides]
        else:
            canvas = [draw.whole(max(sides), self.longest)] * 2
        left, top = (least + draw.whole(0, whole - side) for whole, side in zip(canvas, sides, strict=True))
        return tuple(canvas), left, top

    def _medium(self, draw: Draw, font: Font, size: int, passage: Passage) -> str:
        """What the picture goes through, such that it stays legible."""
        chinese = any(map(is_chinese, passage.lines))
        glyph = size * clear_share(font, chinese) / (CHINESE_LARGER if chinese else 1)
        media = ["clean", "scan"]
        if glyph >= FINE:
            media += ["photo", "screen"]
        return draw.pick(media)


def _moved(box, left: int, top: int):
    return (box[0] + left, box[1] + top, box[2] + left, box[3] + top)


def _write(draw: Draw, font: Font, size: int, canvas: tuple[int, int], boxes, lines: tuple[str, ...]) -> Image.Image:
    """Draw lines into their boxes, on a ground that leaves them clear."""
    ground = any_ground(draw)
    strength = draw.between(1, 7) if draw.chance(0.45) else 0
    ink = any_ink(draw, ground, LEAST_CONTRAST + 25 + 2 * strength)
    picture = soft(draw, canvas, ground, strength)
    pen = ImageDraw.Draw(picture)
    _decorate(draw, pen, canvas, boxes, size, ground, ink)
    face = at_size(font.path, size)
    bold = 1 if size > 36 and draw.chance(0.12) else 0
    draw_lines(pen, (0, 0), boxes, lines, face, ink, bold)
    return picture


def _decorate(draw: Draw, pen: ImageDraw.ImageDraw, canvas: tuple[int, int], boxes, size: int, ground, ink) -> None:
    """A frame, a rule below, or a band behind; mostly nothing."""
    kind = draw.pick(("none", "frame", "rule", "band"), (0.8, 0.07, 0.07, 0.06))
    left, top, right, bottom = (choose(box[side] for box in boxes) for side, choose in enumerate((min, min, max, max)))
    pad = max(2, size // 6)
    thick = max(1, size // 20)
    if kind == "frame":
        pen.rectangle((left - pad, top - pad, right + pad, bottom + pad), outline=ink, width=thick)
    elif kind == "rule" and bottom + pad + thick < canvas[1]:
        pen.rectangle((left, bottom + pad, right, bottom + pad + thick - 1), fill=ink)
    elif kind == "band":
        shift = draw.whole(-14, 14)
        pen.rectangle(
            (0, top - pad, canvas[0], bottom + pad), fill=tuple(min(255, max(0, part + shift)) for part in ground)
        )
