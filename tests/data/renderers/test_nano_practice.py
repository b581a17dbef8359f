"""What the nano's recipe learns from and with, on a few pages drawn with small fonts and painted things.

python -m pytest tests/data/renderers/test_nano_practice.py
"""

import importlib
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import Dataset
from painted_things import PaintedAssets
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from deepseek_vl_hf.data.rendering import Draw
from deepseek_vl_hf.data.rows import chat_row
from deepseek_vl_hf.data.shards import FEATURES


NEXT = Path(__file__).parents[3] / "examples" / "recipes" / "nano" / "next"
NAMES = [path.stem for path in NEXT.glob("*.py")]
PAGES = 40


@pytest.fixture(scope="module", autouse=True)
def recipe():
    """Imports the recipe's modules from where they lie."""
    others = {name: sys.modules.pop(name) for name in NAMES if name in sys.modules}
    sys.path.insert(0, str(NEXT))
    yield importlib.import_module
    sys.path.remove(str(NEXT))
    for name in NAMES:
        sys.modules.pop(name, None)
    sys.modules.update(others)


@pytest.fixture(scope="module")
def small(assets):
    """Fonts, texts and drawings that lie beside the tests."""

    class SmallAssets(type(assets)):
        drawings = PaintedAssets.drawings
        photographs = PaintedAssets.photographs

        def code(self):
            return PROGRAMS

    PROGRAMS = assets.code()
    return SmallAssets(assets.folder)


@pytest.fixture(scope="module")
def pages(recipe, small):
    return recipe("pages").Pages(small, seed=3)


@pytest.fixture(scope="module")
def some(recipe, small, pages):
    """Pages of print, of things and of groups of things."""
    others = [recipe("pages").Pages(small, 3, only) for only in ("things", "groups")]
    return [
        *(pages.page(index) for index in range(PAGES)),
        *(each.page(index) for each in others for index in range(12)),
    ]


def test_a_page_is_a_function_of_its_number(pages, some):
    again = pages.page(7)
    assert again.pixels.shape == (256, 256, 3)
    assert (again.pixels == some[7].pixels).all()
    assert (again.labels == some[7].labels).all()
    assert (again.pixels != some[8].pixels).any()


def test_whoever_follows_the_characters_reads_the_text(recipe, some):
    follow = recipe("practice").follow
    texts = [(page.labels, text) for page in some for text, _, _ in page.texts if len(page.texts) == 1]
    # Of small print a cell may hold two lines, of which it keeps one, or more characters than it has places for.
    legible = [(labels, text) for labels, text in texts if (labels[..., 4:] > 0).sum() == len(text) + 1]
    assert len(legible) > 10
    for labels, text in legible:
        cells = follow(labels, text)
        assert cells is not None, text
        assert (labels[..., 4] > 0)[cells].all()


def test_a_cell_knows_its_characters_and_those_before(recipe):
    module = recipe("labels")
    labels = np.zeros((module.GRID, module.GRID, module.COLUMNS), np.int16)
    text = "ab c\nd" + module.END
    cell = module.SIDE / module.GRID
    middles = np.array([(0.2, 0.5), (0.8, 0.5), (1.2, 0.5), (1.7, 0.5), (1.7, 0.5), (0.5, 1.5), (0.5, 1.5)]) * cell
    module.label_text(labels, text, middles)

    def said(row, column, part):
        return "".join(module.CHARACTERS[code] for code in labels[row, column, part] if code)

    assert [said(0, 0, module.SLOTS), said(0, 1, module.SLOTS), said(1, 0, module.SLOTS)] == [
        "ab",
        " c\n",
        "d" + module.END,
    ]
    assert said(0, 0, module.BEFORE) == module.START * 2
    assert said(0, 1, module.BEFORE) == "ba"  # the last one first
    assert said(1, 0, module.BEFORE) == "\nc"
    assert not labels[2:].any()


