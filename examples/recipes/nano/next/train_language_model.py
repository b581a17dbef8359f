"""Teach the nano's language model, before the three stages: the counterpart of DeepSeek LLM coming pretrained, and a little more.

It learns from prose and conversations in English and Chinese, and practises to read what the aligner, which goes on learning, says about
pages: a language model that can read anything written follows the order of a text at once, but one this small must learn even that,
and it takes far more rows than three stages have. Step number i is a function of the seed and i; an interrupted run goes on from its
last checkpoint.

    WORK/pages, things, groups, rows with what is seen of them, aligner.pt  ->  WORK/NAME.pt, WORK/NAME: a Llama and its tokenizer

    python examples/recipes/nano/next/train_language_model.py --work WORK
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from labels import GRID
from practice import Exercise, exercise
from progress import Progress
from see import FOLDERS, num_pictures
from shape import make_config
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from train_aligner import Aligner
from train_towers import HELD_OUT, Muon
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast
from vocabulary import BOS, EOS, IMAGE, make_tokenizer, spell

from deepseek_vl_hf import DeepSeekVLHFConfig
from deepseek_vl_hf.data.assets import FOLDER, Assets
from deepseek_vl_hf.data.drawings import Drawing
from deepseek_vl_hf.data.rendering import Draw
from deepseek_vl_hf.training.run import load_rows


VOCABULARY = 1856
POSITIONS = 12_000  # of a step, about
PART = 5_000  # positions, with padding, that go through the model at once
STEP, FEW = 32, 256  # positions of a row, tokens of a part, in multiples of which shapes come
LONGEST = 640  # positions of a row
CHINESE = 0.35  # share of the exercises
TEXT_LENGTH = 256  # characters of a piece of prose, at most
TEXT_WEIGHT = 0.5  # of a letter of prose, beside one of an answer
NUM_CELLS = GRID * GRID
SHARES = {"pages": 0.34, "things": 0.18, "groups": 0.05, "rows": 0.26, "texts": 0.17}


class Row(NamedTuple):
    """A row.

    ids: (L,) token ids. learned: (L,) weight of each as something to say. seen: what the towers see (N, C) where its image tokens
    are, or what that will be made of.
    """

    ids: np.ndarray
    learned: np.ndarray
    seen: Any


class Conversation(NamedTuple):
    """Of a row: its number, the number of its first picture, how many pictures it has, questions with answers."""

    row: int
    first: int
    count: int
    turns: list[tuple[str, str]]


class Practice:
    """A folder of pages, and exercises about them.

    Args:
        folder: As `pages` and `see` fill it.
        shows: File with what comes out for each page.
    """

    def __init__(self, folder: Path, shows: str):
        self.path, self.shown = folder / shows, None
        lines = (folder / "contents.jsonl").read_text(encoding="utf-8").splitlines()
        self.contents = [json.loads(line) for line in lines]
        self.labels = np.load(folder / "labels.npy")

    def exercise(self, page: int, seed: int, drawings: dict[str, Drawing]) -> tuple[Exercise, np.ndarray] | None:
        """An exercise about a page, with what the page shows; None where nothing can be asked."""
        if self.shown is None:  # in the process that reads it
            self.shown = np.load(self.path, mmap_mode="r")
        draw = Draw(seed, "practice", "train", page, "zh" if seed % 100 < 100 * CHINESE else "en")
        found = exercise(draw, self.labels[page], self.contents[page], drawings)
        return found and (found, self.shown[page])


class Rows(Dataset):
    """Everything that is learned from; item i is what step i learns."""

    shows = "seen.npy"

    def __init__(
        self, work: Path, assets: Path, tokenizer: PreTrainedTokenizerFast, seed: int, shares: dict[str, float]
    ):
        self.work, self.tokenizer, self.seed = work, tokenizer, seed
        self.names, self.shares = list(shares), np.cumsum(list(shares.values())) / sum(shares.values())
        self.assets = Assets(assets)
        self.texts = {each: self.assets.paragraphs(each, "train") for each in ("en", "zh")}
        self.conversations = read_conversations(work)
        self.folders = {name: Practice(work / name, self.shows) for name in FOLDERS}
        self.drawings = {each.key: each for each in self.assets.drawings().every()}
        self.shown = None  # by pictures of rows

    def __getitem__(self, step: int) -> list[Row]:
        rng = np.random.default_rng([self.seed, step])
        rows, positions = [], 0
        while positions < POSITIONS:
            name = self.names[int(np.searchsorted(self.shares, rng.random(), side="right"))]
            row = self._exercise(rng, name) if name in FOLDERS else getattr(self, f"_{name}")(rng)
            if row is not None and len(row.ids) <= LONGEST:
                rows.append(row)
                positions += len(row.ids)
        return rows

    def _exercise(self, rng: np.random.Generator, name: str) -> Row | None:
        return self.of_page(
            name, int(rng.integers(len(self.folders[name].contents) - HELD_OUT)), int(rng.integers(2**31))
        )

    def of_page(self, name: str, page: int, seed: int) -> Row | None:
        """An exercise about a page of a folder."""
        found = self.folders[name].exercise(page, seed, self.drawings)
        if found is None:
            return None
        cells = found[0].cells
        return self._row(spell(found[0].turns, (len(cells),)), self._of_cells(found[1], cells))

    def _of_cells(self, shown: np.ndarray, cells: np.ndarray) -> Any:
        """What is seen in some cells of a page."""
        return shown[cells]

    def _rows(self, rng: np.random.Generator) -> Row | None:
        conversation = self.conversations[rng.integers(len(self.conversations))]
        pieces = spell(conversation.turns, (NUM_CELLS,) * conversation.count)
        return self._row(pieces, self._of_row(conversation) if conversation.count else None)

    def _of_row(self, conversation: Conversation) -> Any:
        """What is seen in the pictures of a row."""
        if self.shown is None:
            self.shown = np.load(self.work / "rows_seen.npy", mmap_mode="r")
        seen = self.shown[conversation.first : conversation.first + conversation.count]
        return np.array(seen).reshape(-1, seen.shape[-1])

    def _texts(self, rng: np.random.Generator) -> Row:
        language = "zh" if rng.random() < 0.4 else "en"
        text = self.texts[language][rng.integers(len(self.texts[language]))]
        start = int(rng.integers(max(1, len(text) - TEXT_LENGTH)))
        piece = text[start : start + TEXT_LENGTH]
        row = self._row([(BOS, False), (piece + (EOS if start + TEXT_LENGTH >= len(text) else ""), True)], None)
        return row._replace(learned=row.learned * TEXT_WEIGHT)

    def _row(self, pieces: list[tuple[str, bool]], seen: Any) -> Row:
        coded = self.tokenizer([text for text, _ in pieces], add_special_tokens=False)["input_ids"]
        ids = np.concatenate([np.array(each, np.int64) for each in coded])
        learned = np.concatenate(
            [np.full(len(each), said, np.float32) for each, (_, said) in zip(coded, pieces, strict=True)]
        )
        return Row(ids, learned, seen)


def read_conversations(work: Path) -> list[Conversation]:
    """Those of the rows that begin with a question, with all their pictures in it."""
    found, first = [], 0
    rows = load_rows("train", str(work / "rows"))
    for row, (messages, count) in enumerate(zip(rows["messages"], num_pictures(rows), strict=True)):
        if messages:
            said = [
                "".join(part["text"] or "" for part in each["content"] if part["type"] == "text") for each in messages
            ]
            if messages[0]["role"] == "user" and not any(
                part["type"] == "image" for each in messages[1:] for part in each["content"]
            ):
                found.append(Conversation(row, first, count, list(zip(said[::2], said[1::2], strict=True))))
        first += count
    return found


def parts_of(rows: list[Row], pad: int):
    """Rows of about one length at a time, padded at the right: ids, learned (R, L), seen (N, C).

    Of the few shapes that `STEP` allows, since for each new one the CPU's kernels are made anew.
    """
    rows = sorted(rows, key=lambda row: len(row.ids))
    while rows:
        count = 1
        while count < len(rows) and _up(len(rows[count].ids), STEP) * (count + 1) <= PART:
            count += 1
        some, rows = rows[:count], rows[count:]
        longest = _up(len(some[-1].ids), STEP)
        height = max(count, PART // longest if rows else 0)
        ids, learned = np.full((height, longest), pad, np.int64), np.zeros((height, longest), np.float32)
        for place, row in enumerate(some):
            ids[place, : len(row.ids)], learned[place, : len(row.ids)] = row.ids, row.learned
        seen = [torch.as_tensor(row.seen) for row in some if row.seen is not None]
        yield torch.from_numpy(ids), torch.from_numpy(learned), torch.cat(seen) if seen else None


def _up(number: int, step: int) -> int:
    """To the next multiple."""
    return -(-number // step) * step


class Reader(nn.Module):
    """An aligner and a language model.

    Args:
        config: Of the language model in it.
        image_id: Of the tokens in whose places visual tokens go.
    """

    def __init__(self, config: DeepSeekVLHFConfig, image_id: int):
        super().__init__()
        self.aligner = Aligner(config)
        # For rows this short: what `--compile` makes of plain matrices is faster on a CPU than fused attention.
        self.language_model = LlamaForCausalLM._from_config(config.text_config, attn_implementation="eager")
        self.image_id, self.pad_id = image_id, config.text_config.pad_token_id

    def forward(self, ids, learned, seen) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Scores (M, V) of what is learned, what it is (M,), and its weight (M,)."""
        embedded = self.language_model.get_input_embeddings()(ids)
        if seen is not None:
            seen = F.pad(seen, (0, 0, 0, _up(len(seen), FEW) - len(seen)))
            tokens = self.aligner(seen).to(embedded.dtype)  # those that are too many are not used
            embedded = embedded.masked_scatter((ids == self.image_id)[..., None], tokens)
        hidden = self.language_model.model(inputs_embeds=embedded, use_cache=False).last_hidden_state
        mask = learned[:, 1:] > 0
        said = hidden[:, :-1][mask]
        scores = self.language_model.lm_head(F.pad(said, (0, 0, 0, _up(len(said), FEW) - len(said))))[: len(said)]
        return scores.float(), ids[:, 1:][mask], learned[:, 1:][mask]


