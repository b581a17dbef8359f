"""A chart comes in; the marks and encodings of its Vega-Lite specification go out."""

from typing import Any

from .data import Data, tidy
from .looks import Chart, headroom
from .vega_room import explained, plot_size


Spec = dict[str, Any]
CURVES = {"o": "circle", "s": "square", "^": "triangle-up", "D": "diamond"}


def _labels_axis(chart: Chart, name: str = "x") -> Spec:
    title = chart.x_title if name == "x" else chart.y_title
    axis: Spec = {"labelAngle": -chart.turned} if name == "x" else {}
    axis |= {
        "title": title or None,
        "labelLimit": 0,
        **({"grid": True} if chart.grid == "both" and chart.data.shape != "heatmap" else {}),
    }
    return {"field": "label", "type": "nominal", "sort": None, "axis": axis}


def _values_axis(chart: Chart, field: str = "value", name: str = "y") -> Spec:
    title = chart.y_title if name == "y" else chart.x_title
    axis: Spec = {"title": title or None, "grid": bool(chart.grid)}
    scale: Spec = {}
    if chart.data.step:
        ticks = chart.data.ticks()
        axis["values"] = ticks
        scale = {"domain": [ticks[0], ticks[-1]], "nice": False}
    elif chart.data.shape in ("line", "box", "candlestick", "scatter"):
        scale = {"zero": False, "padding": 8}
    elif chart.data.reading == "labels":  # room for the values beyond the bars
        flat = [number for row in chart.data.heights() for number in row]
        room = headroom(chart) * (max(flat) - min(0, *flat))
        scale = {"domain": [tidy(min(flat) - room) if min(flat) < 0 else 0, tidy(max(flat) + room)]}
    if not chart.data.step:
        axis["tickCount"] = 6
    return {"field": field, "type": "quantitative", "axis": axis, **({"scale": scale} if scale else {})}


def _colour(chart: Chart, field: str = "series") -> Spec:
    place = {"right": "right", "inside": "right", "below": "bottom", "above": "top"}[chart.legend]
    names = list(explained(chart))
    columns = {} if place == "right" else {"columns": len(names)}
    return {
        "field": field,
        "type": "nominal",
        "sort": None,
        "scale": {"domain": names, "range": list(chart.palette[: len(names)])},
        "legend": {"title": None, "orient": place, **columns},
    }


def _format(data: Data) -> str:
    return f".{data.topic.decimals}f"


def _bar(chart: Chart) -> Spec:
    lying = chart.data.shape == "barh"
    labels, values = ("y", "x") if lying else ("x", "y")
    encoding = {labels: _labels_axis(chart, labels), values: _values_axis(chart, name=values)}
    encoding[labels]["scale"] = {"paddingInner": round(1 - chart.thick, 2)}
    bar = {"type": "bar", "color": chart.palette[0]}
    if chart.data.reading != "labels":
        return {"mark": bar, "encoding": encoding}
    place = {"align": {"expr": "datum.value < 0 ? 'right' : 'left'"}, "dx": {"expr": "datum.value < 0 ? -4 : 4"}} if lying else {"dy": {"expr": "datum.value < 0 ? 8 : -8"}}  # fmt: skip
    text = {"mark": {"type": "text", **place}, "encoding": {"text": {"field": "value", "format": _format(chart.data)}}}
    return {"encoding": encoding, "layer": [{"mark": bar}, text]}


def _grouped(chart: Chart) -> Spec:
    offset = {"field": "series", "sort": None, "type": "nominal"}
    encoding = {"x": _labels_axis(chart), "y": _values_axis(chart), "xOffset": offset}
    bar = {"mark": "bar", "encoding": {"color": _colour(chart)}}
    if chart.data.reading != "labels":
        return {"mark": "bar", "encoding": {**encoding, "color": _colour(chart)}}
    text = {
        "mark": {"type": "text", "dy": {"expr": "datum.value < 0 ? 8 : -8"}},
        "encoding": {"text": {"field": "value", "format": _format(chart.data)}},
    }
    return {"encoding": encoding, "layer": [bar, text]}


