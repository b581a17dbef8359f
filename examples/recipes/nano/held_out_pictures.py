"""Write the small held-out pictures that the tests ask the shipped nano about, and one to look at.

    WORK/atlas.npz  ->  tests/nano/pictures/*.png, answers.json   40 things of 40 kinds and 10 digits
                        examples/pictures/elephant.png

Run `build_data.py` with the same WORK first:

    python examples/recipes/nano/held_out_pictures.py --work WORK
"""

import argparse
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from build_data import VENDORS
from PIL import Image

from deepseek_vl_hf.data.kinds import DIGIT_KINDS, KINDS
from deepseek_vl_hf.data.stickers import Stickers


REPOSITORY = Path(__file__).parents[3]
LARGEST_FILE = 15_000  # bytes
LONGEST_SIDE = 208


def small_png(picture: np.ndarray, longest_side: int, largest_file: int) -> bytes:
    """A PNG of at most `largest_file` bytes: smaller, then with fewer colours."""
    image = Image.fromarray(picture)
    image.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    for colours in (None, 256, 128, 64, 32, 16):
        file = io.BytesIO()
        reduced = image if colours is None else image.quantize(colours, dither=Image.Dither.NONE)
        reduced.save(file, "PNG", optimize=True)
        if file.tell() <= largest_file:
            break
    return file.getvalue()


def chosen_pictures(rng: np.random.Generator, stickers: Stickers, things: int) -> Iterator[tuple]:
    """Yield (file name, kind, picture): things spread over all categories, then every digit once."""
    chosen = [stickers.things[round(place)] for place in np.linspace(0, len(stickers.things) - 1, things)]
    for index in (*chosen, *DIGIT_KINDS):
        name = KINDS[index].name.replace(" ", "_").replace("'", "")
        yield f"{name}.png", index, stickers.picture(rng, index, split="held_out")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder where build_data.py put atlas.npz")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--things", type=int, default=40)
    parser.add_argument("--elephant-seed", type=int, default=9, help="an elephant before rings")
    args = parser.parse_args()

    stickers = Stickers.load(args.work / "atlas.npz", VENDORS)
    folder = REPOSITORY / "tests" / "nano" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    answers = {}
    for name, index, picture in chosen_pictures(np.random.default_rng(args.seed), stickers, args.things):
        (folder / name).write_bytes(small_png(picture, LONGEST_SIDE, LARGEST_FILE))
        answers[name] = list(KINDS[index].answers)
    (folder / "answers.json").write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")

    elephant = next(index for index, kind in enumerate(KINDS) if kind.name == "elephant")
    picture = stickers.picture(np.random.default_rng(args.elephant_seed), elephant, split="held_out")
    (REPOSITORY / "examples" / "pictures").mkdir(parents=True, exist_ok=True)
    (REPOSITORY / "examples" / "pictures" / "elephant.png").write_bytes(small_png(picture, 320, 120_000))


if __name__ == "__main__":
    main()
