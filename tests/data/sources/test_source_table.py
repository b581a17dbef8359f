"""Every set of the paper has a source, every source says what it is, and every record becomes rows of one format."""

import copy
from pathlib import Path

import pytest
from published import OPTIONS, RECORDS, rows_of

from deepseek_vl_hf.data.rows import validate_row, validate_text
from deepseek_vl_hf.data.sources import SOURCES
from deepseek_vl_hf.data.sources.listing import SHARES, table
from deepseek_vl_hf.data.sources.source import AVAILABLE, LANGUAGES
from deepseek_vl_hf.data.taxonomy import NODES


RECIPES = Path(__file__).parents[3] / "examples" / "recipes" / "data"
# The paper's tables 1 and 2: group -> its sets.
PAPER = {
    "1: Interleaved image-text": ["MMC4", "Wikipedia EN & CN", "WikiHow", "In-house PDF and Epub textbooks"],
    "1: Image caption": ["CapsFusion", "TaiSu", "Detailed Caption"],
    "1: Table and chart": [
        "Chart2text",
        "Geo170K",
        "UReader",
        "UniChart",
        "M-Paper",
        "ScienceQA",
        "ScreenQA",
        "SciGraphQA-295K",
        "Paper2Figure100k",
        "Widget Captioning",
        "Screen2Words",
        "RefExp",
    ],
    "1: Web code": ["WebSight", "Python plots from notebooks"],
    "1: Scene text OCR": [
        "ArT",
        "MLT-17",
        "LSVT",
        "UberText",
        "COCO-Text",
        "RCTW-17",
        "ReCTS",
        "TextOCR",
        "OpenVINO (Open Images text)",
        "HierText",
    ],
    "1: Document OCR": ["arXiv rendered to markdown"],
    "1: Text-only": ["DeepSeek-LLM 2T corpus"],
    "2: In-house": ["In-house SFT data"],
    "2: General multimodal": [
        "ShareGPT4V",
        "LAION-GPTV",
        "LVIS-Instruct4V",
        "textOCR-GPT4V",
        "LLaVA1.6-GPT4V",
        "IconQA",
    ],
    "2: Table and chart": ["UReader", "Geo170K", "ScienceQA"],
    "2: Web code": ["Screen-to-code", "ScreenQA"],
    "2: Text-only SFT": ["DeepSeek-LLM SFT data"],
}
RENDERERS = [
    "documents",
    "exams",
    "tables",
    "charts",
    "formulas",
    "code",
    "diagrams",
    "geometry",
    "things",
    "handwriting",
    "compositions",
    "differences",
    "lines",
    "scene_text",
    "web",
]
READ = [name for name, source in SOURCES.items() if source.convert is not None]


@pytest.mark.parametrize("group", PAPER)
def test_every_set_that_the_paper_names_has_a_source(group):
    titles = {source.title for source in SOURCES.values() if group in source.table}
    assert set(PAPER[group]) <= titles


def test_no_source_claims_a_place_that_the_paper_does_not_give_it():
    read_beside = {"Wikipedia EN (WikiWeb2M)"}  # the paper's text cites it for Wikipedia
    for source in SOURCES.values():
        for place in source.table:
            assert place == "3.2: stage 1" or source.title in (*PAPER[place], *read_beside)


def test_the_shares_are_those_of_the_paper():
    for number in "12":
        assert round(sum(share for group, share in SHARES.items() if group[0] == number), 6) == 100.0
    assert set(SHARES) == set(PAPER)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_says_what_it_is(name):
    source = SOURCES[name]
    assert source.name == name
    assert all((source.title, source.get, source.licence))
    assert source.task == "text" or source.task in NODES
    assert source.available in AVAILABLE
    assert set(source.language.split(", ")) <= set(LANGUAGES)
    assert all(other in RENDERERS or other in SOURCES for other in source.replaced_by)
    assert source.convert is None or source.columns


def test_what_was_never_published_says_what_replaces_it():
    for source in SOURCES.values():
        if source.available == "in-house":
            assert source.replaced_by
        if source.convert is None:
            with pytest.raises(ValueError, match=rf"{source.name}: found no published records.*stands in"):
                list(source.rows({}))


def test_every_source_that_reads_has_a_record_here():
    assert set(RECORDS) == set(READ)


