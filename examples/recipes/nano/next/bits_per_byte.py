"""How well checkpoints know language: bits they need for a byte of held-out prose, in English and Chinese; fewer is better.

Every paragraph is read from its start in pieces of the length that training had. Checkpoints with the same tokenizer or others can be
compared, since bytes are counted, not tokens. The first is what the others are set beside.

    python examples/recipes/nano/next/bits_per_byte.py WORK/text_only src/deepseek_vl_hf/nano
"""

import argparse
import math
from pathlib import Path

import torch
from torch.nn import functional as F
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText, AutoTokenizer

import deepseek_vl_hf  # noqa: F401  registers the Auto classes
from deepseek_vl_hf.data.assets import FOLDER, Assets


LENGTH = 256  # characters of a piece
BATCH_SIZE = 32


def pieces_of(text: str) -> list[str]:
    """A text cut where training cut it."""
    return [text[start : start + LENGTH] for start in range(0, len(text), LENGTH)]


@torch.no_grad()
def bits_per_byte(model, tokenizer, texts: list[str]) -> float:
    """Bits of all tokens of all texts, over the bytes that the texts have in UTF-8."""
    tokenizer.padding_side = "right"
    pieces = sorted((piece for text in texts for piece in pieces_of(text)), key=len)
    bits = 0.0
    for start in range(0, len(pieces), BATCH_SIZE):
        some = [tokenizer.bos_token + piece for piece in pieces[start : start + BATCH_SIZE]]
        inputs = tokenizer(some, add_special_tokens=False, padding=True, return_tensors="pt")
        scores = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]).logits[:, :-1].float()
        wanted, counted = inputs["input_ids"][:, 1:], inputs["attention_mask"][:, 1:].bool()
        bits += F.cross_entropy(scores[counted], wanted[counted], reduction="sum").item() / math.log(2)
    return bits / sum(len(piece.encode()) for piece in pieces)


def load(folder: str) -> tuple:
    """A model and its tokenizer, with eyes or without."""
    config = AutoConfig.from_pretrained(folder)
    auto = AutoModelForImageTextToText if hasattr(config, "vision_config") else AutoModelForCausalLM
    return auto.from_pretrained(folder, dtype=torch.float32).eval(), AutoTokenizer.from_pretrained(folder)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="+", help="folders")
    parser.add_argument("--assets", type=Path, default=FOLDER)
    parser.add_argument("--most", type=int, default=400, help="paragraphs of a language at most")
    args = parser.parse_args()

    texts = {each: list(Assets(args.assets).paragraphs(each, "test"))[: args.most] for each in ("en", "zh")}
    first: dict[str, float] = {}
    print("| checkpoint | English | Chinese |\n|---|---:|---:|")
    for folder in args.models:
        model, tokenizer = load(folder)
        found = {each: bits_per_byte(model, tokenizer, some) for each, some in texts.items()}
        first = first or found
        cells = [f"{bits:.3f} ({bits / first[each] - 1:+.1%})" for each, bits in found.items()]
        print(f"| {Path(folder).name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
