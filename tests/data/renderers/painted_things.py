"""Things painted as plain squares, each in a colour of its own, and what tests of the renderers of things ask of rows."""

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from deepseek_vl_hf.data.assets import Assets
from deepseek_vl_hf.data.damage import encode
from deepseek_vl_hf.data.drawings import HELD_OUT_VENDOR, Drawing, Drawings
from deepseek_vl_hf.data.renderers import renderer_class
from deepseek_vl_hf.data.renderers.staging import Style
from deepseek_vl_hf.data.rendering import CannotRenderError, Draw, render_row
from deepseek_vl_hf.data.splits import is_held_out
from deepseek_vl_hf.data.taxonomy import NODES
from deepseek_vl_hf.data.things import BY_NAME


NAMES = """
cat|dog|horse|elephant|frog|butterfly|penguin|spider|shark|lion|rabbit|ant|apple|lemon|pizza|carrot|hamburger|grapes|car|bicycle
airplane|ship|fire engine|house|castle|factory|pine tree|cactus|sunflower|hammer|key|guitar|drum|flute|chair|teapot|book|umbrella
scissors|volcano|crying face|cook|cup of coffee|mug of beer|dress|circle|bed
"""
THINGS = [BY_NAME[name] for name in NAMES.replace("\n", "|").split("|") if name]
VENDORS = ("twemoji", "noto", "fluent", HELD_OUT_VENDOR)
# One colour for each thing: its red part names it.
COLOURS = {
    thing: (5 + 5 * place, 10 + (90 * place) % 211, 240 - (70 * place) % 223) for place, thing in enumerate(THINGS)
}


class PaintedAssets(Assets):
    """Drawings without a drawing: 20 plain squares of each thing."""

    def drawings(self):
        found, files = [], []
        for thing in THINGS:
            file = encode(Image.new("RGB", (16, 16), COLOURS[thing]))
            for vendor in VENDORS:
                for number in range(5):
                    icon = f"red-{thing.name}-{number}" if thing.name == "circle" else f"{thing.name}-{number}"
                    found.append(Drawing(vendor, icon, thing, "MIT", "nobody"))
                    files.append(file)
        return Drawings(found, files)

    def photographs(self):
        return ()


def plain(monkeypatch, *modules):
    """Make modules lay drawings straight on white, and save pictures as they are."""
    for module in modules:
        monkeypatch.setattr(module, "ground", lambda draw, assets, size, *kinds: Image.new("RGB", size, "white"))
        if hasattr(module, "draw_style"):
            monkeypatch.setattr(module, "draw_style", lambda draw: Style())
        if hasattr(module, "save"):
            monkeypatch.setattr(module, "save", lambda draw, picture, *rest: encode(picture))


def pixels(image):
    """A picture of a row, or its file, as (H, W, 3)."""
    return np.asarray(Image.open(io.BytesIO(image if isinstance(image, bytes) else image["bytes"])))


def seen(image):
    """Boxes (left, top, right, bottom) of every square of each thing, found by colour alone."""
    from scipy.ndimage import find_objects, label

    found = {}
    picture = pixels(image).astype(np.int32) @ (1 << 16, 1 << 8, 1)  # (H, W), one number for each colour
    codes = set(np.unique(picture[::8, ::8]).tolist())
    for thing, (red, green, blue) in COLOURS.items():
        code = (red << 16) + (green << 8) + blue
        if code in codes:
            parts, _ = label(picture == code)
            boxes = [(across.start, down.start, across.stop, down.stop) for down, across in find_objects(parts)]
            boxes = [box for box in boxes if box[2] - box[0] > 20]
            found.update({thing: boxes} if boxes else {})
    return found


def renderings(renderer, count, language, split="train"):
    """Draws, and what was rendered with them."""
    found, index = [], 0
    while len(found) < count:
        draw = Draw(5, renderer.name, split, index, language)
        index += 1
        assert index < 10 * count, "most rows fail"
        try:
            found.append((draw, renderer.render(draw)))
        except CannotRenderError:
            continue
    return found


def digests(name, folder):
    """Hashes of a few rows."""
    renderer = renderer_class(name)(PaintedAssets(folder))
    rows = [
        render_row(renderer, 3, split, index, language)
        for index in range(6)
        for split, language in (("train", "en"), ("train", "zh"), ("test", "en"))
    ]
    return [hashlib.sha256(repr(row).encode()).hexdigest() for row in rows]


def digests_elsewhere(name, folder):
    """The same from a process whose strings have other hashes."""
    code = f"from painted_things import digests\nprint(*digests({name!r}, {str(folder)!r}))"
    paths = [str(Path(__file__).parent), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": os.pathsep.join(paths)}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return found.stdout.split()


def check_rows(renderer):
    """200 rows of both languages render, and training has nothing that is held out."""
    for split, count in (("train", 70), ("test", 30)):
        for language in ("en", "zh"):
            for index in range(count):
                items = render_row(renderer, 1, split, index, language)["items"]
                assert any(map(is_held_out, items)) == (split == "test")
                assert split == "test" or not any(HELD_OUT_VENDOR in each for each in items)


def check_asks(renderer, count=60):
    """Every task is a node and declared, and each that is declared is asked about."""
    assert set(renderer.tasks) <= set(NODES)
    asked = set()
    for language in ("en", "zh"):
        for _, rendered in renderings(renderer, count, language):
            for ask in [*rendered.asks, *rendered.false_asks]:
                asked.add(ask.task)
                assert ask.question.strip() == ask.question != ""
                assert ask.answer.strip() == ask.answer != ""
                assert "{" not in ask.question + ask.answer
                assert "  " not in ask.question + ask.answer
    assert asked == set(renderer.tasks)
