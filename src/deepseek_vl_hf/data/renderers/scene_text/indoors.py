"""A kit and a size come in; a scene in a house or a shop goes out: books, a shirt, a screen, bottles, price tags."""

from PIL import ImageDraw

from ..surfaces import surface
from .boards import tag
from .goods import book, bottle, shirt
from .kinds import Size, grid, placed
from .kit import Kit, Thing
from .sheets import screen
from .stage import Stage


def library(kit: Kit, size: Size) -> Stage:
    """One book or two on a table."""
    stage = Stage(kit, size, ("wood", "wood", "cloth", "plaster", "photograph"))
    rows = [2] if size[0] > 1.2 * size[1] and kit.draw.chance(0.5) else [1]

    def make(index: int, room: Size) -> Thing:
        wide = min(room[0], round(room[1] * kit.draw.between(0.64, 0.78)))
        deep = min(room[1], round(wide / 0.64))
        return book(kit, (wide, deep), kit.words.title(), kit.words.author())

    placed(kit, stage, grid(size, rows), make)
    return stage


def wardrobe(kit: Kit, size: Size) -> Stage:
    """A shirt with a print."""
    stage = Stage(kit, size, ("wood", "plaster", "photograph", "cloth", "brick"))
    texts = [(kit.words.motto(), "motto")]
    if kit.draw.chance(0.35):
        texts.append((kit.words.street() if kit.draw.chance(0.5) else kit.words.room(), "place"))

    def make(index: int, room: Size) -> Thing:
        side = min(room)
        return shirt(kit, (side, side), texts)

    placed(kit, stage, grid(size, [1]), make)
    return stage


def device(kit: Kit, size: Size) -> Stage:
    """A screen that says something."""
    stage = Stage(kit, size, ("wood", "plaster", "photograph", "metal", "paving"))
    parts = [(kit.words.message(), "message", 1) for _ in range(kit.draw.whole(1, 3))]
    placed(kit, stage, grid(size, [1]), lambda index, room: screen(kit, room, parts))
    return stage


def shelf(kit: Kit, size: Size) -> Stage:
    """Bottles, jars or cans with labels, standing on a board."""
    draw, words = kit.draw, kit.words
    stage = Stage(kit, size, ("wood", "plaster", "paving", "photograph"))
    width, height = size
    board = round(height * draw.between(0.84, 0.9))
    stage.picture.paste(surface(draw, (width, height - board), ("wood", "metal", "plaster")), (0, board))
    edge = ImageDraw.Draw(stage.picture)
    edge.line((0, board, width, board), (40, 34, 30), max(2, height // 160))
    count = draw.pick((1, 2, 3) if width > 1.2 * height else (1, 1, 2))
    for index in range(count):
        parts = [(words.product(), "product", 1.2)]
        parts += [(words.trade(), "slogan", 0.5)] if draw.chance(0.3) else []
        parts = [(words.shop(), "name", 0.7), *parts] if draw.chance(0.4) else parts
        deep = round(board * draw.between(0.82, 0.95))
        wide = min(round(width / count * 0.86), round(deep * draw.between(0.46, 0.62)))
        thing = bottle(kit, (wide, deep), parts)
        low = board + (height - board) * draw.between(0.1, 0.4)
        stage.put(thing, (width * (index + 0.5) / count - wide / 2, low - deep), tilt=0.015)
    return stage


def market(kit: Kit, size: Size) -> Stage:
    """One price tag to four."""
    draw, words = kit.draw, kit.words
    stage = Stage(kit, size, ("wood", "cloth", "photograph", "plaster", "metal"))
    rows = draw.pick(([1], [1, 1], [2] if size[0] > 1.3 * size[1] else [1, 1], [2, 2]), (3, 2, 2, 1))
    taken: list[str] = []

    def make(index: int, room: Size) -> Thing:
        deep = min(room[1], round(room[0] * draw.between(0.5, 0.75)))
        thing = tag(kit, (room[0], deep), words.product(), words.price(), taken)
        taken.append(thing.colour)
        return thing

    placed(kit, stage, grid(size, rows), make)
    return stage
