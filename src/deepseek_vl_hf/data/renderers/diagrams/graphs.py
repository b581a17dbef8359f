"""A seeded generator and a language come in; a flowchart, a tree or a network goes out, as nodes and edges.

Also what follows from it: Mermaid code, the way through it with given answers, the number that comes out of it.
"""

import re
from dataclasses import dataclass, field, replace

import numpy as np

from .topics import ANSWERS, ENDS, PRINT, READ, STARTS, TOPICS


MERMAID = {
    "start": ("([", "])"),
    "end": ("([", "])"),
    "step": ("[", "]"),
    "decision": ("{", "}"),
    "data": ("[/", "/]"),
}
PLAIN = re.compile(r"[\w ?？]+")  # what needs no quotes in Mermaid
MOST_MOVES = 60  # in following a flowchart
Rng = np.random.Generator


@dataclass(frozen=True)
class Node:
    """A box.

    Args:
        key: Letter in Mermaid code.
        kind: "start", "end", "step", "decision" or "data".
        text: Its label.
        row: In a flowchart, along the way; in a tree, its depth.
        side: In a flowchart: 0 on the way, 1 and -1 beside it.
    """

    key: str
    kind: str
    text: str
    row: int = 0
    side: int = 0


@dataclass(frozen=True)
class Edge:
    """A line from box to box, with a label or without, and the side of the flowchart that it leaves on."""

    start: str
    end: str
    label: str = ""
    side: int = 0


@dataclass
class Graph:
    """Nodes in the order of reading, and edges.

    Args:
        kind: "flowchart", "tree" or "network".
        nodes: At least two.
        edges: Directed, but in networks.
        inputs: Name of the variable of a flowchart that calculates, or "".
    """

    kind: str
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    inputs: str = ""

    def node(self, key: str) -> Node:
        """The node of a key."""
        return next(node for node in self.nodes if node.key == key)

    def out(self, key: str) -> list[Edge]:
        """Edges that leave a node."""
        return [edge for edge in self.edges if edge.start == key]

    def mermaid(self, direction: str) -> str:
        """Mermaid code, nodes first, then edges; "TD" goes down, "LR" to the right."""
        lines = [f"flowchart {direction}"]
        for node in self.nodes:
            opening, closing = MERMAID[node.kind]
            text = node.text.replace("\n", "<br>")
            lines.append(
                f"    {node.key}{opening}{text if PLAIN.fullmatch(text) else chr(34) + text + chr(34)}{closing}"
            )
        arrow = "---" if self.kind == "network" else "-->"
        lines += [f"    {e.start} {arrow}{f'|{e.label}|' if e.label else ''} {e.end}" for e in self.edges]
        return "\n".join(lines)

    def steps(self) -> str:
        """A flowchart as numbered lines, each saying where to go on."""
        number = {node.key: place for place, node in enumerate(self.nodes, 1)}
        lines = []
        for node in self.nodes:
            ways = [f"{edge.label + ' ' if edge.label else ''}→ {number[edge.end]}" for edge in self.out(node.key)]
            lines.append(f"{number[node.key]}. {node.text}" + (f" ({', '.join(ways)})" if ways else ""))
        return "\n".join(lines)

    def follow(self, answers: dict[str, str]) -> list[Node] | None:
        """Nodes on the way from the start with these answers, by the key of the decision; None if it never ends."""
        key, way = self.nodes[0].key, []
        while True:
            node = self.node(key)
            if node in way:
                return None
            way.append(node)
            edges = self.out(key)
            if not edges:
                return way
            key = next(edge for edge in edges if not edge.label or edge.label == answers[key]).end

    def calculate(self, number: int, yes: str) -> int | None:
        """What a flowchart that calculates prints for an input; None if that takes too long or grows too large."""
        key = self.nodes[0].key
        for _ in range(MOST_MOVES):
            node, edges = self.node(key), self.out(key)
            if node.kind == "end":
                return number
            if node.kind == "decision":
                found = _compare(node.text, number)
                key = next(edge for edge in edges if (edge.label == yes) == found).end
                continue
            if node.kind == "step":
                number = _change(node.text, number)
            if abs(number) > 9999:
                return None
            key = edges[0].end
        return None

    def has_repeats(self) -> bool:
        """Whether two nodes say the same, so that a question about it would have two answers."""
        return len({node.text for node in self.nodes}) < len(self.nodes)


def _compare(text: str, number: int) -> bool:
    sign, limit = re.search(r"(>|<) (-?\d+)", text).groups()
    return number > int(limit) if sign == ">" else number < int(limit)


