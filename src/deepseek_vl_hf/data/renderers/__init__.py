"""A `Draw` comes in; pictures of one kind each, with questions and answers, go out. One module, or a few, for each kind.

`RENDERERS` says where each is; nothing is imported before it is asked for.
"""

import re
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ..rendering import Renderer


# name, as recipes say it -> module and class
RENDERERS = {
    "charts": ".charts.renderer:Charts",
    "code": ".code.renderer:CodePictures",
    "compositions": ".compositions.renderer:Compositions",
    "diagrams": ".diagrams.renderer:Diagrams",
    "differences": ".differences.renderer:Differences",
    "documents": ".documents.renderer:Documents",
    "exams": ".exams.renderer:Exams",
    "formulas": ".formulas.renderer:Formulas",
    "geometry": ".geometry.renderer:Geometry",
    "handwriting": ".handwriting.renderer:Handwriting",
    "lines": ".lines.renderer:Lines",
    "scene_text": ".scene_text.renderer:SceneText",
    "tables": ".tables.renderer:Tables",
    "texts": ".texts:Texts",
    "things": ".things.renderer:Things",
    "web": ".web.renderer:WebPages",
}


def check_name(name: str) -> None:
    """Raise unless a name is one of ours, or says `module:Class` of somebody's own.

    Raises:
        ValueError: naming those there are.
    """
    if name not in RENDERERS and not re.fullmatch(r"[\w.]+:\w+", str(name)):
        raise ValueError(
            f"found renderer {name!r}, expected one of {', '.join(sorted(RENDERERS))}, or module:Class of your own"
        )


def renderer_class(name: str) -> type[Renderer]:
    """Import the renderer of a name, whether or not the packages that it draws with are there.

    Raises:
        ValueError: if there is none.
    """
    check_name(name)
    module, _, attribute = RENDERERS.get(name, name).partition(":")
    try:
        found = getattr(import_module(module, __name__), attribute)
    except (ModuleNotFoundError, AttributeError) as error:
        raise ValueError(
            f"found renderer {name!r}, which cannot be imported ({error}); correct it, or its path"
        ) from error
    return found


def make_renderer(name: str, assets, options: dict[str, Any]) -> Renderer:
    """Make the renderer of a name, with options of a recipe.

    Raises:
        ValueError: if a package that it needs is missing, it has no such option, or an option's value is not possible.
    """
    kind = renderer_class(name)
    if missing := [package for package in kind.packages if find_spec(package) is None]:
        raise ValueError(f"renderer {name!r} needs {', '.join(missing)}: pip install 'deepseek_vl_hf[data,web]'")
    try:
        return kind(assets, **options)
    except TypeError as error:
        raise ValueError(f"renderer {name!r}: {error}; correct its options in the recipe") from error
