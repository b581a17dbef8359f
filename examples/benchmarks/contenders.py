"""What `training.py` compares: one random model in our class and in transformers', rows, and the trainers.

The rows are made up: pictures of one colour each and its name, and words that follow one another by chance, of the lengths
that `packing.py` has. What falls in the loss is that chance.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset, Features, Image, List, Value
from packing import MIX
from PIL import Image as PILImage
from transformers import AutoModelForImageTextToText, AutoProcessor, AutoTokenizer, TrainerCallback
from trl import SFTConfig, SFTTrainer
from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

from deepseek_vl_hf import (
    DeepSeekVLHFConfig,
    DeepSeekVLHFForConditionalGeneration,
    DeepSeekVLHFImageProcessor,
    DeepSeekVLHFProcessor,
    nano,
)
from deepseek_vl_hf.exporting import write_checkpoint
from deepseek_vl_hf.training import DeepSeekVLHFTrainer, DeepSeekVLHFTrainingConfig


@dataclass(frozen=True)
class Size:
    """How much is trained.

    Args:
        preset: Of the model.
        changes: To the preset.
        max_length: Tokens of a pack.
        batch_size: Packs per batch of ours, rows per batch of TRL's.
        num_packs: How many packs the rows fill.
        learning_rate: Constant after eight steps of warm-up.
    """

    preset: str
    max_length: int
    batch_size: int
    num_packs: int
    learning_rate: float = 5e-4
    changes: dict = field(default_factory=dict)


# The nano's tokenizer serves every size.
IDS = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
SMALL = {
    "text_config": {"hidden_size": 384, "intermediate_size": 1024} | IDS,
    "vision_config": {"hidden_size": 96, "intermediate_size": 384, "num_attention_heads": 3},
    "high_res_vision_config": {"hidden_size": 64, "num_attention_heads": 2, "window_size": 7, "output_channels": 32},
}
SIZES = {
    "tiny": Size("nano", max_length=256, batch_size=2, num_packs=8),  # for the test
    "small": Size("nano", max_length=512, batch_size=4, num_packs=120, changes=SMALL),
    "1.3b": Size("1.3b", 4096, 4, 240, 1e-4, {"text_config": IDS, "image_token_id": 3}),
}
# What learns in stage 2, in transformers' class.
STOCK_LEARNS = ("model.aligner", "model.language_model", "lm_head", "model.high_res_vision_neck")
STOCK_LEARNS += (
    "model.high_res_vision_proj",
    "model.high_res_vision_alpha",
    "model.high_res_vision_model.vision_encoder.neck",
)
FEATURES = Features({"text": Value("string"), "images": List(Image())})


def make_models(size: Size, folder: Path) -> None:
    """Write one random model for both classes."""
    config = DeepSeekVLHFConfig.from_preset(size.preset, **size.changes)
    torch.manual_seed(0)
    model = DeepSeekVLHFForConditionalGeneration(config)
    with torch.no_grad():
        for parameter in model.parameters():  # zeros, as alpha and relative positions start, would hide a difference
            if not parameter.any():
                parameter.normal_(std=0.02)
    processor = DeepSeekVLHFProcessor(
        DeepSeekVLHFImageProcessor.from_config(config),
        AutoTokenizer.from_pretrained(nano.FOLDER),
        num_image_tokens=config.num_visual_tokens,
    )
    for layout in ("own", "native"):
        write_checkpoint(model, processor, folder / layout, layout)


def make_picture(colour: int, rng: np.random.Generator) -> PILImage.Image:
    """A mosaic of one hue, in all shades."""
    tiles = rng.integers(256, size=(12, 16, 3), dtype=np.uint8)
    tiles[..., 0] = 32 * colour
    return PILImage.fromarray(tiles, "HSV").convert("RGB").resize((320, 240), PILImage.Resampling.BICUBIC)


def make_rows(size: Size, folder: Path, seed: int = 0) -> Dataset:
    """Make rows that fill about so many packs: pictures of one colour and its name, and words that follow one another."""
    processor, rng = AutoProcessor.from_pretrained(folder / "own"), np.random.default_rng(seed)
    words = sorted(token for token in processor.tokenizer.get_vocab() if token[0] == "Ġ" and token[1:].isalpha())[:100]
    followers = rng.integers(len(words), size=(len(words), 4))
    names, (bos, eos) = list(MIX), (processor.tokenizer.bos_token, processor.tokenizer.eos_token)
    rows, room = [], size.num_packs * size.max_length
    while room > 0:
        _, median, spread, (fewest, most) = MIX[names[rng.choice(len(names), p=[part[0] for part in MIX.values()])]]
        num_images = int(rng.integers(fewest, most + 1))
        taken = 2 + num_images * (processor.num_image_tokens + 1)  # begin, end, pictures and their names
        num_words = int(rng.lognormal(np.log(median), spread) * size.max_length / 4096)  # lengths are those of 4096
        num_words = min(max(8, num_words), size.max_length - taken)
        colours, text = rng.integers(8, size=num_images), [int(rng.integers(len(words)))]
        for choice in rng.choice(4, size=num_words - 1, p=[0.7, 0.1, 0.1, 0.1]):
            text.append(followers[text[-1], choice])
        pieces = [
            bos,
            *(f"{processor.image_token}{words[colour]}" for colour in colours),
            *(words[i] for i in text),
            eos,
        ]
        images = [make_picture(colour, rng) for colour in colours]
        rows.append({"text": "".join(pieces).replace("Ġ", " "), "images": images})
        room -= taken + num_words
    return Dataset.from_list(rows, features=FEATURES)


class Noted(TrainerCallback):
    """Notes of every micro-batch its targets, padding and places, and when each step ended."""

    def __init__(self):
        self.batches, self.ends = [], []  # (targets, padding, places); (seconds, batches so far)

    def on_step_end(self, args, state, control, **kwargs):
        """Note the time."""
        if args.device.type == "cuda":
            torch.cuda.synchronize()
        self.ends.append((time.perf_counter(), len(self.batches)))


class Notes:
    """Mixed into a trainer, sees the batches that it trains on."""

    def training_step(self, model, inputs, num_items_in_batch=None):
        """Count, and train."""
        ids, targets = inputs["input_ids"], (inputs["labels"][:, 1:] != -100).sum()  # nothing predicts the first token
        self.noted.batches.append((targets.item(), (ids == IDS["pad_token_id"]).sum().item(), ids.numel()))
        return super().training_step(model, inputs, num_items_in_batch)


class Ours(Notes, DeepSeekVLHFTrainer):
    """Our trainer as it is."""


class OursMixed(Notes, DeepSeekVLHFTrainer):
    """Our trainer without modality grouping: the same items in an order that does not look at their modality."""

    def _get_train_sampler(self, train_dataset=None):
        items = list(super()._get_train_sampler(train_dataset))
        return [items[index] for index in np.random.default_rng(self.args.seed).permutation(len(items))]


class Stock(Notes, SFTTrainer):
    """TRL's trainer as it is."""