def _change(text: str, number: int) -> int:
    sign, amount = re.search(r"([-+*]) (\d+)", text).groups()
    return {"+": number + int(amount), "-": number - int(amount), "*": number * int(amount)}[sign]


def _pick(rng: Rng, options):
    return options[int(rng.integers(len(options)))]


def make_flowchart(rng: Rng, language: str) -> Graph:
    """Make a flowchart about one of the topics, or one that calculates."""
    while True:
        graph = _calculation(rng, language) if rng.random() < 0.3 else _procedure(rng, language)
        if not graph.has_repeats():
            return graph


def _procedure(rng: Rng, language: str) -> Graph:
    place = ("en", "zh").index(language)
    parts = TOPICS[_pick(rng, list(TOPICS))]
    kept = [part for part in parts if rng.random() < (0.7 if len(part) == 2 else 0.6)][:9]
    if not any(len(part) == 5 for part in kept) or len(kept) < 3:
        return _procedure(rng, language)
    spine = [("step", part[place]) if len(part) == 2 else ("decision", part[place]) for part in kept]
    remedies = {number: (part[2], part[3 + place]) for number, part in enumerate(kept, 1) if len(part) == 5}
    return _assemble(rng, language, spine, remedies)


def _calculation(rng: Rng, language: str) -> Graph:
    name = _pick(rng, "xnay")

    def change() -> str:
        sign = _pick(rng, "+-*+-")
        return f"{name} = {name} {sign} {int(rng.integers(2, 4 if sign == '*' else 10))}"

    spine = [("data", _pick(rng, READ[language]).format(name=name))]
    remedies = {}
    for _ in range(int(rng.integers(2, 5))):
        if rng.random() < 0.55:
            spine.append(("decision", f"{name} {_pick(rng, '<>')} {int(rng.integers(-5, 30))}?"))
            remedies[len(spine)] = (_pick(rng, ("yes", "no")), change())
        else:
            spine.append(("step", change()))
    if not remedies:
        return _calculation(rng, language)
    spine.append(("data", _pick(rng, PRINT[language]).format(name=name)))
    return replace(_assemble(rng, language, spine, remedies, only_one_end=True), inputs=name)


def _assemble(rng: Rng, language: str, spine, remedies, only_one_end: bool = False) -> Graph:
    """Join what stands on the way, and what is done beside it where an answer is not the good one."""
    ends = list(ENDS[language])
    last = len(spine) + (0 if only_one_end else 1)  # a calculation prints its result, whatever it leaves out
    rows = [("start", _pick(rng, STARTS[language])), *spine, ("end", ends.pop(int(rng.integers(len(ends)))))]
    nodes = [Node("", kind, text, row) for row, (kind, text) in enumerate(rows)]
    links: list[tuple[Node, Node, str, int]] = []
    beside: list[Node] = []
    for row, node in enumerate(nodes[:-1]):
        if node.kind != "decision":
            links.append((node, nodes[row + 1], "", 0))
            continue
        good, remedy = remedies[row]
        other = "no" if good == "yes" else "yes"
        say, side = ANSWERS[language], _pick(rng, (1, 1, -1))
        links.append((node, nodes[row + 1], say[good], 0))
        mode = _pick(rng, ("again", "again", "on", "back", "jump", "end", "on"))
        if mode == "end" and (only_one_end or not ends):
            mode = "on"
        target = {"again": row, "on": row + 1, "back": int(rng.integers(1, row + 1)), "end": None}.get(mode, last)
        if mode == "jump" and target - row < 2:
            mode, target = "on", row + 1
        if mode == "jump" and rng.random() < 0.5:
            links.append((node, nodes[target], say[other], side))
            continue
        helper = Node("", "step", remedy, row, side)
        if mode == "end":
            helper = Node("", "end", ends.pop(int(rng.integers(len(ends)))), row, side)
        else:
            links.append((helper, nodes[target], "", side))
        links.append((node, helper, say[other], side))
        beside.append(helper)
    ordered = sorted([*nodes, *beside], key=lambda node: (node.row, abs(node.side)))
    keyed = {id(node): replace(node, key=_key(place)) for place, node in enumerate(ordered)}
    edges = [Edge(keyed[id(a)].key, keyed[id(b)].key, label, side) for a, b, label, side in links]
    edges.sort(key=lambda edge: (len(edge.start), edge.start, edge.side != 0))
    return Graph("flowchart", [keyed[id(node)] for node in ordered], edges)


def _key(place: int) -> str:
    return chr(65 + place)
