"""A kit, a size and texts come in; a sign, a street name, a plate, a tag or a board goes out."""

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image, ImageDraw

from ..inks import shade_of
from ..lettering import EFFECTS
from ..surfaces import surface
from .kit import FINE, Kit, Thing, inner


Part = tuple[str, str, float]  # text, role, share of the height
PLATES = (
    ("white", "black"),
    ("yellow", "black"),
    ("blue", "white"),
    ("black", "white"),
    ("white", "blue"),
    ("white", "green"),
)


def sign(kit: Kit, size: tuple[int, int], parts: Sequence[Part], taken: Sequence[str] = ()) -> Thing:
    """A board of one colour with a border or without.

    Args:
        kit: Decides and writes.
        size: Width and height.
        parts: What it says.
        taken: Colours of other signs nearby.
    """
    draw = kit.draw
    colours = [
        each for each in ("red", "blue", "green", "yellow", "white", "black", "orange", "purple") if each not in taken
    ]
    ground, letters, paint, ink = kit.pair(*colours)
    layer = kit.layer(size)
    pen = ImageDraw.Draw(layer)
    shape = draw.pick(("plain", "round", "octagon", "oval", "pill"), (4, 5, 0.6, 0.8, 0.7))
    outline, margin = _shape(pen, shape, layer.size, paint)
    if draw.chance(0.55):
        inset = min(layer.size) * draw.between(0.02, 0.05)
        outline(inset, ink, max(2, round(min(layer.size) * draw.between(0.012, 0.03))))
    font = kit.font(*(text for text, _, _ in parts))
    effect = draw.pick(("flat", "flat", "flat", "shadow", "emboss", "worn"))
    box = inner(layer.size, margin)
    pieces = kit.stack(layer, box, parts, font, ink, effect=effect, stroke=draw.chance(0.3))
    if shape in ("plain", "round") and draw.chance(0.4):
        _screws(pen, layer.size)
    return Thing(layer, "sign", ground, [piece.coloured(letters, ground) for piece in pieces])


def _shape(pen: ImageDraw.ImageDraw, shape: str, size: tuple[int, int], paint):
    """Fill a shape; return what draws its outline, and the margin that letters need."""
    width, height = size[0] - 1, size[1] - 1
    cut = 0.29 * min(size)

    def octagon(inset, fill=None, outline=None, thick=1):
        c, (a, b) = cut + inset * 0.4, (width - inset, height - inset)
        points = [
            (c, inset),
            (width - c, inset),
            (a, c),
            (a, height - c),
            (width - c, b),
            (c, b),
            (inset, height - c),
            (inset, c),
        ]
        pen.polygon(points, fill=fill, outline=outline, width=thick)

    def draw_it(inset, fill=None, outline=None, thick=1):
        box = (inset, inset, width - inset, height - inset)
        if shape == "oval":
            pen.ellipse(box, fill=fill, outline=outline, width=thick)
        elif shape == "octagon":
            octagon(inset, fill, outline, thick)
        else:
            radius = {"plain": 0, "round": 0.12, "pill": 0.5}[shape] * min(size)
            pen.rounded_rectangle(box, max(0, radius - inset), fill=fill, outline=outline, width=thick)

    draw_it(0, fill=paint)
    margin = {"plain": 0.11, "round": 0.13, "pill": 0.22, "octagon": 0.2, "oval": 0.26}[shape]
    return (lambda inset, ink, thick: draw_it(inset, outline=ink, thick=thick)), margin


def _screws(pen: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    radius, away = max(2, min(size) // 60), min(size) // 14
    for x in (away, size[0] - away):
        for y in (away, size[1] - away):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), (150, 150, 150), (70, 70, 70))


