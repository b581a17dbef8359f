"""A graph and the sizes of its boxes come in; where each box stands, and how lines run between them, goes out.

Flowcharts are laid out along a way with one column at each side: lines that go back or skip run in lanes of their own outside, and
enter a box through the gap before it. So no line crosses a box. Places are (along, across); `turned` makes them (x, y).
"""

import math
from dataclasses import dataclass, field

import numpy as np

from .graphs import Graph, Node


LANE = 18  # pixels between lanes
Point = tuple[float, float]
Sizes = dict[str, tuple[float, float]]  # key -> width and height


@dataclass
class Line:
    """A line with an arrow at its last point, and where its label's middle is.

    Args:
        points: From start to end.
        label: Its text.
        at: Middle of the label.
    """

    points: list[Point]
    label: str = ""
    at: Point = (0.0, 0.0)


@dataclass
class Layout:
    """Where everything is, in pixels, from any origin.

    Args:
        places: Middle of each box.
        lines: In the order of the edges.
    """

    places: dict[str, Point]
    lines: list[Line] = field(default_factory=list)

    def turned(self) -> "Layout":
        """Along and across changed for each other."""

        def turn(point: Point) -> Point:
            return point[1], point[0]

        places = {key: turn(point) for key, point in self.places.items()}
        return Layout(places, [Line([*map(turn, line.points)], line.label, turn(line.at)) for line in self.lines])


def lay_out_flowchart(graph: Graph, sizes: Sizes, label: tuple[float, float], down: bool) -> Layout:
    """Lay out a flowchart.

    Args:
        graph: With rows and sides of its nodes.
        sizes: Of its boxes.
        label: Size of the largest label of a line.
        down: Whether it runs downwards; else to the right.
    """
    flow = _Flow(graph, {key: size if down else size[::-1] for key, size in sizes.items()}, label, down)
    layout = flow.lay_out()
    return layout.turned() if down else layout


class _Flow:
    """Works with sizes (across, along)."""

    def __init__(self, graph: Graph, sizes: Sizes, label: tuple[float, float], down: bool):
        self.graph, self.sizes, self.label, self.down = graph, sizes, label, down
        along, across = (label[1], label[0]) if down else label
        self.gap = max(
            40.0, 2.2 * along + 18
        )  # before each row; the label near its beginning, joining lines at its end
        spread = {
            side: max((sizes[n.key][0] for n in graph.nodes if n.side == side), default=0) for side in (-1, 0, 1)
        }
        reach = max(26.0, across + 22)  # from the way to a box beside it
        self.column = {side: side * (spread[0] / 2 + reach + spread[side] / 2) if side else 0.0 for side in (-1, 0, 1)}
        self.outside = {side: spread[0] / 2 + reach + spread[side] + LANE for side in (-1, 1)}
        self.middle = self._rows()
        self.lanes = self._lanes()

    def _rows(self) -> dict[int, float]:
        middle, top = {}, 0.0
        for row in sorted({node.row for node in self.graph.nodes}):
            height = max(self.sizes[node.key][1] for node in self.graph.nodes if node.row == row)
            middle[row] = top + height / 2
            top += height + self.gap
        return middle

    def _lanes(self) -> dict[tuple[str, str], float]:
        """A lane for each edge that needs one, the shorter further in."""
        lanes = {}
        for side in (-1, 1):
            long = [edge for edge in self.graph.edges if edge.side == side and self._needs_lane(edge)]
            long.sort(key=lambda edge: abs(self._row(edge.start) - self._row(edge.end)))
            for place, edge in enumerate(long):
                lanes[edge.start, edge.end] = side * (self.outside[side] + place * LANE)
        return lanes

    def _row(self, key: str) -> int:
        return self.graph.node(key).row

    def _needs_lane(self, edge) -> bool:
        start, end = self.graph.node(edge.start), self.graph.node(edge.end)
        if end.side != 0:
            return False
        return start.side == 0 or end.row not in (start.row, start.row + 1)

    def _place(self, node: Node) -> Point:
        return self.middle[node.row], self.column[node.side]

    def lay_out(self) -> Layout:
        layout = Layout({node.key: self._place(node) for node in self.graph.nodes})
        layout.lines = [self._line(edge) for edge in self.graph.edges]
        return layout

    def _line(self, edge) -> Line:
        start, end = self.graph.node(edge.start), self.graph.node(edge.end)
        (u, v), (wide, tall) = self._place(start), self.sizes[start.key]
        into_u, into_v = self._place(end)
        top = into_u - self.sizes[end.key][1] / 2
        if edge.side == 0:  # on along the way
            return Line([(u + tall / 2, v), (top, into_v)], edge.label, self._beside_way(u + tall / 2))
        if end.side != 0:  # to the box beside
            points = [(u, v + edge.side * wide / 2), (u, into_v - edge.side * self.sizes[end.key][0] / 2)]
            return Line(points, edge.label, self._beside_exit(points[0], edge.side))
        joint = self.middle[end.row] - self._tallest(end.row) / 2 - 0.28 * self.gap
        if (edge.start, edge.end) in self.lanes:
            lane, exit_v = self.lanes[edge.start, edge.end], v + edge.side * wide / 2
            points = [(u, exit_v), (u, lane), (joint, lane), (joint, 0.0), (top, 0.0)]
            return Line(points, edge.label, self._beside_exit((u, exit_v), edge.side))
        away = -tall / 2 if end.row == start.row else tall / 2
        return Line([(u + away, v), (joint, v), (joint, 0.0), (top, 0.0)])

    def _tallest(self, row: int) -> float:
        return max(self.sizes[node.key][1] for node in self.graph.nodes if node.row == row)

    def _beside_way(self, u: float) -> Point:
        """Right of a line that goes down, above one that goes right."""
        if self.down:
            return u + self.label[1] / 2 + 3, self.label[0] / 2 + 7
        return u + self.label[0] / 2 + 6, -self.label[1] / 2 - 3

    def _beside_exit(self, point: Point, side: int) -> Point:
        """Above a line that goes sideways from a box, right of one that goes up or down from it."""
        u, v = point
        if self.down:
            return u - self.label[1] / 2 - 3, v + side * (self.label[0] / 2 + 6)
        return u + self.label[0] / 2 + 6, v + side * (self.label[1] / 2 + 4)


