"""A split and a number come in; a picture of a national flag, a question about it and the answer go out.

Flags are facts: colours, bands, crosses and discs, written down below and drawn with Pillow. They are twenty-five
that need no arms and no stars and that can be told apart (not both of Indonesia and Monaco).

A picture is decided by its split and number alone. The splits share no background and no size: they are divided as those of
the nano's own pictures are (`deepseek_vl_hf.data.backgrounds`, `stickers`).

Doodles are pictures of nothing: a few shapes in the middle of a background of the training split.
"""

import math

import numpy as np
from PIL import Image, ImageDraw

from deepseek_vl_hf.data.backgrounds import background, draw_palette
from deepseek_vl_hf.data.rows import chat_row
from deepseek_vl_hf.data.stickers import draw_size, wear


COLOURS = {
    "red": "#ce1126", "white": "#ffffff", "blue": "#00308f", "sky": "#4aadd6", "green": "#007a3d", "yellow": "#fcd116",
    "orange": "#f77f00", "black": "#000000",
}  # fmt: skip
# Bands of equal width: "|" from the left, "-" from the top; a colour that is named twice in a row is twice as wide.
BANDS = {
    "Austria": "- red white red",
    "Bangladesh": "- green",
    "Belgium": "| black yellow red",
    "Bulgaria": "- white green red",
    "Colombia": "- yellow yellow blue red",
    "Denmark": "- red",
    "Estonia": "- blue black white",
    "Finland": "- white",
    "France": "| blue white red",
    "Germany": "- black red yellow",
    "Hungary": "- red white green",
    "Ireland": "| green white orange",
    "Italy": "| green white red",
    "Japan": "- white",
    "Lithuania": "- yellow green red",
    "Mali": "| green yellow red",
    "Nigeria": "| green white green",
    "Norway": "- red",
    "Palau": "- sky",
    "Poland": "- white red",
    "Sweden": "- blue",
    "Switzerland": "- red",
    "the Czech Republic": "- white red",
    "the Netherlands": "- red white blue",
    "Ukraine": "- blue yellow",
}
# Discs by colour, centre from the left and radius, in parts of the width and of the height.
DISCS = {
    "Bangladesh": ("red", 0.45, 0.33),
    "Japan": ("red", 0.5, 0.3),
    "Palau": ("yellow", 0.44, 0.3),
}
# Nordic crosses: colours from the outside in, and how wide each is in parts of the height.
CROSSES = {
    "Denmark": (("white", 0.16),),
    "Finland": (("blue", 0.26),),
    "Norway": (("white", 0.26), ("blue", 0.13)),
    "Sweden": (("yellow", 0.2),),
}
# Triangles at the left edge, and how far they reach in parts of the width.
TRIANGLES = {"the Czech Republic": ("blue", 0.5)}
COUNTRIES = tuple(BANDS)
QUESTIONS = (
    "Which country's flag is this?",
    "Whose flag is this?",
    "What flag is this?",
    "Name the country of this flag.",
    "Which country does this flag belong to?",
)
SPLITS = ("train", "held_out")
HELD_OUT_FAMILIES = ("plain", "rings", "plaid")  # photographs would need scikit-learn
SMALLEST, LARGEST = 0.4, 0.9  # longer side of a flag as a share of the picture's


def draw_flag(country: str, height: int = 80) -> Image.Image:
    """Draw a flag as it hangs in a book: two to three, Switzerland's square."""
    width = height if country == "Switzerland" else height * 3 // 2
    flag = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(flag)
    direction, *bands = BANDS[country].split()
    for index, colour in enumerate(bands):
        start, end = index / len(bands), (index + 1) / len(bands)
        box = (start * width, 0, end * width, height) if direction == "|" else (0, start * height, width, end * height)
        draw.rectangle(box, fill=COLOURS[colour])
    if country in DISCS:
        colour, centre, radius = DISCS[country]
        draw.circle((centre * width, height / 2), radius * height, fill=COLOURS[colour])
    for colour, wide in CROSSES.get(country, ()):
        half, centre = wide * height / 2, width * 3 / 8
        draw.rectangle((centre - half, 0, centre + half, height), fill=COLOURS[colour])
        draw.rectangle((0, height / 2 - half, width, height / 2 + half), fill=COLOURS[colour])
    if country in TRIANGLES:
        colour, reach = TRIANGLES[country]
        draw.polygon((0, 0, reach * width, height / 2, 0, height), fill=COLOURS[colour])
    if country == "Switzerland":
        for across, down in ((0.1, 0.31), (0.31, 0.1)):
            box = ((0.5 - across) * width, (0.5 - down) * height, (0.5 + across) * width, (0.5 + down) * height)
            draw.rectangle(box, fill="white")
    draw.rectangle((0, 0, width - 1, height - 1), outline="gray")  # else white on white has no edge
    return flag


