"""Results come in; how good they are by task goes out: rows for machines, tables in Markdown for people.

A row stands for a main or secondary group of the taxonomy, a task, or everything. The mean of a group is over its questions.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from ..data.taxonomy import NODES, TEXT
from .questions import LANGUAGES
from .results import Results, Scored
from .statistics import Difference, Estimate, clusters, difference, estimate, estimate_over_tasks


SIGNIFICANT = 0.05
OVER_QUESTIONS, OVER_TASKS, BY_PERPLEXITY = "mean over questions", "mean over tasks", "choices by perplexity"
_IN_BOLD = (OVER_QUESTIONS, OVER_TASKS, BY_PERPLEXITY)
_IN_WORDS = {"en": "English", "zh": "Chinese"}
PLACES = {node: place for place, node in enumerate([*NODES, TEXT])}
_NAMES = {
    "/".join(node.split("/")[:depth]): names[depth - 1]
    for node, names in NODES.items()
    for depth in range(1, len(names) + 1)
}
Table = tuple[list[str], list[list[str]]]  # heads and lines


@dataclass(frozen=True)
class Row:
    """Scores of a task or group.

    Args:
        task: Its path in the taxonomy, or what the mean is over.
        num_questions: How many questions.
        score: Their mean.
        languages: The same of each language, with the number of its questions; empty where there is but one.
        by_perplexity: The same of questions with choices, by their losses.
    """

    task: str
    num_questions: int
    score: Estimate
    languages: dict[str, tuple[int, Estimate]] = field(default_factory=dict)
    by_perplexity: tuple[int, Estimate] | None = None


@dataclass(frozen=True)
class ComparedRow:
    """Two checkpoints on a task or group: number of questions, mean score of each, and their difference."""

    task: str
    num_questions: int
    first: float
    second: float
    difference: Difference

    @property
    def better(self) -> int | None:
        """0 or 1 for the one that is significantly better, if one is."""
        if self.difference.p >= SIGNIFICANT:
            return None
        return int(self.difference.mean < 0)


@lru_cache(4)  # the table, the JSON and the page need it, and the bootstrap takes seconds
def summarise(results: Results) -> tuple[Row, ...]:
    """Rows of all groups and tasks, in the taxonomy's order, and of everything."""
    groups = _groups(results)
    is_mixed = len({each.question.language for each in results.scored}) > 1
    rows = []
    for task, places in _parts(results):
        some = [results.scored[place] for place in places]
        languages = {}
        for language in LANGUAGES if is_mixed else ():
            if spoken := [place for place in places if results.scored[place].question.language == language]:
                languages[language] = len(spoken), estimate(_scores(results, spoken), groups[spoken])
        by_perplexity = None
        if chosen := [place for place in places if results.scored[place].by_perplexity is not None]:
            by_perplexity = len(chosen), estimate(_scores(results, chosen, True), groups[chosen])
        rows.append(Row(task, len(some), estimate(_scores(results, places), groups[places]), languages, by_perplexity))
    everything = range(len(groups))
    over_tasks = estimate_over_tasks(_scores(results, everything), groups, _tasks(results))
    return (*rows, Row(OVER_TASKS, len(groups), over_tasks))


@lru_cache(4)
def compare(first: Results, second: Results) -> tuple[ComparedRow, ...]:
    """Rows of all groups and tasks, of everything, and of questions with choices by perplexity.

    Args:
        first, second: Of the same questions.
    """
    groups = _groups(first)

    def row(
        task: str, places: Sequence[int], tasks: np.ndarray | None = None, by_perplexity: bool = False
    ) -> ComparedRow:
        scores = [_scores(results, places, by_perplexity) for results in (first, second)]
        found = difference(*scores, groups[places], tasks)
        means = [score.mean() for score in scores]
        if tasks is not None:
            means = [np.mean([score[tasks == task].mean() for task in np.unique(tasks)]) for score in scores]
        return ComparedRow(task, len(places), *map(float, means), found)

    rows = [row(task, places) for task, places in _parts(first)]
    rows.append(row(OVER_TASKS, list(range(len(groups))), _tasks(first)))
    if chosen := [place for place, each in enumerate(first.scored) if each.by_perplexity is not None]:
        rows.append(row(BY_PERPLEXITY, chosen, by_perplexity=True))
    return tuple(rows)


