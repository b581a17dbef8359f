"""Held-out rows come in while a model trains; losses, bits per byte and the accuracy of choices go out, without generating.

    {"messages": [...], "images": [...]} or {"text": ..., "images": [...]}          a loss, by modality; bits per byte of language
    {"messages": [question with all options], "images": [...],
     "choices": ["A", "B", "C", "D"], "answer": "B"}                                multiple-choice perplexity

Multiple-choice perplexity (paper section 4.2.4): each choice follows the question in turn, and the one of the lowest perplexity
is the model's answer. A small model knows an option before it can write it in the form that is asked for.

Batches have one modality, on all processes, as in training. Letters: R rows, B rows of a batch, T tokens.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from datasets import Dataset
from torch import nn
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset

from .collation import IGNORED, DeepSeekVLHFCollator
from .sampling import count_images


def has_choices(rows: Dataset) -> bool:
    """Whether rows are questions with choices."""
    return {"choices", "answer"} <= set(rows.column_names)


def check_choices(name: str, rows: Dataset) -> None:
    """Refuse questions that have no right answer among at least two choices.

    Raises:
        ValueError: at the first such row.
    """
    for index, (choices, answer) in enumerate(zip(rows["choices"], rows["answer"], strict=True)):
        if len(set(choices)) < max(2, len(choices)) or answer not in choices or not all(map(str.strip, choices)):
            raise ValueError(
                f"{name}: found choices {choices} and answer {answer!r} in row {index}, expected at least two different choices "
                "that are not empty, and the answer among them, word for word"
            )


class HeldOutRows(TorchDataset):
    """Rows to score: those of a set, or each question with each of its choices as the answer.

    Args:
        rows: As the module describes.
    """

    def __init__(self, rows: Dataset):
        self.rows = rows
        counts = [len(choices) for choices in rows["choices"]] if has_choices(rows) else [1] * len(rows)
        self.questions = np.repeat(np.arange(len(rows)), counts)  # (R,)
        self.choices = np.concatenate([np.arange(count) for count in counts])
        self.is_multimodal = count_images(rows)[self.questions] > 0

    def __len__(self) -> int:
        return len(self.questions)

    def __getitem__(self, index: int) -> tuple[int, dict[str, Any]]:
        """A row and its number; a negative number gives the row that fills a batch, for which nobody asks."""
        place = index if index >= 0 else -1 - index
        row = dict(self.rows[int(self.questions[place])])
        choices = row.pop("choices", None)
        row.pop("answer", None)
        if choices is not None:
            said = {"role": "assistant", "content": [{"type": "text", "text": choices[self.choices[place]]}]}
            row["messages"] = [*row["messages"], said]
        return index, row

    def batches(self, batch_size: int, num_processes: int, process: int) -> list[list[int]]:
        """Numbers of the rows of each batch of a process: as many batches as others have, of the same modalities."""
        found = []
        for modality in (False, True):
            numbers = np.flatnonzero(self.is_multimodal == modality)
            if len(numbers):
                missing = -len(numbers) % (batch_size * num_processes)
                filled = np.concatenate([numbers, np.full(missing, -1 - numbers[0])])
                found += filled.reshape(-1, num_processes, batch_size)[:, process].tolist()
        return found


def held_out_loader(
    rows: Dataset, collator: DeepSeekVLHFCollator, batch_size: int, accelerator: Accelerator, num_workers: int = 0
) -> DataLoader:
    """Make the loader of a process; a batch has `rows` (B,), the numbers of its rows, and what the model reads."""
    held_out = HeldOutRows(rows)
    choosing = has_choices(rows)
    if choosing:
        collator = replace(collator, assistant_only_loss=True, max_length=None)
    collator = replace(collator, bad_rows=None, sources=None, cache=None, isolate_rows=False)

    def collate(items: Sequence[tuple[int, dict]]) -> dict[str, torch.Tensor]:
        batch = collator([row for _, row in items])
        if choosing:  # the token that ends the answer is not part of the choice
            labels = batch["labels"]
            last = labels.shape[1] - 1 - (labels != IGNORED).flip(1).int().argmax(1)
            labels[torch.arange(len(labels)), last] = IGNORED
        return {"rows": torch.tensor([index for index, _ in items]), **batch}

    batches = held_out.batches(batch_size, accelerator.num_processes, accelerator.process_index)
    return DataLoader(held_out, batch_sampler=batches, collate_fn=collate, num_workers=num_workers)


@torch.no_grad()
def score(
    model: nn.Module, loader: DataLoader, accelerator: Accelerator, tokenizer, after_batch: Callable[[], None]
) -> np.ndarray:
    """Score all rows, on all processes.

    Args:
        model: With TRL's fused head, which scores targets in chunks.
        loader: As `held_out_loader` makes it.
        after_batch: Called after each batch.

    Returns:
        `np.ndarray` of shape `(R, 3)`, float64: negative log-likelihood in nats, targets, and bytes of their text.
    """
    scores = torch.zeros(len(loader.dataset), 3, dtype=torch.float64)
    for batch in loader:
        rows = batch.pop("rows")
        targets = [labels[labels != IGNORED] for labels in batch["labels"]]
        texts = tokenizer.batch_decode(targets, skip_special_tokens=True)
        inputs = {name: value.to(accelerator.device) for name, value in batch.items()}
        outputs = model(**inputs, fused_lm_head=True)
        found = torch.stack(
            [
                -outputs.log_probs.double().sum(-1).cpu(),
                outputs.label_mask.sum(-1).double().cpu(),
                torch.tensor([len(text.encode()) for text in texts], dtype=torch.float64),
            ],
            dim=1,
        )
        scores[rows[rows >= 0]] = found[rows >= 0]
        after_batch()
    if accelerator.num_processes > 1:
        # Devices that lack float64 add in float32.
        scores = accelerator.reduce(scores.to(accelerator.device, torch.float32), "sum").double().cpu()
    return scores.numpy()


def summarise(held_out: HeldOutRows, scores: np.ndarray) -> dict[str, float]:
    """Turn scores into metrics.

    Args:
        held_out (`HeldOutRows`): What was scored.
        scores (`np.ndarray` of shape `(R, 3)`): As `score` gives them.

    Returns:
        For questions `accuracy` and the `perplexity` of right answers; else `loss` and its part of each modality, in nats per
        target, and `bits_per_byte` of language.
    """
    if has_choices(held_out.rows):
        means = scores[:, 0] / np.maximum(1, scores[:, 1])
        starts = np.flatnonzero(held_out.choices == 0)
        right = np.array(
            [row.index(answer) for row, answer in zip(held_out.rows["choices"], held_out.rows["answer"], strict=True)]
        )
        chosen = np.array([found.argmin() for found in np.split(means, starts[1:])])
        return {
            "accuracy": float((chosen == right).mean()),
            "perplexity": float(np.exp(means[starts + right].mean())),
        }
    metrics = {"loss": scores[:, 0].sum() / max(1, scores[:, 1].sum())}
    for modality, rows in (("language", ~held_out.is_multimodal), ("multimodal", held_out.is_multimodal)):
        if rows.any():
            metrics[f"loss_{modality}"] = scores[rows, 0].sum() / max(1, scores[rows, 1].sum())
    num_bytes = scores[~held_out.is_multimodal, 2].sum()
    if num_bytes:
        metrics["bits_per_byte"] = scores[~held_out.is_multimodal, 0].sum() / math.log(2) / num_bytes
    return {name: float(value) for name, value in metrics.items()}
