"""Rows of data come in; one batch that the model can train on goes out.

    {"messages": [...], "images": [...]}                      a conversation, as `deepseek_vl_hf.data.rows` describes
    {"text": "... <image_placeholder> ...", "images": [...]}  plain or interleaved text, one placeholder per picture

A row has either of the two columns; in a table that has both, the other one is `None`. A text-only row has
`images: []`. Out come `input_ids`, `attention_mask` and `labels`, padded on the right, and where there are pictures
`pixel_values` and, for the hybrid, `high_res_pixel_values`, in reading order over the rows.

Labels are -100 on image tokens and padding, always. A text learns every token, its end included. A conversation learns
what the assistant says and the token that ends it, or with `assistant_only_loss=False` every token of the text.

Where lists of rows come in, the rows of a list lie end to end. Positions start anew with each row and there is no
`attention_mask`: transformers reads from `position_ids` alone which tokens belong together, and keeps rows from seeing
each other with every kind of attention (flash's variable lengths, a block mask elsewhere). Padding is one more row.

Letters: B rows or packs, T tokens of the longest one, N image tokens per picture.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import ProcessorMixin
from transformers.utils import logging

from ..data.rows import PictureCountError, validate_row
from .bad_rows import BadRow, BadRows
from .features import FeatureCache, cached_states


logger = logging.get_logger(__name__)

IGNORED = -100
COUNTED = ("tokens", "targets", "slots")  # what `count` says before the rows of each source


@dataclass
class TokenizedRow:
    """A row before its pictures are expanded: every picture is still one image token.

    Args:
        input_ids: Token ids.
        targets: Which of them are to be predicted.
        images: The row's pictures.
        length: Tokens after expansion.
    """

    input_ids: np.ndarray
    targets: np.ndarray
    images: list
    length: int = 0


@dataclass
class DeepSeekVLHFCollator:
    """Turn rows into a batch with labels.

    A row longer than `max_length` loses the end of its text, never a part of a picture: a picture that does not fit is
    left out with all that follows it. Cut rows are counted in `counts` and reported in the log.

    Args:
        processor: The checkpoint's processor; its chat template must mark what the assistant says.
        max_length: Tokens that a row may have; `None` never cuts.
        count_image_tokens: Whether image tokens count towards `max_length`. If not, it bounds the text and pictures
            come on top, as in stage 1.
        assistant_only_loss: Whether conversations learn only what the assistant says.
        needs_images: Whether a row without pictures is an error.
        bad_rows: Counts rows that cannot be learned from, which are then replaced by neutral ones; `None` raises instead.
        isolate_rows: Whether the rows of a pack are kept from seeing each other. The paper does not say.
        pad_to_multiple_of: Pad the batch to a multiple of so many tokens.
        sources: Names `set/modality` of sources, to count what the batch has: see `count`.
        cache: Where features of pictures are looked up; a batch then has `missing_pictures`, `is_cached` and `body_states`, for
            `features.complete`.
    """

    processor: ProcessorMixin
    max_length: int | None = None
    count_image_tokens: bool = True
    assistant_only_loss: bool = True
    needs_images: bool = False
    bad_rows: BadRows | None = None
    isolate_rows: bool = True
    pad_to_multiple_of: int | None = None
    sources: Sequence[str] | None = None
    cache: FeatureCache | None = None
    # Rows seen, rows cut, rows cut that have nothing left to learn. Shared memory, so that the counts of dataloader
    # workers reach the trainer.
    _counts: torch.Tensor = field(default_factory=lambda: torch.zeros(3, dtype=torch.int64).share_memory_())

    def __post_init__(self):
        tokenizer = self.processor.tokenizer
        if tokenizer.pad_token_id is None or tokenizer.eos_token_id is None:
            raise ValueError(
                f"found pad_token={tokenizer.pad_token!r} and eos_token={tokenizer.eos_token!r}, expected both; "
                "set tokenizer.pad_token and tokenizer.eos_token"
            )
        if not re.search(r"{%-?\s*generation\s*-?%}", self.processor.chat_template or ""):
            raise ValueError(
                "found a chat template without {% generation %}, expected marks around what the assistant says; "
                "use the template of DeepSeekVLHFProcessor"
            )

    @property
    def counts(self) -> dict[str, int]:
        """How many rows came by so far, how many of them were cut, how many cut rows have nothing left to learn."""
        return dict(zip(("rows", "cut", "without_targets"), self._counts.tolist(), strict=True))

    def __call__(self, rows: Sequence[Mapping[str, Any]] | Sequence[Sequence[Mapping[str, Any]]]):
        """Collate rows, or packs of them.

        Returns:
            `input_ids`, `labels` and either `attention_mask` or `position_ids` of shape `(batch_size,
            sequence_length)`, and if any row has pictures, pixels of shape `(num_images, 3, image_size, image_size)`.

        Raises:
            BadRow: if a row is malformed, its placeholders and pictures differ in number, or it lacks a picture where
                one is needed, and `bad_rows` is `None`. The row is named.
        """
        packed = any(isinstance(row, list) for row in rows)
        packs = [row if isinstance(row, list) else [row] for row in rows]
        tokenized = self.tokenize([row for pack in packs for row in pack])
        rest = iter(tokenized)
        batch = self.pad([list(islice(rest, len(pack))) for pack in packs], isolate=packed and self.isolate_rows)
        if self.sources is not None:
            batch["counts"] = self.count([row for pack in packs for row in pack], tokenized, batch["labels"])
        images = [image for row in tokenized for image in row.images]
        if images and self.cache is not None:
            batch["missing_pictures"], batch["is_cached"], states = cached_states(self.cache, images)
            images = [image for image, cached in zip(images, batch["is_cached"].tolist(), strict=True) if not cached]
            batch.update({"body_states": states} if states else {})
        if images:
            batch.update(self.processor.image_processor(images, return_tensors="pt"))
        return batch

    def tokenize(self, rows: Sequence[Mapping[str, Any]]) -> list[TokenizedRow]:
        """Turn rows into token ids, with one image token per picture, cut to `max_length`."""
        tokenized: list[TokenizedRow | None] = [None] * len(rows)
        sound = [index for index, row in enumerate(rows) if self._attempt(row, index, self._check) is not None]
        for index, found in zip(sound, self._token_ids([rows[index] for index in sound]), strict=True):
            tokenized[index] = self._attempt(rows[index], index, self._finish, *found)
        for index, row in enumerate(rows):
            if tokenized[index] is None:
                tokenized[index] = self.neutral_row(row.get("is_multimodal", bool(row.get("images"))))
        return tokenized

    def _attempt(self, row: Mapping[str, Any], index: int, step, *args):
        """Take a step on a row; a bad row gives `None`, or is an error that names it where none are counted."""
        try:
            return step(row, *args)
        except BadRow as error:
            named = BadRow(error.reason, f"{_name(row, index)}: {error}")
            if self.bad_rows is None:
                raise named from error
            self.bad_rows.note(named, row.get("set"))
            return None

    def _finish(self, row: Mapping[str, Any], input_ids: np.ndarray, targets: np.ndarray) -> TokenizedRow:
        """Give a row its pictures, and cut it."""
        images = list(row.get("images") or [])
        found = int((input_ids == self.processor.image_token_id).sum())
        if found != len(images):
            raise BadRow(
                "placeholders and pictures differ",
                f"found {found} {self.processor.image_token} for {len(images)} images, expected as many of each; write "
                "one placeholder where each picture belongs, and none inside other text",
            )
        if not targets.any():
            raise BadRow("nothing to learn", "found no token to learn, expected an answer or a text that is not empty")
        return self.cut(TokenizedRow(input_ids, targets, images))

    def count(
        self, rows: Sequence[Mapping[str, Any]], tokenized: Sequence[TokenizedRow], labels: torch.Tensor
    ) -> torch.Tensor:
        """Count tokens, targets and slots (tokens and padding) of a batch, then its rows by source, as int64."""
        found = torch.zeros(len(COUNTED) + len(self.sources), dtype=torch.int64)
        found[0] = sum(row.length for row in tokenized)
        found[1] = (labels != IGNORED).sum()
        found[2] = labels.numel()
        for row in rows:
            name = f"{row.get('set')}/{'multimodal' if row.get('is_multimodal') else 'language'}"
            if name in self.sources:
                found[len(COUNTED) + self.sources.index(name)] += 1
        return found

    def neutral_row(self, is_multimodal: bool) -> TokenizedRow:
        """A row that has nothing to learn, with a blank picture or without."""
        tokenizer = self.processor.tokenizer
        ids = [
            tokenizer.eos_token_id,
            *([self.processor.image_token_id] if is_multimodal else []),
            tokenizer.eos_token_id,
        ]
        images = [Image.new("RGB", (16, 16))] if is_multimodal else []
        input_ids = np.array(ids)
        return TokenizedRow(input_ids, np.zeros(len(ids), dtype=bool), images, self._expanded(input_ids))

    def measure(self, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Count the tokens that rows take, cut to `max_length` where longer; their pictures are not looked at."""
        try:
            found = [input_ids for input_ids, _ in self._token_ids(rows)]
        except Exception as error:
            if len(rows) > 1:  # one of them is malformed
                return [length for row in rows for length in self.measure([row])]
            logger.debug(f"Measured a malformed row as a neutral one: {error}")
            return [self.neutral_row(is_multimodal=True).length]
        return [self._expanded(input_ids[: max(1, self._fit(input_ids)[1])]) for input_ids in found]

    def _fit(self, input_ids: np.ndarray) -> tuple[np.ndarray, int]:
        """Where each token ends as `max_length` counts, and how many tokens it leaves."""
        is_image = input_ids == self.processor.image_token_id
        ends = np.where(is_image, self.processor.num_image_tokens if self.count_image_tokens else 0, 1).cumsum()
        fits = len(ends) if self.max_length is None else int(np.searchsorted(ends, self.max_length, side="right"))
        return ends, fits

    def _expanded(self, input_ids: np.ndarray) -> int:
        """Tokens once each image token has become those of its picture."""
        num_images = int((input_ids == self.processor.image_token_id).sum())
        return len(input_ids) + num_images * (self.processor.num_image_tokens - 1)

    def _token_ids(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Token ids and targets of rows of both kinds, in their order."""
        chats = iter(self._tokenize_chats([row["messages"] for row in rows if _is_chat(row)]))
        texts = iter(self._tokenize_texts([row["text"] for row in rows if not _is_chat(row)]))
        return [next(chats if _is_chat(row) else texts) for row in rows]

    def _check(self, row: Mapping[str, Any]) -> bool:
        """Refuse a malformed row."""
        if row.get("unreadable") is not None:
            raise BadRow("picture cannot be read", f"found a picture that cannot be read ({row['unreadable']})")
        if _is_chat(row) == (row.get("text") is not None):
            raise BadRow(
                "row is malformed",
                f"found {'both' if _is_chat(row) else 'neither'} of 'messages' and 'text' among its columns {sorted(row)}, "
                "expected exactly one; leave the other out, or None",
            )
        if "is_multimodal" in row and row["is_multimodal"] != bool(row.get("images")):
            raise BadRow(
                "modality differs",
                f"found {len(row.get('images') or [])} pictures in a set that began with {'' if row['is_multimodal'] else 'no '}"
                "pictures in its rows, expected all rows of a stream to be alike where the first ones are; mix them from the "
                "beginning, or keep them in sets of their own",
            )
        if self.needs_images and not row.get("images"):
            raise BadRow(
                "picture is missing",
                "found no image, expected at least one in each row, where text alone reaches nothing that learns; filter such "
                "rows out, or have the language model or an adapter of it learn",
            )
        if _is_chat(row):
            try:
                validate_row({**row, "images": row.get("images") or []})
            except PictureCountError as error:
                raise BadRow("placeholders and pictures differ", str(error)) from error
            except ValueError as error:
                raise BadRow("row is malformed", str(error)) from error
        elif not isinstance(row["text"], str):
            raise BadRow("row is malformed", f"found a text of type {type(row['text']).__name__}, expected a string")
        return True

    def _tokenize_chats(self, conversations: list[list[dict]]) -> list[tuple[np.ndarray, np.ndarray]]:
        if not conversations:
            return []
        # The tokenizer alone leaves one image token per picture; the processor would expand each into N words first.
        encoded = self.processor.tokenizer.apply_chat_template(
            conversations,
            chat_template=self.processor.chat_template,
            return_dict=True,
            return_assistant_tokens_mask=self.assistant_only_loss,
            image_token=self.processor.image_token,
        )
        masks = encoded["assistant_masks"] if self.assistant_only_loss else [None] * len(conversations)
        return [self._with_start(ids, mask) for ids, mask in zip(encoded["input_ids"], masks, strict=True)]

    def _tokenize_texts(self, texts: list[str]) -> list[tuple[np.ndarray, np.ndarray]]:
        if not texts:
            return []
        tokenizer = self.processor.tokenizer
        encoded = tokenizer(texts, add_special_tokens=False, return_attention_mask=False)["input_ids"]
        return [
            self._with_start([*ids, *([] if ids[-1:] == [tokenizer.eos_token_id] else [tokenizer.eos_token_id])], None)
            for ids in encoded
        ]

    def _with_start(self, ids: list[int], mask: list[int] | None) -> tuple[np.ndarray, np.ndarray]:
        """Begin with the begin token, unless the template or the text has written it."""
        bos, input_ids = self.processor.tokenizer.bos_token_id, np.array(ids, dtype=np.int64)
        targets = np.ones(len(ids), dtype=bool) if mask is None else np.array(mask, dtype=bool)
        if bos is not None and ids[:1] != [bos]:
            input_ids, targets = np.insert(input_ids, 0, bos), np.insert(targets, 0, False)
        # Nothing predicts the first token; leaving it out keeps the number of targets exact.
        targets[0] = False
        targets[input_ids == self.processor.image_token_id] = False
        return input_ids, targets

    def cut(self, row: TokenizedRow) -> TokenizedRow:
        """Shorten a row to `max_length` at the border of a token or of a whole picture, and count it."""
        ends, kept = self._fit(row.input_ids)
        self._counts[0] += 1
        if kept < len(row.input_ids):
            is_image, num_image_tokens = (
                row.input_ids == self.processor.image_token_id,
                self.processor.num_image_tokens,
            )
            num_images = int(is_image[:kept].sum())
            if row.images and not num_images and (self.needs_images or self.max_length <= num_image_tokens):
                raise BadRow(
                    "picture does not fit",
                    f"found a picture of {num_image_tokens} image tokens that does not fit into "
                    f"max_length={self.max_length}, expected room until its end at {ends[is_image.argmax()]}; raise "
                    "max_length, or with count_image_tokens=False let it bound the text alone",
                )
            row = TokenizedRow(row.input_ids[:kept], row.targets[:kept], row.images[:num_images])
            self._report(int(ends[-1]), bool(row.targets.any()))
        row.length = self._expanded(row.input_ids)
        return row

    def _report(self, length: int, has_targets: bool) -> None:
        self._counts[1] += 1
        self._counts[2] += not has_targets
        seen, cut, without_targets = self._counts.tolist()
        # At 1, 10, 100, ... cut rows: often enough to notice, seldom enough to read.
        if cut == 10 ** (len(str(cut)) - 1):
            logger.warning(
                f"Cut a row of {length} tokens to max_length={self.max_length}; so far {cut} of {seen} rows were cut, "
                f"{without_targets} of them with nothing left to learn. Raise max_length, or filter long rows out."
            )

    def pad(self, packs: Sequence[Sequence[TokenizedRow]], isolate: bool = False) -> dict[str, torch.Tensor]:
        """Expand pictures into N image tokens each, lay the rows of a pack end to end and pad on the right."""
        width = max(sum(row.length for row in pack) for pack in packs)
        if self.pad_to_multiple_of:
            width += -width % self.pad_to_multiple_of
        shape = (len(packs), width)
        input_ids = np.full(shape, self.processor.tokenizer.pad_token_id, dtype=np.int64)  # (B, T)
        attention_mask, labels = np.zeros(shape, dtype=np.int64), np.full(shape, IGNORED, dtype=np.int64)
        position_ids = np.zeros(shape, dtype=np.int64)
        for index, pack in enumerate(packs):
            start = 0
            for row in pack:
                is_image = row.input_ids == self.processor.image_token_id
                repeats = np.where(is_image, self.processor.num_image_tokens, 1)
                place = slice(start, start + row.length)
                input_ids[index, place] = row.input_ids.repeat(repeats)
                labels[index, place] = np.where(row.targets, row.input_ids, IGNORED).repeat(repeats)
                position_ids[index, place] = np.arange(row.length)
                start += row.length
            attention_mask[index, :start] = 1
            position_ids[index, start:] = np.arange(width - start)
        arrays = {"input_ids": input_ids, "labels": labels}
        if isolate:
            arrays["position_ids"] = position_ids
        else:
            arrays["attention_mask"] = attention_mask
        return {name: torch.from_numpy(array) for name, array in arrays.items()}


def _is_chat(row: Mapping[str, Any]) -> bool:
    """Whether a row is a conversation; else it is a text."""
    return row.get("messages") is not None


def _name(row: Mapping[str, Any], index: int) -> str:
    """Name a row for an error: its place in its set or in the batch, and its first words."""
    words = str(row["messages"] if _is_chat(row) else row.get("text"))
    place = f"row {row['row']} of {row['set']}" if "set" in row else f"row {index} of the batch"
    return f"{place} ({words[:80]!r})"