def as_rows(rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """Rows for machines: `task`, `language`, `metric`, `value`, `low`, `high`, `questions`, each of one number."""
    for row in rows:
        yield _flat(row.task, "", "score", row.num_questions, row.score)
        for language, (count, found) in row.languages.items():
            yield _flat(row.task, language, "score", count, found)
        if row.by_perplexity:
            yield _flat(row.task, "", "score by perplexity", *row.by_perplexity)


def for_card(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The few rows that a model card shows: of everything, and of the main groups."""
    shown = [row for row in rows if "/" not in row.task]
    return [
        {
            key: value
            for key, value in _flat(row.task, "", "score", row.num_questions, row.score).items()
            if key != "language"
        }
        for row in sorted(shown, key=lambda row: row.task not in _IN_BOLD)
    ]


def as_compared_rows(rows: Iterable[ComparedRow]) -> list[dict[str, Any]]:
    """Rows of a comparison for machines."""
    return [
        {"task": row.task, "questions": row.num_questions, "first": row.first, "second": row.second}
        | {"difference" if key == "mean" else key: value for key, value in asdict(row.difference).items()}
        for row in rows
    ]


def cells(rows: Sequence[Row]) -> Table:
    """Heads and lines of the table of a checkpoint; scores in per cent."""
    languages = [language for language in LANGUAGES if any(language in row.languages for row in rows)]
    has_choices = any(row.by_perplexity for row in rows)
    heads = ["task", "questions", "score %", "95% interval", *(_IN_WORDS[language] for language in languages)]
    heads += [BY_PERPLEXITY] if has_choices else []
    lines = []
    for row in rows:
        line = [_label(row.task), str(row.num_questions), _percent(row.score.mean), _interval(row.score)]
        line += [_counted(row.languages.get(language)) for language in languages]
        lines.append(line + ([_counted(row.by_perplexity)] if has_choices else []))
    return heads, lines


def compared_cells(rows: Sequence[ComparedRow]) -> Table:
    """Heads and lines of a comparison, in per cent; the better checkpoint is named where the difference is significant."""
    heads = ["task", "questions", "A %", "B %", "A - B", "95% interval", "p", "better"]
    lines = []
    for row in rows:
        means = [_percent(row.first), _percent(row.second), f"{100 * row.difference.mean:+.1f}"]
        better = "" if row.better is None else "AB"[row.better]
        p = f"{row.difference.p:.4f}"
        lines.append([_label(row.task), str(row.num_questions), *means, _interval(row.difference), p, better])
    return heads, lines


def markdown(table: Table) -> str:
    """A table in Markdown, whose columns stand straight in a terminal too."""
    lines = [[cell.replace("|", r"\|") for cell in line] for line in (table[0], *table[1])]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    first, *others = widths
    rule = ["-" * first, *("-" * (width - 1) + ":" for width in others)]
    padded = [[line[0].ljust(first), *map(str.rjust, line[1:], others)] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in (padded[0], rule, *padded[1:]))


def _parts(results: Results) -> Iterator[tuple[str, list[int]]]:
    """Every group and task of the questions with the places of its questions, and everything."""
    ordered = sorted(range(len(results.scored)), key=lambda place: PLACES[results.scored[place].question.task])
    parts: dict[str, list[int]] = {}
    for place in ordered:
        path = results.scored[place].question.task.split("/")
        for depth in range(1, len(path) + 1):
            parts.setdefault("/".join(path[:depth]), []).append(place)
    yield from parts.items()
    yield OVER_QUESTIONS, ordered


def _groups(results: Results) -> np.ndarray:
    return clusters([each.question.pictures for each in results.scored])


def _tasks(results: Results) -> np.ndarray:
    return np.array([PLACES[each.question.task] for each in results.scored])


def _scores(results: Results, places: Iterable[int], by_perplexity: bool = False) -> np.ndarray:
    some: list[Scored] = [results.scored[place] for place in places]
    return np.array([each.by_perplexity if by_perplexity else each.score for each in some], dtype=np.float64)


def _flat(task: str, language: str, metric: str, count: int, found: Estimate) -> dict[str, Any]:
    value = {"value": found.mean, "low": found.low, "high": found.high}
    return {"task": task, "language": language, "metric": metric, **value, "questions": count}


def _label(task: str) -> str:
    """How deep a row stands shows in its name."""
    if task in _IN_BOLD:
        return f"**{task}**"
    depth = task.count("/")
    name = _NAMES.get(task, "Text")
    return f"**{name}**" if depth == 0 else f"{'› ' * depth}{name}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _interval(found: Estimate) -> str:
    low, high = (_percent(end) for end in (found.low, found.high))
    return f"{low} to {high}"


def _counted(found: tuple[int, Estimate] | None) -> str:
    return f"{_percent(found[1].mean)} ({found[0]})" if found else ""
