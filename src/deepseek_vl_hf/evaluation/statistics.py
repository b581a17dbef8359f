"""Scores come in; means with 95% intervals, and what two checkpoints differ by, go out.

Questions about the same picture stand or fall together, so what is drawn again is pictures, with all their questions:

    a mean of scores that are all 0 or 1                          Wilson's interval
    of graded scores; a mean over tasks; a difference             percentiles of the bootstrap over pictures, widened for few of them

Where pictures have several questions, Wilson's interval is that of the effective number of questions: as many independent ones
would make the mean vary as much as it does from picture to picture. Draws start from a fixed seed, so that equal scores have
equal intervals. Letters: Q questions, C clusters of questions that share pictures, R resamples.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


RESAMPLES, SEED = 10_000, 0
LEVEL = 0.95
Z = 1.959963984540054  # of a normal distribution, within which that share lies
T = (12.706205, 4.302653, 3.182446, 2.776445)  # the same of Student's distribution of 1 to 4 degrees of freedom
CHUNK = 1_000  # resamples held at once


@dataclass(frozen=True)
class Estimate:
    """A mean and the ends of its 95% interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference(Estimate):
    """A mean difference, its 95% interval and the two-sided p value of "they do not differ"."""

    p: float


def clusters(pictures: Sequence[Sequence[str]]) -> np.ndarray:
    """Number the groups of questions that share pictures, directly or through others.

    Args:
        pictures: Of each question, their names; a question without any is a group of its own.

    Returns:
        `np.ndarray` of shape `(Q,)`, from 0 in order of appearance.
    """
    group: dict[str, str] = {}

    def first(name: str) -> str:
        while group.setdefault(name, name) != name:
            name = group[name]
        return name

    for names in pictures:
        for name in names[1:]:
            group[first(name)] = first(names[0])
    keys = [first(names[0]) if names else number for number, names in enumerate(pictures)]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys], dtype=np.int64)


def wilson(share: float, count: float) -> tuple[float, float]:
    """Ends of Wilson's interval of a share of `count` independent trials."""
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    reach = Z / (1 + Z**2 / count) * np.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return max(0.0, float(middle - reach)), min(1.0, float(middle + reach))


def estimate(scores: np.ndarray, groups: np.ndarray) -> Estimate:
    """Mean of scores over questions.

    Args:
        scores (`np.ndarray` of shape `(Q,)`): From 0 to 1.
        groups (`np.ndarray` of shape `(Q,)`): As `clusters` numbers them.
    """
    mean, count = float(scores.mean()), len(np.unique(groups))
    if np.isin(scores, (0, 1)).all():
        return Estimate(mean, *wilson(mean, effective_number(scores, groups)))
    if count == 1:  # nothing can be drawn again
        return Estimate(mean, 0.0, 1.0)
    drawn = bootstrap(scores, groups, np.zeros(len(scores), dtype=np.int64))
    return Estimate(mean, *_ends(widened(drawn, mean, count).clip(0, 1)))


def effective_number(scores: np.ndarray, groups: np.ndarray) -> float:
    """How many independent questions would say as much of the mean of scores that are 0 or 1; at most as many as there are.

    The variance of a share of independent questions over that of the mean, of which pictures are drawn (ultimate clusters); where
    scores do not vary, the number of pictures.
    """
    mean, clustered = scores.mean(), np.unique(groups, return_inverse=True)[1]
    count = int(clustered.max()) + 1
    if mean in (0, 1) or count in (1, len(scores)):
        return count
    totals = np.bincount(clustered, scores - mean)  # (C,)
    variance = count / (count - 1) * (totals**2).sum() / len(scores) ** 2
    return min(len(scores), mean * (1 - mean) / variance) if variance else len(scores)


def estimate_over_tasks(scores: np.ndarray, groups: np.ndarray, tasks: np.ndarray) -> Estimate:
    """Mean over tasks of each one's mean score.

    Args:
        scores (`np.ndarray` of shape `(Q,)`): From 0 to 1.
        groups (`np.ndarray` of shape `(Q,)`): As `clusters` numbers them.
        tasks (`np.ndarray` of shape `(Q,)`): Number of each question's task, from 0.
    """
    mean, count = _mean_over(scores, tasks), len(np.unique(groups))
    if mean in (0, 1):
        return Estimate(mean, *wilson(mean, count))
    if count == 1:
        return Estimate(mean, 0.0, 1.0)
    return Estimate(mean, *_ends(widened(bootstrap(scores, groups, tasks), mean, count).clip(0, 1)))


