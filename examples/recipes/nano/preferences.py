"""Teach the nano a preference, and measure on held-out pictures whether it has it.

The nano says everything alike ("It is an elephant."). Here the lively answer ("It is an elephant!") is preferred. Pictures are the
fifty beside the tests, which it never learned from: every other one is for training, the rest are held out. Rows and model land
in WORK, scores are the last lines. What is not named here goes on to `train_preference.py`, such as `--beta 0.05`.

    python examples/recipes/nano/preferences.py --work WORK
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import torch
from datasets import Dataset, DatasetDict, Features, List
from datasets import Image as Picture
from evaluate import THING_PROMPTS, ask
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from deepseek_vl_hf import nano
from deepseek_vl_hf.data.kinds import KINDS, Kind, is_named
from deepseek_vl_hf.data.rows import IMAGE, turn
from deepseek_vl_hf.data.shards import MESSAGES
from deepseek_vl_hf.training import DeepSeekVLHFPreferenceCollator


HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PICTURES = ROOT / "tests" / "nano" / "pictures"
FEATURES = Features({"prompt": MESSAGES, "chosen": MESSAGES, "rejected": MESSAGES, "images": List(Picture())})


def sentence(kind: Kind, end: str) -> str:
    """An answer that names a kind."""
    return f"{kind.pronoun_is} {kind.phrase}{end}"


def make_row(picture: Image.Image, prompt: str, kind: Kind) -> dict:
    """A pair about a picture."""
    return {
        "prompt": [turn("user", IMAGE, prompt)],
        "chosen": [turn("assistant", sentence(kind, "!"))],
        "rejected": [turn("assistant", sentence(kind, "."))],
        "images": [picture],
    }


def make_rows() -> tuple[DatasetDict, list[Kind]]:
    """The pairs of both splits, and what is in the pictures of the held-out one."""
    answers = json.loads((PICTURES / "answers.json").read_text(encoding="utf-8"))
    known, shown, rows = {kind.name: kind for kind in KINDS}, {}, {}
    for split, files in {"train": list(answers)[::2], "test": list(answers)[1::2]}.items():
        asked = [(file, prompt) for file in files for prompt in THING_PROMPTS]
        shown[split] = [known[answers[file][0]] for file, _ in asked]
        pairs = [
            make_row(Image.open(PICTURES / file), prompt, kind)
            for (file, prompt), kind in zip(asked, shown[split], strict=True)
        ]
        rows[split] = Dataset.from_list(pairs, features=FEATURES)
    return DatasetDict(rows), shown["test"]


@torch.no_grad()
def log_probs(model, collator: DeepSeekVLHFPreferenceCollator, rows: Dataset) -> torch.Tensor:
    """What a model makes of the answers: log-probabilities of shape (2, rows), chosen first."""
    found = []
    for batch in rows.iter(batch_size=20):
        batch = collator([dict(zip(batch, values, strict=True)) for values in zip(*batch.values(), strict=True)])
        mask = batch.pop("completion_mask")[:, 1:]
        scores = model(**batch).logits[:, :-1].log_softmax(-1)
        found.append((scores.gather(-1, batch["input_ids"][:, 1:, None])[..., 0] * mask).sum(-1).view(2, -1))
    return torch.cat(found, dim=1)


def score(folder: Path, rows: Dataset, kinds: list[Kind]) -> tuple[dict[str, float], torch.Tensor]:
    """Ask a model about held-out pictures, and have it judge the pairs."""
    model = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32).eval()
    processor = AutoProcessor.from_pretrained(folder)
    prompts = [row[0]["content"][-1]["text"] for row in rows["prompt"]]
    pictures = [images[0] for images in rows["images"]]
    answers = [answer.strip() for answer in ask(model, processor, pictures, prompts)]
    found = log_probs(model, DeepSeekVLHFPreferenceCollator(processor), rows)
    lively = {sentence(kind, "!") for kind in KINDS}
    shares = {
        "answers that are lively": [answer in lively for answer in answers],
        "answers that name what is shown": [is_named(*pair) for pair in zip(answers, kinds, strict=True)],
        "pairs whose lively answer is the likelier": (found[0] > found[1]).tolist(),
    }
    return {name: sum(hits) / len(hits) for name, hits in shares.items()}, found


def main() -> None:
    """Make rows, train, and print the scores before and after."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for rows, model and checkpoints")
    args, others = parser.parse_known_args()
    rows, kinds = make_rows()
    rows.save_to_disk(args.work / "rows")
    command = [ROOT / "examples" / "train_preference.py", "--config", HERE / "preference.yaml"]
    command += ["--model_name_or_path", nano.FOLDER, "--dataset_name", args.work / "rows"]
    command += ["--output_dir", args.work / "model", *others]
    subprocess.run([sys.executable, *map(str, command)], check=True)
    before, reference = score(nano.FOLDER, rows["test"], kinds)
    after, policy = score(args.work / "model", rows["test"], kinds)
    run = json.loads((args.work / "model" / "run.json").read_text(encoding="utf-8"))
    rewards = run["starts"][-1]["arguments"]["beta"] * (policy - reference)
    margins = rewards[0] - rewards[1]
    num_pictures = len(kinds) // len(THING_PROMPTS)
    lines = [f"| of {len(kinds)} questions about {num_pictures} held-out pictures | before | after |", "|---|---|---|"]
    lines += [f"| {name} | {share:.0%} | {after[name]:.0%} |" for name, share in before.items()]
    lines += [f"| pairs whose lively answer earns the higher reward | | {(margins > 0).float().mean():.0%} |"]
    lines += [f"| mean margin of rewards | 0.00 | {margins.mean():.2f} |"]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
