"""README keeps its promises about itself: two commands, and a tree that is the tree."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from deepseek_vl_hf.cli import build_parser


ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title):
    """The text between a heading of second level and the next."""
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL).group(1)


def tree():
    """Paths that the README's tree names, folders with a closing slash."""
    lines = re.search(r"```text\n(.*?)```", section("The tree"), re.DOTALL).group(1).splitlines()
    paths, folders = [], []
    for line in lines:
        indent, name = re.match(r"( *)(\S+)", line).groups()
        folders = folders[: len(indent) // 4]
        paths.append("".join(folders) + name)
        if name.endswith("/"):
            folders.append(name)
    return paths


def files_of_the_repository():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for path in listed.stdout.splitlines() if (ROOT / path).exists()]


@pytest.mark.parametrize("title", ["Quick start", "Tests"])
def test_a_section_has_exactly_one_command_of_one_line(title):
    blocks = re.findall(r"```bash\n(.*?)```", section(title), re.DOTALL)
    assert len(blocks) == 1
    assert len(blocks[0].strip().splitlines()) == 1


@pytest.mark.parametrize("page", ["README.md", "examples/README.md", "examples/recipes/data/README.md"])
def test_every_command_of_a_page_is_one_that_there_is(page):
    text = (ROOT / page).read_text(encoding="utf-8").replace("\\\n", " ")
    commands = re.findall(
        r"(?:^| |`)deepseek-vl ((?:chat|demo|serve|train|export|push|push-space|pull|data) [^`\n#]*)",
        text,
        re.MULTILINE,
    )
    # A command that is only named has no arguments.
    commands = [command for command in commands if len(command.split()) > 2 or command.startswith("train ")]
    assert commands
    for command in commands:
        args, rest = build_parser().parse_known_args(shlex.split(command))
        assert args.command in ("train", "serve") or not rest
        recipe = getattr(args, "recipe", "RECIPE.yaml")
        assert recipe == "RECIPE.yaml" or (ROOT / recipe).is_file()


def test_the_tree_names_nothing_that_does_not_exist():
    missing = [path for path in tree() if not (ROOT / path).exists()]
    assert not missing


def test_the_tree_names_every_module_of_the_package():
    modules = {path for path in files_of_the_repository() if path.startswith("src/") and path.endswith(".py")}
    # Folders of modules of one kind stand for what is in them.
    of_one_kind = tuple(f"src/deepseek_vl_hf/data/{folder}/" for folder in ("renderers", "sources"))
    assert {path for path in modules if not path.startswith(of_one_kind)} <= set(tree())


def test_the_tree_names_every_folder():
    folders = {f"{parent}/" for path in files_of_the_repository() for parent in Path(path).parents} - {"./"}
    assert {folder for folder in folders if not folder.startswith(".")} <= set(tree())


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "examples/README.md", "examples/recipes/data/README.md"]
)
def test_no_page_has_a_gap_to_fill_in(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert not re.findall(r"^\s*[A-Z]{4,}\s*$|\bTODO\b|\bMINUTES\b", text, re.MULTILINE)
