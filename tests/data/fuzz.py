"""Break good files in many ways and read them: every one must give rows or counted faults, soon, in bounded memory.

    python tests/data/fuzz.py 2000

prints how many files were read, how many of them gave faults, and the largest memory and longest time.
"""

import io
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from datasets import Dataset
from PIL import Image

from deepseek_vl_hf.data import reading
from deepseek_vl_hf.data.checking import check
from deepseek_vl_hf.data.picture_files import PictureError, look_at
from deepseek_vl_hf.data.rows import chat_row
from deepseek_vl_hf.data.shards import FEATURES, encode_pictures, write_parquet, write_tar


SECONDS = 10  # that a file may take
PICTURES = {"PNG": "RGB", "JPEG": "RGB", "GIF": "P", "WEBP": "RGB", "BMP": "RGB", "TIFF": "RGB", "PPM": "RGB"}


def picture(seed, kind="PNG", mode="RGB"):
    pixels = np.random.default_rng(seed).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((96, 72)).convert(mode).save(file, kind)
    return file.getvalue()


def good_files(folder):
    """One good file of each kind."""
    rows = [
        chat_row(("What is it?", f"Noise {n}, 噪声。"), images=[{"bytes": picture(n), "path": None}]) for n in range(6)
    ]
    write_parquet(rows, folder / "rows.parquet")
    write_tar(rows, folder / "rows.tar")
    Dataset.from_list([encode_pictures(row) for row in rows], features=FEATURES).save_to_disk(folder / "saved")
    plain = [{**row, "images": [f"data:image/png;base64,{n}"]} for n, row in enumerate(rows)]
    (folder / "rows.json").write_text(json.dumps(plain, indent=1))
    (folder / "rows.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in plain))
    files = {path.suffix: path.read_bytes() for path in folder.glob("rows.*")}
    files[".arrow"] = next((folder / "saved").glob("*.arrow")).read_bytes()
    files.update({f"picture {kind}": picture(0, kind, mode) for kind, mode in PICTURES.items()})
    return files


def broken(rng, data):
    """The same file, broken in one to four ways."""
    data = bytearray(data)
    for _ in range(rng.integers(1, 5)):
        size = max(len(data), 1)
        at, span = int(rng.integers(size)), int(rng.integers(1, 64))
        way = rng.integers(7)
        if way == 0:
            for place in rng.integers(0, size, span).tolist():
                if place < len(data):
                    data[place] ^= 1 << int(rng.integers(8))
        elif way == 1:
            del data[at:]
        elif way == 2:
            data[at:at] = rng.bytes(span)
        elif way == 3:
            data[at : at + span] = bytes(span)
        elif way == 4:
            data[at : at + span] = b"\xff" * span
        elif way == 5:
            data[at:at] = data[at : at + 16 * span]
        else:
            del data[at : at + span]
    return bytes(data)


def fuzz(count, seed=0):
    """Break and read so many files.

    Returns:
        How many gave faults by kind, the longest time in seconds, and the largest memory of this process in MB.
    """
    rng, faulty, longest = np.random.default_rng(seed), Counter(), 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        good = good_files(folder)
        for number in range(count):
            kind = list(good)[number % len(good)]
            data = broken(rng, good[kind])
            start = time.perf_counter()
            if kind.startswith("picture"):
                try:
                    look_at(data, "picture")
                except PictureError:
                    faulty[kind] += 1
            else:
                path = folder / f"broken{kind}"
                path.write_bytes(data)
                faulty[kind] += check(path).errors > 0
            longest = max(longest, time.perf_counter() - start)
            assert longest < SECONDS, f"{kind}, file {number}: {longest:.1f} s"
    # Not `getrusage`, which also counts the process that this one was forked from.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return faulty, longest, int(peak.split()[1]) / 1024


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    faulty, longest, memory = fuzz(count)
    print(f"{count} files, {sum(faulty.values())} with faults, longest {longest:.2f} s, memory {memory:.0f} MB")
    print(dict(sorted(faulty.items())), f"a record may have {reading.MAX_RECORD} bytes")


if __name__ == "__main__":
    main()
