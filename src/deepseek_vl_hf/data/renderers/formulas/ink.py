"""The tree of a formula and the name of a look come in; its ink, as a mask, goes out: drawn by typst or by matplotlib.

Shapes: H, W mask height and width in pixels.
"""

import functools
import io
import logging
import re

import numpy as np
from PIL import Image

from .writing import Node, is_plain, latex, typst


# Looks, and the math font of the engine that draws them.
TYPST_LOOKS = {"New Computer Modern Math": "", "New Computer Modern Math, sans": "#show math.equation: math.sans\n"}
PLAIN_LOOKS = {
    "Computer Modern": "cm",
    "STIX": "stix",
    "STIX Sans": "stixsans",
    "DejaVu Sans": "dejavusans",
    "DejaVu Serif": "dejavuserif",
}
NEEDS_SERIF = ("greek", "partial", "partial2")  # sans Greek exists in bold alone, which would read as another letter
POINTS = 72  # an inch


def looks_for(node: Node) -> list[str]:
    """The looks that can show a formula as it is."""
    serif_only = _has(node, NEEDS_SERIF)
    typst_looks = [look for look in TYPST_LOOKS if not (serif_only and "sans" in look)]
    return typst_looks + (list(PLAIN_LOOKS) if is_plain(node) else [])


def _has(node: Node, kinds: tuple[str, ...]) -> bool:
    if node[0] in kinds or node == ("symbol", "pi"):
        return True
    return any(_has(part, kinds) for part in node[1:] if isinstance(part, tuple))


def draw_ink(node: Node, look: str, size: float) -> Image.Image:
    """Draw a formula.

    Args:
        node: Its tree; without matrices and cases where matplotlib draws (see `formula_writing.is_plain`).
        look: A key of `TYPST_LOOKS` or `PLAIN_LOOKS`.
        size: Pixels of an em.

    Returns:
        Ink of shape (H, W), 255 where it is full, cropped to what is drawn.

    Raises:
        ValueError: if there is no such look.
    """
    if look in TYPST_LOOKS:
        mask = _draw_typst(typst(node), TYPST_LOOKS[look], size)
    elif look in PLAIN_LOOKS:
        mask = _draw_plain(latex(node), PLAIN_LOOKS[look], size)
    else:
        raise ValueError(f"found look {look!r}, expected one of {', '.join([*TYPST_LOOKS, *PLAIN_LOOKS])}")
    return mask.crop(mask.getbbox())


@functools.cache
def _typst_compiler():
    import typst

    return typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False))


def _draw_typst(source: str, rule: str, size: float) -> Image.Image:
    page = "#set page(width: auto, height: auto, margin: 12pt, fill: none)\n#set text(size: 24pt)\n"
    document = f"{page}{rule}$ {source} $".encode()
    drawn = _typst_compiler().compile(document, format="png", ppi=POINTS * size / 24)
    return Image.open(io.BytesIO(drawn)).getchannel("A")


def _draw_plain(source: str, font: str, size: float) -> Image.Image:
    from matplotlib.font_manager import FontProperties
    from matplotlib.mathtext import MathTextParser

    logging.getLogger("matplotlib.mathtext").setLevel(logging.ERROR)  # it reports every tall root
    shown = f"${_displayed(source)}$"
    parser = MathTextParser("agg")
    drawn = parser.parse(shown, dpi=POINTS, prop=FontProperties(size=size, math_fontfamily=font))
    return Image.fromarray(np.pad(np.asarray(drawn.image, np.uint8), 4))


def _displayed(source: str) -> str:
    r"""LaTeX whose fractions have the size of displayed ones, as matplotlib does only for \dfrac; but for those in exponents."""
    pieces, inside = [], [False]  # for each open brace, whether it is within an exponent or index
    for piece in re.findall(r"[\^_]\{|\\frac|[{}]|[^\\{}^_]+|.", source):
        if piece.endswith("{"):
            inside.append(inside[-1] or len(piece) == 2)
        elif piece == "}":
            inside.pop()
        pieces.append(r"\dfrac" if piece == r"\frac" and not inside[-1] else piece)
    return "".join(pieces)
