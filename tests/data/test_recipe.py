"""A recipe is read, or the error says what in it is wrong.

python -m pytest tests/data/test_recipe.py
"""

import json
from pathlib import Path

import pytest

from deepseek_vl_hf.data.assets import Assets
from deepseek_vl_hf.data.recipe import Entry, parse_recipe, read_recipe, recipe_of, to_dict
from deepseek_vl_hf.data.renderers import renderer_class
from deepseek_vl_hf.data.sources import SOURCES


RECIPES = Path(__file__).parents[2] / "examples" / "recipes" / "data"
GOOD = {
    "seed": 3,
    "mixture": [
        {
            "group": "A",
            "share": 60,
            "sources": [{"renderer": "lines"}, {"renderer": "lines"}, {"source": "textocr", "path": "x"}],
        },
        {"renderer": "toys:Dots", "share": 40, "languages": {"zh": 1}, "options": {"most": 3}},
    ],
}


def test_sources_of_a_group_share_equally_and_have_names_of_their_own():
    recipe = parse_recipe(GOOD)
    assert [(entry.label, entry.share) for entry in recipe.entries] == [
        ("lines", 20),
        ("lines#2", 20),
        ("textocr", 20),
        ("toys:Dots", 40),
    ]
    assert recipe.groups == {"A": 60, "toys:Dots": 40}
    assert recipe.entries[3].languages == {"zh": 1}
    assert recipe.entries[0].languages == {"en": 1, "zh": 1}


def test_a_recipe_survives_the_way_to_plain_data_and_back():
    asking = {"more_turns": 0.5, "weights": {"recognition/local-description": 2}}
    recipe = parse_recipe(
        {
            **GOOD,
            "mixture": [{"renderer": "lines", "share": 100, "asking": asking}],
            "hygiene": {"decontaminate": ["a"], "languages": ["en"]},
        }
    )
    assert recipe_of(json.loads(json.dumps(to_dict(recipe))), recipe.folder) == recipe


def test_the_digest_changes_with_what_decides_rows_alone(tmp_path):
    recipe = parse_recipe(GOOD)
    assert recipe.digest() == parse_recipe(GOOD, tmp_path).digest()
    assert recipe.digest() != parse_recipe({**GOOD, "seed": 4}).digest()


def changed(**change):
    return {**GOOD, **change}


def single(**entry):
    return changed(mixture=[{"share": 100, **entry}])


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([], r"found \[\] for a recipe, expected keys and values"),
        ({"seed": 1}, "missing: mixture"),
        (changed(mixtures=[]), "found keys"),
        (changed(mixture=[]), "found shares of 0% in all, expected 100"),
        (changed(seed=-1), "expected a share below 1 and a number"),
        (changed(test_share=1), "expected a share below 1"),
        (single(renderer="smoke"), "found renderer 'smoke', expected one of .*charts.* or module:Class"),
        (single(source="smoke"), "found source 'smoke', expected one of .*mmc4"),
        (single(), "expected either 'renderer' or 'source'"),
        (single(renderer="lines", source="mmc4"), "expected either 'renderer' or 'source'"),
        (single(renderer="lines", path="x"), "which a renderer does not have"),
        (single(source="mmc4", languages={"en": 1}), "which only a renderer has"),
        (single(source="mmc4", asking={}), r"found \['asking'\], which only a renderer has"),
        (single(renderer="lines", asking={"turns": 1}), r"lines: asking: found keys \['turns'\]"),
        (single(renderer="lines", asking={"more_turns": 1}), "lines: found more_turns=1 .*to below 1"),
        (single(renderer="lines", asking={"more_turns": "x"}), "lines: found more_turns='x' in asking"),
        (single(renderer="lines", asking={"weights": {"reading": 2}}), r"lines: found weights of \['reading'\]"),
        (single(renderer="lines", asking={"weights": {"recognition": 0}}), "expected factors above 0"),
        (single(renderer="lines", share=50), "found shares of 50% in all, expected 100"),
        (single(renderer="lines", share="all"), "found share 'all', expected percent above 0"),
        (single(renderer="lines", languages={"fr": 1}), r"found languages \['fr'\], expected some of en, zh"),
        (single(renderer="lines", languages=["en"]), "expected shares such as"),
        (changed(hygiene={"duplicates": "some"}), "found duplicates='some', expected one of none, exact, near"),
        (changed(hygiene={"min_characters": "a"}), "hygiene: found min_characters='a', expected a number"),
        (
            changed(hygiene={"min_characters": 9, "max_characters": 3}),
            "expected the first to be no more than the second",
        ),
        (changed(hygiene={"languages": [1]}), r"hygiene: found languages=\[1\], expected a list of texts"),
        (single(source="mmc4", path=3), "mmc4: found path=3, expected str"),
        (changed(mixture=[{"group": "A", "share": "x", "sources": []}]), "expected percent in 'share' and a list"),
        (changed(hygiene={"soap": 1}), r"hygiene: found keys \['soap'\]"),
        (
            changed(mixture=[{"group": "A", "share": 100, "sources": [{"renderer": "lines", "share": 50}]}]),
            "found sources with 50% in all, expected its share of 100%",
        ),
        (
            changed(
                mixture=[
                    {"group": "A", "share": 100, "sources": [{"renderer": "lines", "share": 5}, {"renderer": "web"}]}
                ]
            ),
            "expected one for each source, or for none",
        ),
    ],
)
def test_what_is_wrong_is_said(found, message):
    with pytest.raises(ValueError, match=message):
        parse_recipe(found)


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_recipes_of_the_examples_can_be_read_and_their_options_are_possible(path, tmp_path):
    recipe = read_recipe(path)
    for entry in recipe.entries:
        if entry.renderer:
            renderer_class(entry.renderer)(Assets(tmp_path), **entry.options)
        else:
            SOURCES[entry.source].using(**entry.options)
    assert sum(recipe.groups.values()) == pytest.approx(100, abs=0.051)


def test_a_file_that_is_none_is_said(tmp_path):
    with pytest.raises(ValueError, match="There is no recipe"):
        read_recipe(tmp_path / "none.yaml")
    (tmp_path / "a.yaml").write_text("a: [")
    with pytest.raises(ValueError, match="is no YAML"):
        read_recipe(tmp_path / "a.yaml")


def test_the_seed_of_the_command_takes_the_place_of_the_files(tmp_path):
    (tmp_path / "a.yaml").write_text(json.dumps(GOOD))
    assert read_recipe(tmp_path / "a.yaml").seed == 3
    assert read_recipe(tmp_path / "a.yaml", 9).seed == 9


def test_an_entry_is_plain_data():
    assert to_dict(Entry("a", 1.0))["label"] == "a"
