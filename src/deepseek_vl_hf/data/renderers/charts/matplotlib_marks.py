"""A chart comes in; the lines of a matplotlib script that state its data and draw its marks go out."""

import json
from collections.abc import Callable

from .looks import Chart, headroom


def quote(value) -> str:
    """A value as it stands in the script: strings in double quotes, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False)


def _table(chart: Chart) -> list[str]:
    """Labels and values as the script states them."""
    lines = [f"labels = {quote(chart.labels)}"]
    if not chart.series:
        return [*lines, f"values = {quote(chart.data.values[0])}"]
    rows = [f"    {quote(name)}: {quote(row)}," for name, row in zip(chart.series, chart.data.values, strict=True)]
    return [*lines, "series = {", *rows, "}", f"colors = {quote(chart.palette[: len(chart.series)])}"]


def _format(chart: Chart) -> str:
    return f"%.{chart.decimals}f"


def _headroom(chart: Chart) -> str:
    return f"ax.margins({'x' if chart.data.shape == 'barh' else 'y'}={headroom(chart)})"


def _labelled(chart: Chart) -> bool:
    return chart.data.reading == "labels"


def _bar(chart: Chart):
    colour, thick = quote(chart.palette[0]), round(chart.thick, 2)
    if chart.data.shape == "barh":
        marks = [f"bars = ax.barh(labels, values, color={colour}, height={thick})", "ax.invert_yaxis()"]
    else:
        marks = [f"bars = ax.bar(labels, values, color={colour}, width={thick})"]
    if _labelled(chart):
        marks += [
            f'ax.bar_label(bars, fmt="{_format(chart)}", padding=3)',
            _headroom(chart),
        ]
    return _table(chart), marks


def _grouped(chart: Chart):
    count, width = len(chart.series), round(min(0.88, chart.thick + 0.15) / len(chart.series), 3)
    marks = [
        "for i, (name, row) in enumerate(series.items()):",
        f"    places = [place + (i - {(count - 1) / 2:g}) * {width} for place in range(len(labels))]",
        f"    bars = ax.bar(places, row, width={width}, color=colors[i], label=name)",
    ]
    if _labelled(chart):
        marks += [f'    ax.bar_label(bars, fmt="{_format(chart)}", padding=2)', _headroom(chart)]
    return _table(chart), [*marks, "ax.set_xticks(range(len(labels)), labels)"]


def _stacked(chart: Chart):
    marks = [
        "bottom = [0] * len(labels)",
        "for (name, row), color in zip(series.items(), colors):",
        f"    bars = ax.bar(labels, row, bottom=bottom, width={round(chart.thick, 2)}, color=color, label=name)",
        "    bottom = [a + b for a, b in zip(bottom, row)]",
    ]
    if _labelled(chart):
        marks.insert(3, f'    ax.bar_label(bars, fmt="{_format(chart)}", label_type="center", color="black")')
    return _table(chart), marks


def _line(chart: Chart):
    marker = f', marker="{chart.marker}"' if chart.marker else ""
    if chart.series:
        marks = ["for (name, row), color in zip(series.items(), colors):"]
        marks.append(f"    ax.plot(labels, row{marker}, color=color, label=name)")
    else:
        marks = [f"ax.plot(labels, values{marker}, color={quote(chart.palette[0])})"]
    return _table(chart), marks + _points(chart)


def _area(chart: Chart):
    colour = quote(chart.palette[0])
    marks = [f"ax.fill_between(labels, values, color={colour}, alpha=0.4)", f"ax.plot(labels, values, color={colour})"]
    return _table(chart), [*marks, *_points(chart), "ax.set_ylim(bottom=0)"]


def _points(chart: Chart) -> list[str]:
    if not _labelled(chart):
        return []
    return [
        "for place, value in enumerate(values):",
        f'    ax.annotate(f"{{value:.{chart.decimals}f}}", (place, value), (0, 6), textcoords="offset points", ha="center")',
        f"ax.margins(x=0.07, y={headroom(chart)})",
    ]


def _pie(chart: Chart):
    """Slices with their share in them; a donut is a pie with a hole."""
    ring = ', "width": 0.42' if chart.data.shape == "donut" else ""
    place = 0.79 if ring else 0.65
    shares = f', autopct="%d%%", pctdistance={place}' if _labelled(chart) else ""
    ink = ', textprops={"color": "black"}' if _labelled(chart) else ""
    options = f'startangle=90, counterclock=False{shares}, wedgeprops={{"edgecolor": "white"{ring}}}{ink}'
    colours = f"colors = {quote(chart.palette[: len(chart.labels)])}"
    dark = chart.style == "dark_background"  # on which black names beside the slices could not be read
    if chart.legend == "right" or chart.thick < 0.6 or dark:
        marks = [f"slices = ax.pie(values, colors=colors, {options})[0]"]
        marks.append('ax.legend(slices, labels, loc="center left", bbox_to_anchor=(1, 0.5))')
    else:
        marks = [f"ax.pie(values, labels=labels, colors=colors, {options})"]
    return [*_table(chart), colours], marks


def _scatter(chart: Chart):
    colours = chart.palette[: max(1, len(chart.series))]
    marker = quote(chart.marker or "o")
    first, last, step = chart.data.edges
    rows = chart.data.values
    if chart.series:
        data = [f"    {quote(name)}: {quote(row)}," for name, row in zip(chart.series, rows, strict=True)]
        head = ["groups = {", *data, "}", f"colors = {quote(colours)}"]
        marks = ["for (name, points), color in zip(groups.items(), colors):"]
        marks.append(f"    ax.scatter(*zip(*points), color=color, marker={marker}, label=name, clip_on=False)")
    else:
        head = [f"{axis} = {quote([point[index] for point in rows[0]])}" for index, axis in enumerate("xy")]
        marks = [f"ax.scatter(x, y, color={quote(colours[0])}, marker={marker}, clip_on=False)"]
    if chart.data.step:
        ticks = [round(first + step * number, 6) for number in range(round((last - first) / step) + 1)]
        marks += [f"ax.set_xticks({quote([int(tick) if tick == int(tick) else tick for tick in ticks])})"]
    return head, marks


def _histogram(chart: Chart):
    first, last, width = chart.data.edges
    starts = [round(first + width * number, 6) for number in range(len(chart.labels))]
    starts = [int(number) if number == int(number) else number for number in starts]
    head = [f"starts = {quote(starts)}", f"counts = {quote(chart.data.values[0])}"]
    colour = quote(chart.palette[0])
    marks = [f'bars = ax.bar(starts, counts, width={width}, align="edge", color={colour}, edgecolor="white")']
    marks.append(f"ax.set_xticks([*starts, {last}])")
    if _labelled(chart):
        marks += ["ax.bar_label(bars, padding=2)", _headroom(chart)]
    return head, marks


def _box(chart: Chart):
    names = ("whislo", "q1", "med", "q3", "whishi")
    rows = [
        f"    {quote({'label': label, **dict(zip(names, column, strict=True))})},"
        for label, column in zip(chart.labels, zip(*chart.data.values, strict=True), strict=True)
    ]
    fill = f'boxprops={{"facecolor": {quote(chart.palette[0])}}}, medianprops={{"color": "black", "linewidth": 2}}'
    return ["boxes = [", *rows, "]"], [
        f"ax.bxp(boxes, showfliers=False, patch_artist=True, widths={round(chart.thick * 0.7, 2)}, {fill})"
    ]


def _candles(chart: Chart):
    opens, highs, lows, closes = chart.data.values
    up, down = ("#d62728", "#2ca02c") if chart.red_up else ("#2ca02c", "#d62728")
    head = [f"days = {quote(chart.labels)}"]
    head += [
        f"{name} = {quote(row)}"
        for name, row in (("opens", opens), ("highs", highs), ("lows", lows), ("closes", closes))
    ]
    rising, falling = map(quote, chart.series)
    return head, [
        "for place, (a, high, low, b) in enumerate(zip(opens, highs, lows, closes)):",
        f'    color = "{up}" if b > a else "{down}"',
        "    ax.vlines(place, low, high, color=color)",
        f"    ax.bar(place, abs(b - a), bottom=min(a, b), width={round(chart.thick, 2)}, color=color)",
        f'ax.bar(0, 0, bottom=opens[0], color="{up}", label={rising})',
        f'ax.bar(0, 0, bottom=opens[0], color="{down}", label={falling})',
        "ax.set_ylim(min(lows) - 0.05 * (max(highs) - min(lows)), max(highs) + 0.05 * (max(highs) - min(lows)))",
        "ax.set_xticks(range(len(days)), days)",
    ]


def _heatmap(chart: Chart):
    head = [f"columns = {quote(chart.labels)}", f"rows = {quote(chart.series)}"]
    head += ["values = [", *(f"    {quote(row)}," for row in chart.data.values), "]"]
    marks = [f'image = ax.imshow(values, cmap={quote(chart.colour_map[0])}, aspect="auto")']
    turn = (
        f", rotation={chart.turned}" + (', ha="right", rotation_mode="anchor"' if chart.turned == 45 else "")
        if chart.turned
        else ""
    )
    marks += [
        f"ax.set_xticks(range(len(columns)), columns{turn})",
        "ax.set_yticks(range(len(rows)), rows)",
        "ax.grid(False)",
    ]
    if not _labelled(chart):
        return head, [*marks, "fig.colorbar(image)"]
    return head, [
        *marks,
        "for i, row in enumerate(values):",
        "    for j, value in enumerate(row):",
        "        red, green, blue, _ = image.cmap(image.norm(value))",
        '        color = "black" if 0.3 * red + 0.6 * green + 0.1 * blue > 0.5 else "white"',
        f'        ax.text(j, i, f"{{value:.{chart.decimals}f}}", ha="center", va="center", color=color)',
    ]


Body = Callable[[Chart], tuple[list[str], list[str]]]
BODIES: dict[str, Body] = {
    "bar": _bar,
    "barh": _bar,
    "grouped": _grouped,
    "stacked": _stacked,
    "line": _line,
    "area": _area,
    "pie": _pie,
    "donut": _pie,
    "scatter": _scatter,
    "histogram": _histogram,
    "box": _box,
    "candlestick": _candles,
    "heatmap": _heatmap,
}
