"""Rows and their signatures come in; which of them are left out, and why, goes out.

    Filters         looks at one row: language, length, repetition, pictures, and quotations from benchmarks
    Duplicates      remembers rows, and knows those that come again, exactly or nearly

Rows are nearly the same if all their pictures and their texts are; a picture that is asked about twice is not a duplicate, and
neither are two pages that look alike and say other things.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .picture_files import EXTENSIONS, PictureError, locate, look_at
from .reading import Fault, read_records
from .recipe import Hygiene
from .rows import RowError, texts_of, validate_row
from .signatures import Signature, distance, ngrams, picture_hash, similarity, words_of


SURE = 60  # letters below which the language of a text is not judged
FEWEST_LINES = 6  # lines below which repetition is not judged
SUFFIXES = {suffix for suffixes in EXTENSIONS.values() for suffix in suffixes}
MOST_COMPARED = (
    300  # rows with the same picture; later ones of a picture that thousands share are compared with as many
)
TEXT_BANDS = 16  # of MinHash; rows that agree in none are not compared

LANGUAGE = "language is not wanted"
LENGTH = "text is too short or too long"
REPETITION = "text repeats itself"
SMALL = "picture is too small"
QUOTES = "text is in a benchmark"
SEEN_PICTURE = "picture is in a benchmark"
EXACT = "row is a duplicate"
NEAR = "row is nearly a duplicate"


class Benchmarks:
    """What must not come back in training: runs of words and pictures of given files.

    What is asked about a picture is not compared, since the same question fits many; the answer and the picture are.

    Args:
        paths: Files or folders of rows; of records of any other kind, all texts and pictures are taken.
        bits: By which pictures may differ to be the same.

    Raises:
        ValueError: if there is no such file, or one of its records cannot be read.
    """

    def __init__(self, paths: Iterable[Path], bits: int):
        self.runs: set[bytes] = set()
        self.wholes: set[tuple[str, ...]] = set()  # of texts shorter than a run, where there is no picture
        self.pictures = PictureIndex(bits)
        for path in paths:
            for place, record in read_records(path):
                if isinstance(record, Fault):
                    raise ValueError(f"{place}: {record.reason}: {record.message}")
                try:
                    self._add(record, place.file.parent)
                except PictureError as error:
                    raise ValueError(f"{place}: {error.reason}: {error}") from error

    def _add(self, record: Mapping[str, Any], folder: Path) -> None:
        try:
            validate_row(record)
        except RowError:  # of another form: all that it says counts
            is_row, pictures = False, list(_pictures(record))
        else:
            is_row, pictures = True, record["images"]
        for text in _answers(record) if is_row else _strings(record):
            self.runs.update(ngrams(text))
        if is_row and not pictures:
            self.wholes.add(tuple(words_of(" ".join(texts_of(record)))))
        for picture in pictures:
            source, name = locate(picture, folder)
            look_at(source, name)
            self.pictures.add(picture_hash(source if isinstance(source, bytes) else source.read_bytes()))

    def reason(self, row: Mapping[str, Any], pictures: Iterable[int]) -> str | None:
        """Why a row must be left out, if it must."""
        if any(run in self.runs for text in _answers(row) for run in ngrams(text)):
            return QUOTES
        if not row["images"] and tuple(words_of(" ".join(texts_of(row)))) in self.wholes:
            return QUOTES
        return SEEN_PICTURE if any(self.pictures.near(value) for value in pictures) else None


def _answers(row: Mapping[str, Any]) -> Iterator[str]:
    """Every text of a row but questions about pictures."""
    if row.get("text"):
        yield row["text"]
    for message in row.get("messages") or []:
        if message["role"] == "assistant" or not row["images"]:
            yield from (part["text"] for part in message["content"] if part.get("text"))


def _strings(value: Any) -> Iterator[str]:
    """Every text inside a record of any form."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _strings(each)


def _pictures(value: Any) -> Iterator[Any]:
    """Every picture inside a record of any form: what `datasets` stores, and paths that end as pictures do."""
    if isinstance(value, Mapping) and set(value) == {"bytes", "path"}:
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _pictures(each)
    elif isinstance(value, str) and Path(value[-20:]).suffix.lower() in SUFFIXES and "\n" not in value:
        yield value


