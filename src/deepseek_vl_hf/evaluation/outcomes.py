"""What became of the benchmarks of a suite comes in; a line about each and a table beside the published figures go out."""

from collections.abc import Sequence
from dataclasses import dataclass

from .suite import Benchmark


RUN, KEPT, LEFT_OUT, FAILED = "run", "kept", "left out", "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of a benchmark.

    Args:
        benchmark: Which.
        state: `RUN`, `KEPT` from an earlier run, `LEFT_OUT` or `FAILED`.
        why: Of what was left out or failed.
        score: On the scale of the published figures.
        error: Standard error of the score.
        questions: How many were asked.
        seconds: How long it took.
    """

    benchmark: Benchmark
    state: str
    why: str = ""
    score: float | None = None
    error: float | None = None
    questions: int | None = None
    seconds: float = 0.0


def said(outcome: Outcome) -> str:
    """One line about a benchmark."""
    name = outcome.benchmark.name
    if outcome.score is None:
        return f"{name}: {outcome.state}: {outcome.why}"
    kept = ", as an earlier run found" if outcome.state == KEPT else f", in {outcome.seconds:.0f} s"
    return f"{name}: {outcome.score:.1f}{kept}"


def table(outcomes: Sequence[Outcome], limit: int | None = None) -> str:
    """The scores beside the published ones, in aligned columns."""
    columns = list(dict.fromkeys(name for each in outcomes for name, _ in each.benchmark.figures))
    rows = [("benchmark", "harness and task", "questions", "here", *columns, "published in")]
    for each in outcomes:
        figures = dict(each.benchmark.figures)
        precise = 3 if each.score is not None and abs(each.score) < 5 else 1
        here = each.state if each.score is None else f"{each.score:.{precise}f}"
        if each.score is not None and each.error is not None:
            here += f" ± {1.96 * each.error:.{precise}f}"
        rows.append(
            (
                each.benchmark.name,
                f"{each.benchmark.harness} {each.benchmark.task}",
                "" if each.questions is None else str(each.questions),
                here,
                *(str(figures[name]) if name in figures else "" for name in columns),
                each.benchmark.table,
            )
        )
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    notes = ["± is a 95% interval, where the harness gives a standard error."]
    if limit is not None:
        notes.append(f"Of each task only {limit} questions were asked: these are no results.")
    notes += [f"{each.benchmark.name}: {each.why}" for each in outcomes if each.why]
    notes += [
        f"{each.benchmark.name}: {each.benchmark.differs}."
        for each in outcomes
        if each.benchmark.differs and not each.why
    ]
    return "\n".join([*lines, "", *notes])
