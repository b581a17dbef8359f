"""Rows a second of every renderer, one process each, and the size of what it makes.

    python examples/benchmarks/rendering.py --rows 100

Fonts, texts and drawings are fetched at the first run. `web` needs a Chromium.
"""

import argparse
import time

import numpy as np

from deepseek_vl_hf.data.assets import FOLDER, Assets
from deepseek_vl_hf.data.renderers import RENDERERS, make_renderer
from deepseek_vl_hf.data.rendering import render_row


def measure(name: str, assets: Assets, count: int) -> tuple[float, float, float]:
    """Rows a second (by the median), seconds to the first row, and KB of a picture (median)."""
    renderer = make_renderer(name, assets, {})
    start = time.perf_counter()
    try:
        render_row(renderer, 0, "train", 0)
        first = time.perf_counter() - start
        seconds, sizes = [], []
        for index in range(1, count + 1):
            start = time.perf_counter()
            language = renderer.languages[index % len(renderer.languages)]
            row = render_row(renderer, 0, "train", index, language)
            seconds.append(time.perf_counter() - start)
            sizes += [len(picture["bytes"]) / 1024 for picture in row["images"]]
    finally:
        renderer.close()
    return 1 / float(np.median(seconds)), first, float(np.median(sizes or [0]))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=100, help="timed rows of each renderer")
    parser.add_argument("--renderers", nargs="+", default=sorted(RENDERERS))
    parser.add_argument("--assets", default=FOLDER)
    args = parser.parse_args()

    assets = Assets(args.assets)
    print("| renderer | rows/s | first row, s | KB a picture |\n|---|---|---|---|")
    for name in args.renderers:
        speed, first, size = measure(name, assets, args.rows)
        print(f"| {name} | {speed:.1f} | {first:.1f} | {size:.0f} |", flush=True)


if __name__ == "__main__":
    main()