@pytest.mark.parametrize("name", READ)
def test_a_record_of_the_published_schema_becomes_rows(name, tmp_path):
    if name == "widget_captioning":
        (tmp_path / "17.json").write_text(
            '{"activity": {"root": {"children": [{}, {"bounds": [0, 0, 720, 640]}]}}}', encoding="utf-8"
        )
    found = rows_of(name, tmp_path)
    assert found
    for row in found:
        validate_row(row)
        validate_text(row)
        assert set(row) >= {"images", "source", "task", "licence", "language", "id"}
        assert row["task"] == "text" or row["task"] in NODES
        assert (row["task"] == "text") == (not row["images"])
        assert row["language"] in LANGUAGES
        assert row["source"] == name or name == "rows"
        assert row["id"].startswith(f"{row['source']}/")
    assert len({row["id"] for row in found}) == len(found)
    assert found == rows_of(name, tmp_path)


@pytest.mark.parametrize("name", READ)
def test_a_record_is_left_as_it_was(name, tmp_path):
    before = copy.deepcopy(RECORDS[name])
    if name != "widget_captioning":
        rows_of(name, tmp_path)
    assert RECORDS[name] == before


@pytest.mark.parametrize("name", READ)
def test_a_record_without_its_columns_says_what_was_found_and_what_helps(name, tmp_path):
    source = SOURCES[name].using(**OPTIONS.get(name, {}))
    with pytest.raises(ValueError, match=rf"^{name}: found .*expected .*'hub'") as raised:
        list(source.rows({"something": "else"}, tmp_path))
    assert source.title in str(raised.value)


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("record", [None, "text", [1]])
def test_what_is_no_record_is_refused(name, record):
    with pytest.raises(ValueError, match=rf"^{name}: found a record of type"):
        list(SOURCES[name].rows(record))


@pytest.mark.parametrize("name", READ)
def test_each_column_that_is_read_is_named(name, tmp_path):
    columns = {column.partition(",")[0] for column in SOURCES[name].columns}
    optional = {"id", "system", "images", "question", "..."}
    instead = {"detailed_caption": {"conversations"}, "hub": columns, "ureader": set(), "iconqa": {"id"}}
    assert columns - optional - instead.get(name, set()) <= set(RECORDS[name])


ODD = (None, 17, -1.5, True, "", "../x", "x" * 200, [], ["x"], [None], [[]], {}, {"x": "y"}, b"\x00", object())


def places_of(value, at=()):
    """Every place inside a record."""
    if at:
        yield at
    if isinstance(value, dict | list) and len(at) < 7:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places_of(inner, (*at, key))


def spoiled(record, at, value):
    record = copy.deepcopy(record)
    inner = record
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return record


@pytest.mark.parametrize("name", READ)
def test_whatever_stands_in_a_record_gives_rows_or_says_what_was_expected(name, tmp_path):
    for at in places_of(RECORDS[name]):
        for value in ODD:
            message, found = "found, expected", []
            try:
                found = rows_of(name, tmp_path, record=spoiled(RECORDS[name], at, value))
            except ValueError as error:
                message = str(error)
            assert all(word in message for word in ("found", "expected")), (at, value)
            for row in found:
                validate_row(row)


def test_a_recipe_may_set_task_language_licence_and_what_a_source_takes():
    source = SOURCES["pictures"].using(question="What is it?", licence="CC0-1.0", language="en")
    (row,) = source.rows(RECORDS["pictures"])
    assert row["messages"][0]["content"][1]["text"] == "What is it?"
    assert (row["licence"], row["language"]) == ("CC0-1.0", "en")
    with pytest.raises(
        ValueError, match="found options \\['colour'\\], expected some of task, language, licence, question"
    ):
        source.using(colour="red")
    with pytest.raises(ValueError, match="found task 'painting'"):
        source.using(task="painting")


def test_the_page_of_sources_is_what_the_function_writes():
    assert (RECIPES / "SOURCES.md").read_text(encoding="utf-8") == table()


def test_the_page_has_a_line_for_each_source():
    lines = [line for line in table().splitlines() if line.startswith("| `")]
    assert sorted(line.split("`")[1] for line in lines) == sorted(SOURCES)
