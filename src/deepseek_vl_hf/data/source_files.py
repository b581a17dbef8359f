"""Packages of programs come in; source files that a person would show on a screen go out: not too long, plain, well set."""

from dataclasses import dataclass
from pathlib import Path

from .packages import Package, fetch_all, named


PROGRAMS = (
    *(
        "attrs",
        "boltons",
        "click",
        "flask",
        "jinja2",
        "more-itertools",
        "networkx",
        "rich",
        "sortedcontainers",
        "toolz",
    ),
    *("express", "lodash", "bootstrap", "html5-boilerplate", "normalize.css", "three", "react-native"),
)
LANGUAGE_OF = {  # as pygments calls them
    ".py": "python",
    ".js": "javascript",
    ".ts": "typescript",
    ".html": "html",
    ".css": "css",
    ".scss": "scss",
    ".java": "java",
    ".kt": "kotlin",
    ".cpp": "cpp",
    ".h": "cpp",
}
SHORTEST, LONGEST = 600, 100_000  # characters of a file
WIDEST = 110  # characters of a line
MOST = 24  # files of one language from one package


@dataclass(frozen=True)
class Code:
    """A piece of a real source file.

    Args:
        name: Of the file, "json/decoder.py".
        language: As pygments calls it: "python", "javascript", "css", "c", ...
        text: Its text.
        licence: SPDX.
    """

    name: str
    language: str
    text: str
    licence: str


def read_code(folder: Path) -> list[Code]:
    """Fetch the programs and choose among their files, always in the same order."""
    packages = [named(name) for name in PROGRAMS]
    return [
        code
        for package, place in zip(packages, fetch_all(packages, folder), strict=True)
        for code in _of_package(package, place)
    ]


def _of_package(package: Package, place: Path) -> list[Code]:
    """Up to `MOST` files of each language, from all over the package."""
    by_language: dict[str, list[Code]] = {}
    for path in sorted(place.rglob("*")):
        language = None if "tests" in path.parts else LANGUAGE_OF.get(path.suffix)
        if language and path.is_file() and SHORTEST <= path.stat().st_size <= LONGEST:
            text = path.read_text(encoding="utf-8").replace("\r\n", "\n").replace("\t", "    ")
            if text.isascii() and max(map(len, text.splitlines())) <= WIDEST:
                name = path.relative_to(place).as_posix()
                by_language.setdefault(language, []).append(Code(name, language, text, package.licence))
    return [
        files[index * len(files) // MOST] if len(files) > MOST else files[index]
        for files in by_language.values()
        for index in range(min(MOST, len(files)))
    ]
