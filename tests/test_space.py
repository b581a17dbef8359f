"""The folder `spaces` holds what the Hub asks of a Space, and this package has what its app needs.

python -m pytest tests/test_space.py
"""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from huggingface_hub import SpaceCard, SpaceHardware

from deepseek_vl_hf import space


ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "spaces"
COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
# https://huggingface.co/docs/hub/spaces-config-reference and /spaces-zerogpu
FIELDS = {
    *(
        "title",
        "emoji",
        "colorFrom",
        "colorTo",
        "sdk",
        "sdk_version",
        "python_version",
        "app_file",
        "short_description",
    ),
    *("license", "suggested_hardware", "startup_duration_timeout", "tags", "models", "preload_from_hub"),
}
ON_ZERO_GPU = {"python": ("3.10", "3.10.13", "3.12", "3.12.12"), "torch": ("2.8.0", "2.11.0")}
PINNED = re.compile(r"([a-z-]+)==(\d+(?:\.\d+)+)")


@pytest.fixture(scope="module")
def head():
    return SpaceCard((FOLDER / "README.md").read_text(encoding="utf-8")).data.to_dict()


@pytest.fixture(scope="module")
def requirements():
    """Versions by name; every line is one."""
    lines = (FOLDER / "requirements.txt").read_text().splitlines()
    return dict(PINNED.fullmatch(line).groups() for line in lines)


def wanted(name):
    """The bounds of a dependency in pyproject.toml, lowest and below."""
    found = re.search(rf'"{name}>=([\d.]+)(?:,<([\d.]+))?"', (ROOT / "pyproject.toml").read_text())
    return tuple(numbers(bound) if bound else (10**6,) for bound in found.groups())


def numbers(text):
    return tuple(int(part) for part in text.split("."))


def test_the_head_says_what_the_hub_asks_and_nothing_else(head):
    assert set(head) <= FIELDS
    assert {"title", "emoji", "sdk", "sdk_version", "app_file", "python_version", "license"} <= set(head)
    assert {head["colorFrom"], head["colorTo"]} <= set(COLOURS)
    assert len(head["short_description"]) <= 60
    assert re.fullmatch(r"\d+[mh]", head["startup_duration_timeout"])
    assert head["suggested_hardware"] in {each.value for each in SpaceHardware}
    assert (FOLDER / head["app_file"]).is_file()
    assert not head["emoji"].isascii()


def test_the_space_runs_the_gradio_that_this_package_asks_for(head, requirements):
    lowest, below = wanted("gradio")
    assert lowest <= numbers(head["sdk_version"])[:2] < below
    assert head["sdk"] == "gradio"
    assert "gradio" not in requirements
    assert head["python_version"] in ON_ZERO_GPU["python"]


def test_what_is_installed_is_pinned_and_within_bounds(requirements):
    assert requirements["torch"] in ON_ZERO_GPU["torch"]
    for name in ("torch", "transformers", "huggingface-hub", "pillow", "numpy", "accelerate", "peft"):
        lowest, below = wanted(name)
        assert lowest <= numbers(requirements[name]) < below


def test_every_package_that_the_app_imports_is_installed(requirements):
    tree = ast.parse((FOLDER / "app.py").read_text())
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    tops = {name.partition(".")[0] for name in named} - set(sys.stdlib_module_names)
    assert tops == {"spaces", "torch", "deepseek_vl_hf"}
    assert tops - {"deepseek_vl_hf"} <= set(requirements)


def test_the_licence_goes_along():
    assert (FOLDER / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_wheel_has_the_folder_where_it_is_looked_for():
    found = re.search(r'force-include = \{ "spaces" = "(.+?)" \}', (ROOT / "pyproject.toml").read_text())
    assert found
    assert space.PLACES[0] == space.PACKAGE.parent / found[1]


def test_a_space_without_its_files_is_told_so(monkeypatch, tmp_path):
    monkeypatch.setattr(space, "PLACES", (tmp_path,))
    with pytest.raises(ValueError, match="was installed without the Space's files; install deepseek_vl_hf from"):
        space.push_space("owner/space")


@pytest.mark.skipif(
    getattr(importlib.util.find_spec("spaces"), "origin", None) is None, reason="the package `spaces` is not installed"
)
def test_the_app_asks_for_a_gpu_and_a_variable_wins_over_the_file(tmp_path):
    pytest.importorskip("gradio")
    shutil.copy(FOLDER / "app.py", tmp_path)
    (tmp_path / "model.txt").write_text("owner/nothing\n")
    code = textwrap.dedent("""
        import spaces
        decorated, take = [], spaces.GPU
        def GPU(*arguments, **options):
            decorated.append(options)
            return take(*arguments, **options)
        spaces.GPU = GPU
        import app
        print(app.name, app.model.training, type(app.demo).__name__, {name for each in decorated for name in each})
        """)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(space.PACKAGE.parent),
            "HOME": str(tmp_path),
            "DEEPSEEK_VL_MODEL": "nano",
            "HF_HUB_OFFLINE": "1",
            "GRADIO_ANALYTICS_ENABLED": "0",
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.stdout == "nano False Blocks {'duration'}\n", done.stderr
