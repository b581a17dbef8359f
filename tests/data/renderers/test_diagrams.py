"""Diagrams: no box or label lies on another, and answers follow from the Mermaid code."""

import itertools
import re

import numpy as np
import pytest
from drawn_assets import DrawnAssets, check_rows, digests, digests_elsewhere, render_many

from deepseek_vl_hf.data.renderers.diagrams import renderer as renderer
from deepseek_vl_hf.data.renderers.diagrams.drawing import choose_theme, measure
from deepseek_vl_hf.data.renderers.diagrams.graphs import make_flowchart
from deepseek_vl_hf.data.renderers.diagrams.layout import lay_out_flowchart, lay_out_tree
from deepseek_vl_hf.data.renderers.diagrams.questions import ABSENCE, COUNTING, TO_CODE
from deepseek_vl_hf.data.renderers.diagrams.renderer import Diagrams
from deepseek_vl_hf.data.renderers.diagrams.trees import make_kinds, make_network, make_organisation, shortest
from deepseek_vl_hf.data.renderers.labels import label_font
from deepseek_vl_hf.data.rendering import Draw


NODE = re.compile(r'^    (\w)(\(\[|\[/|\[|\{)"?(.*?)"?(?:\]\)|/\]|\]|\})$')
EDGE = re.compile(r"^    (\w) (?:-->|---)(?:\|(.*?)\|)? (\w)$")


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    return DrawnAssets(tmp_path_factory.mktemp("assets"))


def parse(code):
    """Texts and shapes of the nodes of Mermaid code, and its edges."""
    nodes, edges = {}, []
    for line in code.split("\n"):
        if found := EDGE.match(line):
            edges.append((found[1], found[3], found[2] or ""))
        elif found := NODE.match(line):
            nodes[found[1]] = (found[3], found[2])
    return nodes, edges


def boxes(layout, sizes):
    return {key: (x, y, sizes[key][0] / 2, sizes[key][1] / 2) for key, (x, y) in layout.places.items()}


def meets(one, other):
    return abs(one[0] - other[0]) < one[2] + other[2] and abs(one[1] - other[1]) < one[3] + other[3]


@pytest.mark.parametrize("down", [True, False])
def test_nothing_in_a_flowchart_lies_on_anything_else(assets, down):
    font = assets.fonts("en", ("sans",))[0]
    for seed in range(150):
        graph = make_flowchart(np.random.default_rng(seed), "en")
        sizes, _, label = measure(graph, choose_theme(Draw(seed, "t", "train", 0), font))
        layout = lay_out_flowchart(graph, sizes, label, down)
        places = boxes(layout, sizes)
        assert not any(meets(one, other) for one, other in itertools.combinations(places.values(), 2))
        labels = [(*line.at, label[0] / 2, label[1] / 2) for line in layout.lines if line.label]
        assert not any(meets(one, other) for one, other in itertools.combinations(labels, 2))
        for box in places.values():
            # Corners of a diamond's box are empty.
            assert not any(meets((*spot[:2], spot[2] - 3, spot[3] - 3), box) for spot in labels)
        for edge, line in zip(graph.edges, layout.lines, strict=True):
            for (x, y), (u, v) in itertools.pairwise(line.points):
                segment = ((x + u) / 2, (y + v) / 2, abs(x - u) / 2, abs(y - v) / 2)
                for key, (bx, by, bw, bh) in places.items():
                    inner = (bx, by, bw - 1, bh - 1)
                    assert key in (edge.start, edge.end) or not meets(segment, inner), (seed, edge, key)


def test_boxes_of_trees_do_not_touch(assets):
    font = assets.fonts("en", ("sans",))[0]
    for seed in range(100):
        make = (make_organisation, make_kinds)[seed % 2]
        graph = make(np.random.default_rng(seed), "en")
        sizes, _, _ = measure(graph, choose_theme(Draw(seed, "t", "train", 0), font))
        layout = lay_out_tree(graph, sizes, (14, 34), down=seed % 3 > 0, straight=False)
        assert not any(meets(one, other) for one, other in itertools.combinations(boxes(layout, sizes).values(), 2))


def test_every_box_of_a_flowchart_is_reached_and_leads_on_and_says_something_of_its_own():
    for seed in range(300):
        graph = make_flowchart(np.random.default_rng(seed), ("en", "zh")[seed % 2])
        for node in graph.nodes:
            out = graph.out(node.key)
            assert len(out) == {"end": 0, "decision": 2}.get(node.kind, 1)
            assert node.kind == "start" or any(edge.end == node.key for edge in graph.edges)
        assert len({node.text for node in graph.nodes}) == len(graph.nodes)