def _stacked(chart: Chart) -> Spec:
    order = {"field": "place"}
    encoding = {"x": _labels_axis(chart), "y": {**_values_axis(chart), "stack": "zero"}, "order": order}
    bar = {"mark": "bar", "encoding": {"color": _colour(chart)}}
    if chart.data.reading != "labels":
        return {"mark": "bar", "encoding": {**encoding, "color": _colour(chart)}}
    text = {
        "mark": {"type": "text", "color": "black"},
        "encoding": {
            "y": {"field": "value", "type": "quantitative", "stack": "zero", "bandPosition": 0.5},
            "detail": {"field": "series"},
            "text": {"field": "value", "format": _format(chart.data)},
        },
    }
    return {"encoding": encoding, "layer": [bar, text]}


def _line(chart: Chart) -> Spec:
    encoding = {"x": _labels_axis(chart), "y": _values_axis(chart)}
    mark: Spec = {"type": chart.data.shape}
    if chart.marker:
        mark["point"] = {"shape": CURVES[chart.marker], "size": 45}
    if chart.data.shape == "area":
        mark |= {"line": True, "opacity": 0.6}
    if chart.series:
        encoding["color"] = _colour(chart)
    else:
        mark["color"] = chart.palette[0]
        if chart.marker:
            mark["point"] = {**mark["point"], "color": chart.palette[0]}
        if chart.data.shape == "area":
            mark["line"] = {"color": chart.palette[0]}
    if chart.data.reading != "labels":
        return {"mark": mark, "encoding": encoding}
    text = {
        "mark": {"type": "text", "dy": -12},
        "encoding": {"text": {"field": "value", "format": _format(chart.data)}},
    }
    return {"encoding": encoding, "layer": [{"mark": mark}, text]}


def _pie(chart: Chart) -> Spec:
    radius = min(plot_size(chart)) // 2 - 2
    hole = {"innerRadius": round(radius * 0.55)} if chart.data.shape == "donut" else {}
    theta = {"field": "value", "type": "quantitative", "stack": True}
    arc = {"type": "arc", "outerRadius": radius, "stroke": chart.ground[0], **hole}
    encoding = {"theta": theta, "color": _colour(chart, "label"), "order": {"field": "place"}}
    if chart.data.reading != "labels":
        return {"mark": arc, "encoding": encoding}
    text = {"mark": {"type": "text", "radius": round(radius * 0.77), "color": "black"}, "encoding": {"text": {"field": "share"}, "detail": {"field": "label"}}}  # fmt: skip
    share = [{"calculate": "datum.value + '%'", "as": "share"}]
    encoding = {"theta": theta, "order": {"field": "place"}}
    return {
        "transform": share,
        "encoding": encoding,
        "layer": [{"mark": arc, "encoding": {"color": _colour(chart, "label")}}, text],
    }


def _scatter(chart: Chart) -> Spec:
    first, last, step = chart.data.edges
    axis: Spec = {"title": chart.x_title, "grid": bool(chart.grid), "tickCount": 6}
    if chart.data.step:
        axis.pop("tickCount")
        axis["values"] = [round(first + step * number, 6) for number in range(round((last - first) / step) + 1)]
    x = {"field": "x", "type": "quantitative", "axis": axis, "scale": {"zero": False, "padding": 8}}
    mark = {"type": "point", "filled": True, "size": 60, "shape": CURVES[chart.marker or "o"], "opacity": 0.9}
    encoding = {"x": x, "y": _values_axis(chart, "y")}
    if chart.series:
        return {"mark": mark, "encoding": {**encoding, "color": _colour(chart)}}
    return {"mark": {**mark, "color": chart.palette[0]}, "encoding": encoding}


