"""A graph comes in; questions about it, with their answers, go out."""

from ...rendering import Ask, Draw
from . import wordings as words
from .graphs import Graph
from .topics import ANSWERS, PEOPLE, PLACES, TOPICS, TREES
from .trees import neighbours, shortest


TO_CODE = "conversion/image-to-code/flowchart-to-code"
FLOWCHART = "analysis/professional-chart-analysis/flowchart"
OTHERS = "analysis/professional-chart-analysis/others"
TEXT = "conversion/image-to-text/text-interpretation"
COUNTING = "recognition/local-description/counting"
ABSENCE = "safety/counterfactual-questioning"
ARROW = " → "


def ask_code(draw: Draw, graph: Graph, direction: str) -> Ask:
    """The diagram as Mermaid code."""
    return Ask(TO_CODE, draw.phrase(words.MERMAID), f"```mermaid\n{graph.mermaid(direction)}\n```", 3.0)


def ask_flowchart(draw: Draw, graph: Graph) -> list[Ask]:
    """What comes when, how often, and what comes out."""
    comma = {"en": ", ", "zh": "，"}[draw.language]
    decisions = [node for node in graph.nodes if node.kind == "decision"]
    asks = [Ask(TEXT, draw.phrase(words.STEPS), graph.steps(), 1.0)]
    followed = [node for node in graph.nodes if node.kind not in ("decision", "end", "start")]
    for node in draw.sample(followed, min(2, len(followed))):
        text = graph.node(graph.out(node.key)[0].end).text
        asks.append(Ask(FLOWCHART, draw.phrase(words.AFTER, text=node.text), text, 0.9))
    for node in draw.sample(decisions, min(2, len(decisions))):
        edge = draw.pick(graph.out(node.key))
        question = draw.phrase(words.IF, text=node.text, answer=edge.label)
        asks.append(Ask(FLOWCHART, question, graph.node(edge.end).text, 1.2))
    asks.append(Ask(COUNTING, draw.phrase(words.DECISIONS), str(len(decisions)), 0.5))
    asks.append(Ask(FLOWCHART, draw.phrase(words.FIRST), graph.node(graph.out(graph.nodes[0].key)[0].end).text, 0.4))
    ends = [node.text for node in graph.nodes if node.kind == "end"]
    asks.append(Ask(FLOWCHART, draw.phrase(words.ENDS), comma.join(ends), 0.4))
    return asks + (_results(draw, graph) if graph.inputs else _ways(draw, graph, comma))


def _results(draw: Draw, graph: Graph) -> list[Ask]:
    """What a flowchart that calculates prints."""
    yes = ANSWERS[draw.language]["yes"]
    asks = []
    for number in draw.sample(range(-5, 30), 6):
        found = graph.calculate(number, yes)
        if found is not None and len(asks) < 3:
            question = draw.phrase(words.RESULT, name=graph.inputs, number=number)
            asks.append(Ask(FLOWCHART, question, str(found), 1.5))
    return asks


def _ways(draw: Draw, graph: Graph, comma: str) -> list[Ask]:
    """The way with given answers, where it ends."""
    decisions = [node for node in graph.nodes if node.kind == "decision"]
    for _ in range(4):
        answers = {node.key: draw.pick(graph.out(node.key)).label for node in decisions}
        way = graph.follow(answers)
        if way is None:
            continue
        met = [node for node in way if node.kind == "decision"]
        said = comma.join(words.ANSWERED[draw.language].format(text=n.text, answer=answers[n.key]) for n in met)
        return [Ask(FLOWCHART, draw.phrase(words.WAY, answers=said), ARROW.join(node.text for node in way), 1.2)]
    return []