def test_answers_follow_from_the_mermaid_code(assets):
    checked = {"after": 0, "if": 0, "decisions": 0, "way": 0}
    for _, rendered in render_many(Diagrams(assets, kinds=("flowchart",)), 100, "en"):
        code = next(ask.answer for ask in rendered.asks if ask.task == TO_CODE)
        nodes, edges = parse(code)
        texts = {text: key for key, (text, _) in nodes.items()}
        for ask in rendered.asks:
            quoted = re.findall(r'"(.*?)"', ask.question)
            if ask.task == COUNTING:
                assert int(ask.answer) == sum(shape == "{" for _, shape in nodes.values())
                checked["decisions"] += 1
            elif " → " in ask.answer and "\n" not in ask.answer:
                way = [texts[text] for text in ask.answer.split(" → ")]
                assert all(any(edge[:2] == step for edge in edges) for step in itertools.pairwise(way))
                assert nodes[way[-1]][1] == "(["
                checked["way"] += 1
            elif quoted and quoted[0] in texts and ask.answer in texts:
                out = [edge for edge in edges if edge[0] == texts[quoted[0]]]
                if len(out) == 2:
                    words = re.findall(r"\b(Yes|No)\b", ask.question.replace(quoted[0], ""))
                    assert [edge[1] for edge in out if edge[2] == words[0]] == [texts[ask.answer]]
                    checked["if"] += 1
                else:
                    assert out[0][1] == texts[ask.answer]
                    checked["after"] += 1
    assert min(checked.values()) > 20


def test_what_a_calculating_flowchart_prints_is_what_its_steps_give():
    """Runs the Mermaid code, line by line, with Python's own arithmetic."""
    checked = 0
    for seed in range(200):
        graph = make_flowchart(np.random.default_rng(seed), "en")
        if not graph.inputs:
            continue
        nodes, edges = parse(graph.mermaid("TD"))
        for number in range(-4, 25, 7):
            found = graph.calculate(number, "Yes")
            key, known, printed = "A", {graph.inputs: number}, None
            for _ in range(61):
                text, shape = nodes[key]
                out = [edge for edge in edges if edge[0] == key]
                if not out:
                    break
                if shape == "{":
                    answer = "Yes" if eval(text.rstrip("?"), {}, known) else "No"
                    out = [edge for edge in out if edge[2] == answer]
                elif shape == "[":
                    exec(text, {}, known)
                elif "Print" in text or "Output" in text:
                    printed = known[graph.inputs]
                key = out[0][1]
            if found is not None:
                assert printed == found, (graph.mermaid("TD"), number)
                checked += 1
    assert checked > 100


def test_the_shortest_way_is_the_least_of_all_ways():
    for seed in range(60):
        graph = make_network(np.random.default_rng(seed), "en")
        if not graph.edges[0].label:
            continue
        keys = [node.key for node in graph.nodes]
        length = {frozenset((edge.start, edge.end)): int(edge.label) for edge in graph.edges}
        inner = keys[1:-1]
        totals = []
        for count in range(len(inner) + 1):
            for middle in itertools.permutations(inner, count):
                steps = [frozenset(pair) for pair in itertools.pairwise((keys[0], *middle, keys[-1]))]
                if all(step in length for step in steps):
                    totals.append(sum(length[step] for step in steps))
        best, ways = shortest(graph, keys[0], keys[-1])
        assert best == min(totals)
        assert len(ways) == totals.count(best)


def test_false_questions_are_about_boxes_that_are_not_there(assets):
    for language in ("en", "zh"):
        for _, rendered in render_many(Diagrams(assets), 60, language):
            code = next(ask.answer for ask in rendered.asks if ask.task == TO_CODE)
            for ask in rendered.false_asks:
                assert ask.task == ABSENCE
                missing = re.search(r'["“](.*?)["”]', ask.answer)[1]
                assert not re.search(rf"[\[>\"/]{re.escape(missing)}[\]<\"/]", code)


def test_rows_are_valid_and_splits_share_no_held_out_item(assets):
    check_rows(Diagrams, assets)


def test_another_process_draws_the_same_rows(assets):
    assert digests(Diagrams, assets) == digests_elsewhere(Diagrams, assets)


def test_wrong_options_are_refused_with_what_is_possible(assets):
    with pytest.raises(ValueError, match="expected some of flowchart"):
        Diagrams(assets, kinds=())
    with pytest.raises(ValueError, match="at least 1024"):
        Diagrams(assets, longest=100)


def test_calculations_are_not_written_by_hand(assets, monkeypatch):
    written = []

    def note(draw, assets, text, styles):
        written.append((text, styles))
        return label_font(draw, assets, text, styles)

    monkeypatch.setattr(renderer, "label_font", note)
    render_many(Diagrams(assets, kinds=("flowchart",)), 20, "en")
    assert {"hand" in styles for _, styles in written} == {True, False}
    assert not any("=" in text and "hand" in styles for text, styles in written)