class WithoutImageTokens(DataCollatorForVisionLanguageModeling):
    """TRL's collator, with labels that leave image tokens out as ours do."""

    def torch_call(self, examples):
        """Collate, and mask."""
        batch = super().torch_call(examples)
        batch["labels"][batch["input_ids"] == self.processor.image_token_id] = -100
        return batch


def make_trainer(kind: str, size: Size, folder: Path, rows: Dataset, device: str, seed: int = 0, **changes):
    """Make one of the trainers that are compared, on the same weights."""
    cuda = device.startswith("cuda")
    fields = {
        "output_dir": str(folder / "output"),
        "max_length": size.max_length,
        "per_device_train_batch_size": size.batch_size,
        "max_steps": size.num_packs // (size.batch_size * int(os.environ.get("WORLD_SIZE", 1))),
        "learning_rate": size.learning_rate,
        "lr_scheduler_type": "constant_with_warmup",
        "warmup_steps": 8,
        "adam_beta2": 0.95,
        "bf16": cuda,
        "gradient_checkpointing": cuda,
        "use_cpu": not cuda,
        "dataloader_num_workers": 8 if cuda else 0,
        "logging_steps": 1,
        "seed": seed,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "ddp_backend": "gloo" if "WORLD_SIZE" in os.environ and not cuda else None,
    }
    model = folder / ("native" if kind.startswith("TRL") else "own")
    processor, model = AutoProcessor.from_pretrained(model), AutoModelForImageTextToText.from_pretrained(model)
    noted = Noted()
    if kind.startswith("TRL"):
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(name.startswith(STOCK_LEARNS))
        args = SFTConfig(**fields | {"remove_unused_columns": False} | changes)
        collator = WithoutImageTokens(processor, max_length=size.max_length)
        trainer = Stock(model, args, collator, rows, processing_class=processor, callbacks=[noted])
    else:
        ours = {"stage": 2, "language_warmup_steps": 0, "lr_drops": {}}
        args = DeepSeekVLHFTrainingConfig(**fields | ours | changes)
        make = Ours if kind == "ours" else OursMixed
        trainer = make(model, args, rows, processing_class=processor, callbacks=[noted])
    trainer.noted = noted
    return trainer
