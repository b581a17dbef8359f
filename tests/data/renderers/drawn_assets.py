"""A folder comes in; small `Assets` go out that write both languages: Latin with matplotlib's fonts, Chinese in squares.

Also what tests of several renderers ask of rows.
"""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from square_font import write_square_font

from deepseek_vl_hf.data import renderers
from deepseek_vl_hf.data.assets import Assets, Code, Font
from deepseek_vl_hf.data.rendering import CannotRenderError, Draw, render_row
from deepseek_vl_hf.data.splits import is_held_out
from deepseek_vl_hf.data.taxonomy import NODES


SENTENCES = {
    "en": tuple(
        f"The {thing} is known to every reader." for thing in ("rule", "sum", "law", "limit", "value", "proof")
    ),
    "zh": tuple(f"读者都知道这个{thing}。" for thing in ("规则", "总和", "定律", "极限", "数值", "证明")),
}
PROGRAM = '''
def {name}(numbers, limit={limit}):
    """Add up what is below a limit."""
    {name}_total = {limit}
    for number in numbers:
        if number < limit:
            {name}_total += number
    return {name}_total
'''
STYLE = "\n.{name} {{\n  --{name}: {limit}px;\n  color: red;\n  padding: 0;\n}}\n"


class DrawnAssets(Assets):
    """Two Latin fonts of each style, one Chinese font, a few sentences and files."""

    def fonts(self, language, styles=None):
        import matplotlib

        files = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        found = [
            Font("DejaVu Sans", files / "DejaVuSans.ttf", ("en",), "sans", "Bitstream-Vera", "DejaVu Sans"),
            Font("DejaVu Serif", files / "DejaVuSerif.ttf", ("en",), "serif", "Bitstream-Vera", "DejaVu Serif"),
            Font(
                "DejaVu Sans Mono", files / "DejaVuSansMono.ttf", ("en",), "mono", "Bitstream-Vera", "DejaVu Sans Mono"
            ),
            Font("Square", self._squares(), ("en", "zh"), "sans", "CC0-1.0", "Square"),
        ]
        return tuple(font for font in found if language in font.languages and (styles is None or font.style in styles))

    def _squares(self):
        path = self.folder / "square.ttf"
        if not path.exists():
            folder = Path(renderers.__file__).parent
            written = "".join(file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.py")))
            write_square_font(path, re.sub(r"\s", "", written + "".join(SENTENCES["zh"])))
        return path

    def sentences(self, language, split):
        return SENTENCES[language]

    def code(self):
        names = [f"{verb}_{noun}" for verb in ("add", "sum", "take") for noun in ("low", "all", "few", "part", "rest")]
        python = "\n".join(PROGRAM.format(name=name, limit=place) for place, name in enumerate(names))
        css = "".join(STYLE.format(name=name.replace("_", "-"), limit=place) for place, name in enumerate(names))
        return Code("pkg/sums.py", "python", python, "MIT"), Code("pkg/page.css", "css", css, "Apache-2.0")


def digest(row):
    """A hash of a row: its pictures, questions, answers and items."""
    pictures = [hashlib.sha256(image["bytes"]).hexdigest() for image in row["images"]]
    return hashlib.sha256(repr((pictures, row["messages"], row["items"], row["task"])).encode()).hexdigest()


def digests(kind, assets, count=6):
    """Hashes of the first rows of both languages and splits."""
    renderer = kind(assets)
    splits = ("train", "test")
    return [
        digest(render_row(renderer, 3, split, index, language))
        for index in range(count)
        for split, language in zip(splits, ("en", "zh"), strict=True)
    ]


def digests_elsewhere(kind, assets):
    """The same from another process, whose strings have other hashes."""
    code = (
        f"from drawn_assets import DrawnAssets, digests\nfrom {kind.__module__} import {kind.__name__} as kind\n"
        f"print(*digests(kind, DrawnAssets({str(assets.folder)!r})))"
    )
    paths = [str(Path(__file__).parent), *sys.path]
    environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return found.stdout.split()


def render_many(renderer, count, language, split="train"):
    """Pairs of a draw and what was rendered with it, first attempts that came to something."""
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


def check_rows(kind, assets):
    """200 rows render; tasks are nodes; nothing held out is in training."""
    renderer = kind(assets)
    assert set(kind.tasks) <= set(NODES)
    seen = {}
    for split in ("train", "test"):
        for language in ("en", "zh"):
            rows = [render_row(renderer, 1, split, index, language) for index in range(60 if split == "train" else 40)]
            seen.setdefault(split, []).extend(rows)
    for row in seen["train"]:
        assert not any(map(is_held_out, row["items"]))
    for row in seen["test"]:
        assert any(map(is_held_out, row["items"]))
    asked = set()
    for language in ("en", "zh"):
        for _, rendered in render_many(renderer, 40, language):
            for ask in [*rendered.asks, *rendered.false_asks]:
                asked.add(ask.task)
                assert ask.task in kind.tasks
                assert ask.question.strip()
                assert ask.answer.strip()
                assert "{" not in ask.question or "\\" in ask.question, ask.question
    assert asked == set(kind.tasks)
