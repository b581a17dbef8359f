"""Ask a checkpoint about held-out pictures and print the table that the nano's README quotes.

A thing counts as named if its name, or an accepted synonym, stands as a whole word in the answer.

    python examples/recipes/nano/evaluate.py --work WORK [--model FOLDER] [--report table.md]
"""

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

import deepseek_vl_hf  # noqa: F401  registers the Auto classes
from deepseek_vl_hf import nano
from deepseek_vl_hf.data.kinds import KINDS, is_named


THING_PROMPTS = ("What is this?", "What do you see in the picture?", "Name the object.", "Tell me what is shown here.")
DIGIT_PROMPTS = ("Which digit is this?", "What number do you see?")


@torch.no_grad()
def ask(model, processor, pictures: list[Image.Image | None], prompts: list[str]) -> list[str]:
    """Answer each prompt about its picture (`None`: no picture), greedily."""
    messages = [
        [
            {
                "role": "user",
                "content": ([{"type": "image", "image": picture}] if picture else [])
                + [{"type": "text", "text": prompt}],
            }
        ]
        for picture, prompt in zip(pictures, prompts, strict=True)
    ]
    inputs = processor.apply_chat_template(
        messages,
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        processor_kwargs={"return_tensors": "pt", "padding": True},
    )
    output = model.generate(**inputs, max_new_tokens=24, do_sample=False)
    return processor.batch_decode(output[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="folder with held_out/, as build_data.py leaves it")
    parser.add_argument("--model", default=str(nano.FOLDER))
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--most", type=int, help="stop after so many pictures")
    parser.add_argument("--report", type=Path, help="also write the table here")
    parser.add_argument("--wrong", type=Path, help="write wrong answers here, one JSON object a line")
    args = parser.parse_args()

    model = AutoModelForImageTextToText.from_pretrained(args.model, dtype=torch.float32).eval()
    processor = AutoProcessor.from_pretrained(args.model)
    folder = args.work / "held_out"
    entries = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    entries = entries[:: max(1, len(entries) // args.most)] if args.most else entries
    hits, wrong, start = defaultdict(list), [], time.time()
    for first in range(0, len(entries), args.batch_size):
        batch = entries[first : first + args.batch_size]
        pictures = [Image.open(folder / "pictures" / entry["file"]) for entry in batch]
        choices = [DIGIT_PROMPTS if entry["category"] == "digit" else THING_PROMPTS for entry in batch]
        prompts = [choice[(first + index) % len(choice)] for index, choice in enumerate(choices)]
        for entry, prompt, answer in zip(batch, prompts, ask(model, processor, pictures, prompts), strict=True):
            named = is_named(answer, KINDS[entry["kind"]])
            hits[entry["category"] == "digit", entry["kind"]].append(named)
            if not named:
                wrong.append({**entry, "prompt": prompt, "answer": answer})
    lines = ["| held-out pictures of | kinds | pictures | named right | kinds named right at least half the time |"]
    lines.append("|---|---|---|---|---|")
    for label, is_digit in (("things", False), ("handwritten digits", True)):
        of_kind = [found for (digit, _), found in hits.items() if digit == is_digit]
        pictures, right = sum(map(len, of_kind)), sum(map(sum, of_kind))
        often = sum(sum(found) * 2 >= len(found) for found in of_kind)
        share = right / pictures if pictures else float("nan")
        lines.append(f"| {label} | {len(of_kind)} | {pictures} | {share:.1%} | {often} |")
    print("\n".join(lines))
    print(f"{(time.time() - start) / len(entries) * 1000:.0f} ms a picture")
    if args.report:
        args.report.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if args.wrong:
        args.wrong.write_text("\n".join(json.dumps(entry) for entry in wrong) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
