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
        folded = eyes.towers(view)[1]
        for layer in eyes.vision_model.high_res.layers:
            layer.attn.config._attn_implementation = "eager"
        assert (folded - eyes.towers(view)[1]).abs().max() < 1e-5


@pytest.fixture
def work(recipe, small, tmp_path, monkeypatch):
    """A folder with a few pages, of print and of things, and modules for which they are enough."""
    for name in ("pages", "train_towers", "train_language_model"):
        if hasattr(recipe(name), "Assets"):
            monkeypatch.setattr(recipe(name), "Assets", lambda *folder: small)
    for name in ("train_towers", "train_language_model"):
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
    pages = dict.fromkeys(towers.PARTS[part].pages, 2)
    changed = {**towers.PARTS, part: replace(towers.PARTS[part], pages=pages, **changes)}
    monkeypatch.setattr(towers, "PARTS", changed)
    run(towers, monkeypatch, "--work", work, "--part", part, "--num-plain", 3)
    return torch.load(work / f"towers{part}.pt", weights_only=True)


def test_towers_learn_part_by_part_and_go_on_where_they_were(recipe, work, monkeypatch, capsys):
    monkeypatch.setattr(recipe("train_towers"), "SAVE_EVERY", 1)
    kept = torch.save
    for part in (1, 2):
        whole = train_towers(recipe, work, monkeypatch, part, steps=2)
        (work / f"towers{part}.pt").unlink()
        monkeypatch.setattr(torch, "save", lambda state, path: kept(state, path) if state["done"] < 2 else None)
        with pytest.raises(FileNotFoundError):  # interrupted after the first step
            train_towers(recipe, work, monkeypatch, part, steps=2)
        monkeypatch.setattr(torch, "save", kept)
        again = train_towers(recipe, work, monkeypatch, part, steps=2)
        assert all(torch.equal(whole["model"][name], again["model"][name]) for name in whole["model"])
    whole = torch.load(work / "towers1.pt", weights_only=True)

    second = torch.load(work / "towers2.pt", weights_only=True)
    changed = {name for name in whole["model"] if not torch.equal(whole["model"][name], second["model"][name])}
    assert changed
    assert all(".low" in name for name in changed)
    for part in (3, 4, 5):
        last = train_towers(recipe, work, monkeypatch, part, steps=1)
    changed = {name for name in whole["model"] if not torch.equal(second["model"][name], last["model"][name])}
    assert any("aligner" in name for name in changed)
    assert any(".high_res" in name for name in changed)
    assert "right things" in capsys.readouterr().out


def test_what_is_kept_of_the_towers_fits_the_model(recipe, tmp_path):
    towers, config = recipe("train_towers"), recipe("shape").make_config()
    kept = towers.before(tmp_path, 3)
    both = torch.nn.ModuleList([towers.Eyes(config), towers.Teller(config)])
    both.load_state_dict(kept)
    with pytest.raises(FileNotFoundError, match="--part 1 first"):
        towers.before(tmp_path, 2)


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
    Dataset.from_list(rows, features=FEATURES).to_parquet(work / "rows" / "train.parquet")
    for part in range(1, 6):
        train_towers(recipe, work, monkeypatch, part, steps=1)
    run(recipe("see"), monkeypatch, "--work", work)
    tokens = np.load(work / "pages" / "tokens.npy")
    assert tokens.shape == (16, 144, 256)
    assert np.square(tokens.astype(np.float32)).mean() ** 0.5 == pytest.approx(recipe("see").RMS, rel=0.2)
    assert np.load(work / "rows_tokens.npy").shape == (3, 144, 256)

    learning = recipe("train_language_model")
    monkeypatch.setattr(learning, "POSITIONS", 600)
    run(learning, monkeypatch, "--work", work, "--steps", 2)
    together = recipe("train_together")
    run(together, monkeypatch, "--work", work, "--steps", 2)
    run(recipe("assemble"), monkeypatch, "--work", work)
    assert "4 conversations" in capsys.readouterr().out
    model = AutoModelForImageTextToText.from_pretrained(work / "start")
    processor = AutoProcessor.from_pretrained(work / "start")
    inputs = processor(text="<image_placeholder>What?", images=rows[1]["images"], return_tensors="pt")
    seen = model.get_image_features(**{name: inputs[name] for name in ("pixel_values", "high_res_pixel_values")})

    eyes = recipe("see").load_eyes(work)
    with torch.no_grad():
        squares = recipe("see").square(processor.image_processor, rows[1]["images"][0])[None]
        assert np.abs(eyes(squares)[0].numpy() - np.load(work / "rows_tokens.npy")[1]).max() < 0.02
        learned = torch.load(work / "together.pt", weights_only=True)["model"]
        eyes.load_state_dict({name[5:]: value for name, value in learned.items() if name.startswith("eyes.")})
        assert (eyes(squares) - seen.pooler_output).abs().max() < 0.02
    first = torch.load(work / "eyes.pt", weights_only=True)
    changed = {name for name in first if not torch.equal(first[name], learned[f"eyes.{name}"])}
    assert all(any(part in name for name in changed) for part in (".high_res", ".low_res", "aligner"))
