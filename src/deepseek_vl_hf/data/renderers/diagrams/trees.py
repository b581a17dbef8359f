"""A seeded generator and a language come in; an organisation chart, a tree of kinds or a network goes out, as a `Graph`."""

import heapq

import numpy as np

from .graphs import Edge, Graph, Node
from .topics import HEADS, MACHINES, PEOPLE, PLACES, ROLES, TREES


Rng = np.random.Generator


def _pick(rng: Rng, options):
    return options[int(rng.integers(len(options)))]


def _some(rng: Rng, options, least: int, most: int) -> list:
    count = int(rng.integers(least, min(most, len(options)) + 1))
    return [options[index] for index in sorted(rng.choice(len(options), count, replace=False).tolist())]


def _grow(root: str, branches: list[tuple[str, list[str]]]) -> Graph:
    """A tree of three levels, keys in the order of depth."""
    graph = Graph("tree", [Node("A", "step", root, 0)])
    leaves = []
    for text, children in branches:
        key = chr(65 + len(graph.nodes))
        graph.nodes.append(Node(key, "step", text, 1))
        graph.edges.append(Edge("A", key))
        leaves.append((key, children))
    for parent, children in leaves:
        for text in children:
            key = chr(65 + len(graph.nodes))
            graph.nodes.append(Node(key, "step", text, 2))
            graph.edges.append(Edge(parent, key))
    return graph


def make_organisation(rng: Rng, language: str) -> Graph:
    """Who reports to whom: each box has a name and a role below it."""
    place = ("en", "zh").index(language)
    people = [PEOPLE[language][index] for index in rng.permutation(len(PEOPLE[language]))]

    def box(role) -> str:
        return f"{people.pop()}\n{role[place]}"

    root = box(_pick(rng, HEADS))
    branches = [
        (box(head), [box(team) for team in _some(rng, ROLES[head], 0, 3)]) for head in _some(rng, list(ROLES), 2, 4)
    ]
    return _grow(root, branches)


def make_kinds(rng: Rng, language: str) -> Graph:
    """A tree of kinds and their kinds."""
    place = ("en", "zh").index(language)
    top = _pick(rng, list(TREES))
    branches = [
        (kind[place], [one[place] for one in _some(rng, TREES[top][kind], 1, 4)])
        for kind in _some(rng, list(TREES[top]), 2, 4)
    ]
    return _grow(top[place], branches)


def make_network(rng: Rng, language: str) -> Graph:
    """Places with lengths of ways, or machines with cables; all of them connected."""
    has_lengths = bool(rng.random() < 0.6)
    names = PLACES[language] if has_lengths else MACHINES[language]
    if has_lengths and rng.random() < 0.4:
        names = tuple("ABCDEFGHJK")
    count = int(rng.integers(4, 8))
    texts = [names[index] for index in rng.permutation(len(names))[:count]]
    graph = Graph("network", [Node(chr(65 + place), "step", text) for place, text in enumerate(texts)])
    pairs = {tuple(sorted((int(rng.integers(place)), place))) for place in range(1, count)}
    while len(pairs) < min(count + int(rng.integers(0, 4)), count * (count - 1) // 2):
        one, other = sorted(rng.choice(count, 2, replace=False).tolist())
        pairs.add((one, other))
    for one, other in sorted(pairs):
        label = str(int(rng.integers(1, 20))) if has_lengths else ""
        graph.edges.append(Edge(graph.nodes[one].key, graph.nodes[other].key, label))
    return graph


def neighbours(graph: Graph, key: str) -> list[str]:
    """Keys of the nodes that a line joins to a node of a network, in order."""
    return sorted([e.end for e in graph.edges if e.start == key] + [e.start for e in graph.edges if e.end == key])


def shortest(graph: Graph, start: str, end: str) -> tuple[int, list[list[str]]]:
    """Length of the shortest way through a network, and all ways of that length."""
    lengths = {(e.start, e.end): int(e.label) for e in graph.edges}
    lengths |= {(b, a): length for (a, b), length in lengths.items()}
    best, ways = None, []
    heap = [(0, [start])]
    while heap:
        total, way = heapq.heappop(heap)
        if best is not None and total > best:
            break
        if way[-1] == end:
            best = total
            ways.append(way)
            continue
        for key in neighbours(graph, way[-1]):
            if key not in way:
                heapq.heappush(heap, (total + lengths[way[-1], key], [*way, key]))
    return best, ways
