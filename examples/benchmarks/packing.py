"""How full packs are, beside padding, on the lengths that a joint pretraining mixture has.

The mix is made here from the paper's shares (table 1) and lengths in tokens as such sources have them: what matters is that
short and long rows, with and without pictures, come together. No model and no data are needed.

    python examples/benchmarks/packing.py [--rows 50000] [--max-length 4096] [--batch-size 8]
"""

import argparse
import time

import numpy as np

from deepseek_vl_hf.training import pack


IMAGE = 576
# Share of rows, median and spread (of the logarithm) of the text's tokens, and pictures a row, by what table 1 names.
MIX = {
    "text-only": (0.700, 900, 1.1, (0, 0)),
    "interleaved": (0.131, 700, 0.8, (1, 4)),
    "captions": (0.111, 60, 0.7, (1, 1)),
    "tables and charts": (0.021, 150, 0.8, (1, 1)),
    "document OCR": (0.021, 900, 0.5, (1, 1)),
    "scene text": (0.012, 40, 0.8, (1, 1)),
    "web code": (0.004, 1200, 0.6, (1, 1)),
}


def draw_lengths(rng: np.random.Generator, rows: int, max_length: int, pictures: bool) -> np.ndarray:
    """Tokens of rows of one modality, image tokens among them, cut to `max_length`."""
    names = [name for name in MIX if (name != "text-only") == pictures]
    shares = np.array([MIX[name][0] for name in names])
    lengths = np.empty(rows, dtype=np.int64)
    for index, source in enumerate(rng.choice(len(names), rows, p=shares / shares.sum())):
        _, median, spread, (fewest, most) = MIX[names[source]]
        text = int(rng.lognormal(np.log(median), spread))
        lengths[index] = max(8, text) + IMAGE * rng.integers(fewest, most + 1)
    return np.minimum(lengths, max_length)


def histogram(lengths: np.ndarray, max_length: int) -> str:
    """Shares of rows by length, in eight bins."""
    counts, edges = np.histogram(lengths, bins=8, range=(0, max_length))
    bars = [
        f"{round(high):>6} {'#' * round(60 * count / len(lengths))}"
        for count, high in zip(counts, edges[1:], strict=True)
    ]
    return "\n".join(bars)


def main() -> None:
    """Print a histogram and a table for each modality."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--max-length", type=int, default=4096)
    parser.add_argument("--batch-size", type=int, default=8, help="rows that are padded to the longest, unpacked")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    for pictures in (False, True):
        lengths = draw_lengths(np.random.default_rng(args.seed), args.rows, args.max_length, pictures)
        print(
            f"{'multimodal' if pictures else 'language'} rows by tokens, up to:\n{histogram(lengths, args.max_length)}"
        )
        print("| | padding | microseconds a row |\n|---|---|---|")
        batches = lengths[: args.rows // args.batch_size * args.batch_size].reshape(-1, args.batch_size)
        print(f"| batches of {args.batch_size}, padded | {1 - batches.mean() / batches.max(1).mean():.1%} | |")
        for lookahead in (1, 16, 128, 1024):
            start = time.process_time()
            packs = list(pack(range(args.rows), lengths.__getitem__, args.max_length, lookahead))
            cost = (time.process_time() - start) / args.rows * 1e6
            padding = 1 - lengths.sum() / (len(packs) * args.max_length)
            print(f"| packs, look-ahead {lookahead} | {padding:.1%} | {cost:.1f} |")


if __name__ == "__main__":
    main()
