"""A `Draw` comes in; pictures of flowcharts, organisation charts, trees and networks go out, with their Mermaid code."""

import itertools
import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from ...damage import save
from ...rendering import CannotRenderError, Draw, Rendered, Renderer
from ..labels import label_font
from .drawing import Theme, choose_theme, draw_diagram, measure
from .graphs import Graph, make_flowchart
from .layout import Layout, lay_out_flowchart, lay_out_network, lay_out_tree
from .questions import (
    ABSENCE,
    COUNTING,
    FLOWCHART,
    OTHERS,
    TEXT,
    TO_CODE,
    ask_absent,
    ask_code,
    ask_flowchart,
    ask_kinds,
    ask_network,
    ask_organisation,
)
from .trees import make_kinds, make_network, make_organisation


KINDS: dict[str, tuple[Callable, Callable, float]] = {  # how each is made, what is asked, and its share
    "flowchart": (make_flowchart, ask_flowchart, 0.6),
    "organisation": (make_organisation, ask_organisation, 0.15),
    "kinds": (make_kinds, ask_kinds, 0.1),
    "network": (make_network, ask_network, 0.15),
}


class Diagrams(Renderer):
    """Flowcharts, organisation charts, trees and networks.

    Args:
        assets: Where fonts come from.
        longest: Pixels that the longer side of a picture may have.
        kinds: Keys of `KINDS`.

    Raises:
        ValueError: if an argument is out of range.
    """

    name = "diagrams"
    tasks = (TO_CODE, FLOWCHART, OTHERS, TEXT, COUNTING, ABSENCE)
    licence = "CC0-1.0"
    packages = ("fontTools",)

    def __init__(self, assets, *, longest: int = 1280, kinds: tuple[str, ...] = tuple(KINDS)):
        super().__init__(assets)
        if longest < 1024:
            raise ValueError(
                f"found longest {longest}, expected at least 1024 pixels for labels to be legible; raise it"
            )
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown or not kinds:
            raise ValueError(f"found kinds {list(kinds)}, expected some of {', '.join(KINDS)}; leave out {unknown}")
        self.longest, self.kinds = longest, tuple(kinds)

    def render(self, draw: Draw) -> Rendered:
        """Draw one diagram."""
        kind = draw.pick(self.kinds, [KINDS[kind][2] for kind in self.kinds])
        make, ask, _ = KINDS[kind]
        graph = draw.made("diagram", lambda rng: make(rng, draw.language), key=lambda graph: graph.mermaid("TD"))
        everything = "".join(node.text for node in graph.nodes) + "".join(edge.label for edge in graph.edges)
        styles = ("sans", "serif") if graph.inputs else ("sans", "serif", "hand")  # "=" is "-" in a script
        font = label_font(draw, self.assets, everything, styles)
        theme = choose_theme(draw, font)
        down = draw.chance(0.75 if kind == "flowchart" else 0.6)
        picture = _picture(draw, graph, theme, down)
        if max(picture.size) > 1.1 * self.longest:
            raise CannotRenderError(f"found a picture of {picture.size}, expected at most about {self.longest} pixels")
        direction = "TD" if down or graph.kind == "network" else "LR"
        medium = draw.pick(("clean", "screen", "screen", "scan", "photo"))
        image = save(draw, picture, medium, self.longest)
        return Rendered([image], [ask_code(draw, graph, direction), *ask(draw, graph)], ask_absent(draw, graph, kind))


def _picture(draw: Draw, graph: Graph, theme: Theme, down: bool) -> Image.Image:
    sizes, texts, label = measure(graph, theme)
    if graph.kind == "flowchart":
        layout = lay_out_flowchart(graph, sizes, label, down)
    elif graph.kind == "tree":
        gaps = (draw.between(14, 30), draw.between(34, 64))
        layout = lay_out_tree(graph, sizes, gaps, down, straight=draw.chance(0.3))
    else:
        spread = max(width for width, _ in sizes.values()) + draw.between(40, 110)
        layout = lay_out_network(graph, sizes, spread, draw.between(1.0, 1.4))
        _place_labels(layout, label, sizes)
    arrows = graph.kind == "flowchart" or (graph.kind == "tree" and draw.chance(0.6))
    return draw_diagram(draw, graph, layout, theme, sizes, texts, arrows)


def _place_labels(layout: Layout, label: tuple[float, float], sizes) -> None:
    """Slide each label of a network along its line until it is away from boxes, other lines and other labels.

    Raises:
        CannotRenderError: if there is no such place, or a line touches a box that it does not join.
    """
    reach = math.hypot(label[0] + 8, label[1]) / 2 + 3
    for line, (key, place) in itertools.product(layout.lines, layout.places.items()):
        ends = (line.points[0], line.points[-1])
        near = min(math.dist(end, place) for end in ends) < math.hypot(*sizes[key]) / 2 + 1
        if not near and _distance(place, ends) < math.hypot(*sizes[key]) / 2 + 4:
            raise CannotRenderError("found a line of a network that touches a box, expected none")
    taken = []
    for line in (line for line in layout.lines if line.label):
        one, other = np.array(line.points[0]), np.array(line.points[-1])
        for share in (0.5, 0.4, 0.6, 0.32, 0.68, 0.25, 0.75):
            at = tuple((one + (other - one) * share).tolist())
            others = [rest for rest in layout.lines if rest is not line]
            if all(_distance(at, rest.points) > reach for rest in others) and all(
                math.dist(at, t) > 2 * reach for t in taken
            ):
                break
        else:
            raise CannotRenderError("found no free place for a label of a network, expected one on each line")
        line.at = at
        taken.append(at)


def _distance(point, ends) -> float:
    """From a point to a straight line between two ends."""
    spot, one, other = np.array(point), np.array(ends[0]), np.array(ends[-1])
    way = other - one
    share = float(np.clip((spot - one) @ way / max(1e-9, way @ way), 0, 1))
    return math.dist(spot, one + way * share)
