"""A YAML file comes in; what a data set is mixed from goes out: sources with exact shares, and what is kept out.

    seed: 0                                  # decides every row
    test_share: 0.02                         # of the rows, made of what is held out
    languages: {en: 1, zh: 1}                # of rendered rows
    mixture:
      - group: Scene text OCR                # groups are for reading; their shares are percent of all rows
        share: 30
        sources:
          - {source: textocr, path: /data/textocr}
          - {renderer: scene_text, options: {longest: 512}, asking: {more_turns: 0.6}}
      - {renderer: charts, share: 70}        # a source by itself
    hygiene:
      duplicates: near                       # or exact, or none
      decontaminate: [benchmarks/]           # rows that share text or pictures with these are left out

Within a group sources share equally, unless all have a `share` of their own.
"""

import json
from collections import Counter
from dataclasses import dataclass, field, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from .renderers import check_name
from .rendering import Asking
from .sources import SOURCES
from .taxonomy import NODES


MISSING_PATH = "???"
TOLERANCE = 0.051  # percent by which shares may miss 100, as those of the paper's tables do when rounded
OF_SETS = ("path", "config", "split", "fetch")  # keys that a renderer does not have
DUPLICATES = ("none", "exact", "near")


@dataclass(frozen=True)
class Entry:
    """One source of a mixture.

    Args:
        label: Unique in the recipe.
        share: Percent of all rows.
        renderer: Name of a renderer, or
        source: name of a set.
        group: That it belongs to.
        path: Where a set lies: a file, a folder or a Hub id.
        config: Of a set on the Hub that has several.
        split: Of a set on the Hub.
        fetch: Whether pictures of a set that are URLs are fetched, over the network.
        languages: Shares of a renderer's languages.
        options: Of the renderer or set.
        asking: How a renderer's questions are chosen.
    """

    label: str
    share: float
    renderer: str | None = None
    source: str | None = None
    group: str | None = None
    path: str | None = None
    config: str | None = None
    split: str = "train"
    fetch: bool = False
    languages: dict[str, float] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    asking: Asking = field(default_factory=Asking)


@dataclass(frozen=True)
class Hygiene:
    """What is left out of a mixture.

    Args:
        duplicates: "near" leaves out rows whose pictures and text are nearly those of another row, "exact" those that are equal,
            "none" none.
        text_similarity: Share of common five-character pieces from which long texts are nearly the same.
        picture_bits: Bits of 64 by which the perceptual hashes of nearly equal pictures differ at most.
        decontaminate: Files or folders of rows, of which no text of 13 words and no picture may come back.
        languages: Languages that texts may be in; `None` for any. Short texts are not judged.
        min_characters: Fewest characters of a row.
        max_characters: Most characters of a row.
        min_side: Fewest pixels of a picture's shorter side.
        max_repetition: Largest share of a row's lines that may repeat others.
    """

    duplicates: str = "near"
    text_similarity: float = 0.8
    picture_bits: int = 3
    decontaminate: tuple[str, ...] = ()
    languages: tuple[str, ...] | None = None
    min_characters: int = 1
    max_characters: int = 100_000
    min_side: int = 16
    max_repetition: float = 0.5

    def __post_init__(self):
        if self.duplicates not in DUPLICATES:
            raise ValueError(f"hygiene: found duplicates={self.duplicates!r}, expected one of {', '.join(DUPLICATES)}")
        if not 0 < self.text_similarity <= 1 or not 0 <= self.picture_bits <= 16 or not 0 <= self.max_repetition <= 1:
            raise ValueError(f"hygiene: found {self}, expected shares from 0 to 1 and 0 to 16 bits")
        if not 0 <= self.min_characters <= self.max_characters:
            raise ValueError(
                f"hygiene: found min_characters={self.min_characters} and max_characters={self.max_characters}, expected the "
                "first to be no more than the second"
            )


@dataclass(frozen=True)
class Recipe:
    """A mixture.

    Args:
        entries: Its sources.
        seed: Decides every row.
        test_share: Share of the rows that are held out.
        hygiene: What is left out.
        folder: Of the file; paths are relative to it.
    """

    entries: tuple[Entry, ...]
    seed: int = 0
    test_share: float = 0.02
    hygiene: Hygiene = field(default_factory=Hygiene)
    folder: Path = Path()

    @property
    def groups(self) -> dict[str, float]:
        """Share of each group, in percent."""
        shares: Counter = Counter()
        for entry in self.entries:
            shares[entry.group or entry.label] += entry.share
        return dict(shares)

    def digest(self) -> str:
        """A name for everything that decides rows."""
        return sha256(json.dumps(to_dict(self), sort_keys=True).encode()).hexdigest()[:16]


