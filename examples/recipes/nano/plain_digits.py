"""Ask a checkpoint about held-out handwriting that is the whole picture, by margin, filter, polarity and size.

python examples/recipes/nano/plain_digits.py [--model FOLDER]
"""

import argparse

import numpy as np
import torch
from evaluate import ask
from PIL import Image
from sklearn.datasets import load_digits
from transformers import AutoModelForImageTextToText, AutoProcessor

from deepseek_vl_hf import nano
from deepseek_vl_hf.data.kinds import DIGIT_KINDS, KINDS, is_named


SIZES = (64, 384)
FILTERS = {"blocks": Image.Resampling.NEAREST, "smooth": Image.Resampling.BICUBIC}


def enlarge(drawing: np.ndarray, margin: int, size: int, resample: Image.Resampling, is_dark: bool) -> Image.Image:
    """A drawing of 8x8 values up to 16, with a margin of its own pixels, as a picture."""
    ink = np.pad(drawing, margin) * (255 / 16)
    return (
        Image.fromarray((255 - ink if is_dark else ink).astype(np.uint8)).resize((size, size), resample).convert("RGB")
    )


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default=str(nano.FOLDER))
    parser.add_argument("--digits", type=int, default=200, help="of the held-out half")
    args = parser.parse_args()

    model = AutoModelForImageTextToText.from_pretrained(args.model, dtype=torch.float32).eval()
    processor = AutoProcessor.from_pretrained(args.model)
    digits = load_digits()
    drawings, values = digits.images[1::2][: args.digits], digits.target[1::2][: args.digits]
    print("| margin | enlarged in | light on dark, 64 and 384 px | dark on light, 64 and 384 px |\n|---|---|---|---|")
    for margin in (0, 1, 3):
        for name, resample in FILTERS.items():
            scores = []
            for is_dark in (False, True):
                for size in SIZES:
                    pictures = [enlarge(drawing, margin, size, resample, is_dark) for drawing in drawings]
                    answers = ask(model, processor, pictures, ["Which digit is this?"] * len(pictures))
                    named = [
                        is_named(answer, KINDS[DIGIT_KINDS[value]])
                        for answer, value in zip(answers, values, strict=True)
                    ]
                    scores.append(f"{np.mean(named):.1%}")
            print(f"| {margin} | {name} | {' '.join(scores[:2])} | {' '.join(scores[2:])} |")


if __name__ == "__main__":
    main()
