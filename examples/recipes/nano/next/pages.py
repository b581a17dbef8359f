"""A number comes in; a page of print, handwriting and things goes out, with what each visual token shows: what the towers learn from.

    page    (S, S, 3) uint8   a picture as the image processor makes it: scaled to the square, with bars at two sides
    labels  (G, G, 9) int16   for each cell of the grid of visual tokens
    print   (P, P) uint8      the character that covers each of SAM's patches

What the numbers say is in `labels`. Shapes: S side of the page, G cells a side, P patches a side.
"""

import argparse
import functools
import io
import json
import math
from dataclasses import dataclass, field
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from labels import (
    CHARACTERS,
    COLUMNS,
    END,
    GRID,
    PATCHES,
    SIDE,
    label_patches,
    label_text,
    label_things,
)
from PIL import Image, ImageDraw

from deepseek_vl_hf.data.assets import Assets
from deepseek_vl_hf.data.damage import save
from deepseek_vl_hf.data.drawings import Drawing, Drawings
from deepseek_vl_hf.data.renderers.handwriting.ink import slanted, write
from deepseek_vl_hf.data.renderers.inks import NAMED, any_ground, any_ink, shade_of
from deepseek_vl_hf.data.renderers.lettering import draw_lines, line_boxes
from deepseek_vl_hf.data.renderers.lines.content import make_passage
from deepseek_vl_hf.data.renderers.staging import card, draw_style, ground, lay
from deepseek_vl_hf.data.renderers.surfaces import soft, surface
from deepseek_vl_hf.data.renderers.typefaces import as_drawn, at_size, choose_font, clear_share
from deepseek_vl_hf.data.rendering import CannotRenderError, Draw
from deepseek_vl_hf.layouts_deepseek_vl_hf import SAM_STATISTICS


PAD = tuple(int(255 * mean) for mean in SAM_STATISTICS["mean"])  # what the image processor pads with
KINDS = {"print": 0.44, "lines": 0.24, "cells": 0.12, "handwriting": 0.08, "both": 0.12}
ONLY = ("", "things", "groups")
CONTENT = {"sentences": 0.3, "words": 0.2, "numbers": 0.2, "codes": 0.06, "programs": 0.1, "any": 0.14}
SMALLEST_THING = 34  # pixels of a canvas
TRIES = 20


@dataclass
class Canvas:
    """A picture that is being made, and what is on it, in its pixels.

    Args:
        picture: RGB, changed in place.
        texts: Each a string, and the middles, widths and heights (N, 4) of its characters.
        things: Each a drawing, and left, top and side of its box.
    """

    picture: Image.Image
    texts: list[tuple[str, np.ndarray]] = field(default_factory=list)
    things: list[tuple[Drawing, tuple[float, float, float]]] = field(default_factory=list)


@dataclass
class Page:
    """A page and what it shows.

    Args:
        pixels: (S, S, 3).
        labels: (G, G, 9).
        print: (P, P).
        texts: What is written, block by block, and the middle of each block, as shares of the page.
        things: What is drawn, with the middle and side of each, as shares of the page.
    """

    pixels: np.ndarray
    labels: np.ndarray
    print: np.ndarray
    texts: list[tuple[str, float, float]]
    things: list[tuple[Drawing, float, float, float]]


