"""The recipes of data hold what the paper's tables hold, or what stands in for it."""

from pathlib import Path

import pytest
import yaml

from deepseek_vl_hf.data.sources import SOURCES
from deepseek_vl_hf.data.sources.listing import SHARES


RECIPES = Path(__file__).parents[3] / "examples" / "recipes" / "data"
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
NUMBERS = {"pretrain": "1", "sft": "2"}


def groups(name):
    return yaml.safe_load((RECIPES / f"{name}.yaml").read_text(encoding="utf-8"))["mixture"]


@pytest.mark.parametrize("name", ["stage1", "pretrain", "sft"])
def test_shares_add_up_and_every_part_is_known(name):
    assert yaml.safe_load((RECIPES / f"{name}.yaml").read_text(encoding="utf-8"))["seed"] == 0
    assert round(sum(group["share"] for group in groups(name)), 6) == 100
    for group in groups(name):
        shares = [part["share"] for part in group["sources"] if "share" in part]
        assert not shares or len(shares) == len(group["sources"])
        assert not shares or round(sum(shares), 6) == group["share"]
        for part in group["sources"]:
            assert part.get("source") in SOURCES or part.get("renderer") in RENDERERS
            assert "path" in part or "renderer" in part


@pytest.mark.parametrize(("name", "number"), NUMBERS.items())
def test_groups_and_shares_are_those_of_the_paper(name, number):
    assert {f"{number}: {group['group']}": group["share"] for group in groups(name)} == {
        place: share for place, share in SHARES.items() if place.startswith(number)
    }


@pytest.mark.parametrize(("name", "number"), NUMBERS.items())
def test_a_group_holds_each_set_of_the_paper_or_all_that_stands_in_for_it(name, number):
    for group in groups(name):
        parts = {part.get("source", part.get("renderer")) for part in group["sources"]}
        for source in SOURCES.values():
            if f"{number}: {group['group']}" in source.table and source.name != "wikiweb2m":
                assert source.name in parts or set(source.replaced_by) <= parts
                assert source.name not in parts or source.convert is not None


def test_a_path_that_is_filled_in_is_where_the_set_is_published():
    for name in ("stage1", "pretrain", "sft"):
        for group in groups(name):
            for part in group["sources"]:
                if part.get("path", "???") != "???":
                    assert part["path"] in SOURCES[part["source"]].get
