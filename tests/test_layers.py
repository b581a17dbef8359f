"""The package reads downwards: a module imports only what stands above it, and importing the package stays cheap.

python -m pytest tests/test_layers.py
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest


PACKAGE = Path(__file__).parents[1] / "src" / "deepseek_vl_hf"
# Rooms from the ground up; within one, modules from the ground up. A room is a module, or a folder of modules.
READING_ORDER = [
    "layouts_deepseek_vl_hf",
    "configuration_deepseek_vl_hf",
    "pictures_deepseek_vl_hf",
    "preprocessor_layouts_deepseek_vl_hf",
    "image_processing_deepseek_vl_hf",
    "processing_deepseek_vl_hf",
    "modeling_vision_deepseek_vl_hf",
    "modeling_deepseek_vl_hf",
    "stopped_text",
    "answer",
    "turns",
    "prefix",
    "chat",
    "heat_maps",
    "seeing",
    "terminal",
    "nano",
    "adapters",
    "loading",
    "processor_files",
    "licences",
    "model_card",
    "provenance",
    "patience",
    "versions",
    "hub",
    "exporting",
    "repository",
    "publishing",
    "space",
    "data.kinds",
    "data.archives",
    "data.packages",
    "data.icons",
    "data.rows",
    "data.splits",
    "data.taxonomy",
    "data.rendering",
    "data.damage",
    "data.backgrounds",
    "data.digits",
    "data.stickers",
    "data.sentences",
    "data.texts",
    "data.things",
    "data.drawings",
    "data.fonts",
    "data.names_chosen",
    "data.names",
    "data.prose",
    "data.vocabulary",
    "data.source_files",
    "data.assets",
    "data.picture_files",
    "data.json_values",
    "data.reading",
    "data.checking",
    "data.shards",
    "data.shares",
    "data.sources",
    "data.renderers",
    "data.recipe",
    "data.signatures",
    "data.hygiene",
    "data.blocks",
    "data.build_plan",
    "data.choosing",
    "data.workers",
    "data.cluster",
    "data.data_card",
    "data.building",
    "data.publishing",
    "data.coverage",
    "data.showing",
    "data",
    "evaluation.naming",
    "evaluation.stated_numbers",
    "evaluation.unknown",
    "evaluation.questions",
    "evaluation.scoring",
    "evaluation.statistics",
    "evaluation.answering",
    "evaluation.results",
    "evaluation.summary",
    "evaluation.report",
    "evaluation.evaluating",
    "evaluation.vlmevalkit",
    "evaluation.suite",
    "evaluation.harnesses",
    "evaluation.outcomes",
    "evaluation.running",
    "evaluation.lm_eval_model",
    "evaluation.lmms_model",
    "evaluation",
    "training.stages",
    "training.lora",
    "training.stand_ins",
    "training.memory",
    "training.bad_rows",
    "training.features",
    "training.collation",
    "training.mixing",
    "training.packing",
    "training.streaming",
    "training.sampling",
    "training.evaluation",
    "training.guards",
    "training.optimization",
    "training.progress",
    "training.record",
    "training.publishing",
    "training.wrapping",
    "training.configuration",
    "training.planning",
    "training.checkpoints",
    "training.trainer",
    "training.pairs",
    "training.preference",
    "training.made",
    "training.run",
    "training.dry_run",
    "training",
    "demo.words",
    "demo.settings",
    "demo.uploads",
    "demo.sessions",
    "demo.history",
    "demo.answering",
    "demo.conversation",
    "demo.api",
    "demo.seen",
    "demo.examples",
    "demo.app",
    "demo",
    "serving.refusals",
    "serving.json_body",
    "serving.fields",
    "serving.request",
    "serving.shown_pictures",
    "serving.asgi",
    "serving.bodies",
    "serving.gate",
    "serving.job",
    "serving.engine",
    "serving.app",
    "serving.vllm_plugin",
    "serving.vllm_model",
    "serving.vllm_stop",
    "serving.with_vllm",
    "serving.silence",
    "serving",
    "cli_data",
    "cli_talk",
    "cli_suite",
    "cli_evaluate",
    "cli",
]
# Folders of modules of one kind, such as one for each renderer: a module in one sees its neighbours, as long as no two see each other.
FOLDERS = ("data.sources", "data.renderers")
# data knows no model, and the model's own files know nothing but each other.
CANNOT_SEE = {
    "data": ("modeling", "processing", "training", "chat", "repository", "publishing"),
    "chat": ("training", "data"),
    "terminal": ("training", "data", "cli"),
    "hub": ("training", "data", "modeling"),
    "repository": ("training", "data"),
    "publishing": ("training", "data"),
    "space": ("training", "data"),
    "demo": ("training", "publishing", "hub"),
    "serving": ("training", "publishing", "hub", "demo"),
    "training": ("chat", "hub", "loading"),
    "evaluation": ("training", "demo", "serving", "publishing", "cli"),
}
MODEL_FILES = [name for name in READING_ORDER if name.endswith("_deepseek_vl_hf")]


def name_of(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def path_of(name):
    path = PACKAGE.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


MODULES = sorted({name_of(path) for path in PACKAGE.rglob("*.py")} - {""})


def imported_by(name):
    """Modules of the package that a module imports, at its top or inside its functions."""
    path = path_of(name)
    folder = path.parent.relative_to(PACKAGE).parts
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            start = folder[: len(folder) - node.level + 1]
            base = ".".join((*start, *(node.module or "").split("."))).strip(".")
            below = [f"{base}.{alias.name}".strip(".") for alias in node.names]
            modules |= {each for each in below if each in MODULES} or {base}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("deepseek_vl_hf"):
            modules.add(node.module.removeprefix("deepseek_vl_hf").strip("."))
    return modules - {""}


def room_of(name):
    """The place of a module in the reading order: its own, or that of the folder it is in."""
    return next((folder for folder in FOLDERS if f"{name}.".startswith(f"{folder}.")), name)


@pytest.mark.parametrize("name", READING_ORDER)
def test_a_module_imports_only_what_stands_above_it(name):
    above = set(READING_ORDER[: READING_ORDER.index(name)])
    members = [each for each in MODULES if room_of(each) == name] if name in FOLDERS else [name]
    for member in members:
        assert {room_of(each) for each in imported_by(member)} - {name} <= above, member


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_two_modules_of_a_folder_see_each_other(folder):
    left = {name: imported_by(name) for name in MODULES if room_of(name) == folder}
    while free := [name for name, seen in left.items() if not seen & set(left) - {name}]:
        for name in free:
            del left[name]
    assert not left


@pytest.mark.parametrize("name", READING_ORDER)
def test_a_room_does_not_see_the_rooms_it_must_not_know(name):
    hidden = CANNOT_SEE.get(name.split(".")[0], ())
    assert not [each for each in imported_by(name) if hidden and each.startswith(hidden)]


@pytest.mark.parametrize("name", MODEL_FILES)
def test_the_models_own_files_import_only_each_other(name):
    assert imported_by(name) <= set(MODEL_FILES)
    assert "from .." not in path_of(name).read_text(encoding="utf-8")


def test_every_module_has_its_place():
    assert {room_of(name) for name in MODULES} == set(READING_ORDER)


def test_importing_the_package_leaves_heavy_libraries_alone():
    heavy = ("trl", "peft", "datasets", "gradio", "lm_eval", "torchvision", "accelerate", "sklearn", "matplotlib")
    code = f"import sys, deepseek_vl_hf; print(*(name for name in {heavy} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