def test_a_thing_covers_its_cells_and_has_one_middle(recipe, some):
    module = recipe("labels")
    shown = [page for page in some if page.things]
    assert len(shown) > 5
    for page in shown:
        for drawing, x, y, _ in page.things:
            row, column = int(y * module.GRID), int(x * module.GRID)
            assert page.labels[row, column, module.MIDDLE] == 1
            assert page.labels[row, column, module.THING] == module.THING_CODES[drawing.thing.name]
        assert page.labels[..., module.MIDDLE].sum() <= len(page.things)


def exercises(recipe, some, language):
    practice, drawings = recipe("practice"), {each.key: each for page in some for each, *_ in page.things}
    for index, page in enumerate(some):
        contents = {"texts": page.texts, "things": [[each.key, *place] for each, *place in page.things]}
        for attempt in range(6):
            found = practice.exercise(
                Draw(attempt, "exercise", "train", index, language), page.labels, contents, drawings
            )
            if found:
                yield page, found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_answers_are_true(recipe, some, language):
    module, kinds = recipe("labels"), set()
    for page, found in exercises(recipe, some, language):
        names = {drawing.thing.phrase(language).lower() for drawing, *_ in page.things}
        texts = {text for text, _, _ in page.texts}
        for question, answer in found.turns:
            if question in ("Read the text.", "读出文字。"):
                assert answer in texts
                kinds.add("read")
                written = "".join(
                    module.CHARACTERS[code]
                    for code in page.labels.reshape(-1, 9)[found.cells][:, module.SLOTS].ravel()
                    if code
                )
                assert not set(answer) - set(written)
            if question in ("What is in the picture?", "图片里是什么？"):
                assert answer.rstrip(".。").lower() in names
                kinds.add("named")
            if question.startswith(("How many", "Count the")) or "数一数" in question:
                assert any(str(number) in answer for number in range(1, 9))
                kinds.add("counted")
    assert kinds >= {"read", "named"}


def test_rows_are_short_where_cells_that_show_nothing_are_left_out(recipe, some):
    lengths = [len(found.cells) for _, found in exercises(recipe, some, "en")]
    assert 144 in lengths
    assert np.median(lengths) < 72


def test_every_text_comes_back_and_conversations_are_as_the_template_has_them(recipe):
    vocabulary = recipe("vocabulary")
    tokenizer = vocabulary.make_tokenizer(["图片里是什么？"], ["今天天气很好"], 420)
    turns = [("What is in the picture?", "An elephant."), ("图片里是什么？", "大象\n  ab 龘")]
    messages = [
        {"role": role, "content": [{"type": "text", "text": text}]}
        for turn in turns
        for role, text in zip(("user", "assistant"), turn, strict=True)
    ]
    messages[0]["content"].insert(0, {"type": "image"})
    pieces = vocabulary.spell(turns, (1,))
    text = "".join(piece for piece, _ in pieces)
    assert text == tokenizer.apply_chat_template(messages, tokenize=False)
    whole = tokenizer(text, add_special_tokens=False)["input_ids"]
    parts = tokenizer([piece for piece, _ in pieces], add_special_tokens=False)["input_ids"]
    assert [code for part in parts for code in part] == whole
    assert tokenizer.decode(whole) == text
    assert tokenizer.decode(tokenizer("a  b\n\t龘é😀", add_special_tokens=False)["input_ids"]) == "a  b\n\t龘é😀"
    with pytest.raises(ValueError, match="vocabulary larger"):
        vocabulary.make_tokenizer(["".join(map(chr, range(0x4E00, 0x4F00)))], [], 420)