def difference(
    first: np.ndarray, second: np.ndarray, groups: np.ndarray, tasks: np.ndarray | None = None
) -> Difference:
    """What the first's mean score is above the second's, by a paired bootstrap over pictures.

    p is twice the share of resamples on the other side of 0, of those on 0 the half. It is never below what a sign test of as many
    pictures can reach: where only three differ, no drawing makes that significant. Where no picture differs, the interval reaches as
    far as Wilson's of the share of pictures that do.

    Args:
        first, second (`np.ndarray` of shape `(Q,)`): Scores of the same questions.
        groups (`np.ndarray` of shape `(Q,)`): As `clusters` numbers them.
        tasks (`np.ndarray` of shape `(Q,)`, *optional*): For the mean over tasks; without, over questions.
    """
    tasks = np.zeros(len(first), dtype=np.int64) if tasks is None else tasks
    differences = first - second
    differing = len(np.unique(groups[differences != 0]))
    count = len(np.unique(groups))
    if differing == 0 or count == 1:
        reach = wilson(0, count)[1] if differing == 0 else 1.0
        return Difference(_mean_over(differences, tasks), -reach, reach, 1.0)
    mean = _mean_over(differences, tasks)
    drawn = widened(bootstrap(differences, groups, tasks), mean, count)
    tied = 0.5 * (drawn == 0).sum()
    below, above = (drawn < 0).sum() + tied, (drawn > 0).sum() + tied
    p = 2 * (min(below, above) + 1) / (len(drawn) + 1)
    return Difference(mean, *_ends(drawn.clip(-1, 1)), float(min(1.0, max(p, 2.0 ** (1 - differing)))))


def bootstrap(values: np.ndarray, groups: np.ndarray, tasks: np.ndarray) -> np.ndarray:
    """Means over tasks of values whose pictures are drawn again, with replacement.

    A task of which a resample has no question is no part of that resample's mean.

    Returns:
        `np.ndarray` of shape `(R,)`.
    """
    rows, columns = np.unique(groups, return_inverse=True)[1], np.unique(tasks, return_inverse=True)[1]
    sums = np.zeros((rows.max() + 1, columns.max() + 1))  # (C, tasks)
    counts = np.zeros_like(sums)
    np.add.at(sums, (rows, columns), values)
    np.add.at(counts, (rows, columns), 1)
    rng = np.random.default_rng(SEED)
    means = []
    for start in range(0, RESAMPLES, CHUNK):
        size = min(CHUNK, RESAMPLES - start)
        drawn = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size).astype(np.float64)  # (., C)
        with np.errstate(invalid="ignore"):
            means.append(np.nanmean((drawn @ sums) / (drawn @ counts), axis=1))
    return np.concatenate(means)


def widened(drawn: np.ndarray, mean: float, count: int) -> np.ndarray:
    """Resampled means of few clusters, moved away from the mean.

    Means of resamples vary less than those of samples, by sqrt((C - 1) / C), and their percentiles take the variance for known; so
    the interval of five pictures would hold the truth in four cases of five. The factor makes it as wide as Student's (Hesterberg, 2015).
    """
    freedom = count - 1
    student = (
        T[freedom - 1]
        if freedom <= len(T)
        else (
            Z
            + (Z**3 + Z) / (4 * freedom)
            + (5 * Z**5 + 16 * Z**3 + 3 * Z) / (96 * freedom**2)
            + (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / (384 * freedom**3)
        )
    )
    return mean + (drawn - mean) * student / Z * np.sqrt(count / freedom)


def _mean_over(values: np.ndarray, tasks: np.ndarray) -> float:
    return float(np.mean([values[tasks == task].mean() for task in np.unique(tasks)]))


def _ends(drawn: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(drawn, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)
