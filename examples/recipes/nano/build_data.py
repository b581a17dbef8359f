"""Build everything that the nano learns from and is scored on, from free icon sets, handwriting and prose.

    npm, scikit-learn  ->  WORK/atlas.npz                stickers, for pages that teach the towers
                           WORK/stage1                   a picture and "an elephant"
                           WORK/stage2                   a picture and "a picture of an elephant, an animal"; lines of text
                           WORK/stage3                   chats about a picture, and chats without one
                           WORK/held_out                 pictures/*.png and answers.json, nothing of it in training

The stages are `datasets.Dataset` folders: 1 and 2 of interleaved text (`{"text", "images"}`), 3 of rows as
`deepseek_vl_hf.data.rows` describes them. Needs the packages
datasets, resvg-py and scikit-learn, and the command npm:

    python examples/recipes/nano/build_data.py --work WORK
"""

import argparse
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from datasets import Dataset, Features, Image, List, Value
from PIL import Image as PILImage

from deepseek_vl_hf.data.icons import build_atlas
from deepseek_vl_hf.data.kinds import DIGIT_KINDS, KINDS
from deepseek_vl_hf.data.rows import chat_row, validate_row
from deepseek_vl_hf.data.sentences import caption, category_turn, naming_turn, text_turn, yes_no_turn
from deepseek_vl_hf.data.stickers import LARGEST, Stickers
from deepseek_vl_hf.data.texts import read_prose, read_tags


PARTS = List({"type": Value("string"), "text": Value("string")})
CHATS = Features({"messages": List({"role": Value("string"), "content": PARTS}), "images": List(Image())})
TEXTS = Features({"text": Value("string"), "images": List(Image())})
IMAGE_TOKEN = "<image_placeholder>"
VENDORS = ("twemoji", "noto")  # icon sets that the nano learns from, of deepseek_vl_hf.data.icons
DIGIT_SHARE = 0.2
LARGEST_DIGIT = 1.25  # in stage 3: of a picture's side, which then shows handwriting from edge to edge
TAG_SHARE = 0.3  # of the text rows of stage 2; the rest is prose


def encode(picture: np.ndarray, **options) -> dict:
    """A picture as `datasets.Image` stores it."""
    file = io.BytesIO()
    PILImage.fromarray(picture).save(file, **options)
    return {"bytes": file.getvalue(), "path": None}


def draw(rng: np.random.Generator, stickers: Stickers, largest_digit: float = LARGEST) -> tuple[int, list[dict]]:
    """A kind and the training picture of it, in the list that a row wants."""
    kind = stickers.draw_kind(rng, DIGIT_SHARE)
    largest = largest_digit if kind in DIGIT_KINDS else LARGEST
    return kind, [encode(stickers.picture(rng, kind, largest=largest), format="JPEG", quality=92)]


def stage1_rows(rng: np.random.Generator, stickers: Stickers, count: int) -> Iterator[dict]:
    for _ in range(count):
        kind, images = draw(rng, stickers)
        yield {"text": f"{IMAGE_TOKEN}{KINDS[kind].phrase}", "images": images}


def stage2_rows(
    rng: np.random.Generator, stickers: Stickers, work: Path, tags: dict[str, list[str]], pictures: int, lines: int
) -> Iterator[dict]:
    for _ in range(pictures):
        kind, images = draw(rng, stickers)
        yield {"text": f"{IMAGE_TOKEN}{caption(rng, KINDS[kind])}", "images": images}
    prose = [line for line in read_prose(work) if len(line.split()) >= 4]
    names = list(tags)
    for _ in range(lines):
        text = prose[rng.integers(len(prose))]
        if rng.random() < TAG_SHARE:
            name = names[rng.integers(len(names))]
            text = f"{name.replace('-', ' ')}: {', '.join(tags[name])}"
        yield {"text": text, "images": []}


def stage3_rows(
    rng: np.random.Generator, stickers: Stickers, tags: dict[str, list[str]], count: int, text_share: float
) -> Iterator[dict]:
    for _ in range(count):
        if rng.random() < text_share:
            yield chat_row(text_turn(rng, KINDS[rng.integers(len(KINDS))], tags), images=[])
            continue
        index, images = draw(rng, stickers, LARGEST_DIGIT)
        kind, style = KINDS[index], rng.random()
        if style < 0.55:
            turns = [naming_turn(rng, kind)]
        elif style < 0.7:
            turns = [yes_no_turn(rng, kind)]
        elif style < 0.8:
            turns = [category_turn(rng, kind)]
        else:
            turns = [naming_turn(rng, kind), (category_turn if rng.random() < 0.5 else yes_no_turn)(rng, kind)]
        yield chat_row(*turns, images=images)


def held_out_pictures(rng: np.random.Generator, stickers: Stickers, per_kind: int, digits: int) -> Iterator[tuple]:
    """Yield (file name, picture, answer entry) for every thing and digit."""
    wanted = [index for index in stickers.things for _ in range(per_kind)]
    wanted += [DIGIT_KINDS[index % 10] for index in range(digits)]
    for number, index in enumerate(wanted):
        kind, name = KINDS[index], f"{number:05d}.png"
        entry = {"file": name, "kind": index, "category": kind.category, "answers": list(kind.answers)}
        yield name, stickers.picture(rng, index, split="held_out"), entry


def write_held_out(folder: Path, pictures: Iterator[tuple]) -> None:
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    entries = []
    for name, picture, entry in pictures:
        (folder / "pictures" / name).write_bytes(encode(picture, format="PNG", compress_level=3)["bytes"])
        entries.append(entry)
    (folder / "answers.json").write_text(json.dumps(entries, indent=1), encoding="utf-8")


def save(rows: Iterator[dict], features: Features, folder: Path) -> None:
    start = time.perf_counter()
    rows = list(rows)
    for row in rows:
        if "messages" in row:
            validate_row(row)
    Dataset.from_list(rows, features=features).save_to_disk(folder)
    print(f"{folder.name}: {len(rows)} rows, {time.perf_counter() - start:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for downloads and results")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vendors", nargs="+", default=VENDORS, help="icon sets to draw from")
    parser.add_argument("--stage1", type=int, default=16000, help="rows")
    parser.add_argument("--stage2", type=int, default=32000, help="rows with a picture")
    parser.add_argument("--stage2-text", type=int, default=10000, help="rows without a picture")
    parser.add_argument("--stage3", type=int, default=40000, help="rows, with and without a picture")
    parser.add_argument("--stage3-text-share", type=float, default=0.3, help="share of stage 3 without a picture")
    parser.add_argument("--held-out-per-kind", type=int, default=4, help="pictures of each thing")
    parser.add_argument("--held-out-digits", type=int, default=350, help="pictures of digits")
    args = parser.parse_args()

    atlas = args.work / "atlas.npz"
    stickers = Stickers.load(atlas if atlas.exists() else build_atlas(args.work), tuple(args.vendors))
    tags = read_tags(args.work)
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(args.seed).spawn(4)]
    save(stage1_rows(streams[0], stickers, args.stage1), TEXTS, args.work / "stage1")
    stage2 = stage2_rows(streams[1], stickers, args.work, tags, args.stage2, args.stage2_text)
    save(stage2, TEXTS, args.work / "stage2")
    save(stage3_rows(streams[2], stickers, tags, args.stage3, args.stage3_text_share), CHATS, args.work / "stage3")
    pictures = held_out_pictures(streams[3], stickers, args.held_out_per_kind, args.held_out_digits)
    write_held_out(args.work / "held_out", pictures)


if __name__ == "__main__":
    main()