def learn(model: Reader, rows: list[Row], bf16: bool) -> float:
    """Add the gradients of rows; return their loss."""
    weights, total = float(sum(row.learned[1:].sum() for row in rows)), 0.0
    for ids, learned, seen in parts_of(rows, model.pad_id):
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            scores, wanted, weight = model(ids, learned, seen)
        loss = (F.cross_entropy(scores, wanted, reduction="none") * weight).sum() / weights
        loss.backward()
        total += loss.item()
    return total


@torch.no_grad()
@torch.compiler.set_stance("force_eager")  # for so few rows nothing is compiled anew
def examine(model: Reader, rows: Rows, bf16: bool, look: Callable[[list[Row]], list[Row]] = list) -> str:
    """Of every fourth held-out page: shares of letters, and of whole answers, that the model would say; by what is asked.

    What rows are made of is seen by `look`, where it is not seen already.
    """
    counts: dict[str, list[float]] = {}
    held_out = [
        (name, page) for name, folder in rows.folders.items() for page in range(len(folder.contents))[-HELD_OUT::4]
    ]
    for name, page in held_out:
        row = rows.of_page(name, page, page)
        if row is None:
            continue
        texts = rows.folders[name].contents[page]["texts"]
        kind = name if not texts else "block" if len(texts) > 1 else "lines" if "\n" in texts[0][0] else "line"
        for ids, learned, seen in parts_of(look([row]), model.pad_id):
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                scores, wanted, _ = model(ids, learned, seen)
            right = (scores.argmax(-1) == wanted).float()
            entry = counts.setdefault(kind, [0, 0, 0, 0])
            entry[0] += right.sum().item()
            entry[1] += len(right)
            entry[2] += right.min().item()
            entry[3] += 1
    return ", ".join(f"{kind} {a / b:.3f} ({c / d:.3f} of {d:.0f})" for kind, (a, b, c, d) in sorted(counts.items()))