def to_dict(value: Any) -> Any:
    """A recipe as plain data; where its file lies is left out."""
    if hasattr(value, "__dataclass_fields__"):
        return {each.name: to_dict(getattr(value, each.name)) for each in fields(value) if each.name != "folder"}
    if isinstance(value, tuple | list):
        return [to_dict(each) for each in value]
    if isinstance(value, dict):
        return {name: to_dict(each) for name, each in value.items()}
    return str(value) if isinstance(value, Path) else value


def recipe_of(found: dict[str, Any], folder: Path) -> Recipe:
    """The recipe that `to_dict` has turned into plain data."""
    hygiene = {name: tuple(value) if isinstance(value, list) else value for name, value in found["hygiene"].items()}
    entries = tuple(Entry(**{**entry, "asking": Asking(**entry["asking"])}) for entry in found["entries"])
    return Recipe(entries, found["seed"], found["test_share"], Hygiene(**hygiene), folder)


def read_recipe(path: str | Path, seed: int | None = None) -> Recipe:
    """Read a recipe.

    Args:
        path: Of the file.
        seed: Instead of the recipe's.

    Raises:
        ValueError: if it is not one: naming the line's key, what was found and what was expected.
    """
    import yaml

    path = Path(path)
    if not path.is_file():
        raise ValueError(f"There is no recipe {path}; give the path of a YAML file.")
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no YAML ({' '.join(str(error).split())}); correct it") from error
    try:
        if seed is not None and isinstance(found, dict):
            found["seed"] = seed
        return parse_recipe(found, path.parent)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def parse_recipe(found: Any, folder: Path = Path()) -> Recipe:
    """Turn plain data into a recipe.

    Raises:
        ValueError: see `read_recipe`.
    """
    _check_keys("a recipe", found, ("seed", "test_share", "languages", "mixture", "hygiene"), ("mixture",))
    languages = _languages(found.get("languages", {"en": 1, "zh": 1}))
    entries: list[Entry] = []
    for part in found["mixture"] if isinstance(found["mixture"], list) else [found["mixture"]]:
        if isinstance(part, dict) and "group" in part:
            _check_keys("a group", part, ("group", "share", "sources"), ("group", "share", "sources"))
            if not isinstance(part["share"], int | float) or not isinstance(part["sources"], list):
                raise ValueError(
                    f"group {part['group']!r}: found {part}, expected percent in 'share' and a list of 'sources'"
                )
            own = [source.get("share") for source in part["sources"] if isinstance(source, dict)]
            if any(share is not None for share in own) and None in own:
                raise ValueError(
                    f"group {part['group']!r}: found shares {own}, expected one for each source, or for none"
                )
            equal = part["share"] / max(len(part["sources"]), 1)
            members = [_entry(source, entries, languages, part["group"], equal) for source in part["sources"]]
            total = sum(entry.share for entry in members)
            if not members or abs(total - part["share"]) > TOLERANCE:
                raise ValueError(
                    f"group {part['group']!r}: found sources with {total:g}% in all, expected its share of {part['share']:g}%"
                )
        else:
            _entry(part, entries, languages, None, None)
    total = sum(entry.share for entry in entries)
    if abs(total - 100) > TOLERANCE:
        raise ValueError(f"found shares of {total:g}% in all, expected 100; correct them")
    test_share, seed = found.get("test_share", 0.02), found.get("seed", 0)
    if not isinstance(test_share, int | float) or not 0 <= test_share < 1 or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"found test_share={test_share!r} and seed={seed!r}, expected a share below 1 and a number")
    hygiene = found.get("hygiene") or {}
    _check_keys("hygiene", hygiene, [each.name for each in fields(Hygiene)])
    return Recipe(tuple(entries), seed, float(test_share), Hygiene(**_hygiene(hygiene)), folder)


