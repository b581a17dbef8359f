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
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .kinds import KINDS, THING_KINDS


STICKER_SIZE = 160


@dataclass(frozen=True)
class Vendor:
    """An icon set: npm package, pinned version, licence (SPDX) and who to credit."""

    name: str
    package: str
    version: str
    licence: str
    credit: str


VENDORS = (
    Vendor("twemoji", "@iconify-json/twemoji", "1.2.5", "CC-BY-4.0", "Twitter and jdecked, Twemoji"),
    Vendor("noto", "@iconify-json/noto", "1.2.9", "Apache-2.0", "Google, Noto Emoji"),
    Vendor("noto-v1", "@iconify-json/noto-v1", "1.2.5", "Apache-2.0", "Google, Noto Emoji (first design)"),
    Vendor("fluent-flat", "@iconify-json/fluent-emoji-flat", "1.2.6", "MIT", "Microsoft, Fluent Emoji (flat)"),
    Vendor("fluent", "@iconify-json/fluent-emoji", "1.2.7", "MIT", "Microsoft, Fluent Emoji (colour)"),
    Vendor("emojione", "@iconify-json/emojione", "1.2.3", "CC-BY-4.0", "EmojiOne 2 / EmojiTwo"),
)


def fetch_package(package: str, version: str, folder: Path) -> Path:
    """Download an npm package into `folder` once and unpack it; return the folder with its files."""
    stem = package.removeprefix("@").replace("/", "-") + f"-{version}"
    unpacked = folder / stem
    if not (unpacked / "package.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", f"{package}@{version}", "--silent"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        with tarfile.open(folder / f"{stem}.tgz") as archive:
            for member in archive:
                # npm archives hold everything below one folder, usually named "package".
                member.name = member.name.partition("/")[2]
                if member.isfile() and member.name:
                    archive.extract(member, unpacked, filter="data")
    return unpacked


def check_licence(vendor: Vendor, folder: Path) -> None:
    """Refuse an icon set whose own `info.json` states another licence than the one we credit."""
    found = json.loads((folder / "info.json").read_text(encoding="utf-8"))["license"]["spdx"]
    if found != vendor.licence:
        raise ValueError(
            f"icon set {vendor.package} says it is {found}, expected {vendor.licence}; "
            "check that the licence allows training and update VENDORS"
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
        folder = fetch_package(vendor.package, vendor.version, work / "npm")
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
