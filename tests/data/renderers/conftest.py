"""The shared fixture `assets`: small fonts, texts and photographs that lie beside the tests or are made here, no download."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_texts import CODE, NAMES, SENTENCES

from deepseek_vl_hf.data.assets import Assets, Code, Font
from deepseek_vl_hf.data.splits import of_split


CHINESE_FONT = Path(__file__).parents[1] / "fonts" / "NotoSansSC-few.otf"
NUM_PHOTOGRAPHS = 4


class TinyAssets(Assets):
    """The interface of `Assets`, from matplotlib's fonts, one small Chinese font and a few texts.

    Every style that the real one has is there too, so that a renderer may ask for it; the shapes of some are borrowed.
    """

    def fonts(self, language, styles=None):
        import matplotlib

        files = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        latin = {
            "DejaVu Sans": ("DejaVuSans", "sans"),
            "DejaVu Serif": ("DejaVuSerif", "serif"),
            "DejaVu Sans Mono": ("DejaVuSansMono", "mono"),
        }
        fonts = [
            Font(family, files / f"{file}.ttf", ("en",), style, "Bitstream-Vera", family, files / f"{file}-Bold.ttf")
            for family, (file, style) in latin.items()
        ]
        fonts += [
            Font("Small hand", files / "DejaVuSans-Oblique.ttf", ("en",), "hand", "Bitstream-Vera", "DejaVu Sans"),
            Font("Small display", files / "DejaVuSans-Bold.ttf", ("en",), "display", "Bitstream-Vera", "DejaVu Sans"),
        ]
        for name, style in (
            ("Noto Sans SC", "sans"),
            ("Small serif", "serif"),
            ("Brush", "hand"),
            ("Sign", "display"),
        ):
            fonts.append(Font(name, CHINESE_FONT, ("en", "zh"), style, "OFL-1.1", "Noto Sans SC"))
        return tuple(font for font in fonts if language in font.languages and (styles is None or font.style in styles))

    def sentences(self, language, split):
        return tuple(of_split(SENTENCES[language], "text", split))

    def paragraphs(self, language, split):
        gap, lengths = (" ", (2, 4, 7)) if language == "en" else ("", (8, 11, 15))
        lines = SENTENCES[language]
        found = [
            gap.join(lines[(start + offset) % len(lines)] for offset in range(length))
            for length in lengths
            for start in range(len(lines))
        ]
        return tuple(of_split(found, "text", split))

    def words(self, language):
        if language == "en":
            found = (word.lower() for line in SENTENCES["en"] for word in re.findall(r"[A-Za-z]{3,}", line))
        else:
            found = (name for names in NAMES["zh"].values() for name in names.split(",") if 2 <= len(name) <= 4)
        return tuple(dict.fromkeys(found))

    def names(self, subject, language):
        return tuple(NAMES[language][subject].split(","))

    def code(self):
        return tuple(Code(name, language, text, "CC0-1.0") for name, language, text in CODE)

    def photographs(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        return tuple(
            _photograph(self.folder / f"photograph_{number}.jpg", number) for number in range(NUM_PHOTOGRAPHS)
        )


def _photograph(path, number):
    """Soft clouds of colour, as large as a small photograph."""
    if not path.exists():
        rng = np.random.default_rng(number)
        clouds = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
        clouds.resize((800, 600), Image.Resampling.BICUBIC).save(path, quality=90)
    return path


@pytest.fixture(scope="session")
def assets(tmp_path_factory):
    return TinyAssets(tmp_path_factory.mktemp("tiny_assets"))