def test_folded_attention_gives_the_numbers_of_the_eager_one(recipe):
    towers = recipe("train_towers")
    torch.manual_seed(0)
    eyes = towers.Eyes(recipe("shape").make_config()).eval()
    for name, parameter in eyes.named_parameters():
        if "rel_pos" in name or "pos_embed" in name:
            torch.nn.init.normal_(parameter, std=0.2)
    view = torch.rand(2, 3, 256, 256)
    with torch.no_grad():
        folded = eyes.high(view)[0]
        for layer in eyes.vision_model.high_res.layers:
            layer.attn.config._attn_implementation = "eager"
        assert (folded - eyes.high(view)[0]).abs().max() < 1e-5


@pytest.fixture
def work(recipe, small, tmp_path, monkeypatch):
    """A folder with a few pages, of print and of things, and modules for which they are enough."""
    for name in ("pages", "train_towers", "train_language_model", "bits_per_byte"):
        monkeypatch.setattr(recipe(name), "Assets", lambda *folder: small)
    for name in ("train_towers", "train_aligner", "train_language_model"):
        monkeypatch.setattr(recipe(name), "HELD_OUT", 4)
    for only in ("", "things", "groups"):
        recipe("pages").make_pages(tmp_path / (only or "pages"), 16, 0 if only else 3, 5, 1, only)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # several add up in an order that is not always the same
    yield tmp_path
    torch.set_num_threads(threads)


def run(module, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["script", *map(str, arguments)])
    module.main()


def train_towers(recipe, work, monkeypatch, part, **changes):
    towers = recipe("train_towers")
    changed = {**towers.PARTS, part: replace(towers.PARTS[part], batch_size=2, **changes)}
    monkeypatch.setattr(towers, "PARTS", changed)
    run(towers, monkeypatch, "--work", work, "--part", part, "--num-plain", 3)
    return torch.load(work / f"towers{part}.pt", weights_only=True)


def test_towers_learn_part_by_part_and_go_on_where_they_were(recipe, work, monkeypatch, capsys):
    monkeypatch.setattr(recipe("train_towers"), "SAVE_EVERY", 1)
    with pytest.raises(FileNotFoundError, match="--part 1 first"):
        train_towers(recipe, work, monkeypatch, 2, steps=2)
    kept, before = torch.save, None
    for part, tower in ((1, ".high_res"), (2, ".low_res"), (3, ".high_res"), (4, ".low_res")):
        whole = train_towers(recipe, work, monkeypatch, part, steps=2)
        (work / f"towers{part}.pt").unlink()
        monkeypatch.setattr(torch, "save", lambda state, path: kept(state, path) if state["done"] < 2 else None)
        with pytest.raises(FileNotFoundError):  # interrupted after the first step
            train_towers(recipe, work, monkeypatch, part, steps=2)
        monkeypatch.setattr(torch, "save", kept)
        again = train_towers(recipe, work, monkeypatch, part, steps=2)
        assert all(torch.equal(whole["model"][name], again["model"][name]) for name in whole["model"])
        if before:
            changed = {name for name in before if not torch.equal(before[name], whole["model"][name])}
            assert all(tower in name for name in changed if name.startswith("0."))
            assert any(tower in name for name in changed)
        before = whole["model"]
    assert "right things" in capsys.readouterr().out


def test_what_is_seen_from_nearer_is_labelled_anew(recipe, work, monkeypatch):
    towers = recipe("train_towers")
    pages, chosen, rng = towers.Pages(work / "things", None, print_only=False), np.arange(12), np.random.default_rng(0)
    pixels, labels = pages.closer(chosen, 192, rng)
    assert pixels.shape == (12, 3, 192, 192)
    assert (labels[..., 0] != pages.labels[chosen][..., 0]).any()
    for page, found in zip(pages.labels[chosen], labels, strict=True):
        assert set(np.unique(found[..., 0])) <= {0, *np.unique(page[..., 0])}
    monkeypatch.setattr(towers, "NEARER", 0)
    assert (pages.closer(chosen, 192, rng)[1][..., 0] == pages.labels[chosen][..., 0]).all()


