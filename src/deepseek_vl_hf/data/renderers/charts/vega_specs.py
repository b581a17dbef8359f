"""A chart comes in; a Vega-Lite specification of it, and the picture that Vega makes of this very specification, go out.

Vega lets a picture grow until all words have room, so nothing is cut off; what would lie on each other is measured beforehand.
"""

import io
import json

from PIL import Image

from ...assets import Font
from .data import tidy
from .looks import Chart
from .vega_marks import MARKS, Spec
from .vega_room import check_room, plot_size


SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
LINE = 100  # letters of a line of the specification
_known: set[str] = set()


def write_spec(chart: Chart) -> str:
    """The specification of a chart as people write it: short things on one line.

    Raises:
        CannotRenderError: if words would lie on each other.
    """
    check_room(chart)
    width, height = plot_size(chart)
    spec: Spec = {"$schema": SCHEMA, "width": width, "height": height, "background": chart.ground[0]}
    if chart.title:
        spec["title"] = {"text": chart.title, **({"anchor": "start"} if chart.left else {})}
    if chart.source:
        note = f"Source: {chart.source}" if chart.language == "en" else f"数据来源：{chart.source}"
        spec["title"]["subtitle"] = note
    spec["data"] = {"values": _rows(chart)}
    spec |= MARKS[chart.data.shape](chart)
    spec["config"] = _config(chart)
    return _pretty(spec) + "\n"


def draw_spec(spec: str, font: Font) -> Image.Image:
    """Make the picture of a specification."""
    import vl_convert

    folder = str(font.path.parent)
    if folder not in _known:
        vl_convert.register_font_directory(folder)
        _known.add(folder)
    return Image.open(io.BytesIO(vl_convert.vegalite_to_png(json.loads(spec)))).convert("RGB")


def _pretty(value, indent: int = 0) -> str:
    """JSON with everything on one line that has room there."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= LINE or not isinstance(value, (dict, list)):
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        parts = [f"{pad}{json.dumps(key)}: {_pretty(each, indent + 2)}" for key, each in value.items()]
        return "{\n" + ",\n".join(parts) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + _pretty(each, indent + 2) for each in value) + "\n" + " " * indent + "]"


def _rows(chart: Chart) -> list[Spec]:
    data = chart.data
    if data.shape == "scatter":
        groups = zip(chart.series or ("",), data.values, strict=True)
        return [
            {"x": x, "y": y, **({"series": name} if chart.series else {})} for name, group in groups for x, y in group
        ]
    if data.shape == "histogram":
        first, _, width = data.edges
        ends = [(round(first + width * n, 6), round(first + width * (n + 1), 6)) for n in range(len(chart.labels))]
        return [
            {"start": a, "middle": tidy((a + b) / 2), "end": b, "value": count}
            for (a, b), count in zip(ends, data.values[0], strict=True)
        ]
    if data.shape in ("box", "candlestick"):
        names = ("min", "q1", "median", "q3", "max") if data.shape == "box" else ("open", "high", "low", "close")
        columns = zip(chart.labels, zip(*data.values, strict=True), strict=True)
        rows = [{"label": label, **dict(zip(names, column, strict=True))} for label, column in columns]
        if data.shape == "candlestick":
            rows = [{**row, "move": chart.series[row["close"] < row["open"]]} for row in rows]
        return rows
    if data.shape in ("pie", "donut"):
        rows = zip(chart.labels, data.values[0], strict=True)
        return [{"label": label, "value": value, "place": place} for place, (label, value) in enumerate(rows)]
    if not chart.series:
        return [{"label": label, "value": value} for label, value in zip(chart.labels, data.values[0], strict=True)]
    stacked = data.shape == "stacked"
    return [
        {"label": label, "series": name, "value": value, **({"place": place} if stacked else {})}
        for place, (name, row) in enumerate(zip(chart.series, data.values, strict=True))
        for label, value in zip(chart.labels, row, strict=True)
    ]


def _config(chart: Chart) -> Spec:
    """Font, sizes and colours of everything that is not data."""
    _, ink, grid = chart.ground
    size = chart.pixels
    axis: Spec = {"labelFontSize": size, "titleFontSize": size, "titleFontWeight": "normal"}
    axis |= {"labelColor": ink, "titleColor": ink, "gridColor": grid, "domainColor": ink, "tickColor": ink}
    if chart.dashed:
        axis["gridDash"] = [4, 3]
    legend = {"labelFontSize": size, "titleFontSize": size, "labelColor": ink, "labelLimit": 0}
    legend["symbolSize"] = 12 * size
    return {
        "font": chart.font.family,
        "title": {
            "fontSize": round(size * 1.2),
            "fontWeight": "normal",
            "color": ink,
            "subtitleColor": ink,
            "subtitleFontSize": size,
        },
        "axis": axis,
        "legend": legend,
        "text": {"fontSize": size, "color": ink},
        **({"view": {"stroke": None}} if chart.open or chart.data.shape in ("pie", "donut") else {}),
    }