def load_tokenizer(work: Path, assets: Path) -> PreTrainedTokenizerFast:
    """Made of what is said about pictures, and of as much of the rest as there is room for; kept, so that later runs have the same."""
    folder = work / "tokenizer"
    if not folder.exists():
        said: dict[bool, list[str]] = {True: [], False: []}
        for each in read_conversations(work):
            said[each.count > 0] += [text for turn in each.turns for text in turn]
        prose = [text for each in ("zh", "en") for text in Assets(assets).paragraphs(each, "train")]
        make_tokenizer(said[True], [*said[False], *prose], VOCABULARY).save_pretrained(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def make_optimizers(model: Reader) -> list[torch.optim.Optimizer]:
    """Muon for the layers' matrices, AdamW for the rest."""
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and "layers." in name]
    rest = [p for name, p in model.named_parameters() if p.ndim < 2 or "layers." not in name]
    return [Muon(matrices, weight_decay=0.02), torch.optim.AdamW(rest, lr=3e-3, betas=(0.9, 0.95), weight_decay=0.0)]


def practise(rows: Rows, progress: Progress, take: Callable[[list[Row]], float], ask: Callable[[], str], every: int):
    """Take the steps that are left.

    Args:
        rows: Item i is what step i learns.
        progress: Of the model, which is saved `every` so many steps.
        take: Adds the gradients of rows, and returns their loss.
        ask: Examines the model; what it says is printed before the model is saved.
        every: Steps.
    """
    steps = range(progress.done, progress.steps)
    loader = DataLoader(rows, batch_size=None, sampler=steps, num_workers=1, prefetch_factor=4, collate_fn=list)
    start, losses = time.time(), []
    for step, batch in zip(steps, loader, strict=True):
        progress.begin_step(step)
        losses.append(take(batch))
        progress.end_step()
        is_last = step + 1 == progress.steps
        if (step + 1) % 50 == 0 or is_last:
            print(f"step {step + 1}: loss {np.mean(losses):.3f}, {time.time() - start:.0f} s", flush=True)
            losses = []
        if (step + 1) % every == 0 or is_last:
            progress.model.eval()
            print(ask(), flush=True)
            progress.model.train()
            progress.save(step + 1)


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--assets", type=Path, default=FOLDER)
    parser.add_argument("--name", default="language_model", help="folder in WORK that is made")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--text-only", action="store_true", help="prose alone, to compare with")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--compile", action="store_true", help="faster where there is a C++ compiler")
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    tokenizer = load_tokenizer(args.work, args.assets)
    model = Reader(make_config(vocab_size=VOCABULARY), tokenizer.convert_tokens_to_ids(IMAGE))
    if not args.text_only:
        model.aligner.load_state_dict(torch.load(args.work / "aligner.pt", weights_only=True))
    if args.compile:
        model.language_model.model.compile(dynamic=True)
    shares = {"texts": 1.0} if args.text_only else SHARES
    rows = Rows(args.work, args.assets, tokenizer, args.seed, shares)
    progress = Progress(model, make_optimizers(model), args.work / f"{args.name}.pt", args.steps)
    size = sum(param.numel() for param in model.language_model.parameters())
    print(
        f"{len(tokenizer)} tokens, {size / 1e6:.2f}M parameters, {len(rows.conversations)} conversations", flush=True
    )

    practise(
        rows,
        progress,
        lambda batch: learn(model, batch, args.bf16),
        lambda: examine(model, rows, args.bf16),
        every=250,
    )
    model.language_model.save_pretrained(args.work / args.name)
    tokenizer.save_pretrained(args.work / args.name)


if __name__ == "__main__":
    main()