class Pages:
    """Pages for training.

    Args:
        assets: Where fonts, texts and drawings come from.
        seed: Decides every page.
        only: "things" or "groups" for pages of these alone; else of all `KINDS`.
    """

    def __init__(self, assets: Assets, seed: int, only: str = ""):
        self.assets, self.seed, self.only, self.drawings = assets, seed, only, assets.drawings()

    def page(self, index: int, plain: float = 0.0) -> Page:
        """Page number `index`; with probability `plain` dark print on white, to begin with."""
        for attempt in range(TRIES):
            draw = Draw(self.seed, "pages", "train", index, attempt=attempt)
            try:
                if draw.chance(plain):
                    return finish(draw, self._print(draw, plain=True), self.drawings, worn=False)
                kind = self.only or draw.pick(tuple(KINDS), tuple(KINDS.values()))
                return finish(draw, getattr(self, f"_{kind}")(draw), self.drawings)
            except CannotRenderError:
                continue
        raise RuntimeError(f"found no page {index} in {TRIES} tries")

    # What is on a page. Each makes a canvas of its own size.

    def _print(self, draw: Draw, plain: bool = False) -> Canvas:
        """Print from edge to edge: one block or two."""
        canvas = _sheet(draw, _size(draw, 1.0), plain)
        width, height = canvas.picture.size
        halves = 1 if plain or draw.chance(0.7) else 2
        for half in range(halves):
            capital = draw.between(13, 26) if plain else 9 * (44 / 9) ** draw.between(0, 1)
            self._block(draw, canvas, (0, half * height // halves, width, (half + 1) * height // halves), capital, 14)
        return canvas

    def _lines(self, draw: Draw) -> Canvas:
        """One line or a few, somewhere."""
        canvas = _sheet(draw, _size(draw, 1.0))
        width, height = canvas.picture.size
        self._block(draw, canvas, (0, 0, width, height), 11 * 4 ** draw.between(0, 1), draw.whole(1, 3))
        return canvas

    def _cells(self, draw: Draw) -> Canvas:
        """Rows and columns of short texts, as in tables and forms."""
        canvas = _sheet(draw, _size(draw, 1.0))
        width, height = canvas.picture.size
        columns, rows = draw.whole(2, 4), draw.whole(2, 7)
        capital = min(10 * 2 ** draw.between(0, 1), 0.5 * height / rows)
        if capital < 7:
            raise CannotRenderError("no room for so many rows")
        if draw.chance(0.5):
            pen, ink = ImageDraw.Draw(canvas.picture), tuple(draw.whole(90, 200) for _ in range(3))
            for row in range(1, rows):
                pen.line((0, row * height // rows, width, row * height // rows), fill=ink)
            if draw.chance(0.5):
                for column in range(1, columns):
                    pen.line((column * width // columns, 0, column * width // columns, height), fill=ink)
        font = None
        for row in range(rows):
            for column in range(columns):
                box = (column * width // columns + 2, row * height // rows)
                box += ((column + 1) * width // columns - 2, (row + 1) * height // rows)
                content = "numbers" if column and draw.chance(0.6) else "words"
                try:
                    font = self._block(draw, canvas, box, capital, 1, content, font, fewest=1)
                except CannotRenderError:
                    continue
        if not canvas.texts:
            raise CannotRenderError("nothing fitted")
        return canvas

    def _things(self, draw: Draw) -> Canvas:
        """Several things."""
        canvas = Canvas(ground(draw, self.assets, _size(draw, 0.6)))
        self._lay(draw, canvas, draw.whole(2, 9), [])
        return canvas

    def _groups(self, draw: Draw) -> Canvas:
        """One thing or two, again and again."""
        canvas = Canvas(ground(draw, self.assets, _size(draw, 0.6)))
        self._lay(draw, canvas, draw.whole(1, 8), [self.drawings.pick(draw) for _ in range(draw.whole(1, 2))])
        return canvas

    def _both(self, draw: Draw) -> Canvas:
        """Things above or below a line or two of print."""
        canvas = _sheet(draw, _size(draw, 0.8))
        width, height = canvas.picture.size
        edge = round(height * draw.between(0.3, 0.7))
        parts = [(0, 0, width, edge), (0, edge, width, height)]
        written, shown = parts if draw.chance(0.5) else parts[::-1]
        self._block(draw, canvas, written, 11 * 3 ** draw.between(0, 1), draw.whole(1, 2))
        self._lay(draw, canvas, draw.whole(1, 3), [], shown)
        return canvas

    def _handwriting(self, draw: Draw) -> Canvas:
        """Digits and signs by hand."""
        lines = [_by_hand(draw) for _ in range(draw.whole(1, 4))]
        tall = draw.whole(30, max(30, min(200, round(300 / (0.8 * max(map(len, lines)) + 0.5)))))
        least = (round(0.7 * tall * max(map(len, lines))), round(1.6 * tall * len(lines)))
        size = tuple(draw.whole(max(112, side), max(400, side)) for side in least)
        canvas = Canvas(ground(draw, self.assets, size, {"paper": 8, "plain": 5, "squares": 3, "surface": 1}))
        behind = tuple(np.asarray(canvas.picture).reshape(-1, 3).mean(0))
        ink = any_ink(draw, behind)
        slant, bold, top = draw.between(-4, 14), tall > 48 and draw.chance(0.25), tall * draw.between(0.1, 0.5)
        left = draw.between(0.1, 0.6) * tall
        middles, text = [], ""
        for number, line in enumerate(lines):
            across = left
            for letter in line:
                mask = write(draw, letter, tall, bold)[0]
                mask = slanted(mask.crop(mask.getbbox() or (0, 0, *mask.size)) if letter != " " else mask, slant)
                low = 0 if letter.isdigit() or letter in " :/" else (tall - mask.height) * (letter == "." or 0.5)
                canvas.picture.paste(ink, (round(across), round(top + low)), mask)
                middles.append((across + mask.width / 2, top + tall / 2, mask.width, tall))
                across += mask.width + tall * draw.between(0.08, 0.25)
            if across > size[0]:
                raise CannotRenderError(f"{line!r} does not fit")
            text += line + ("\n" if number + 1 < len(lines) else END)
            middles.append(middles[-1])
            top += tall * draw.between(1.25, 1.7)
        if top - tall * 0.25 > size[1]:
            raise CannotRenderError("lines do not fit")
        canvas.texts.append((text, np.array(middles)))
        return canvas

    def _block(self, draw: Draw, canvas: Canvas, box, capital: float, most: int, content="", font=None, fewest=2):
        """Print up to `most` lines, capitals of about so many pixels, somewhere in a box; return their font."""
        wide, high = box[2] - box[0], box[3] - box[1]
        content = content or draw.pick(tuple(CONTENT), tuple(CONTENT.values()))
        room = min(40, int(0.95 * wide / (0.62 * capital)))  # characters of a line, about
        if room < fewest:
            raise CannotRenderError(f"no room for letters of {capital} in {wide} pixels")
        gap = draw.between(1.15, 1.8)
        most = min(most, int((0.95 * high / capital * 0.7 - 1.2) / gap) + 1)
        lines: list[str] = []
        while len(lines) < most:
            lines += self._content(draw, content, min(3, most - len(lines)), (min(fewest, room), room))
            if content == "programs" and most > 3:
                break
        lines = lines[:most]
        if not lines:
            raise CannotRenderError("no line fits")
        if font is None:
            styles = ("mono",) if content == "programs" and draw.chance(0.6) else None
            font = choose_font(draw, self.assets, "".join(lines), styles)
        lines = [as_drawn(font, line) for line in lines]
        size = max(6, round(capital / clear_share(font, False)))
        while size > 6:
            boxes = line_boxes(font, size, gap, tuple(lines), align := draw.pick((0.0, 0.5, 1.0), (0.7, 0.2, 0.1)))
            extent = max(each[2] for each in boxes), boxes[-1][3]
            if extent[0] <= 0.97 * wide and extent[1] <= 0.97 * high:
                break
            size = min(size - 1, int(size * min(0.97 * wide / extent[0], 0.97 * high / extent[1])))
        else:
            raise CannotRenderError(f"{lines} do not fit, aligned {align}")
        place = [
            low + draw.whole(0, int(room - side)) for low, room, side in zip(box, (wide, high), extent, strict=False)
        ]
        crop = canvas.picture.crop((place[0], place[1], place[0] + extent[0], place[1] + extent[1]))
        behind = tuple(np.asarray(crop.resize((4, 4))).reshape(-1, 3).mean(0))
        face = at_size(font.path, size)
        bold = 1 if size > 36 and draw.chance(0.12) else 0
        ink = any_ink(draw, behind, 90)
        draw_lines(ImageDraw.Draw(canvas.picture), tuple(place), boxes, lines, face, ink, bold)
        middles = []
        for (left, top, _, _), line in zip(boxes, lines, strict=True):
            inked = face.getbbox(line, anchor="ls")
            widths = np.array([_width(font.path, size, character) for character in line])
            ends = np.cumsum(widths) * (
                face.getlength(line) / widths.sum()
            )  # scaled, for letters that are drawn together
            high = size * clear_share(font, False)
            down = place[1] + top - inked[1] - high / 2
            widths = widths * (ends[-1] / widths.sum())
            start = place[0] + left - inked[0]
            middles += [
                (start + x, down, wide, high) for x, wide in zip((ends - widths / 2).tolist(), widths, strict=True)
            ]
            middles.append(middles[-1])  # of the line end
        canvas.texts.append(("\n".join(lines) + END, np.array(middles)))
        return font

    def _content(self, draw: Draw, kind: str, count: int, characters: tuple[int, int]) -> list[str]:
        """Up to `count` lines."""
        if kind == "any":
            return [_letters(draw, draw.whole(characters[0], characters[1])) for _ in range(count)]
        passage = make_passage(draw, self.assets, "en", kind, count, characters)
        return [line for line in passage.lines if line.strip()]

    def _lay(self, draw: Draw, canvas: Canvas, count: int, few: list[Drawing], box=None) -> None:
        """Lay things where none hides another."""
        left, top, right, bottom = box or (0, 0, *canvas.picture.size)
        shorter = min(right - left, bottom - top)
        style = draw_style(draw)
        largest = min(0.96, 1.5 / math.sqrt(count))
        alike = draw.between(0.3, 1) if few else 0
        for _ in range(count):
            drawing = draw.pick(few) if few else self.drawings.pick(draw)
            for _ in range(8):
                side = shorter * largest * (alike or draw.between(0.25, 1))
                side = min(max(side, SMALLEST_THING), shorter)
                x, y = draw.between(left, right - side), draw.between(top, bottom - side)
                if all(_apart((x, y, side), other) for _, other in canvas.things):
                    break
            else:
                continue
            inner = (x, y, side)
            if not drawing.thing.bare and draw.chance(0.12):
                shape = draw.pick(("square", "rounded", "circle"))
                card(canvas.picture, (x, y, side - 1), shade_of(draw, draw.pick(tuple(NAMED))), shape)
                margin = side * (0.15 if shape == "circle" else 0.1)
                inner = (x + margin, y + margin, side - 2 * margin)
            lay(draw, canvas.picture, self.drawings.sticker(drawing), inner, style)
            canvas.things.append((drawing, inner))


def _apart(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    """Whether two boxes overlap by a tenth of the smaller at most."""
    slack = 0.1 * min(one[2], other[2])
    return any(
        one[axis] + one[2] <= other[axis] + slack or other[axis] + other[2] <= one[axis] + slack for axis in (0, 1)
    )


def _size(draw: Draw, smallest: float) -> tuple[int, int]:
    """Width and height of a canvas: often as large as the towers see, sometimes smaller, which then is enlarged, or larger."""
    longer = SIDE if draw.chance(0.4) else draw.whole(round(120 + 60 * (1 - smallest)), 330)
    shorter = round(longer * draw.between(0.3, 1)) if draw.chance(0.5) else longer
    return (longer, max(48, shorter)) if draw.chance(0.7) else (max(64, shorter), longer)


def _sheet(draw: Draw, size: tuple[int, int], plain: bool = False) -> Canvas:
    """Something to print on."""
    if plain:
        return Canvas(Image.new("RGB", size, (255, 255, 255)))
    if draw.chance(0.12):
        return Canvas(surface(draw, size))
    return Canvas(soft(draw, size, any_ground(draw), draw.between(1, 7) if draw.chance(0.45) else 0))


def _letters(draw: Draw, count: int) -> str:
    """Characters in any order, so that none is rare."""
    pools = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", CHARACTERS[6:100])
    pool = draw.pick(pools)
    text = ""
    while len(text) < count:
        pool = draw.pick(pools) if draw.chance(0.25) else pool
        text += " " if text and text[-1] != " " and len(text) + 1 < count and draw.chance(0.08) else draw.pick(pool)
    return text


def _by_hand(draw: Draw) -> str:
    """A number, a date, a time or a sum."""
    count = draw.pick((1, 2, 3, 4, 5, 6), (3, 2, 2, 2, 1, 1))
    digits = "".join(str(draw.whole(0, 9)) for _ in range(count))
    kind = draw.pick(("number", "sum", "date", "time"), (7, 2, 1, 1))
    if kind == "sum":
        return f"{draw.whole(1, 99)} {draw.pick('+-×')} {draw.whole(1, 99)}{draw.pick((' =', ''))}"
    if kind == "date":
        return draw.pick("-/.").join(
            (f"{draw.whole(1950, 2030)}", f"{draw.whole(1, 12):02}", f"{draw.whole(1, 28):02}")
        )
    return f"{draw.whole(0, 23):02}:{draw.whole(0, 59):02}" if kind == "time" else digits


# From a canvas to a page.


def finish(draw: Draw, canvas: Canvas, drawings: Drawings, worn: bool = True) -> Page:
    """Wear a canvas as pictures are that travelled, scale it to the square, and say what each cell shows."""
    picture, turn = canvas.picture, 0.0
    if worn and canvas.texts and not canvas.things and draw.chance(0.25):
        turn = draw.between(-2.5, 2.5)
        fill = tuple(np.median(np.asarray(picture).reshape(-1, 3), axis=0).astype(int).tolist())
        picture = picture.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=fill)
    if worn and draw.chance(0.5):
        picture = Image.open(io.BytesIO(save(draw, picture, draw.pick(("photo", "screen"))))).convert("RGB")
    scale = SIDE / max(picture.size)
    sides = tuple(max(1, round(side * scale)) for side in picture.size)
    edges = tuple((SIDE - side) // 2 for side in sides)
    square = Image.new("RGB", (SIDE, SIDE), PAD)
    square.paste(picture.resize(sides, Image.Resampling.BICUBIC), edges)

    # Middles relative to that of the canvas, turned, in pixels of the page.
    middle = np.array(canvas.picture.size) / 2
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    turned = np.array([[cos, -sin], [sin, cos]])  # of rows (x, y), y downwards
    whole = np.array([cos * canvas.picture.size[0] + abs(sin) * canvas.picture.size[1],
                      abs(sin) * canvas.picture.size[0] + cos * canvas.picture.size[1]])  # fmt: skip
    factor = SIDE / max(whole)

    def placed(points: np.ndarray) -> np.ndarray:
        middles = ((points[..., :2] - middle) @ turned) * factor + SIDE / 2
        return np.concatenate([middles, points[..., 2:] * factor], -1)

    labels = np.zeros((GRID, GRID, COLUMNS), np.int16)
    texts = [(text, placed(points)) for text, points in canvas.texts]
    patches = np.zeros((PATCHES, PATCHES), np.uint8)
    for text, points in texts:
        label_text(labels, text, points[:, :2])
        label_patches(patches, text, points)
    things = []
    for drawing, (left, top, side) in canvas.things:
        x, y = placed(np.array([left + side / 2, top + side / 2]))
        things.append((drawing, float(x) / SIDE, float(y) / SIDE, float(side * factor) / SIDE))
    label_things(labels, things, drawings)
    return Page(
        np.asarray(square),
        labels,
        patches,
        [(text[:-1], *(points[:, :2].mean(0) / SIDE).tolist()) for text, points in texts],
        things,
    )


@functools.lru_cache(1_000_000)
def _width(path: Path, size: int, character: str) -> float:
    """Pixels to the next character; at the very size, for they are rounded to whole ones."""
    return max(0.5, at_size(path, size).getlength(character))


# Many pages, kept.


def make_pages(folder: Path, count: int, plain: int, seed: int, workers: int, only: str) -> None:
    """Write pages.npy, labels.npy, print.npy and contents.jsonl into a folder; the first `plain` are dark print on white."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.lib.format.open_memmap(folder / "pages.part", "w+", np.uint8, (count, SIDE, SIDE, 3))
    labels = np.zeros((count, GRID, GRID, COLUMNS), np.int16)
    patches = np.zeros((count, PATCHES, PATCHES), np.uint8)
    with (
        Pool(workers, _start, (seed, plain, only)) as pool,
        open(folder / "contents.jsonl", "w", encoding="utf-8") as file,
    ):
        for index, page in enumerate(pool.imap(_make, range(count), chunksize=50)):
            pixels[index], labels[index], patches[index] = page.pixels, page.labels, page.print
            things = [[each.key, x, y, side] for each, x, y, side in page.things]
            file.write(json.dumps({"texts": page.texts, "things": things}, ensure_ascii=False) + "\n")
            if (index + 1) % 5000 == 0:
                print(f"{index + 1} pages", flush=True)
    np.save(folder / "labels.npy", labels)
    np.save(folder / "print.npy", patches)
    pixels.flush()
    (folder / "pages.part").rename(folder / "pages.npy")


def _start(seed: int, plain: int, only: str) -> None:
    global _pages, _plain
    _pages, _plain = Pages(Assets(), seed, only), plain


def _make(index: int) -> Page:
    return _pages.page(index, 1.0 if index < _plain else 0.0)


def main() -> None:
    """Make pages."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="folder; pages go into its folder pages, or --only")
    parser.add_argument("--count", type=int, default=36_000, help="200 kB each")
    parser.add_argument("--plain", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", choices=ONLY, default="", help="things: to tell apart; groups: to count")
    args = parser.parse_args()
    plain = 0 if args.only else args.plain
    make_pages(
        args.work / (args.only or "pages"),
        args.count,
        plain,
        args.seed + ONLY.index(args.only),
        args.workers,
        args.only,
    )


if __name__ == "__main__":
    main()
