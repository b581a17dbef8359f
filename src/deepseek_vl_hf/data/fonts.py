"""A folder of packages comes in; fonts go out, each a file that FreeType reads and that can write what it says it can.

Chosen so that a person reads every letter of a font without doubt: no faces of capitals only, none whose shapes of two letters
are alike, none with wrong shapes of Chinese characters. None whose family ends in "Condensed" or "Narrow" either: typst takes
that for a width of another family.
"""

import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .packages import fetch, fetch_all, named


EN, BOTH = ("en",), ("en", "zh")
# Name of the package after "@expo-google-fonts/", family, style.
LATIN = (
    ("open-sans", "Open Sans", "sans"),
    ("roboto", "Roboto", "sans"),
    ("lato", "Lato", "sans"),
    ("inter", "Inter", "sans"),
    ("ibm-plex-sans", "IBM Plex Sans", "sans"),
    ("arimo", "Arimo", "sans"),
    ("pt-sans", "PT Sans", "sans"),
    ("montserrat", "Montserrat", "sans"),
    ("oswald", "Oswald", "sans"),
    ("lora", "Lora", "serif"),
    ("eb-garamond", "EB Garamond", "serif"),
    ("libre-baskerville", "Libre Baskerville", "serif"),
    ("playfair-display", "Playfair Display", "serif"),
    ("pt-serif", "PT Serif", "serif"),
    ("crimson-text", "Crimson Text", "serif"),
    ("ibm-plex-serif", "IBM Plex Serif", "serif"),
    ("zilla-slab", "Zilla Slab", "serif"),
    ("roboto-slab", "Roboto Slab", "serif"),
    ("jetbrains-mono", "JetBrains Mono", "mono"),
    ("courier-prime", "Courier Prime", "mono"),
    ("ibm-plex-mono", "IBM Plex Mono", "mono"),
    ("inconsolata", "Inconsolata", "mono"),
    ("vt323", "VT323", "mono"),
    ("caveat", "Caveat", "hand"),
    ("patrick-hand", "Patrick Hand", "hand"),
    ("indie-flower", "Indie Flower", "hand"),
    ("dancing-script", "Dancing Script", "hand"),
    ("marck-script", "Marck Script", "hand"),
    ("lobster", "Lobster", "display"),
    ("pacifico", "Pacifico", "display"),
    ("abril-fatface", "Abril Fatface", "display"),
    ("righteous", "Righteous", "display"),
    ("russo-one", "Russo One", "display"),
)
CHINESE = (
    ("ma-shan-zheng", "Ma Shan Zheng", "hand"),
    ("zcool-kuaile", "ZCOOL KuaiLe", "display"),
    ("zcool-qingke-huangyou", "ZCOOL QingKe HuangYou", "display"),
)
WITH_MATPLOTLIB = (  # family, file, its bold, style, licence
    ("DejaVu Sans", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "sans", "Bitstream-Vera"),
    ("DejaVu Serif", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "serif", "Bitstream-Vera"),
    ("DejaVu Sans Mono", "DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "mono", "Bitstream-Vera"),
    ("STIXGeneral", "STIXGeneral.ttf", "STIXGeneralBol.ttf", "serif", "OFL-1.1"),
)


@dataclass(frozen=True)
class Font:
    """A font file.

    Args:
        name: Of the face: "DejaVu Sans".
        path: Of a file that FreeType reads.
        languages: In which it can write: ("en",) or ("en", "zh").
        style: "sans", "serif", "mono", "hand" or "display".
        licence: SPDX.
        family: Name that typst and browsers know it by.
        bold: File of its bold, where there is one; of the same family.
    """

    name: str
    path: Path
    languages: tuple[str, ...]
    style: str
    licence: str
    family: str
    bold: Path | None = None

    def can_write(self, text: str) -> bool:
        """Whether it has a glyph for every character of a text; line ends need none."""
        return characters(self.path).issuperset(text.replace("\n", ""))


@lru_cache(maxsize=256)
def characters(path: Path) -> frozenset[str]:
    """All that a font file has glyphs for."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True, fontNumber=0) as font:
        return frozenset(map(chr, font.getBestCmap()))


def read_fonts(folder: Path) -> tuple[Font, ...]:
    """Fetch all fonts that are not there yet; always in the same order."""
    return (
        *_with_matplotlib(),
        *_from_google(LATIN, folder, EN),
        *_noto(folder),
        *_from_google(CHINESE, folder, BOTH),
    )


def _with_matplotlib() -> list[Font]:
    import matplotlib

    files = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return [
        Font(family, files / regular, EN, style, licence, family, files / bold)
        for family, regular, bold, style, licence in WITH_MATPLOTLIB
    ]


def _from_google(faces: tuple[tuple[str, str, str], ...], folder: Path, languages: tuple[str, ...]) -> list[Font]:
    packages = [named(f"@expo-google-fonts/{name}") for name, _, _ in faces]
    fonts = []
    for package, place, (_, family, style) in zip(packages, fetch_all(packages, folder), faces, strict=True):
        regular = next((place / "400Regular").glob("*.ttf"))
        bold = next((place / "700Bold").glob("*.ttf"), None)
        fonts.append(Font(family, regular, languages, style, package.licence, family, bold))
    return fonts


def _noto(folder: Path) -> list[Font]:
    """The two Noto faces, in which Chinese documents and screens are set, and WenKai, as in schoolbooks."""
    noto = named("pylopdf-fonts-zh-cn")
    files = fetch(noto, folder) / "pylopdf_fonts_zh_cn"
    wenkai = named("@fontsource/lxgw-wenkai")
    web_font = next((fetch(wenkai, folder) / "files").glob("*.woff"))
    return [
        Font("Noto Sans SC", files / "NotoSansSC-Regular.otf", BOTH, "sans", noto.licence, "Noto Sans SC"),
        Font("Noto Serif SC", files / "NotoSerifSC-Regular.otf", BOTH, "serif", noto.licence, "Noto Serif SC"),
        Font("LXGW WenKai", _unwrapped(web_font), BOTH, "hand", wenkai.licence, "LXGW WenKai"),
    ]


def _unwrapped(web_font: Path) -> Path:
    """A web font as a plain font file, made once and beside it; typst reads no web fonts."""
    plain = web_font.with_suffix(".ttf")
    if not plain.exists():
        from fontTools.ttLib import TTFont

        handle, unfinished = tempfile.mkstemp(suffix=".unfinished", dir=web_font.parent)
        os.close(handle)
        with TTFont(web_font) as font:
            font.flavor = None
            font.save(unfinished)
        os.replace(unfinished, plain)
    return plain
