"""A kit, a size and texts come in; a poster or a screen goes out."""

from collections.abc import Sequence

from PIL import ImageDraw

from ..inks import shade_of
from ..surfaces import soft
from .boards import Part
from .kit import Kit, Thing


def poster(kit: Kit, size: tuple[int, int], parts: Sequence[Part]) -> Thing:
    """A sheet with a picture of shapes, and lines above or below it."""
    draw = kit.draw
    ground, letters, paint, ink = kit.pair()
    layer = kit.layer(size)
    layer.paste(paint, (0, 0, *layer.size))
    pen = ImageDraw.Draw(layer)
    low = draw.chance(0.5)
    share = draw.between(0.28, 0.42)
    cut = round(layer.height * (1 - share if low else share))
    art = (0, cut, layer.width, layer.height) if low else (0, 0, layer.width, cut)
    shapes(kit, pen, art, (ground, letters))
    margin = layer.width * 0.08
    box = (
        (margin, margin, layer.width - margin, cut - margin)
        if low
        else (margin, cut + margin, layer.width - margin, layer.height - margin)
    )
    styles = draw.pick((None, ("display", "sans"), ("serif",)))
    font = kit.font(*(text for text, _, _ in parts), styles=styles)
    pieces = kit.stack(layer, box, parts, font, ink, align=draw.pick((0.0, 0.5, 0.5)))
    return Thing(layer, "poster", ground, [piece.coloured(letters, ground) for piece in pieces])


def shapes(kit: Kit, pen: ImageDraw.ImageDraw, box, taken: Sequence[str]) -> None:
    """Hills under a sun, discs, bars or triangles in a box."""
    draw = kit.draw
    left, top, right, bottom = box
    wide, deep = right - left, bottom - top
    names = [name for name in ("red", "blue", "green", "yellow", "orange", "purple", "pink") if name not in taken]
    colours = [shade_of(draw, name, 20) for name in draw.sample(names, 4)]
    kind = draw.pick(("hills", "discs", "bars", "triangles"))
    pen.rectangle((left, top, right, bottom), fill=colours[3])
    if kind == "hills":
        radius, x = deep * draw.between(0.12, 0.25), left + wide * draw.between(0.2, 0.8)
        pen.ellipse((x - radius, top + deep * 0.12, x + radius, top + deep * 0.12 + 2 * radius), fill=colours[0])
    for index in range(6):
        colour = colours[index % 3]
        if kind == "bars":
            low, high = (left + wide * step / 6 for step in (index + 0.15, index + 0.85))
            pen.rectangle((low, bottom - deep * draw.between(0.2, 0.9), high, bottom), fill=colour)
            continue
        x, reach = left + wide * (index + 0.5) / 6, wide * draw.between(0.06, 0.14)
        reach = min(reach, deep * 0.4)
        y = draw.between(top + reach, bottom - reach)
        if kind == "discs":
            pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=colour)
        else:
            peak = bottom - deep * draw.between(0.3, 0.6)
            half = wide * draw.between(0.1, 0.2)
            pen.polygon([(max(left, x - half), bottom), (x, peak), (min(right, x + half), bottom)], fill=colour)


def screen(kit: Kit, size: tuple[int, int], parts: Sequence[Part]) -> Thing:
    """A monitor, a telephone or a board of light-emitting diodes."""
    draw = kit.draw
    layer = kit.layer(size)
    pen = ImageDraw.Draw(layer)
    width, height = layer.width - 1, layer.height - 1
    bezel = min(layer.size) * draw.between(0.04, 0.09)
    case = draw.pick(((24, 24, 26), (200, 200, 204), (60, 62, 66)))
    pen.rounded_rectangle((0, 0, width, height), bezel * draw.between(0.3, 2), fill=case)
    glass = tuple(map(round, (bezel, bezel, width - bezel, height - bezel)))
    lit = draw.chance(0.45)
    ground, letters, paint, ink = kit.pair("black") if lit else kit.pair("white", "blue", "black", "green", "purple")
    pane = soft(draw, (glass[2] - glass[0], glass[3] - glass[1]), paint, 0 if lit else draw.between(0, 3))
    layer.paste(pane, glass[:2])
    font = kit.font(*(text for text, _, _ in parts), styles=("mono", "sans") if lit else None)
    pad = min(layer.size) * 0.07
    box = (glass[0] + pad, glass[1] + pad, glass[2] - pad, glass[3] - pad)
    style = {"effect": "neon"} if lit else {"align": draw.pick((0.0, 0.5))}
    pieces = kit.stack(layer, box, parts, font, ink, **style)
    if lit:
        return Thing(layer, "screen", "", pieces)
    return Thing(layer, "screen", "", [piece.coloured(letters, ground) for piece in pieces])
