"""A kit and a size come in; the front of a shop, or letters on the wall itself, go out as a scene."""

from PIL import Image, ImageDraw, ImageStat

from ...rendering import CannotRenderError
from ..inks import LEAST_CONTRAST, NAMED, brightness, shade_of
from ..lettering import EFFECTS, Box
from .boards import sign
from .kinds import Size
from .kit import FINE, Kit
from .stage import Shown, Stage


MOST_UNEVEN = 34  # of 255, standard deviation of a ground that letters may be painted on
GLASS = ((60, 78, 92), (96, 118, 128), (44, 52, 60), (150, 170, 176))


def shop(kit: Kit, size: Size) -> Stage:
    """The front of a shop: its name above, an awning, windows, a door, and perhaps a note on it."""
    draw, words = kit.draw, kit.words
    stage = Stage(kit, size, ("brick", "plaster", "paving", "wood"))
    width, height = size
    parts = [(words.shop(), "name", 1)]
    if draw.chance(0.35):
        parts.append((words.phone() if draw.chance(0.5) else words.trade(), "", 0.5))
        parts[1] = (parts[1][0], "phone" if any(map(str.isdigit, parts[1][0])) else "slogan", 0.5)
    top = height * draw.between(0.03, 0.1)
    deep = height * draw.between(0.24, 0.34)
    below = top + deep + height * 0.04
    door = _front(kit, stage.picture, (0, below, width, height))
    board = sign(kit, (round(width * draw.between(0.78, 0.92)), round(deep)), parts)
    stage.put(board, ((width - board.picture.width / FINE) / 2, top), tilt=0.05)
    if draw.chance(0.6):
        note = [(words.notice().texts[words.is_chinese], "notice", 1)]
        if draw.chance(0.5):
            note = [(words.hours(), "hours", 1)]
        left, upper, right, lower = door
        wide, tall = (right - left) * 0.86, (lower - upper) * 0.34
        small = sign(kit, (round(wide), round(tall)), note, [board.colour])
        stage.put(small, (left + (right - left - wide) / 2, upper + (lower - upper) * 0.12), tilt=0.03, lean=False)
    return stage


def _front(kit: Kit, picture: Image.Image, box: Box) -> Box:
    """Draw awning, windows and door; return the pane of the door."""
    draw = kit.draw
    pen = ImageDraw.Draw(picture)
    left, top, right, bottom = box
    wide, deep = right - left, bottom - top
    frame = shade_of(draw, draw.pick(tuple(NAMED)), 40)
    glass = draw.pick(GLASS)
    ground = bottom - deep * 0.08
    pen.rectangle((left, ground, right, bottom), fill=(112, 110, 106))
    middle = draw.pick((0.2, 0.5, 0.8))
    doors = (left + wide * (middle - 0.13), top + deep * 0.2, left + wide * (middle + 0.13), ground)
    spans = [(0.05, middle - 0.17), (middle + 0.17, 0.95)]
    for begin, end in spans:
        if end - begin > 0.1:
            _pane(pen, (left + wide * begin, top + deep * 0.24, left + wide * end, ground - deep * 0.12), frame, glass)
    pane = _pane(pen, doors, frame, glass)
    knob = doors[0] + (doors[2] - doors[0]) * 0.84
    pen.rectangle(
        (knob, doors[1] + deep * 0.42, knob + wide * 0.008 + 2, doors[1] + deep * 0.56), fill=(214, 190, 120)
    )
    if draw.chance(0.7):
        _awning(kit, pen, (left + wide * 0.02, top, right - wide * 0.02, top + deep * 0.17))
    return pane


def _pane(pen: ImageDraw.ImageDraw, box: Box, frame, glass) -> Box:
    """A window with a reflection."""
    left, top, right, bottom = box
    thick = max(3, (bottom - top) / 24)
    pen.rectangle(box, fill=frame)
    inside = (left + thick, top + thick, right - thick, bottom - thick)
    pen.rectangle(inside, fill=glass)
    light = tuple(min(255, part + 22) for part in glass)
    x, wide, deep = inside[0], inside[2] - inside[0], inside[3] - inside[1]
    slant = min(wide * 0.5, deep * 0.6)
    pen.polygon(
        [(x + slant, inside[1]), (x + slant * 1.6, inside[1]), (x + slant * 0.6, inside[3]), (x, inside[3])],
        fill=light,
    )
    return inside


def _awning(kit: Kit, pen: ImageDraw.ImageDraw, box: Box) -> None:
    """Cloth in stripes with a scalloped edge."""
    left, top, right, bottom = box
    colours = [shade_of(kit.draw, kit.draw.pick(("red", "green", "blue", "orange", "purple"))), (246, 244, 236)]
    count = kit.draw.whole(7, 15)
    step = (right - left) / count
    hang = min(step, (bottom - top) * 0.6)
    for index in range(count):
        x = left + index * step
        pen.rectangle((x, top, x + step, bottom - hang / 2), fill=colours[index % 2])
        pen.pieslice((x, bottom - hang, x + step, bottom), 0, 180, fill=colours[index % 2])


def painted(kit: Kit, size: Size) -> Stage:
    """Letters on a wall, a board or a photograph."""
    draw, words = kit.draw, kit.words
    stage = Stage(kit, size, ("brick", "wood", "metal", "plaster", "paving", "sky", "asphalt", "cloth", "photograph"))
    width, height = size
    makers = {
        "name": words.shop,
        "motto": words.motto,
        "title": words.title,
        "street": words.street,
        "phone": words.phone,
    }
    count = draw.whole(1, 3)
    roles = draw.sample(tuple(makers), count)
    deep = height / count
    for index, role in enumerate(roles):
        text = makers[role]()
        wide = width * draw.between(0.5, 0.92)
        tall = deep * draw.between(0.3, 0.7)
        left, top = (
            draw.between(width * 0.03, width * 0.97 - wide),
            deep * index + draw.between(deep * 0.08, deep * 0.92 - tall),
        )
        _paint(kit, stage, (left, top, left + wide, top + tall), text, role)
    return stage


def _paint(kit: Kit, stage: Stage, box: Box, text: str, role: str) -> None:
    """Write on what is there, in a colour that stands out from all of it."""
    draw = kit.draw
    light = ImageStat.Stat(stage.picture.crop(tuple(map(round, box))).convert("L"))
    mean, spread = light.mean[0], light.stddev[0]
    if spread > MOST_UNEVEN:
        raise CannotRenderError(f"the ground of {text!r} is too uneven: {spread:.0f}")
    clear = [name for name, ink in NAMED.items() if abs(brightness(ink) - mean) > LEAST_CONTRAST + spread]
    if not clear:
        raise CannotRenderError(f"no colour stands out from the ground of {text!r}")
    letters = draw.pick(clear)
    font = kit.font(text)
    effects = [*EFFECTS, "neon"] if mean < 90 and letters != "black" else [each for each in EFFECTS if each != "fade"]
    effect = draw.pick(effects)
    piece = kit.write(
        stage.picture, box, text, role, font, shade_of(draw, letters), effect=effect, stroke=draw.chance(0.4)
    )
    piece = piece.coloured("" if effect == "neon" else letters, "")  # light has no one colour
    stage.add(Shown("", "", piece.box, (piece,)))
