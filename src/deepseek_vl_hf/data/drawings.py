"""Free icon sets come in; drawings of things with their licences go out, drawn once and kept in one file.

The file is an `.npz` of
    key   (N,) "vendor/icon"
    end   (N,) where each PNG ends among all
    data  (B,) uint8, the PNG files one after the other
Shapes: N drawings, B bytes.
"""

import functools
import io
import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from filelock import FileLock
from PIL import Image

from .icons import VENDORS, check_licence, find_svg, rasterise
from .packages import fetch
from .rendering import Draw
from .splits import of_split
from .things import THINGS, Thing


SIDE = 224  # pixels of a drawing as it is kept
HELD_OUT_VENDOR = "noto-v1"  # of `splits.HELD_OUT_WHOLLY`
VENDOR_SHARE = 0.3  # how often a test may show that vendor; else it shows unseen drawings of the others
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple")
TRUE_COLOURS = ("twemoji", "noto", "fluent-flat")  # whose "red circle" everybody calls red


@dataclass(frozen=True)
class Drawing:
    """A drawing of a thing by a vendor.

    Args:
        vendor: Name of the icon set.
        icon: Name of the drawing in it.
        thing: What it shows.
        licence: SPDX.
        credit: Whose work it is.
    """

    vendor: str
    icon: str
    thing: Thing
    licence: str
    credit: str

    @property
    def key(self) -> str:
        """Names it among all: "noto/dog-face"."""
        return f"{self.vendor}/{self.icon}"

    @property
    def colour(self) -> str:
        """Its colour where that is in its name, as of "red-circle"; else empty."""
        word = self.icon.removeprefix("large-").partition("-")[0]
        return word if word in COLOURS and self.vendor in TRUE_COLOURS and self.thing.category == "symbol" else ""


def _key(drawing: Drawing) -> str:
    return drawing.key


class Drawings:
    """Drawings, and their pixels.

    Args:
        drawings: All there are.
        files: A PNG file of each, in the same order.
    """

    def __init__(self, drawings: Sequence[Drawing], files: Sequence[bytes]):
        if not drawings or len(drawings) != len(files):
            raise ValueError(f"found {len(drawings)} drawings and {len(files)} files, expected as many, one at least")
        self._files = {drawing.key: file for drawing, file in zip(drawings, files, strict=True)}
        self._of: dict[str, list[Drawing]] = {}
        for drawing in drawings:
            self._of.setdefault(drawing.thing.name, []).append(drawing)
        # Things that training may show; in the order of the table, which a set would not keep.
        self.things = tuple(own[0].thing for own in self._of.values() if of_split(own, "drawing", "train", _key))
        self._sticker = functools.lru_cache(1024)(self._decode)

    def pick(self, draw: Draw, things: Sequence[Thing] | None = None) -> Drawing:
        """A drawing of one of the things, or of any; an item of the row."""
        return self.of(draw, draw.pick(self.things if things is None else things))

    def of(self, draw: Draw, thing: Thing) -> Drawing:
        """A drawing of a thing; an item of the row."""
        own = self._of[thing.name]
        others = [drawing for drawing in own if drawing.vendor != HELD_OUT_VENDOR]
        if others and draw.chance(1 - VENDOR_SHARE):
            own = others
        return draw.item("drawing", own, _key)

    def every(self) -> list[Drawing]:
        """All drawings, those of a thing one after the other."""
        return [drawing for own in self._of.values() for drawing in own]

    def sticker(self, drawing: Drawing) -> Image.Image:
        """Its pixels, RGBA, square; not to be changed in place."""
        return self._sticker(drawing.key)

    def _decode(self, key: str) -> Image.Image:
        return Image.open(io.BytesIO(self._files[key])).convert("RGBA")

    @classmethod
    def load(cls, folder: str | Path) -> "Drawings":
        """Read the drawings of every vendor, fetched and drawn into a folder if they are not there.

        Raises:
            RuntimeError: if an icon set cannot be fetched.
            ValueError: if one states another licence than we credit.
        """
        path = build(Path(folder))
        with np.load(path) as kept:
            keys, ends, data = kept["key"].tolist(), kept["end"].tolist(), kept["data"].tobytes()
        things = {icon: thing for thing in THINGS for icon in thing.icons}
        packages = {vendor.name: vendor.package for vendor in VENDORS}
        drawings = []
        for vendor, _, icon in (key.partition("/") for key in keys):
            package = packages[vendor]
            drawings.append(Drawing(vendor, icon, things[icon], package.licence, package.credit))
        return cls(drawings, [data[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)])


@functools.lru_cache(2)
def load_once(folder: Path) -> Drawings:
    """`Drawings.load`, once in a process: all renderers share them."""
    return Drawings.load(folder)


def licence_of(drawings: Iterable[Drawing]) -> str:
    """The licences of a picture of some drawings, as an SPDX expression."""
    return " AND ".join(sorted({drawing.licence for drawing in drawings}))


def wanted() -> list[tuple[str, str]]:
    """Vendor and icon of every drawing that a vendor may have."""
    return [
        (vendor.name, icon)
        for vendor in VENDORS
        for thing in THINGS
        for icon in thing.icons
        if f"{vendor.name}/{icon}" not in thing.excluded
    ]


def build(folder: Path) -> Path:
    """Draw what `wanted` lists into one file of a folder, unless it is there; return its path."""
    names = ["/".join(name) for name in wanted()]
    versions = [f"{vendor.package.name}@{vendor.package.version}" for vendor in VENDORS]
    digest = sha256("\n".join([str(SIDE), *versions, *names]).encode()).hexdigest()[:12]
    path = folder / f"drawings-{digest}.npz"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "drawings.lock"):  # what one process draws, another need not
        if not path.exists():
            _draw(path)
    return path


def _draw(path: Path) -> None:
    folder = path.parent
    sets = {vendor.name: _read_icons(vendor, folder) for vendor in VENDORS}
    found = [(f"{vendor}/{icon}", find_svg(sets[vendor], icon)) for vendor, icon in wanted()]
    found = [(key, svg) for key, svg in found if svg is not None]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        files = list(pool.map(lambda entry: _png(entry[1]), found))
    # Written beside and moved there whole, so that builds at the same time do not read halves of it.
    with open(path.with_name(f".{path.name}-{os.getpid()}"), "wb") as file:
        np.savez(
            file,
            key=[key for key, _ in found],
            end=np.cumsum([len(png) for png in files]),
            data=np.frombuffer(b"".join(files), np.uint8),
        )
    os.replace(file.name, path)


def _read_icons(vendor, folder: Path) -> dict:
    unpacked = fetch(vendor.package, folder)
    check_licence(vendor, unpacked)
    return json.loads((unpacked / "icons.json").read_text(encoding="utf-8"))


def _png(svg: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rasterise(svg, SIDE)).save(file, "PNG")
    return file.getvalue()