def test_the_towers_that_are_kept_fit(recipe, tmp_path):
    see, made = recipe("see"), recipe("train_towers").Eyes(recipe("shape").make_config())
    kept = see.load_eyes(tmp_path).state_dict()
    assert kept.keys() == made.state_dict().keys()
    assert all(torch.equal(value, value.half().float()) for value in kept.values())


def test_what_is_seen_is_practised_and_put_together(recipe, work, monkeypatch, capsys):
    rows = [
        chat_row(("What is this?", f"Number {number}."), images=[picture])
        for number, picture in enumerate(
            [Image.new("RGB", (60 + 40 * shade, 90), (80 * shade, 0, 0)) for shade in range(3)]
        )
    ]
    rows.append(chat_row(("user", "assistant"), images=[]))
    (work / "rows").mkdir()
    rows = [{**dict.fromkeys(FEATURES), **row} for row in rows]
    Dataset.from_list(rows, features=FEATURES).to_parquet(work / "rows" / "train-0.parquet")
    for part in range(1, 5):
        train_towers(recipe, work, monkeypatch, part, steps=1)
    run(recipe("see"), monkeypatch, "--work", work)
    assert np.load(work / "pages" / "seen.npy").shape == (16, 144, 256 + 160)
    assert np.load(work / "rows_seen.npy").shape == (3, 144, 256 + 160)

    aligning = recipe("train_aligner")
    run(aligning, monkeypatch, "--work", work, "--steps", 2)
    aligner = aligning.Aligner(recipe("shape").make_config())
    aligner.load_state_dict(torch.load(work / "aligner.pt", weights_only=True))
    with torch.no_grad():
        tokens = aligner(torch.from_numpy(np.load(work / "pages" / "seen.npy")))
    assert tokens.square().mean().sqrt().item() == pytest.approx(aligning.RMS, rel=0.01)

    learning, together = recipe("train_language_model"), recipe("train_together")
    monkeypatch.setattr(learning, "POSITIONS", 600)
    run(learning, monkeypatch, "--work", work, "--steps", 2)
    run(together, monkeypatch, "--work", work, "--steps", 2)
    run(recipe("assemble"), monkeypatch, "--work", work)
    monkeypatch.setattr(sys, "argv", ["script", str(work / "language_model"), str(work / "start"), "--most", "3"])
    recipe("bits_per_byte").main()
    told = capsys.readouterr().out
    assert "4 conversations" in told
    *_, alone, whole = told.strip().splitlines()
    assert alone.startswith("| language_model | ")
    assert alone.endswith("(+0.0%) |")
    assert 0 < float(whole.split("|")[2].split()[0]) < 8 * 1.5  # two steps: about as many bits as bytes have
    first = torch.load(work / "towers4.pt", weights_only=True)["model"]
    learned = torch.load(work / "together.pt", weights_only=True)["model"]
    changed = {name for name in first if name[0] == "0" and not torch.equal(first[name], learned[f"eyes{name[1:]}"])}
    assert any(".high_res" in name for name in changed)
    assert any(".low_res" in name for name in changed)

    model = AutoModelForImageTextToText.from_pretrained(work / "start")
    processor = AutoProcessor.from_pretrained(work / "start")
    inputs = processor(text="<image_placeholder>What?", images=rows[1]["images"], return_tensors="pt")
    seen = model.get_image_features(**{name: inputs[name] for name in ("pixel_values", "high_res_pixel_values")})
    eyes = recipe("see").load_eyes(work)
    eyes.load_state_dict({name[5:]: value for name, value in learned.items() if name.startswith("eyes.")})
    aligner.load_state_dict(
        {name[15:]: value for name, value in learned.items() if name.startswith("reader.aligner.")}
    )
    with torch.no_grad():
        squares = recipe("see").square(processor.image_processor, rows[1]["images"][0])[None]
        assert (aligner(eyes(squares)) - seen.pooler_output).abs().max() < 0.02