def upright(kit: Kit, size: tuple[int, int], text: str) -> Thing:
    """A board whose Chinese characters stand one below the other."""
    ground, letters, paint, ink = kit.pair("red", "blue", "green", "yellow", "white", "black")
    layer = kit.layer(size)
    pen = ImageDraw.Draw(layer)
    box = (0, 0, layer.width - 1, layer.height - 1)
    pen.rounded_rectangle(box, layer.width * kit.draw.pick((0, 0.1)), fill=paint)
    if kit.draw.chance(0.5):
        inset = layer.width // 20
        pen.rectangle((inset, inset, layer.width - inset, layer.height - inset), outline=ink, width=max(2, inset // 2))
    room = (layer.width * 0.16, layer.width * 0.16, layer.width * 0.84, layer.height - layer.width * 0.16)
    piece = kit.write(layer, room, "\n".join(text), "name", kit.font(text), ink, fold=False, gap=1.12)
    piece = replace(piece, text=text).coloured(letters, ground)
    return Thing(layer, "sign", ground, [piece])


def blade(kit: Kit, size: tuple[int, int], text: str, colour: str) -> Thing:
    """A street name on a narrow plate."""
    letters = "white" if colour in ("blue", "green", "black", "red") else "black"
    layer = kit.layer(size)
    pen = ImageDraw.Draw(layer)
    radius = kit.draw.pick((0, 0.1, 0.2)) * layer.height
    box = (0, 0, layer.width - 1, layer.height - 1)
    pen.rounded_rectangle(box, radius, fill=shade_of(kit.draw, colour))
    ink = shade_of(kit.draw, letters, 4)
    if kit.draw.chance(0.6):
        pen.rounded_rectangle(
            (6, 6, layer.width - 7, layer.height - 7),
            max(0, radius - 6),
            outline=ink,
            width=max(2, layer.height // 30),
        )
    font = kit.font(text, styles=("sans", "serif"))
    piece = kit.write(layer, inner(layer.size, 0.2), text, "street", font, ink, fold=False)
    return Thing(layer, "street sign", colour, [piece.coloured(letters, colour)])


def plate(kit: Kit, size: tuple[int, int], text: str) -> Thing:
    """A license plate with its frame."""
    ground, letters = kit.draw.pick(PLATES)
    layer = kit.layer(size)
    pen = ImageDraw.Draw(layer)
    box = (0, 0, layer.width - 1, layer.height - 1)
    radius = layer.height * 0.1
    ink = shade_of(kit.draw, letters, 4)
    pen.rounded_rectangle(
        box, radius, fill=shade_of(kit.draw, ground, 6), outline=(40, 40, 44), width=layer.height // 30
    )
    inset = layer.height // 16
    pen.rounded_rectangle(
        (inset, inset, layer.width - inset, layer.height - inset),
        radius,
        outline=ink,
        width=max(2, layer.height // 40),
    )
    for x in (0.2, 0.8):
        middle, reach = layer.width * x, layer.height * 0.03
        pen.ellipse(
            (middle - reach, inset * 2 - reach, middle + reach, inset * 2 + reach), (170, 170, 170), (80, 80, 80)
        )
    font = kit.font(text, styles=("sans", "mono"))
    effect = kit.draw.pick(("flat", "emboss", "shadow"))
    room = (layer.width * 0.07, layer.height * 0.2, layer.width * 0.93, layer.height * 0.88)
    piece = kit.write(layer, room, text, "plate", font, ink, fold=False, effect=effect, stroke=True)
    return Thing(layer, "license plate", ground, [piece.coloured(letters, ground)])


def tag(kit: Kit, size: tuple[int, int], product: str, price: str, taken: Sequence[str] = ()) -> Thing:
    """A price tag: what it is, and what it costs."""
    draw = kit.draw
    ground, letters, paint, ink = kit.pair(
        *[each for each in ("white", "yellow", "red", "orange", "green") if each not in taken]
    )
    layer = kit.layer(size)
    pen = ImageDraw.Draw(layer)
    width, height = layer.width - 1, layer.height - 1
    cut = 0
    if draw.chance(0.5):  # a tag on a string, with a hole
        cut = height * 0.22
        pen.polygon([(cut, 0), (width, 0), (width, height), (cut, height), (0, height - cut), (0, cut)], fill=paint)
        hole = height * 0.04
        pen.ellipse(
            (cut / 2 - hole, height / 2 - hole, cut / 2 + hole, height / 2 + hole), fill=(0, 0, 0, 0), outline=ink
        )
    else:
        pen.rounded_rectangle((0, 0, width, height), height * 0.06, fill=paint)
    styles = draw.pick((("sans",), ("hand", "display"), None))
    font = kit.font(product, price, styles=styles)
    box = (cut + width * 0.06, height * 0.08, width * 0.94, height * 0.94)
    pieces = kit.stack(layer, box, [(product, "product", 0.42), (price, "price", 0.58)], font, ink)
    if draw.chance(0.4):
        middle = box[1] + (box[3] - box[1]) * 0.42
        pen.line((box[0], middle, box[2], middle), ink, max(2, layer.height // 90))
    return Thing(layer, "price tag", ground, [piece.coloured(letters, ground) for piece in pieces])


def plank(kit: Kit, size: tuple[int, int], parts: Sequence[Part]) -> Thing:
    """A board of wood, metal or stone with letters painted on it or cut into it."""
    draw = kit.draw
    layer = kit.layer(size)
    name = draw.pick(("wood", "metal", "plaster", "wood"))
    layer.paste(surface(draw, layer.size, (name,)), (0, 0))
    dark = layer.convert("L").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)) < 128
    letters = "white" if dark else "black"
    ink = shade_of(draw, letters, 8)
    font = kit.font(*(text for text, _, _ in parts))
    effect = draw.pick([each for each in EFFECTS if each not in ("fade",)])
    pieces = kit.stack(layer, inner(layer.size, 0.14), parts, font, ink, effect=effect, stroke=draw.chance(0.4))
    pen = ImageDraw.Draw(layer)
    pen.rectangle((0, 0, layer.width - 1, layer.height - 1), outline=(50, 40, 34), width=FINE * 2)
    return Thing(layer, "sign", "", [piece.coloured(letters, "") for piece in pieces])