def _histogram(chart: Chart) -> Spec:
    bins = {"binned": True, "step": chart.data.edges[2]}
    x = {"field": "start", "type": "quantitative", "bin": bins, "axis": {"title": chart.x_title}}
    encoding = {"x": x, "x2": {"field": "end"}, "y": _values_axis(chart)}
    bar = {"type": "bar", "color": chart.palette[0]}
    if chart.data.reading != "labels":
        return {"mark": bar, "encoding": encoding}
    y = {"y": encoding.pop("y")}
    middle = {"field": "middle", "type": "quantitative"}
    text = {"mark": {"type": "text", "dy": -8}, "encoding": {"x": middle, "text": {"field": "value"}}}
    return {"encoding": y, "layer": [{"mark": bar, "encoding": encoding}, text]}


def _box(chart: Chart) -> Spec:
    size = round(plot_size(chart)[0] / len(chart.labels) * chart.thick * 0.7)
    ink = chart.ground[1]
    return {
        "encoding": {"x": _labels_axis(chart), "y": _values_axis(chart, "min")},
        "layer": [
            {"mark": {"type": "rule", "color": ink}, "encoding": {"y2": {"field": "max"}}},
            {
                "mark": {"type": "bar", "size": size, "color": chart.palette[0]},
                "encoding": {"y": {"field": "q1", "type": "quantitative"}, "y2": {"field": "q3"}},
            },
            {
                "mark": {"type": "tick", "size": size, "color": "black", "thickness": 2},
                "encoding": {"y": {"field": "median", "type": "quantitative"}},
            },
        ],
    }


def _candles(chart: Chart) -> Spec:
    colours = ["#d62728", "#2ca02c"] if chart.red_up else ["#2ca02c", "#d62728"]
    colour = {**_colour(chart, "move"), "scale": {"domain": list(chart.series), "range": colours}}
    colour["legend"] |= {"symbolType": "square"}
    size = round(plot_size(chart)[0] / len(chart.labels) * chart.thick)
    return {
        "encoding": {"x": _labels_axis(chart), "color": colour},
        "layer": [
            {"mark": "rule", "encoding": {"y": _values_axis(chart, "low"), "y2": {"field": "high"}}},
            {
                "mark": {"type": "bar", "size": size},
                "encoding": {"y": {"field": "open", "type": "quantitative"}, "y2": {"field": "close"}},
            },
        ],
    }


def _heatmap(chart: Chart) -> Spec:
    rows = {
        "field": "series",
        "type": "nominal",
        "sort": None,
        "axis": {"title": chart.y_title or None, "labelLimit": 0},
    }
    legend = None if chart.data.reading == "labels" else {"title": None}
    colour = {"field": "value", "type": "quantitative", "scale": {"scheme": chart.colour_map[1]}, "legend": legend}
    encoding = {"x": _labels_axis(chart), "y": rows}
    if chart.data.reading != "labels":
        return {"mark": "rect", "encoding": {**encoding, "color": colour}}
    flat = sorted(value for row in chart.data.values for value in row)
    middle = (flat[0] + flat[-1]) / 2
    dark_high = chart.colour_map[1] != "viridis"
    test = f"datum.value {'>' if dark_high else '<'} {middle:g}"
    text = {
        "mark": "text",
        "encoding": {
            "text": {"field": "value", "format": _format(chart.data)},
            "color": {"condition": {"test": test, "value": "white"}, "value": "black"},
        },
    }
    return {"encoding": encoding, "layer": [{"mark": "rect", "encoding": {"color": colour}}, text]}


MARKS = {
    "bar": _bar,
    "barh": _bar,
    "grouped": _grouped,
    "stacked": _stacked,
    "line": _line,
    "area": _line,
    "pie": _pie,
    "donut": _pie,
    "scatter": _scatter,
    "histogram": _histogram,
    "box": _box,
    "candlestick": _candles,
    "heatmap": _heatmap,
}
