"""Free SVG icon sets come in as npm archives; one atlas of square RGBA stickers goes out.

The atlas is a compressed `.npz` of
    pixels   (N, S, S, 4) uint8, straight alpha, each drawing as large as its square allows
    kind     (N,) index into `deepseek_vl_hf.data.kinds.KINDS`
    vendor   (N,) index into `vendors`
    vendors  (V,) names of the icon sets
Shapes: N drawings, S pixels a side, V vendors.
"""

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .kinds import KINDS, THING_KINDS
from .packages import Package, fetch, named


STICKER_SIZE = 160


@dataclass(frozen=True)
class Vendor:
    """An icon set: its short name, and the package that holds it."""

    name: str
    package: Package


VENDORS = (
    Vendor("twemoji", named("@iconify-json/twemoji")),
    Vendor("noto", named("@iconify-json/noto")),
    Vendor("noto-v1", named("@iconify-json/noto-v1")),
    Vendor("fluent-flat", named("@iconify-json/fluent-emoji-flat")),
    Vendor("fluent", named("@iconify-json/fluent-emoji")),
    Vendor("emojione", named("@iconify-json/emojione")),
)


def check_licence(vendor: Vendor, folder: Path) -> None:
    """Refuse an icon set whose own `info.json` states another licence than the one we credit."""
    found = json.loads((folder / "info.json").read_text(encoding="utf-8"))["license"]["spdx"]
    if found != vendor.package.licence:
        raise ValueError(
            f"icon set {vendor.package.name} says it is {found}, expected {vendor.package.licence}; "
            "check that the licence allows training and update packages.json"
        )


def find_svg(icons: dict, name: str) -> str | None:
    """Return the SVG document of an icon in an Iconify set, through its aliases; None when the set lacks it."""
    while name in icons.get("aliases", {}):
        name = icons["aliases"][name]["parent"]
    icon = icons["icons"].get(name)
    if icon is None:
        return None
    width = icon.get("width", icons.get("width", 16))  # 16 is Iconify's default
    height = icon.get("height", icons.get("height", 16))
    view_box = f"{icon.get('left', 0)} {icon.get('top', 0)} {width} {height}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="{view_box}">{icon["body"]}</svg>'
    )


def fit_square(drawing: Image.Image, size: int) -> np.ndarray:
    """Crop a drawing to what is visible and centre it, as large as it fits, on a transparent square."""
    drawing = drawing.crop(drawing.getbbox())
    scale = size / max(drawing.size)
    width, height = (max(1, round(side * scale)) for side in drawing.size)
    square = Image.new("RGBA", (size, size))
    drawing = drawing.resize((width, height), Image.Resampling.LANCZOS)
    square.paste(drawing, ((size - width) // 2, (size - height) // 2))
    return np.asarray(square)  # (S, S, 4)


def rasterise(svg: str, size: int = STICKER_SIZE) -> np.ndarray:
    """Draw an SVG document as a square sticker; a little larger first, because icons leave a margin."""
    import resvg_py

    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size * 5 // 4))
    return fit_square(Image.open(io.BytesIO(png)).convert("RGBA"), size)


def build_atlas(work: Path) -> Path:
    """Fetch every vendor, draw every kind it has, and write `atlas.npz` into `work`; return its path."""
    pixels, kinds, vendors = [], [], []
    for vendor_index, vendor in enumerate(VENDORS):
        folder = fetch(vendor.package, work)
        check_licence(vendor, folder)
        icons = json.loads((folder / "icons.json").read_text(encoding="utf-8"))
        for kind_index in THING_KINDS:
            svg = find_svg(icons, KINDS[kind_index].icon)
            if svg is not None:
                pixels.append(rasterise(svg))
                kinds.append(kind_index)
                vendors.append(vendor_index)
    path = work / "atlas.npz"
    np.savez_compressed(
        path, pixels=np.stack(pixels), kind=kinds, vendor=vendors, vendors=[vendor.name for vendor in VENDORS]
    )
    return path
