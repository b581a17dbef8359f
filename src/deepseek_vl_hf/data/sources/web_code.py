"""Pictures and the code that makes them (paper tables 1 and 2, "Web code") come in, questions for the code go out."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..reading import MAX_RECORD, TOO_LONG, Fault, read_records
from .cells import Folder, SchemaError, asked, cell, clean, maybe, strings, text
from .files import find
from .source import Record, Source
from .wordings import PAGE_TO_HTML, PLOT_TO_CODE, wording


PRETRAIN = "1: Web code"
UI_TO_CODE = "conversion/image-to-code/ui-to-code"
CHART_TO_CODE = "conversion/image-to-code/chart-to-code"
LEAST_LINES = 5  # of code, as the paper keeps
PICTURES = ("image/png", "image/jpeg")


def _pages(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    image, code = cell(record, "image"), text(record, "text")
    if code and image is not None:
        yield asked(wording(PAGE_TO_HTML, code), code, [folder.picture(image)])


def _notebooks(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    """The paper's filter: cells that made exactly one picture with at least five lines of code."""
    try:
        cells = json.loads(cell(record, "content", str) or "{}").get("cells", [])
    except (ValueError, AttributeError, RecursionError) as error:
        raise SchemaError(
            f"found a notebook that cannot be read ({error}), expected the JSON of an .ipynb file"
        ) from error
    licences = strings(record, "max_stars_repo_licenses") if "max_stars_repo_licenses" in record else []
    name = maybe(record, "hexsha")
    for number, each in enumerate(cells if isinstance(cells, list) else ()):
        if not isinstance(each, dict) or each.get("cell_type") != "code":
            continue
        code = clean(_joined(each.get("source")))
        pictures = [picture for output in each.get("outputs") or () for picture in _pictures(output)]
        if len(pictures) == 1 and sum(bool(line.strip()) for line in code.splitlines()) >= LEAST_LINES:
            about = {"licence": " OR ".join(licences) or None, "id": f"{name}-{number}" if name else None}
            yield asked(wording(PLOT_TO_CODE, code), f"```python\n{code}\n```", [folder.picture(pictures[0])], **about)


def _joined(source: Any) -> str:
    """Notebooks hold texts as one or as a list of lines."""
    return "".join(map(str, source)) if isinstance(source, list) else source if isinstance(source, str) else ""


def _pictures(output: Any) -> list[bytes]:
    """The picture of an output, if it shows one."""
    data = output.get("data") if isinstance(output, dict) else None
    if not isinstance(data, dict):
        return []
    for kind in PICTURES:
        if kind in data:
            try:
                return [base64.b64decode("".join(_joined(data[kind]).split()), validate=True)]
            except ValueError:
                return []
    return []


def _open_notebooks(path: Path) -> Iterator[Record | Fault]:
    """Read notebooks as files, or tables of The Stack."""
    if path.suffix == ".parquet" or any(path.rglob("*.parquet")):
        yield from (record for _, record in read_records(path))
        return
    for file in find(path, "*.ipynb"):
        if file.stat().st_size > MAX_RECORD:
            yield Fault(TOO_LONG, f"{file}: found more than {MAX_RECORD} bytes; leave it out")
        else:
            yield {"content": file.read_text(encoding="utf-8", errors="replace"), "hexsha": file.stem}


SOURCES = (
    Source(
        name="websight",
        title="WebSight",
        table=(PRETRAIN,),
        get="hub: HuggingFaceM4/WebSight, v0.2/*.parquet",
        licence="CC-BY-4.0",
        language="en",
        task=UI_TO_CODE,
        available="hub",
        columns={"image": "picture", "text": "HTML"},
        convert=_pages,
        note="Schema as remembered, not confirmed.",
    ),
    Source(
        name="notebook_plots",
        title="Python plots from notebooks",
        table=(PRETRAIN,),
        get="hub: bigcode/the-stack-dedup, data/jupyter-notebook/*.parquet; or a folder of .ipynb files",
        licence="of each notebook",
        language="en",
        task=CHART_TO_CODE,
        available="hub",
        columns={"content": "JSON of a notebook", "max_stars_repo_licenses": "texts", "hexsha": "text"},
        convert=_notebooks,
        open=_open_notebooks,
        note="The paper made its pairs from 1.46M notebooks of The Stack; this repeats its filter. "
        "Behind terms of use. Schema as remembered, not confirmed.",
    ),
    Source(
        name="screen_to_code",
        title="Screen-to-code",
        table=("2: Web code",),
        get="https://github.com/abi/screenshot-to-code is a program; its pairs were not published",
        licence="unknown",
        language="en",
        task=UI_TO_CODE,
        available="in-house",
        columns={"image": "picture or path", "text": "HTML"},
        convert=_pages,
        replaced_by=("web", "websight"),
        note="Pairs of your own, made with that program, are read in the schema of WebSight.",
    ),
)
