"""All sources come in, a page of Markdown that lists them goes out."""

from collections.abc import Iterable

from . import SOURCES
from .source import Source


# Percent of tables 1 and 2; the paper divides no row among its sets.
SHARES = {
    "1: Interleaved image-text": 13.1,
    "1: Image caption": 11.1,
    "1: Table and chart": 2.1,
    "1: Web code": 0.4,
    "1: Scene text OCR": 1.2,
    "1: Document OCR": 2.1,
    "1: Text-only": 70.0,
    "2: In-house": 10.5,
    "2: General multimodal": 35.5,
    "2: Table and chart": 4.1,
    "2: Web code": 2.0,
    "2: Text-only SFT": 47.9,
}
HEAD = """# Where the data is

Every set that the paper names in its tables 1 and 2, what stands in for those that were never published, and forms for data of your
own. The share is that of the set's whole group, which the paper does not divide further. Check a licence at its source before you
train: what is here is what the set says of itself, pictures behind URLs have owners of their own, and "unknown" means that none is
stated.

This page is written by `deepseek_vl_hf.data.sources.listing.table()`.
"""
COLUMNS = (
    "Source",
    "Set",
    "In the paper",
    "Where to get it",
    "Licence",
    "Language",
    "Available",
    "Replaced by",
    "Note",
)


def table() -> str:
    """The page, as `examples/recipes/data/SOURCES.md` holds it."""
    in_paper = [source for source in SOURCES.values() if source.table]
    forms = [source for source in SOURCES.values() if source.title.startswith(("Your own", "Any set", "Rows of"))]
    stand_ins = [source for source in SOURCES.values() if source not in in_paper and source not in forms]
    parts = [HEAD]
    for title, sources in (
        ("In the paper", in_paper),
        ("Standing in, or read beside", stand_ins),
        ("Data of your own", forms),
    ):
        parts.append(f"## {title}\n\n{_rows(sources)}\n")
    return "\n".join(parts)


def _rows(sources: Iterable[Source]) -> str:
    lines = [_line(COLUMNS), _line(["---"] * len(COLUMNS))]
    for source in sources:
        places = [f"{place} ({SHARES[place]}%)" if place in SHARES else place for place in source.table]
        replaced = [f"`{name}`" for name in source.replaced_by]
        lines.append(
            _line(
                (
                    f"`{source.name}`",
                    source.title,
                    "; ".join(places) or _stands_for(source),
                    source.get,
                    source.licence,
                    source.language,
                    source.available,
                    ", ".join(replaced),
                    source.note,
                )
            )
        )
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _stands_for(source: Source) -> str:
    """Whose place a set takes."""
    names = [f"`{other.name}`" for other in SOURCES.values() if source.name in other.replaced_by]
    return f"no; stands in for {', '.join(names)}" if names else "no"
