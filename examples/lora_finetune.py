"""Teach the nano national flags with LoRA, and measure what it learned and what it forgot.

    python examples/lora_finetune.py --output_dir flags

takes a few minutes on two CPU cores, downloads nothing, and leaves an adapter with its processor in `flags`. All arguments of
TRL and PEFT can be added (`--lora_target_modules language`, `--lora_r 4`, `--use_dora`, `--max_steps 100`).

Whoever learns flags alone soon sees flags everywhere. What the nano learned from is not in the package, so it rehearses what it
says itself about doodles before it learns. `--doodle_share 0` shows what happens without.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

from datasets import Dataset
from PIL import Image
from transformers import AutoModelForImageTextToText
from trl import ModelConfig, TrlParser

import deepseek_vl_hf
from deepseek_vl_hf import nano
from deepseek_vl_hf.data.kinds import KINDS, is_named
from deepseek_vl_hf.data.rows import chat_row
from deepseek_vl_hf.data.sentences import NAMING
from deepseek_vl_hf.loading import load
from deepseek_vl_hf.training import DeepSeekVLHFTrainer, DeepSeekVLHFTrainingConfig, load_model, peft_config_for
from deepseek_vl_hf.training.record import versions
from flags import QUESTIONS, draw_doodle, make_row
from recipes.nano.evaluate import ask


OLD = Path(__file__).parents[1] / "tests" / "nano" / "pictures"  # of things that the nano names, none learned from


@dataclass
class FlagsArguments:
    """What is learned, rehearsed and asked."""

    num_flags: int = field(default=2500, metadata={"help": "Pictures of flags to learn from."})
    num_doodles: int = field(default=500, metadata={"help": "Doodles to rehearse on."})
    doodle_share: float = field(default=0.25, metadata={"help": "Share of doodles among the rows of training."})
    num_held_out: int = field(default=400, metadata={"help": "Pictures of flags to ask about."})


@dataclass
class Task:
    """One question about held-out pictures, and for each of them what tells a right answer."""

    name: str
    prompt: str
    pictures: list[Image.Image]
    checks: list[Callable[[str], bool]]


def flags_task(num_pictures: int) -> Task:
    """Flags; only the whole sentence is right."""
    rows = [make_row("held_out", number) for number in range(num_pictures)]
    sentences = [row["messages"][-1]["content"][0]["text"] for row in rows]
    return Task("flags", QUESTIONS[0], [row["images"][0] for row in rows], [said.__eq__ for said in sentences])


def old_task() -> Task:
    """Things and digits that the nano names, in pictures that it never learned from; the name is enough."""
    kinds, names = {kind.name: kind for kind in KINDS}, json.loads((OLD / "answers.json").read_text(encoding="utf-8"))
    checks = [partial(is_named, kind=kinds[name]) for name, *_ in names.values()]
    return Task("old things", NAMING[0], [Image.open(OLD / file) for file in names], checks)


def answers(model, processor, pictures: list[Image.Image], questions: list[str], batch_size: int = 50) -> list[str]:
    """Answer each question about its picture, greedily."""
    parts = [slice(first, first + batch_size) for first in range(0, len(pictures), batch_size)]
    model.eval()
    return [said.strip() for part in parts for said in ask(model, processor, pictures[part], questions[part])]


def score(model, processor, tasks: list[Task], stage: str) -> list[dict]:
    """Ask; the results as `evaluation.json` holds them."""
    results = []
    for task in tasks:
        said = answers(model, processor, task.pictures, [task.prompt] * len(task.pictures))
        right = sum(check(answer) for check, answer in zip(task.checks, said, strict=True))
        result = {"task": task.name, "metric": "named right", "value": right / len(said), "rows": len(said)}
        results.append({**result, "prompt": task.prompt, "sampling": "greedy", "stage": stage})
    return results


def summary(results: list[dict]) -> str:
    """All scores in one line."""
    scores = {}
    for found in results:
        scores.setdefault((found["task"], found["rows"]), []).append(f"{found['value']:.1%} {found['stage']}")
    return "; ".join(f"{task} named right: {', '.join(found)} (of {rows})" for (task, rows), found in scores.items())


if __name__ == "__main__":
    parser = TrlParser((FlagsArguments, DeepSeekVLHFTrainingConfig, ModelConfig))
    parser.set_defaults(
        stage=3,
        model_name_or_path=str(nano.FOLDER),
        use_peft=True,
        lora_target_modules=["language+aligner"],
        lora_dropout=0.0,
        learning_rate=3e-3,
        aligner_lr_scale=0.25,  # it learns whole, so in smaller steps
        warmup_steps=0.05,
        max_steps=500,
        per_device_train_batch_size=8,
        gradient_checkpointing=False,
        dataloader_pin_memory=False,
        logging_steps=50,
        save_strategy="no",
        report_to="none",
    )
    script_args, training_args, model_args = parser.parse_args_and_config()
    marks = [("start", time.perf_counter())]

    # Model and processor, and what they know of flags
    model, processor = load_model(model_args)
    tasks = [flags_task(script_args.num_held_out), old_task()]
    results = score(model, processor, tasks, "before")
    marks.append(("asking before", time.perf_counter()))

    # Data
    train_dataset = {"flags": Dataset.from_list([make_row("train", n) for n in range(script_args.num_flags)])}
    if script_args.doodle_share:
        doodles = [draw_doodle(number) for number in range(script_args.num_doodles)]
        questions = [NAMING[number % len(NAMING)] for number in range(len(doodles))]
        said = answers(model, processor, doodles, questions)
        about = {"source": "doodles, drawn; answers by the nano", "licence": "CC0-1.0", "language": "en"}
        rehearsed = [
            {**chat_row(pair, images=[doodle]), **about}
            for *pair, doodle in zip(questions, said, doodles, strict=True)
        ]
        train_dataset["doodles"] = Dataset.from_list(rehearsed)
        training_args.set_shares = {"doodles": script_args.doodle_share}
    marks.append(("making data", time.perf_counter()))

    # Training
    trainer = DeepSeekVLHFTrainer(
        model=model,
        args=training_args,
        train_dataset=train_dataset,
        processing_class=processor,
        peft_config=peft_config_for(model_args),
    )
    trainer.train(resume_from_checkpoint=training_args.resume_from_checkpoint)
    trainer.save_model(training_args.output_dir)
    marks.append(("training", time.perf_counter()))

    # What was saved, beside its base and merged into it
    model = AutoModelForImageTextToText.from_pretrained(training_args.output_dir)
    results += score(model, processor, tasks, "after")
    model, _ = load(training_args.output_dir)
    results += score(model, processor, tasks, "merged")
    marks.append(("asking after", time.perf_counter()))
    seconds = {name: round(end - start) for (_, start), (name, end) in pairwise(marks)}
    learned = sum(count for part, count in trainer.num_parameters.items() if part != "frozen")
    found = {
        "results": results,
        "command": " ".join(["python", *sys.argv]),
        "versions": {"deepseek_vl_hf": deepseek_vl_hf.__version__, **versions()},
        "learning_parameters": learned,
        "seconds": seconds,
    }
    (Path(training_args.output_dir) / "evaluation.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(f"{learned:,} parameters learned; seconds: {seconds}")
    print(summary(results))
