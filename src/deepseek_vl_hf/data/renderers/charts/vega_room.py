"""A chart comes in; the size of its plot goes out, so that the whole picture has the size that is wanted and all words have room."""

from ...rendering import CannotRenderError
from .looks import Chart, measure


def plot_size(chart: Chart) -> tuple[int, int]:
    """Of the plot alone, so that the whole picture has about the size of the chart."""
    width, height = chart.size
    font, pixels = chart.font, chart.pixels
    beside = max((measure(font, pixels, name) for name in at_left(chart)), default=0) + pixels * (
        2.2 if chart.y_title else 0.8
    )
    under = pixels * (1.6 + 1.5 * bool(chart.x_title))
    if chart.turned:
        under += max(measure(font, pixels, label) for label in chart.labels) * (1 if chart.turned == 90 else 0.75)
    above = pixels * (2.2 * bool(chart.title) + 1.6 * bool(chart.source))
    if chart.has_legend and chart.legend in ("right", "inside"):
        width -= round(max(measure(font, pixels, name) for name in explained(chart)) + pixels * 3.2)
    elif chart.has_legend:
        height -= round(pixels * 2.4)
    plot = round(width - beside - pixels), round(height - under - above - pixels)
    if min(plot) < 6 * pixels:
        raise CannotRenderError(f"a plot of {plot} pixels is too small")
    return plot


def explained(chart: Chart) -> tuple[str, ...]:
    return chart.labels if chart.data.shape in ("pie", "donut") else chart.series


def at_left(chart: Chart) -> list[str]:
    if chart.data.shape == "barh":
        return list(chart.labels)
    if chart.data.shape in ("pie", "donut"):
        return []
    return list(chart.series) if chart.data.shape == "heatmap" else [f"{max(map(max, chart.data.heights())):g}"]


def check_room(chart: Chart) -> None:
    """Raise where words would have no room."""
    width, height = plot_size(chart)
    font, pixels = chart.font, chart.pixels
    if measure(font, pixels * 1.2, chart.title) > width * 1.05:
        raise CannotRenderError("the title has no room")
    if chart.source and measure(font, pixels, chart.source) + 5 * pixels > width:
        raise CannotRenderError("the source has no room")
    if measure(font, pixels, chart.y_title) > height or measure(font, pixels, chart.x_title) > width:
        raise CannotRenderError("the title of an axis has no room")
    if chart.data.shape in ("barh", "heatmap") and pixels * 1.4 * len(at_left(chart)) > height:
        raise CannotRenderError("labels at the left have no room")
    if chart.labels and chart.data.shape not in ("barh", "pie", "donut"):
        room = width / len(chart.labels)
        widest = max(measure(font, pixels, label) for label in chart.labels)
        if (widest * 1.15 > room and not chart.turned) or pixels * 1.35 > room:
            raise CannotRenderError("labels below have no room")
    across = sum(measure(font, pixels, name) + 3 * pixels for name in explained(chart))
    if chart.has_legend and chart.legend in ("above", "below") and across > width:
        raise CannotRenderError("the legend has no room")