def ask_organisation(draw: Draw, graph: Graph) -> list[Ask]:
    """Who does what, and for whom."""
    asks = [Ask(COUNTING, draw.phrase(words.PEOPLE_COUNT), str(len(graph.nodes)), 0.6)]
    for edge in draw.sample(graph.edges, min(2, len(graph.edges))):
        (name, role), boss = graph.node(edge.end).text.split("\n"), graph.node(edge.start).text.split("\n")[0]
        asks.append(Ask(OTHERS, draw.phrase(words.BOSS, name=name), boss))
        asks.append(Ask(OTHERS, draw.phrase(words.ROLE, name=name), role, 0.6))
        asks.append(Ask(OTHERS, draw.phrase(words.HOLDER, role=role), name, 0.6))
    node = draw.pick(graph.nodes)
    question = draw.phrase(words.REPORTS, name=node.text.split("\n")[0])
    asks.append(Ask(COUNTING, question, str(len(graph.out(node.key)))))
    return asks


def ask_kinds(draw: Draw, graph: Graph) -> list[Ask]:
    """What belongs to what."""
    comma = {"en": ", ", "zh": "、"}[draw.language]
    edge, parent = draw.pick(graph.edges), draw.pick([node for node in graph.nodes if graph.out(node.key)])
    children = comma.join(graph.node(edge.end).text for edge in graph.out(parent.key))
    leaves = sum(not graph.out(node.key) for node in graph.nodes)
    above = graph.node(edge.start).text
    return [
        Ask(OTHERS, draw.phrase(words.PARENT, text=graph.node(edge.end).text), above, 1.2),
        Ask(OTHERS, draw.phrase(words.CHILDREN, text=parent.text), children, 1.2),
        Ask(COUNTING, draw.phrase(words.LEAVES), str(leaves), 0.7),
    ]


def ask_network(draw: Draw, graph: Graph) -> list[Ask]:
    """What is joined to what, and how far it is."""
    comma = {"en": ", ", "zh": "、"}[draw.language]
    node = draw.pick(graph.nodes)
    near = neighbours(graph, node.key)
    names = comma.join(graph.node(key).text for key in near)
    asks = [
        Ask(OTHERS, draw.phrase(words.LINKED, name=node.text), names),
        Ask(COUNTING, draw.phrase(words.DEGREE, name=node.text), str(len(near)), 0.7),
        Ask(COUNTING, draw.phrase(words.LINES), str(len(graph.edges)), 0.5),
    ]
    if graph.edges[0].label:
        edge = draw.pick(graph.edges)
        names = {"name": graph.node(edge.start).text, "other": graph.node(edge.end).text}
        asks.append(Ask(OTHERS, draw.phrase(words.LENGTH, **names), edge.label, 0.8))
        one, other = draw.sample(graph.nodes, 2)
        names = {"name": one.text, "other": other.text}
        length, ways = shortest(graph, one.key, other.key)
        asks.append(Ask(OTHERS, draw.phrase(words.SHORTEST, **names), str(length), 1.2))
        if len(ways) == 1:
            way = ARROW.join(graph.node(key).text for key in ways[0])
            asks.append(Ask(OTHERS, draw.phrase(words.ROUTE, **names), way, 1.2))
    return asks


def ask_absent(draw: Draw, graph: Graph, kind: str) -> list[Ask]:
    """Questions about a box that is not there."""
    place = ("en", "zh").index(draw.language)
    shown = {part for node in graph.nodes for part in node.text.split("\n")}
    if kind == "flowchart":
        pool = [part[place] for parts in TOPICS.values() for part in parts if len(part) == 2]
    elif kind == "organisation":
        pool = list(PEOPLE[draw.language])
    elif kind == "kinds":
        pool = [one[place] for kinds in TREES.values() for some in kinds.values() for one in some]
    else:
        pool = list(PLACES[draw.language])
    text = draw.pick([text for text in pool if text not in shown])
    wording = {"flowchart": words.AFTER, "organisation": words.BOSS, "kinds": words.PARENT, "network": words.LINKED}[
        kind
    ]
    question = draw.phrase(wording, **{"name" if kind in ("organisation", "network") else "text": text})
    return [Ask(ABSENCE, question, draw.phrase(words.NO_BOX, text=text))]
