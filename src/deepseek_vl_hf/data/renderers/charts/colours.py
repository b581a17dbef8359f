"""Data and a draw come in; colours that can be told apart, and what they stand on, go out."""

from ...rendering import CannotRenderError, Draw
from .data import Data


# Colours that can be told apart, in their order; short ones serve charts of few series.
PALETTES: tuple[tuple[str, ...], ...] = (
    ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f"),
    ("#4c78a8", "#f58518", "#e45756", "#72b7b2", "#54a24b", "#eeca3b", "#b279a2", "#9d755d"),
    ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#f0e442"),
    ("#66c2a5", "#fc8d62", "#8da0cb", "#e78ac3", "#a6d854", "#ffd92f", "#e5c494", "#b3b3b3"),
    ("#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e", "#e6ab02", "#a6761d", "#666666"),
    ("#003f5c", "#ff7c43", "#2f9e8f", "#d45087", "#a05195", "#ffa600", "#665191", "#8fb339"),
    ("#264653", "#e76f51", "#2a9d8f", "#e9c46a", "#f4a261", "#8ab17d", "#6d597a", "#b56576"),
    ("#4e79a7", "#f28e2b", "#76b7b2", "#e15759", "#59a14f", "#edc948", "#b07aa1", "#9c755f"),
    ("#5470c6", "#91cc75", "#fac858", "#ee6666", "#73c0de", "#3ba272", "#fc8452", "#9a60b4"),
    ("#c0392b", "#2980b9", "#27ae60", "#f39c12", "#8e44ad", "#16a085", "#7f8c8d", "#2c3e50"),
    ("#8ecae6", "#fb8500", "#219ebc", "#ffb703", "#023047", "#d62828", "#6a994e", "#adb5bd"),
    ("#3366cc", "#dc3912", "#ff9900", "#109618", "#990099", "#0099c6", "#dd4477", "#66aa00"),
)
STYLES = (  # of matplotlib, by far the most often none
    "default", "default", "default", "default", "default", "ggplot", "bmh", "seaborn-v0_8-whitegrid", "seaborn-v0_8-darkgrid",
    "seaborn-v0_8-ticks", "dark_background", "Solarize_Light2", "fivethirtyeight", "fast", "tableau-colorblind10",
)  # fmt: skip
DARK = "#1e1e24"
# Background, ink and grid of charts that Vega draws.
GROUNDS = (("white", "#222222", "#dddddd"),) * 5 + (
    ("#f7f7f2", "#333333", "#dcdcd2"),
    ("#fff8ee", "#4a3f35", "#eadfce"),
    ("#eef4fa", "#1d3557", "#d3dfea"),
    (DARK, "#f2f2f2", "#44444c"),
    ("#fafafa", "#111111", "#e4e4e4"),
)
MAPS = (("Blues", "blues"), ("YlGnBu", "yellowgreenblue"), ("Greens", "greens"), ("Oranges", "oranges"), ("viridis", "viridis"), ("Reds", "reds"), ("PuBu", "purpleblue"), ("YlOrRd", "yelloworangered"))  # fmt: skip


def lightness(colour: str) -> float:
    """Of a colour, from 0 to 1."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return 0.3 * red + 0.59 * green + 0.11 * blue


def draw_palette(draw: Draw, data: Data, dark: bool) -> tuple[str, ...]:
    """Colours that are seen on any ground, and on which black is read where values stand on them."""
    on_top = data.reading == "labels" and data.shape in ("pie", "donut", "stacked")
    low, high = (0.42, 0.9) if on_top else (0.38, 0.85) if dark else (0.14, 0.75)
    palette = [colour for colour in draw.pick(PALETTES) if low <= lightness(colour) <= high]
    count = len(data.labels) if data.shape in ("pie", "donut") else len(data.series) if data.shape != "box" else 1
    if len(palette) < count and data.shape not in ("heatmap", "candlestick"):
        raise CannotRenderError(f"found {len(palette)} colours of {count}")
    start = draw.whole(0, len(palette) - 1)
    return tuple(palette[start:] + palette[:start])