def fly(rng: np.random.Generator, flag: Image.Image) -> Image.Image:
    """Let a flag wave, turn it and shade it, as RGBA."""
    pixels = np.asarray(flag)  # (height, width, 3)
    height, width, _ = pixels.shape
    phase = rng.uniform(0, 2 * math.pi) + np.arange(width) * (2 * math.pi * rng.uniform(0.4, 1.6) / width)
    room = round(height * 0.09)
    shift = np.round(room * rng.uniform(0, 1) * np.sin(phase)).astype(int)  # (width,)
    rows = np.arange(height + 2 * room)[:, None] - room - shift[None]  # which row of the flag each pixel shows
    light = rng.uniform(0.75, 1.1) * (1 + rng.uniform(0, 0.15) * np.cos(phase))
    waved = pixels[rows.clip(0, height - 1), np.arange(width)] * light[None, :, None]
    noisy = waved + rng.normal(0, rng.uniform(0, 10), waved.shape)
    alpha = 255 * ((rows >= 0) & (rows < height))
    waved = Image.fromarray(np.dstack([noisy.clip(0, 255), alpha]).astype(np.uint8))
    return waved.rotate(rng.uniform(-12, 12), Image.Resampling.BILINEAR, expand=True)


def draw_picture(country: str, rng: np.random.Generator, split: str) -> Image.Image:
    """Draw the flag of a country somewhere on a background of a split, "train" or "held_out"."""
    longer, flag = int(rng.integers(112, 193)), fly(rng, draw_flag(country))
    scale = draw_size(rng, split, SMALLEST, LARGEST) * longer / max(flag.size)
    flag = flag.resize((round(flag.width * scale), round(flag.height * scale)), Image.Resampling.BOX)
    size = (longer, max(flag.height, round(longer * rng.uniform(0.7, 1))))
    family = None if split == "train" else HELD_OUT_FAMILIES[rng.integers(len(HELD_OUT_FAMILIES))]
    canvas = Image.fromarray(background(rng, *size, split, family))
    place = tuple(int(rng.integers(room + 1)) for room in (size[0] - flag.width, size[1] - flag.height))
    canvas.paste(flag, place, flag)
    return wear(rng, canvas)


def make_row(split: str, number: int) -> dict:
    """Make a conversation about a flag; the countries take turns, and held-out pictures have one question."""
    rng = np.random.default_rng([SPLITS.index(split), number])
    country = COUNTRIES[number % len(COUNTRIES)]
    question = QUESTIONS[rng.integers(len(QUESTIONS)) if split == "train" else 0]
    row = chat_row((question, f"It is the flag of {country}."), images=[draw_picture(country, rng, split)])
    return {**row, "source": "flags, drawn", "licence": "CC0-1.0", "language": "en"}


def draw_doodle(number: int) -> Image.Image:
    """Draw a few discs, boxes, patches and strokes on top of each other."""
    rng = np.random.default_rng([len(SPLITS), number])
    side = int(rng.integers(112, 193))
    canvas = Image.fromarray(background(rng, side, side, "train"))
    draw, palette = ImageDraw.Draw(canvas), [tuple(colour) for colour in draw_palette(rng, 4).tolist()]
    largest = rng.uniform(0.2, 0.45) * side
    for index in range(int(rng.integers(1, 7))):
        fill, centre = palette[index % 4], side / 2 + rng.uniform(-0.6, 0.6, 2) * largest
        reach = largest * rng.uniform(0.15, 1, 2)
        corners = (centre + rng.uniform(-1, 1, (int(rng.integers(3, 7)), 2)) * reach.max()).ravel().tolist()
        box = [*(centre - reach), *(centre + reach)]
        shape = rng.integers(4)
        if shape == 0:
            draw.ellipse(box, fill=fill)
        elif shape == 1:
            draw.rounded_rectangle(box, radius=0.4 * reach.min(), fill=fill)
        elif shape == 2:
            draw.polygon(corners, fill=fill)
        else:
            draw.line(corners, fill=fill, width=max(2, side // 20))
    return canvas
