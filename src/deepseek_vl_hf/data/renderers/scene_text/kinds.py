"""A kit and a size come in; a scene with one text or a few goes out: a street, a car, signs on a wall.

The first text of every scene is one that is made up, because in a test the first item is a held-out one, and of those there should
be many. Things are put in the order in which they are read: row by row, from the left.
"""

from collections.abc import Callable

from PIL import Image, ImageDraw

from ..inks import NAMED, shade_of
from .boards import Part, blade, plank, plate, sign, upright
from .kit import FINE, Kit, Thing
from .sheets import poster
from .stage import Stage


Size = tuple[int, int]
WALLS = ("brick", "plaster", "wood", "paving", "metal")
GREYS = ((92, 94, 98), (60, 60, 64), (140, 142, 146))


def placed(
    kit: Kit, stage: Stage, cells: list[tuple[float, float, float, float]], make: Callable[[int, Size], Thing]
) -> None:
    """Put one thing into each of some cells, not always in the middle."""
    draw = kit.draw
    for index, (left, top, right, bottom) in enumerate(cells):
        wide, deep = right - left, bottom - top
        thing = make(index, (round(wide * draw.between(0.74, 0.88)), round(deep * draw.between(0.7, 0.86))))
        width, height = (side / 2 for side in thing.picture.size)
        x, y = left + (wide - width) * draw.between(0.3, 0.7), top + (deep - height) * draw.between(0.3, 0.7)
        stage.put(thing, (x, y))


def grid(size: Size, rows: list[int]) -> list[tuple[float, float, float, float]]:
    """Cells of rows of some numbers, row by row."""
    width, height = size
    return [
        (
            width * column / count,
            height * row / len(rows),
            width * (column + 1) / count,
            height * (row + 1) / len(rows),
        )
        for row, count in enumerate(rows)
        for column in range(count)
    ]


def signs(kit: Kit, size: Size) -> Stage:
    """One sign to four, on a wall or before a photograph."""
    draw = kit.draw
    stage = Stage(kit, size, (*WALLS, "sky", "photograph", "photograph"))
    wide = size[0] > 1.25 * size[1]
    rows = draw.pick(([1], [1, 1], [2] if wide else [1, 1, 1], [2, 2], [1, 2], [2, 1]), (3, 2, 3, 1, 0.6, 0.6))
    taken: list[str] = []

    def make(index: int, room: Size) -> Thing:
        parts = _sign_parts(kit, index)
        maker = plank if draw.chance(0.2) else lambda *given: sign(*given, taken)
        thing = maker(kit, room, parts)
        taken.append(thing.colour)
        return thing

    placed(kit, stage, grid(size, rows), make)
    return stage


def _sign_parts(kit: Kit, index: int) -> list[Part]:
    """What a sign says: the first one something made up, perhaps with a notice; the others anything."""
    draw, words = kit.draw, kit.words
    makers = {
        "name": words.shop,
        "place": words.room,
        "phone": words.phone,
        "hours": words.hours,
        "price": words.price,
    }
    role = draw.pick((*makers, "street"), (4, 2, 1, 1.5, 1, 1))
    made = (makers | {"street": words.street})[role]
    if index and draw.chance(0.12):
        text, language = words.foreign()
        return [(text, f"foreign {language}", 1)]
    if index and draw.chance(0.6):
        return [(words.notice().texts[words.is_chinese], "notice", 1)]
    part = (made(), role, 1)
    if role == "place" and draw.chance(0.3):
        return [*_in_both(kit, 1.2), part]
    if role in ("hours", "phone", "price"):
        above = words.notice().texts[words.is_chinese] if draw.chance(0.6) else words.trade()
        return [(above, "notice", 1.3), part]
    return [part, (words.trade(), "slogan", 0.5)] if role == "name" and draw.chance(0.35) else [part]


def _in_both(kit: Kit, share: float) -> list[Part]:
    """A notice in both languages."""
    english, chinese = kit.words.notice(places=True).texts
    return [(chinese, "chinese", share), (english, "english", share * 0.7)]


def bilingual(kit: Kit, size: Size) -> Stage:
    """A sign in English and Chinese, as at stations and airports."""
    stage = Stage(kit, size, (*WALLS, "sky", "photograph"))
    part = (kit.words.room(), "place", 0.9)
    parts = [*_in_both(kit, 1.3), part] if kit.draw.chance(0.5) else [part, *_in_both(kit, 1.3)]
    placed(kit, stage, grid(size, [1]), lambda index, room: sign(kit, room, parts))
    return stage


