"""A kit, a size and texts come in; a book, a bottle, a shirt or the front of a shop goes out."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from ..inks import shade_of
from ..lettering import Piece
from ..surfaces import cloth, grain, soft
from ..warping import arc, around
from .boards import Part
from .kit import Kit, Thing
from .sheets import shapes


def book(kit: Kit, size: tuple[int, int], title: str, author: str) -> Thing:
    """The cover of a book."""
    draw = kit.draw
    ground, letters, paint, ink = kit.pair()
    layer = kit.layer(size)
    width, height = layer.size
    layer.paste(soft(draw, layer.size, paint, draw.between(0, 4)), (0, 0))
    pen = ImageDraw.Draw(layer)
    order = [(title, "title", 0.62), (author, "author", 0.2)]
    margin = width * 0.12
    style = draw.pick(("art", "frame", "bands"))
    top, bottom = height * 0.06, height * 0.94
    if style == "art":
        shapes(kit, pen, (margin, height * 0.5, width - margin, height * 0.8), (ground, letters))
        boxes = ((margin, top, width - margin, height * 0.46), (margin, height * 0.84, width - margin, bottom))
    elif style == "frame":
        inset = width * 0.05
        pen.rectangle((inset, inset, width - inset, height - inset), outline=ink, width=max(2, width // 90))
        boxes = (
            (margin, height * 0.14, width - margin, height * 0.56),
            (margin, height * 0.76, width - margin, height * 0.88),
        )
    else:
        pen.rectangle((0, height * 0.6, width, height * 0.64), fill=ink)
        boxes = ((margin, top, width - margin, height * 0.56), (margin, height * 0.7, width - margin, height * 0.82))
    if draw.chance(0.3):  # who wrote it comes first
        order = order[::-1]
        boxes = (
            (margin, top + height * 0.02, width - margin, height * 0.16),
            (margin, height * 0.2, width - margin, height * 0.48),
        )
        if style != "art":
            boxes = (
                (margin, height * 0.12, width - margin, height * 0.24),
                (margin, height * 0.28, width - margin, height * 0.57),
            )
    fonts = {
        role: kit.font(text, styles=draw.pick((None, ("serif",), ("sans", "display")))) for text, role, _ in order
    }
    pieces = [
        kit.write(layer, box, text, role, fonts[role], ink) for (text, role, _), box in zip(order, boxes, strict=True)
    ]
    _spine(layer)
    return Thing(layer, "book", ground, [piece.coloured(letters, ground) for piece in pieces])


def _spine(layer: Image.Image) -> None:
    """The fold along the left side of a cover."""
    width = layer.width
    dark = np.ones(width, np.float32)
    edge = max(3, width // 22)
    dark[:edge] = np.linspace(0.72, 0.9, edge)
    dark[edge : edge + max(2, width // 120)] = 0.62
    pixels = np.asarray(layer, np.float32)
    pixels[..., :3] *= dark[None, :, None]
    layer.paste(Image.fromarray(pixels.astype(np.uint8)))


def bottle(kit: Kit, size: tuple[int, int], parts: Sequence[Part]) -> Thing:
    """A bottle or a jar, also one as straight as a can, with a label around it."""
    draw = kit.draw
    layer = kit.layer(size)
    width, height = layer.size
    kind = draw.pick(("bottle", "jar", "can"))
    body = draw.pick(((34, 84, 44), (92, 52, 20), (190, 206, 210), (30, 30, 34), (150, 40, 40), (214, 190, 120)))
    shape = Image.new("L", layer.size)
    pen = ImageDraw.Draw(shape)
    shoulder = {"bottle": 0.34, "jar": 0.14, "can": 0.04}[kind] * height
    pen.rounded_rectangle((0, shoulder, width - 1, height - 1), width * 0.07, fill=255)
    neck = width * {"bottle": 0.16, "jar": 0.42, "can": 0.46}[kind]
    pen.rectangle((width / 2 - neck, height * 0.02, width / 2 + neck, shoulder + height * 0.1), fill=255)
    if kind == "bottle":
        pen.ellipse((0, shoulder - height * 0.12, width - 1, shoulder + height * 0.16), fill=255)
    light = _roundness(width, draw.between(0.25, 0.45))
    pixels = np.asarray(body, np.float32) * light[None, :, None] + (light[None, :, None] > 1.12) * 14
    glass = Image.fromarray(np.broadcast_to(pixels, (height, width, 3)).clip(0, 255).astype(np.uint8))
    layer.paste(glass, (0, 0), shape)
    cap = shade_of(draw, draw.pick(("red", "black", "white", "yellow", "green")), 16)
    ImageDraw.Draw(layer).rounded_rectangle(
        (width / 2 - neck, 0, width / 2 + neck, height * 0.07), width * 0.03, fill=cap
    )
    low = shoulder + height * 0.08
    wrapped, pieces = _label(kit, (width, round(height * 0.93 - low)), parts)
    place = ((width - wrapped.width) // 2, round(low))
    layer.alpha_composite(wrapped, place)
    return Thing(layer, "bottle" if kind == "bottle" else "jar", "", [piece.moved(*place) for piece in pieces])


def _roundness(width: int, depth: float) -> np.ndarray:
    """Light on a cylinder from its left to its right side, (W)."""
    place = np.linspace(-1, 1, width, dtype=np.float32)
    return 1 - depth * place**2 + 0.22 * np.exp(-(((place + 0.45) * 7) ** 2))


def _label(kit: Kit, size: tuple[int, int], parts: Sequence[Part]) -> tuple[Image.Image, list[Piece]]:
    """A label laid around a bottle as wide as `size`."""
    draw = kit.draw
    ground, letters, paint, ink = kit.pair("white", "yellow", "black", "red", "blue", "green", "orange")
    half = 1.05
    wide = round(size[0] * half / math.sin(half))
    sag = round(size[0] * draw.between(0.02, 0.09))
    label = Image.new("RGBA", (wide, size[1] - sag), (*paint, 255))
    pen = ImageDraw.Draw(label)
    rule = max(2, label.height // 50)
    if draw.chance(0.6):
        for y in (rule * 2, label.height - rule * 3):
            pen.rectangle((0, y, wide, y + rule), fill=ink)
    font = kit.font(*(text for text, _, _ in parts))
    box = (wide * 0.2, label.height * 0.12, wide * 0.8, label.height * 0.88)
    pieces = kit.stack(label, box, parts, font, ink)
    wrapped = around(label, half, sag)
    light = _roundness(wrapped.width, 0.35)
    pixels = np.asarray(wrapped, np.float32).copy()
    pixels[..., :3] *= light[None, :, None]
    wrapped = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    shift = (wrapped.width - wide) / 2
    return wrapped, [piece.moved(shift, sag * 0.7).coloured(letters, ground) for piece in pieces]


def shirt(kit: Kit, size: tuple[int, int], texts: Sequence[tuple[str, str]]) -> Thing:
    """A T-shirt with a print: straight, or along an arc, or both."""
    draw = kit.draw
    ground, letters, paint, ink = kit.pair("black", "white", "red", "blue", "green", "purple", "yellow", "pink")
    layer = kit.layer(size)
    width, height = layer.size
    shape = Image.new("L", layer.size)
    pen = ImageDraw.Draw(shape)
    outline = [
        (0.28, 0.06),
        (0.4, 0.02),
        (0.6, 0.02),
        (0.72, 0.06),
        (0.99, 0.24),
        (0.88, 0.42),
        (0.78, 0.36),
        (0.79, 0.99),
    ]
    outline += [(0.21, 0.99), (0.22, 0.36), (0.12, 0.42), (0.01, 0.24)]
    pen.polygon([(x * width, y * height) for x, y in outline], fill=255)
    pen.ellipse((0.39 * width, -0.08 * height, 0.61 * width, 0.11 * height), fill=0)
    fabric = Image.new("RGB", layer.size, paint)
    layer.paste(fabric, (0, 0), shape)
    box = [0.25 * width, 0.2 * height, 0.75 * width, 0.4 * height]
    pieces = []
    for index, (text, role) in enumerate(texts):
        font = kit.font(text)
        if index == 0 and draw.chance(0.5):
            piece = _arched(kit, layer, box, text, role, font, ink)
        else:
            piece = kit.write(
                layer, tuple(box), text, role, font, ink, effect=draw.pick(("flat", "flat", "outline", "worn"))
            )
        pieces.append(piece)
        box[1], box[3] = piece.box[3] + 0.05 * height, piece.box[3] + 0.2 * height
    _folds(kit, layer)
    return Thing(layer, "T-shirt", ground, [piece.coloured(letters, ground) for piece in pieces])


def _arched(kit: Kit, layer: Image.Image, box, text: str, role: str, font, ink) -> Piece:
    """Letters along an arc."""
    wide, deep = round(box[2] - box[0]), round((box[3] - box[1]) * 0.75)
    strip = Image.new("RGBA", (wide, deep), (*ink, 0))
    piece = kit.write(strip, (0, deep * 0.06, wide, deep * 0.94), text, role, font, ink, fold=False)
    bent = arc(strip, kit.draw.between(35, 80), True)
    place = (round(box[0] + (wide - bent.width) / 2), round(box[1]))
    layer.alpha_composite(bent, place)
    middle = piece.moved(*place)
    return Piece(piece.text, role, (place[0], place[1], place[0] + bent.width, place[1] + bent.height), middle.height)


def _folds(kit: Kit, layer: Image.Image) -> None:
    """Cloth that hangs: weave, and light and dark folds."""
    size = layer.size
    pattern = np.asarray(cloth(kit.draw, size).convert("L"), np.float32)
    relief = (pattern - pattern.mean()) * 0.9 + grain(kit.draw, size, "fine") * 1.5
    pixels = np.asarray(layer, np.float32).copy()
    pixels[..., :3] += relief[..., None] * 0.8
    alpha = layer.getchannel("A")
    layer.paste(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)))
    layer.putalpha(ImageChops.darker(alpha, layer.getchannel("A")))
