"""A draw comes in; colours that stand out from each other, some with names, go out."""

from ..rendering import Draw


Colour = tuple[int, int, int]
LEAST_CONTRAST = 100  # of 255, between the brightness of letters and of what is behind them
# Names that people agree on.
NAMED: dict[str, Colour] = {
    "red": (204, 28, 36),
    "blue": (24, 72, 176),
    "green": (14, 116, 58),
    "yellow": (250, 212, 30),
    "orange": (246, 138, 20),
    "purple": (112, 44, 150),
    "pink": (248, 160, 192),
    "black": (22, 22, 24),
    "white": (248, 248, 246),
}
# Those that keep their names in any light that `damage` throws: it may tint white, and turn yellow into orange or orange into yellow.
LASTING = ("red", "blue", "green", "purple", "black")
# Colours that may be taken for each other in a photograph's light.
NEAR = {
    "red": ("orange", "pink", "purple"),
    "blue": ("purple", "black", "green"),
    "green": ("blue", "yellow", "black"),
    "yellow": ("orange", "white", "green"),
    "orange": ("red", "yellow", "pink"),
    "purple": ("blue", "pink", "red", "black"),
    "pink": ("white", "red", "purple", "orange"),
    "black": ("blue", "purple", "green"),
    "white": ("pink", "yellow"),
}
COLOUR_WORDS = {
    "red": "红色",
    "blue": "蓝色",
    "green": "绿色",
    "yellow": "黄色",
    "orange": "橙色",
    "purple": "紫色",
    "pink": "粉色",
    "black": "黑色",
    "white": "白色",
}


def brightness(colour: Colour) -> float:
    """How bright an eye finds a colour, 0-255 (ITU-R BT.601)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def colour_word(name: str, language: str) -> str:
    """A name of `NAMED` in a language."""
    return name if language == "en" else COLOUR_WORDS[name]


def shade_of(draw: Draw, name: str, spread: int = 10) -> Colour:
    """A colour of a name."""
    return tuple(min(255, max(0, part + draw.whole(-spread, spread))) for part in NAMED[name])


def named_on(draw: Draw, ground: str) -> str:
    """The name of a colour in which letters stand out from a ground; mostly black or white."""
    clear = [
        name
        for name, colour in NAMED.items()
        if abs(brightness(colour) - brightness(NAMED[ground])) >= LEAST_CONTRAST + 8
    ]
    return draw.pick(clear, [4 if name in ("black", "white") else 1 for name in clear])


def any_ground(draw: Draw) -> Colour:
    """A colour to write on: mostly light, as paper is, sometimes dark, sometimes any."""
    kind = draw.pick(("paper", "dark", "any"), (0.5, 0.15, 0.35))
    if kind == "paper":
        least = draw.whole(215, 255)
        return tuple(draw.whole(least, 255) for _ in range(3))
    if kind == "dark":
        return tuple(draw.whole(0, 60) for _ in range(3))
    return tuple(draw.whole(0, 255) for _ in range(3))


def any_ink(draw: Draw, ground: Colour, contrast: float = LEAST_CONTRAST) -> Colour:
    """A colour in which letters stand out from a ground; half the time black or white."""
    behind = brightness(ground)
    if draw.chance(0.5):
        part = draw.whole(0, 40) if behind > 127 else draw.whole(215, 255)
        if abs(part - behind) >= contrast:
            return (part, part, part)
    for _ in range(20):
        colour = tuple(draw.whole(0, 255) for _ in range(3))
        if abs(brightness(colour) - behind) >= contrast:
            return colour
    return (0, 0, 0) if behind > 127 else (255, 255, 255)
