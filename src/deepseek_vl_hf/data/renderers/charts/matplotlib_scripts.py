"""A chart comes in; a short matplotlib script that draws it, and the picture that this very script drew, go out.

The script is what a question for code is answered with, so it is plain: data, figure, marks, words. It is run here as it stands, but
for its last line, which would write a file.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from ...assets import Font
from ...rendering import CannotRenderError
from .looks import Chart, measure
from .matplotlib_marks import BODIES, quote


DPI = 100
HEAD = """import matplotlib.style
from matplotlib.figure import Figure
"""
SAVE = 'fig.savefig("chart.png")\n'
_known: set[str] = set()


def pixel(points: float) -> float:
    """Pixels of the picture in points of the script."""
    return round(points * 72 / DPI, 1)


def write_script(chart: Chart) -> str:
    """The script that draws a chart."""
    settings = {"font.family": chart.font.name, "font.size": pixel(chart.pixels), "axes.unicode_minus": False}
    if chart.style != "default":  # some styles have small or large sizes of their own
        settings |= {f"{each}.labelsize": "medium" for each in ("axes", "xtick", "ytick")}
        settings |= {"axes.titlesize": "large", "legend.fontsize": "medium"}
    width, height = (round(side / DPI, 1) for side in chart.size)
    lines = [HEAD]
    if chart.style != "default":
        lines.append(f"matplotlib.style.use({quote(chart.style)})")
    lines += [f"matplotlib.rcParams.update({quote(settings).replace('false', 'False')})", ""]
    body = BODIES[chart.data.shape](chart)
    lines += [*body[0], ""]
    lines += [f'fig = Figure(figsize=({width}, {height}), dpi={DPI}, layout="constrained")', "ax = fig.add_subplot()"]
    lines += [*body[1], *_words(chart)]
    return "\n".join(lines) + "\n" + SAVE


def draw_script(script: str, font: Font) -> Image.Image:
    """Run a script of `write_script` and give the picture that it would save.

    Raises:
        CannotRenderError: if words are cut off or lie on each other.
    """
    import matplotlib
    import matplotlib.style
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    _know(font)
    scope: dict = {}
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        exec(compile(script.removesuffix(SAVE), "<chart>", "exec"), scope)
        figure = scope["fig"]
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        _check(figure)
        return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())


def _know(font: Font) -> None:
    """Let matplotlib find a font by our name for it, whatever fonts this machine has."""
    if font.name in _known:
        return
    from matplotlib import font_manager

    manager = font_manager.fontManager
    entry = font_manager.FontEntry(fname=str(font.path), name=font.name, style="normal", variant="normal", weight=400, stretch="normal", size="scalable")  # fmt: skip
    manager.addfont(str(font.path))  # also forgets what it has looked up before
    plain = (font.name, "normal", 400)
    others = [each for each in manager.ttflist if (each.name, each.style, each.weight) != plain]
    manager.ttflist = [*others, entry]
    _known.add(font.name)


def _check(figure) -> None:
    """Raise where text leaves the picture, or lies on other text or a legend on what it explains."""
    renderer = figure.canvas.get_renderer()
    ax = figure.axes[0]
    texts = {"x": ax.get_xticklabels(), "y": ax.get_yticklabels(), "values": ax.texts}
    legends = [each for each in (*figure.legends, ax.get_legend()) if each]
    words = [ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label]
    words += figure.texts
    boxes = {
        name: [each.get_window_extent(renderer) for each in group if each.get_visible() and each.get_text().strip()]
        for name, group in {**texts, "words": words}.items()
    }
    shown = [ax.viewLim.x0, ax.viewLim.x1], [ax.viewLim.y0, ax.viewLim.y1]
    for axis, bounds, name in ((ax.xaxis, shown[0], "x"), (ax.yaxis, shown[1], "y")):
        low, high = sorted(bounds)
        places = zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=False)
        kept = [label for place, label in places if low - 1e-9 <= place <= high + 1e-9 and label.get_text()]
        boxes[name] = [label.get_window_extent(renderer) for label in kept]
    frame = figure.bbox
    beside = [each.get_window_extent(renderer) for each in legends]
    for box in [each for group in boxes.values() for each in group] + beside:
        if box.x0 < -1 or box.y0 < -1 or box.x1 > frame.x1 + 1 or box.y1 > frame.y1 + 1:
            raise CannotRenderError("text is cut off")
    turned = any(label.get_rotation() == 45 for label in ax.get_xticklabels())
    for name, group in boxes.items():
        if not (name == "x" and turned) and _touch(group, -0.5):
            raise CannotRenderError(f"{name} lie on each other")
    together = [each for name in ("x", "y", "values") for each in boxes[name]]
    if any(one.overlaps(other) for one in boxes["words"] for other in together):
        raise CannotRenderError("a title lies on other text")
    if any(one.overlaps(other) for one in boxes["x"] for other in boxes["y"]):
        raise CannotRenderError("labels of the axes lie on each other")
    if any(one.overlaps(other) for one in beside for group in boxes.values() for other in group):
        raise CannotRenderError("the legend lies on text")
    if ax.get_legend() and any(
        _hits(ax.get_legend().get_window_extent(renderer), mark, renderer) for mark in _marks(ax)
    ):
        raise CannotRenderError("the legend lies on the data")


def _touch(boxes: Sequence, gap: float) -> bool:
    ordered = sorted(boxes, key=lambda box: box.x0)
    for index, one in enumerate(ordered):
        for other in ordered[index + 1 :]:
            if other.x0 >= one.x1 + gap:
                break
            if other.y0 < one.y1 + gap and one.y0 < other.y1 + gap:
                return True
    return False


def _marks(ax) -> list:
    return [*ax.patches, *ax.lines, *ax.collections]


def _hits(box, mark, renderer) -> bool:
    """Whether a mark reaches into a box: by its points and the lines between them, or its outline."""
    from matplotlib.collections import PolyCollection
    from matplotlib.lines import Line2D

    if isinstance(mark, Line2D):
        return mark.get_path().transformed(mark.get_transform()).intersects_bbox(box, filled=False)
    if isinstance(mark, PolyCollection):
        return any(
            path.transformed(mark.get_transform()).intersects_bbox(box, filled=True) for path in mark.get_paths()
        )
    return mark.get_window_extent(renderer).overlaps(box)


def _words(chart: Chart) -> list[str]:
    """Title, axes, grid, legend and note."""
    lines, shape = [], chart.data.shape
    if chart.title:
        left = ', loc="left"' if chart.left else ""
        lines.append(f"ax.set_title({quote(_wrapped(chart))}{left})")
    lines += [
        f"ax.set_{axis}label({quote(text)})" for axis, text in (("x", chart.x_title), ("y", chart.y_title)) if text
    ]
    if shape not in ("pie", "donut", "heatmap"):
        value_axis = "x" if shape == "barh" else "y"
        which = "both" if chart.grid == "both" else value_axis
        dashes = ', linestyle="--"' if chart.dashed else ""
        lines.append(f'ax.grid(axis="{which}"{dashes}, alpha=0.5)' if chart.grid else "ax.grid(False)")
        if chart.grid == "values":
            lines.append(f'ax.grid(False, axis="{"y" if value_axis == "x" else "x"}")')
        lines.append("ax.set_axisbelow(True)")
        if chart.open:
            lines.append('ax.spines[["top", "right"]].set_visible(False)')
        if chart.data.step:
            ticks = chart.data.ticks()
            lines += [f"ax.set_{value_axis}ticks({quote(ticks)})", f"ax.set_{value_axis}lim({ticks[0]}, {ticks[-1]})"]
    if chart.turned and shape != "heatmap":
        more = ', ha="right", rotation_mode="anchor"' if chart.turned == 45 else ""
        lines.append(f"ax.set_xticks(ax.get_xticks(), ax.get_xticklabels(), rotation={chart.turned}{more})")
    lines += _legend(chart)
    if chart.source:
        note = f"Source: {chart.source}" if chart.language == "en" else f"数据来源：{chart.source}"
        lines.append(f'fig.supxlabel({quote(note)}, x=0.01, ha="left", fontsize="medium")')
    return lines


def _wrapped(chart: Chart) -> str:
    """The title, on two lines where one has no room."""
    room = chart.size[0] * 0.84
    if measure(chart.font, chart.pixels * 1.2, chart.title) < room:
        return chart.title
    places = [index for index, letter in enumerate(chart.title) if letter == " " or chart.language == "zh"]
    middle = min(places, key=lambda place: abs(place - len(chart.title) / 2), default=0)
    if chart.language == "zh" and chart.title[middle] != " ":
        raise CannotRenderError("the title has no room")  # a Chinese word may not be broken anywhere
    return f"{chart.title[:middle]}\n{chart.title[middle + 1 :]}"


def _legend(chart: Chart) -> list[str]:
    if not chart.has_legend:
        return []
    columns = f"ncols={len(chart.series)}"
    return {
        "right": ['ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1))'],
        "below": [f'fig.legend(loc="outside lower center", {columns})'],
        "above": [f'fig.legend(loc="outside upper center", {columns})'],
        "inside": ["ax.margins(y=0.28)"] * (not chart.data.step) + [f'ax.legend(loc="best", {columns})'],
    }[chart.legend]