class Filters:
    """What is asked of each row by itself.

    Args:
        hygiene: The limits.
        folder: Paths of benchmarks are relative to it.
    """

    def __init__(self, hygiene: Hygiene, folder: Path = Path()):
        self.hygiene = hygiene
        paths = [folder / path for path in hygiene.decontaminate]
        self.benchmarks = Benchmarks(paths, hygiene.picture_bits) if paths else None

    def reason(self, row: Mapping[str, Any], signature: Signature) -> str | None:
        """Why a row is left out, or `None`."""
        limits = self.hygiene
        text = "\n".join(texts_of(row))
        if not limits.min_characters <= len(text.strip()) <= limits.max_characters:
            return LENGTH
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if len(lines) >= FEWEST_LINES and 1 - len(set(lines)) / len(lines) > limits.max_repetition:
            return REPETITION
        if limits.languages is not None and (found := language_of(text)) is not None and found not in limits.languages:
            return LANGUAGE
        for picture in row["images"]:
            found = look_at(picture["bytes"], "picture", decode=False)
            if min(found.width, found.height) < limits.min_side:
                return SMALL
        if self.benchmarks is not None:
            pictures = signature.pictures or [picture_hash(picture["bytes"]) for picture in row["images"]]
            return self.benchmarks.reason(row, pictures)
        return None


def language_of(text: str) -> str | None:
    """The language of a text (ISO 639-1), by `py3langid`; `None` where it is too short to tell."""
    import py3langid

    if sum(3 if "\u4e00" <= letter <= "\u9fff" else letter.isalpha() for letter in text) < SURE:
        return None
    return py3langid.classify(text[:2000])[0]


class PictureIndex:
    """Perceptual hashes, found again if they differ by few bits.

    A hash is cut into one band more than bits may differ; two that are near agree in at least one.

    Args:
        bits: Most bits that may differ.
    """

    def __init__(self, bits: int):
        self.bits = bits
        borders = [round(64 * index / (bits + 1)) for index in range(bits + 2)]
        self.bands = [(low, (1 << (high - low)) - 1) for low, high in itertools.pairwise(borders)]
        self.found: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)

    def _keys(self, value: int) -> list[tuple[int, int]]:
        return [(band, value >> low & mask) for band, (low, mask) in enumerate(self.bands)]

    def add(self, value: int, number: int = 0) -> None:
        """Remember a hash, and whose it is."""
        for key in self._keys(value):
            self.found[key].append((value, number))

    def near(self, value: int) -> set[int]:
        """Whose hashes are near."""
        return {
            number
            for key in self._keys(value)
            for other, number in self.found.get(key, ())
            if distance(value, other) <= self.bits
        }


class Duplicates:
    """Remembers rows, and tells which come again.

    Args:
        hygiene: What counts as the same.
    """

    def __init__(self, hygiene: Hygiene):
        self.hygiene = hygiene
        self.exact: set[bytes] = set()
        self.kept: list[Signature] = []
        self.texts: dict[tuple[int, bytes], list[int]] = defaultdict(list)  # rows without pictures, by band of MinHash
        self.words: set[bytes] = set()  # of rows without pictures
        self.pictures = PictureIndex(hygiene.picture_bits)  # by the first picture of a row

    def reason(self, signature: Signature) -> str | None:
        """Why a row is left out as one that came before; otherwise it is remembered."""
        if self.hygiene.duplicates == "none":
            return None
        if signature.exact in self.exact:
            return EXACT
        self.exact.add(signature.exact)
        if self.hygiene.duplicates == "exact":
            return None
        candidates = self._candidates(signature)[-MOST_COMPARED:]
        if any(self._same(signature, self.kept[number]) for number in candidates):
            return NEAR
        if not signature.pictures and signature.words in self.words:
            return NEAR
        self._remember(signature)
        return None

    def _candidates(self, signature: Signature) -> list[int]:
        if signature.pictures:
            return sorted(self.pictures.near(signature.pictures[0]))
        return sorted({number for key in self._text_keys(signature) for number in self.texts.get(key, ())})

    def _text_keys(self, signature: Signature) -> list[tuple[int, bytes]]:
        if signature.pieces is None:
            return []
        size = len(signature.pieces) // TEXT_BANDS
        return [(band, signature.pieces[band * size : (band + 1) * size]) for band in range(TEXT_BANDS)]

    def _same(self, one: Signature, other: Signature) -> bool:
        if len(one.pictures) != len(other.pictures):
            return False
        if any(distance(a, b) > self.hygiene.picture_bits for a, b in zip(one.pictures, other.pictures, strict=True)):
            return False
        if one.words == other.words:
            return True
        if one.pieces is None or other.pieces is None:
            return False
        return similarity(one.pieces, other.pieces) >= self.hygiene.text_similarity

    def _remember(self, signature: Signature) -> None:
        number = len(self.kept)
        self.kept.append(signature)
        if signature.pictures:
            self.pictures.add(signature.pictures[0], number)
            return
        self.words.add(signature.words)
        for key in self._text_keys(signature):
            self.texts[key].append(number)