def banner(kit: Kit, size: Size) -> Stage:
    """A long banner: from top to bottom in Chinese, across in English."""
    stage = Stage(kit, size, (*WALLS, "sky", "photograph"))
    width, height = size
    text = kit.words.shop()
    if kit.words.is_chinese:
        deep = round(height * kit.draw.between(0.8, 0.94))
        thing = upright(kit, (min(round(deep / len(text) * 1.15), round(width * 0.6)), deep), text)
    else:
        wide = round(width * kit.draw.between(0.84, 0.94))
        thing = sign(kit, (wide, round(min(height * 0.4, wide / len(text) * 2.6))), [(text, "name", 1)])
    room = [side - part / FINE for side, part in zip(size, thing.picture.size, strict=True)]
    place = tuple(space * kit.draw.between(0.3, 0.7) for space in room)
    stage.put(thing, place, tilt=0.04)
    return stage


def street(kit: Kit, size: Size) -> Stage:
    """Street names on a post."""
    draw = kit.draw
    stage = Stage(kit, size, ("sky", "photograph", "photograph", "plaster", "brick"))
    width, height = size
    count = draw.whole(1, 3)
    pole, thick = width * draw.between(0.35, 0.65), width * draw.between(0.02, 0.035)
    metal = draw.pick(GREYS)
    pen = ImageDraw.Draw(stage.picture)
    pen.rectangle((pole - thick / 2, height * 0.03, pole + thick / 2, height), fill=metal)
    pen.rectangle((pole - thick / 2, height * 0.03, pole - thick / 5, height), fill=tuple(part + 34 for part in metal))
    colours = (
        draw.sample(("blue", "green", "white", "red", "black"), count)
        if draw.chance(0.4)
        else [draw.pick(("blue", "green", "white"))] * count
    )
    deep = min(height * 0.22, height * 0.8 / count * 0.75)
    for index, colour in enumerate(colours):
        wide = round(width * draw.between(0.6, 0.86))
        thing = blade(kit, (wide, round(deep)), kit.words.street(), colour)
        left = min(max(pole - wide * draw.between(0.3, 0.7), width * 0.04), width * 0.96 - wide)
        stage.put(thing, (left, height * 0.07 + index * deep * 1.3), tilt=0.1)
    return stage


def car(kit: Kit, size: Size) -> Stage:
    """The back of a car with its plate."""
    draw = kit.draw
    stage = Stage(kit, size, ("metal",))
    width, height = size
    paint = shade_of(draw, draw.pick(tuple(NAMED)), 25)
    tinted = Image.blend(stage.picture, Image.new("RGB", size, paint), 0.7)
    stage.picture.paste(tinted)
    pen = ImageDraw.Draw(stage.picture)
    dark = tuple(part * 6 // 10 for part in paint)
    pen.rectangle((0, height * 0.84, width, height), fill=(34, 34, 38))
    pen.line((0, height * 0.16, width, height * 0.16), dark, max(2, height // 90))
    for left, right in ((0.0, 0.15), (0.85, 1.0)):
        box = (left * width - 4, height * 0.22, right * width + 4, height * 0.42)
        pen.rounded_rectangle(box, height * 0.03, fill=(176, 22, 30), outline=dark, width=3)
        pen.rounded_rectangle((box[0], height * 0.35, box[2], height * 0.41), height * 0.02, fill=(240, 150, 60))
    wide = round(width * draw.between(0.46, 0.64))
    deep = round(wide * draw.between(0.24, 0.42))
    pen.rounded_rectangle((width * 0.17, height * 0.42, width * 0.83, height * 0.82), height * 0.04, fill=dark)
    deep = min(deep, round(height * 0.32))
    thing = plate(kit, (wide, deep), kit.words.plate())
    stage.put(thing, ((width - wide) / 2, height * 0.62 - deep / 2), tilt=0.06, lean=False)
    return stage


def hoarding(kit: Kit, size: Size) -> Stage:
    """A poster on a wall."""
    draw, words = kit.draw, kit.words
    stage = Stage(kit, size, (*WALLS, "photograph"))
    parts = [(words.title(), "title", 1.6), (words.date(), "date", 0.6)]
    more = [(words.price, "price"), (words.phone, "phone"), (words.website, "website"), (words.street, "street")]
    parts += [(make(), role, 0.6) for make, role in draw.sample(more, draw.whole(0, 2))]

    def make(index: int, room: Size) -> Thing:
        wide = min(room[0], round(room[1] * draw.between(0.66, 1.0)))
        return poster(kit, (wide, room[1]), parts)

    placed(kit, stage, grid(size, [1]), make)
    return stage