def lay_out_tree(graph: Graph, sizes: Sizes, gaps: tuple[float, float], down: bool, straight: bool) -> Layout:
    """Lay out a tree, parents over the middle of their children.

    Args:
        graph: Its first node is the root; rows are depths.
        sizes: Of its boxes.
        gaps: Between neighbours, and between depths.
        down: Whether it grows downwards; else to the right.
        straight: Whether lines run straight; else along the axes.
    """
    shape = {key: size if down else size[::-1] for key, size in sizes.items()}
    depths = sorted({node.row for node in graph.nodes})
    tall = {row: max(shape[node.key][1] for node in graph.nodes if node.row == row) for row in depths}
    along = {row: sum(tall[above] + gaps[1] for above in depths if above < row) + tall[row] / 2 for row in depths}
    layout, ends = Layout({}), dict.fromkeys(depths, -math.inf)

    def put(key: str, free: float) -> float:
        """Place a node and all below it, none before `free`; return where its middle is across."""
        node, children = graph.node(key), [edge.end for edge in graph.out(key)]
        least = max(free, ends[node.row] + gaps[0]) + shape[key][0] / 2
        if children:
            span = sum(shape[child][0] + gaps[0] for child in children) - gaps[0]
            middles = [put(child, least - span / 2) for child in children]
            middle = (middles[0] + middles[-1]) / 2
            if least > middle:  # all below moves along, so that no two parents' lines meet
                shift(key, least - middle)
            least = max(least, middle)
        layout.places[key] = (along[node.row], least)
        ends[node.row] = least + shape[key][0] / 2
        return least

    def shift(key: str, by: float) -> None:
        for edge in graph.out(key):
            u, v = layout.places[edge.end]
            layout.places[edge.end] = (u, v + by)
            row = graph.node(edge.end).row
            ends[row] = max(ends[row], v + by + shape[edge.end][0] / 2)
            shift(edge.end, by)

    put(graph.nodes[0].key, 0.0)
    for edge in graph.edges:
        (u, v), (into_u, into_v) = layout.places[edge.start], layout.places[edge.end]
        row = graph.node(edge.start).row
        bottom, top = u + shape[edge.start][1] / 2, into_u - shape[edge.end][1] / 2
        bend = along[row] + tall[row] / 2 + gaps[1] / 2
        points = [(bottom, v), (top, into_v)] if straight else [(bottom, v), (bend, v), (bend, into_v), (top, into_v)]
        layout.lines.append(Line(points))
    return layout.turned() if down else layout


def lay_out_network(graph: Graph, sizes: Sizes, spread: float, stretch: float) -> Layout:
    """Lay out a network on an oval, lines straight and ending at the boxes.

    Args:
        graph: Its nodes go round clockwise, from the top.
        sizes: Of its boxes.
        spread: Pixels from neighbour to neighbour, about.
        stretch: Width of the oval by its height.
    """
    count = len(graph.nodes)
    radius = max(spread * count / (2 * math.pi), spread)
    layout = Layout({})
    for place, node in enumerate(graph.nodes):
        angle = 2 * math.pi * place / count - math.pi / 2
        layout.places[node.key] = (radius * stretch * math.cos(angle), radius * math.sin(angle))
    for edge in graph.edges:
        one, other = (np.array(layout.places[key]) for key in (edge.start, edge.end))
        first = one + (other - one) * _leave(other - one, sizes[edge.start])
        last = other + (one - other) * _leave(one - other, sizes[edge.end])
        line = Line([tuple(first.tolist()), tuple(last.tolist())], edge.label)
        line.at = tuple(((first + last) / 2).tolist())
        layout.lines.append(line)
    return layout


def _leave(towards: np.ndarray, size: tuple[float, float]) -> float:
    """Share of a way at which it leaves a box around its beginning."""
    shares = [side / 2 / abs(step) for side, step in zip(size, towards, strict=True) if abs(step) > 1e-9]
    return min(shares)