def _hygiene(found: dict[str, Any]) -> dict[str, Any]:
    """Check the types of what is left out; a text alone is a list of one."""
    defaults = {each.name: each.default for each in fields(Hygiene)}
    values = {}
    for name, value in found.items():
        if name in ("decontaminate", "languages"):
            expected, value = "a list of texts", [value] if isinstance(value, str) else value
            fits = isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
            value = tuple(value) if fits else value
        elif isinstance(defaults[name], str):
            expected, fits = "a text", isinstance(value, str)
        else:
            expected, wanted = "a number", (int, float) if isinstance(defaults[name], float) else int
            fits = isinstance(value, wanted) and not isinstance(value, bool)
        if not fits and value != defaults[name]:
            raise ValueError(f"hygiene: found {name}={value!r}, expected {expected}; correct it")
        values[name] = value
    return values


def _entry(found: Any, entries: list[Entry], languages: dict[str, float], group: str | None, share) -> Entry:
    """Read one source and append it."""
    known = ("renderer", "source", "share", *OF_SETS, "languages", "options", "asking")
    _check_keys("a source", found, known)
    name = found.get("renderer") or found.get("source")
    if ("renderer" in found) == ("source" in found):
        raise ValueError(f"found a source {found}, expected either 'renderer' or 'source'")
    kind = "renderer" if "renderer" in found else "source"
    if kind == "renderer":
        check_name(name)
    elif name not in SOURCES:
        raise ValueError(f"found source {name!r}, expected one of {', '.join(sorted(SOURCES))}")
    share = found.get("share", share)
    if not isinstance(share, int | float) or not 0 < share <= 100:
        raise ValueError(f"{name}: found share {share!r}, expected percent above 0")
    for key, wanted in (("path", str), ("config", str), ("split", str), ("fetch", bool), ("options", dict)):
        if key in found and not isinstance(found[key], wanted):
            raise ValueError(
                f"{name}: found {key}={found[key]!r}, expected {wanted.__name__}; put it in quotes, or correct it"
            )
    used = sum(entry.label.partition("#")[0] == name for entry in entries)
    if kind == "renderer" and (extra := set(OF_SETS) & set(found)):
        raise ValueError(f"{name}: found {sorted(extra)}, which a renderer does not have")
    if kind == "source" and (extra := {"languages", "asking"} & set(found)):
        raise ValueError(f"{name}: found {sorted(extra)}, which only a renderer has; a set is as it is")
    entry = Entry(
        label=f"{name}#{used + 1}" if used else name,
        share=float(share),
        group=group,
        languages=_languages(found["languages"]) if "languages" in found else languages,
        asking=_asking(name, found.get("asking", {})),
        **{key: value for key, value in found.items() if key not in ("share", "languages", "asking")},
    )
    entries.append(entry)
    return entry


def _languages(found: Any) -> dict[str, float]:
    if (
        not isinstance(found, dict)
        or not found
        or any(not isinstance(s, int | float) or s < 0 for s in found.values())
    ):
        raise ValueError(f"found languages {found!r}, expected shares such as {{en: 1, zh: 1}}")
    if set(found) - {"en", "zh"}:
        raise ValueError(f"found languages {sorted(found)}, expected some of en, zh")
    return {language: float(share) for language, share in found.items() if share}


def _asking(name: str, found: Any) -> Asking:
    _check_keys(f"{name}: asking", found, [each.name for each in fields(Asking)])
    weights = found.get("weights", {})
    known = {"/".join(node.split("/")[:depth]) for node in NODES for depth in (1, 2, 3)}
    if not isinstance(weights, dict) or (unknown := sorted(map(str, set(weights) - known))):
        wrong = unknown if isinstance(weights, dict) else weights
        raise ValueError(f"{name}: found weights of {wrong}, expected nodes of the taxonomy or what they begin with")
    for key, value in [*found.items(), *weights.items()]:
        if key != "weights" and (not isinstance(value, int | float) or isinstance(value, bool)):
            raise ValueError(f"{name}: found {key}={value!r} in asking, expected a number; correct it")
    try:
        return Asking(**found)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _check_keys(what: str, found: Any, known, needed=()) -> None:
    if not isinstance(found, dict):
        raise ValueError(f"found {found!r} for {what}, expected keys and values")
    unknown, missing = [key for key in found if key not in known], [key for key in needed if key not in found]
    if unknown or missing:
        raise ValueError(
            f"{what}: found keys {list(found)}, expected {'some of ' if not missing else ''}{', '.join(known)}"
            f"{'' if not missing else '; missing: ' + ', '.join(missing)}"
        )
