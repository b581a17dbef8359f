"""Pairs of answers, one preferred to the other, come in; a batch for DPO goes out, or what is wrong with which rows.

    {"prompt": [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is this?"}]}],
     "chosen": [{"role": "assistant", "content": [{"type": "text", "text": "An elephant."}]}],
     "rejected": [{"role": "assistant", "content": [{"type": "text", "text": "It is an elephant."}]}],
     "images": [<PIL image>]}

This is TRL's format. Text-only rows have `images: []`; content may be a bare string, in which case the pictures open the
first question; and without a `prompt` the prompt is what both answers begin with. Unlike TRL's own, batches have token ids as the
model sees them when it answers, begin token included, and cuts leave pictures and prompts whole.

Letters: B rows, T tokens of the longest answer with its prompt, P pictures of all rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset, Image, IterableDataset, List
from transformers import ProcessorMixin
from trl.data_utils import extract_prompt

from ..data.picture_files import PictureError, look_at
from ..data.rows import IMAGE, text_part, texts_of
from .bad_rows import BadRow
from .collation import IGNORED, DeepSeekVLHFCollator, TokenizedRow


ANSWERS = ("chosen", "rejected")
NAMED = 10  # rows named in an error


@dataclass
class DeepSeekVLHFPreferenceCollator:
    """Turn pairs into a batch.

    An answer that reaches beyond `max_length` loses its end; a prompt never loses anything.

    Args:
        processor: The checkpoint's processor.
        max_length: Tokens that prompt and answer may have together, image tokens among them; `None` never cuts.
        pad_to_multiple_of: Pad the batch to a multiple of so many tokens.
    """

    processor: ProcessorMixin
    max_length: int | None = None
    pad_to_multiple_of: int | None = None

    def __post_init__(self):
        self._conversations = DeepSeekVLHFCollator(self.processor, pad_to_multiple_of=self.pad_to_multiple_of)

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
        """Collate pairs.

        Returns:
            `input_ids`, `attention_mask` and `completion_mask` (1 on the answer and the token that ends it) of shape `(2 B, T)`, chosen
            answers first; and if any row has pictures, pixels of shape `(2 P, 3, image_size, image_size)`, once for each half.

        Raises:
            BadRow: if a row is malformed, says the same twice or nothing, has other pictures than places for them, or a
                prompt that leaves no room for an answer. The row is named.
        """
        pairs = [self.tokenize(row, f"row {index} of the batch") for index, row in enumerate(rows)]
        answers = [pair[half] for half in range(len(ANSWERS)) for pair in pairs]
        batch = self._conversations.pad([[answer] for answer in answers])
        batch["completion_mask"] = (batch.pop("labels") != IGNORED).long()
        images = [image for chosen, _ in pairs for image in chosen.images]
        if images:
            pixels = self.processor.image_processor(images, return_tensors="pt")
            batch.update({name: value.repeat(2, 1, 1, 1) for name, value in pixels.items()})
        return batch

    def tokenize(self, row: Mapping[str, Any], place: str) -> tuple[TokenizedRow, TokenizedRow]:
        """Turn a pair into token ids with one image token per picture, cut to `max_length`.

        Args:
            row: As this module describes.
            place: Its name in errors.
        """
        try:
            turns = _conversations_of(row)
            chosen, rejected = (
                self._conversations.tokenize([{"messages": messages, "images": list(row.get("images") or [])}])[0]
                for messages in turns
            )
            self._cut(chosen)
            self._cut(rejected)
            if np.array_equal(chosen.input_ids, rejected.input_ids):
                raise BadRow(
                    "nothing to learn",
                    f"found answers that are the same up to max_length={self.max_length}, expected ones that differ; raise "
                    "max_length, or leave the row out",
                )
        except BadRow as error:
            # Of an error that names a place among conversations, what is wrong alone.
            raise BadRow(error.reason, f"{place} ({_words(row)!r:.80}): {error.__cause__ or error}") from error
        return chosen, rejected

    def _cut(self, answer: TokenizedRow) -> None:
        """Leave the last turn alone to be learned, and shorten it to `max_length`."""
        starts = np.flatnonzero(np.diff(answer.targets, prepend=False) & answer.targets)
        start = starts[-1]  # earlier runs of targets are earlier turns
        answer.targets[:start] = False
        if self.max_length is None or answer.length <= self.max_length:
            return
        kept = len(answer.input_ids) - (answer.length - self.max_length)
        if kept <= start:
            num_tokens = answer.length - (len(answer.input_ids) - start)
            raise BadRow(
                "nothing to learn",
                f"found a prompt of {num_tokens} tokens, {self.processor.num_image_tokens} for each of {len(answer.images)} "
                f"pictures among them, with max_length={self.max_length}, expected room for an answer behind it; raise "
                "max_length, set it to null, or leave the row out",
            )
        answer.input_ids, answer.targets, answer.length = (
            answer.input_ids[:kept],
            answer.targets[:kept],
            self.max_length,
        )


def _words(row: Mapping[str, Any]) -> str:
    """What a row says first, to know it by."""
    turns = row.get("prompt") or row.get("chosen")
    return " ".join(texts_of({"messages": _as_parts(turns, 0)})) if isinstance(turns, list) else str(turns)


def _conversations_of(row: Mapping[str, Any]) -> list[list[dict]]:
    """The conversation with each of the two answers.

    Raises:
        BadRow: if an answer is not one turn of words by the assistant, or both say the same.
    """
    missing = [name for name in ANSWERS if not isinstance(row.get(name), list) or not row[name]]
    if missing:
        raise BadRow(
            "row is malformed",
            f"found {', '.join(f'{name}={row.get(name)!r:.60}' for name in missing)}, expected lists of turns; write "
            '[{"role": "assistant", "content": [{"type": "text", "text": ...}]}]',
        )
    if row.get("prompt") is None:
        row = {**row, **extract_prompt(row)}
    num_images, said = len(row.get("images") or []), []
    for name in ANSWERS:
        roles = [turn.get("role") for turn in row[name]]
        if roles != ["assistant"]:
            raise BadRow(
                "row is malformed",
                f"found {name} with roles {roles}, expected one turn of the assistant; move what comes before it to the prompt",
            )
        (turn,) = _as_parts(row[name], 0)
        words = "".join(part.get("text") or "" for part in turn["content"]).strip()
        if not words:
            raise BadRow(
                "nothing to learn", f"found no words in {name}, expected an answer; write one, or leave the row out"
            )
        said.append(words)
    if said[0] == said[1]:
        raise BadRow(
            "nothing to learn",
            f"found {said[0]!r:.60} as both chosen and rejected, expected answers that differ; leave the row out",
        )
    return [[*_as_parts(row["prompt"], num_images), *_as_parts(row[name], 0)] for name in ANSWERS]


def _as_parts(turns: Sequence[Mapping[str, Any]], num_images: int) -> list[dict]:
    """Spell bare strings out; pictures open the first question that is one."""
    spelled = []
    for turn in turns:
        if isinstance(turn.get("content"), str):
            pictures = num_images if turn.get("role") == "user" else 0
            num_images -= pictures
            turn = {**turn, "content": [*[IMAGE] * pictures, text_part(turn["content"])]}
        spelled.append(dict(turn))
    return spelled


def check_pairs(name: str, rows: Dataset | IterableDataset, collator: DeepSeekVLHFPreferenceCollator) -> None:
    """Refuse a set with rows that cannot be learned from; of pictures, the headers alone are read.

    Rows of a stream are not looked at here: the collator refuses them as they come.

    Raises:
        ValueError: if a column is missing, or rows are bad. Up to `NAMED` of them are named.
    """
    columns = rows.column_names
    if columns is not None and not {*ANSWERS, "images"} <= set(columns):
        raise ValueError(
            f"{name}: found columns {columns}, expected 'chosen', 'rejected' and 'images', and as a rule 'prompt'; a set of text "
            "alone has 'images': [] in every row"
        )
    if not isinstance(rows, Dataset):
        return
    faults = list(_faults(name, rows, collator))
    if faults:
        more = f"\nand {len(faults) - NAMED} more" if len(faults) > NAMED else ""
        raise ValueError(
            f"found {len(faults)} of {len(rows)} rows that cannot be learned from, expected none; mend them, or leave them out:\n"
            + "\n".join(faults[:NAMED])
            + more
        )


def _faults(name: str, rows: Dataset, collator: DeepSeekVLHFPreferenceCollator) -> Iterator[str]:
    """What is wrong with each bad row."""
    if isinstance(getattr(rows.features["images"], "feature", None), Image):
        rows = rows.cast_column("images", List(Image(decode=False)))
    for index, row in enumerate(rows):
        place = f"row {index} of {name}"
        try:
            collator.tokenize(row, place)
            for picture in row["images"] or []:
                if isinstance(picture, Mapping):
                    data, path = picture.get("bytes"), picture.get("path")
                    look_at(Path(path) if data is None else data, str(path or "picture"), decode=False)
        except PictureError as error:
            yield f"{place}: found a picture that cannot be used: {error}"
        except BadRow as error:
            yield str(error)
