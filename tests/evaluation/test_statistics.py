"""Intervals and differences: python -m pytest tests/evaluation/test_statistics.py."""

import numpy as np
import pytest

from deepseek_vl_hf.evaluation.statistics import (
    clusters,
    difference,
    effective_number,
    estimate,
    estimate_over_tasks,
    widened,
    wilson,
)


def alone(count):
    return np.arange(count)


def test_questions_that_share_pictures_are_one_cluster_also_through_others():
    found = clusters([("a",), ("b",), (), ("b", "c"), ("c", "a"), ("d",), ()])
    assert found.tolist() == [0, 0, 1, 0, 0, 2, 3]


def test_a_share_of_independent_questions_has_wilsons_interval():
    assert wilson(0.1, 50) == pytest.approx((0.0434, 0.2136), abs=2e-4)  # 5 of 50, as scipy's binomtest gives it
    scores = np.array([1.0] * 5 + [0.0] * 45)
    found = estimate(scores, alone(50))
    assert (found.mean, found.low, found.high) == pytest.approx((0.1, *wilson(0.1, 50)))


def test_wilsons_interval_is_that_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    for right, count in ((0, 7), (3, 7), (7, 7), (40, 61)):
        expected = stats.binomtest(right, count).proportion_ci(method="wilson")
        assert wilson(right / count, count) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_shared_pictures_widen_an_interval():
    scores = np.repeat([1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0], 10)
    shared, independent = estimate(scores, np.repeat(np.arange(8), 10)), estimate(scores, alone(80))
    assert shared.high - shared.low > 2 * (independent.high - independent.low)
    assert shared.low < shared.mean < shared.high


def test_the_effective_number_is_that_of_pictures_where_their_questions_agree_and_of_questions_where_they_do_not():
    same, mixed = np.repeat([1.0, 0.0], 100), np.tile([1.0, 0.0], 100)
    pictures = np.arange(200) // 4
    assert effective_number(same, pictures) == pytest.approx(49)
    assert effective_number(mixed, pictures) == 200
    assert effective_number(mixed, alone(200)) == 200
    assert effective_number(np.ones(20), np.arange(20) // 4) == 5


def test_scores_that_are_all_nothing_do_not_claim_certainty():
    found = estimate(np.zeros(12), np.repeat(np.arange(6), 2))
    assert (found.low, found.high) == pytest.approx(wilson(0, 6))
    over_tasks = estimate_over_tasks(np.ones(6), alone(6), np.array([0, 0, 0, 1, 1, 1]))
    assert over_tasks.low < 1
    assert estimate(np.array([0.3, 0.4]), np.zeros(2)).high == 1  # one picture says nothing of others


def test_graded_scores_have_the_interval_of_the_bootstrap():
    scores = np.random.default_rng(1).uniform(size=200)
    found = estimate(scores, alone(200))
    reach = 1.96 * scores.std() / np.sqrt(200)
    assert (found.low, found.high) == pytest.approx((scores.mean() - reach, scores.mean() + reach), abs=0.005)


def test_intervals_hold_what_is_true_about_as_often_as_they_say():
    rng, held = np.random.default_rng(0), 0
    for _ in range(60):
        pictures = rng.uniform(size=40) < 0.6
        found = estimate(np.repeat(pictures, 3).astype(float), np.repeat(np.arange(40), 3))
        held += found.low <= 0.6 <= found.high
    assert 52 <= held <= 60


def test_the_mean_over_tasks_counts_each_task_once():
    scores, tasks = np.array([1.0] * 90 + [0.0] * 10), np.array([0] * 90 + [1] * 10)
    assert estimate_over_tasks(scores, alone(100), tasks).mean == 0.5
    assert estimate(scores, alone(100)).mean == 0.9


def test_equal_answers_do_not_differ():
    scores = np.array([1.0, 0.0, 0.5])
    found = difference(scores, scores, alone(3))
    assert (found.mean, found.p) == (0, 1)
    assert (found.low, found.high) == pytest.approx(
        (-wilson(0, 3)[1], wilson(0, 3)[1])
    )  # three questions prove little
    assert difference(np.ones(500), np.ones(500), alone(500)).high < 0.01


def test_a_clear_difference_is_significant_and_a_faint_one_is_not():
    rng = np.random.default_rng(0)
    second = (rng.uniform(size=100) < 0.5).astype(float)
    better, noise = second.copy(), second.copy()
    better[:20] = 1
    noise[:4] = 1 - noise[:4]
    clear, faint = difference(better, second, alone(100)), difference(noise, second, alone(100))
    assert clear.p < 0.01
    assert clear.low > 0
    assert faint.p > 0.05


def test_the_other_way_round_a_difference_is_the_opposite():
    first, second = np.random.default_rng(3).uniform(size=(2, 30))
    one, other = difference(first, second, alone(30)), difference(second, first, alone(30))
    assert (one.mean, one.low, one.high) == pytest.approx((-other.mean, -other.high, -other.low), abs=0.003)
    assert one.p == pytest.approx(other.p, abs=0.02)


def test_a_few_pictures_cannot_be_significant_however_they_are_drawn():
    for count, least in ((1, 1.0), (3, 0.25), (5, 0.0625)):
        assert difference(np.ones(count), np.zeros(count), alone(count)).p == pytest.approx(least)
    together = difference(np.ones(40), np.zeros(40), np.zeros(40))
    assert (together.mean, together.low, together.p) == (1, -1, 1)


def test_a_paired_test_finds_what_answers_have_in_common_no_noise():
    base = (np.random.default_rng(0).uniform(size=200) < 0.5).astype(float)
    better = base.copy()
    better[np.flatnonzero(base == 0)[:10]] = 1
    assert difference(better, base, alone(200)).p < 0.05
    assert difference(np.sort(better), np.sort(base)[::-1], alone(200)).p > 0.05


def test_a_test_of_nothing_is_significant_about_as_seldom_as_it_says():
    rng, found = np.random.default_rng(0), 0
    for _ in range(100):
        first, second = (rng.uniform(size=(2, 60)) < 0.5).astype(float)
        found += difference(first, second, alone(60)).p < 0.05
    assert found <= 12


def test_draws_are_the_same_each_time():
    scores = np.random.default_rng(0).uniform(size=30)
    assert estimate(scores, alone(30)) == estimate(scores, alone(30))


def test_the_interval_of_a_few_graded_scores_holds_what_is_true_about_as_often_as_it_says():
    rng, held = np.random.default_rng(0), 0
    for _ in range(60):
        found = estimate(rng.uniform(size=5), alone(5))
        held += found.low <= 0.5 <= found.high
    assert held >= 53


def test_a_few_graded_scores_that_do_not_differ_are_seldom_significant():
    rng, found = np.random.default_rng(0), 0
    for _ in range(60):
        found += difference(*rng.uniform(size=(2, 7)), alone(7)).p < 0.05
    assert found <= 6


def test_the_widening_is_students_distribution():
    stats = pytest.importorskip("scipy.stats")
    for count in (2, 3, 5, 6, 7, 12, 100):
        wider = widened(np.array([0.0, 1.0]), 0.0, count)[1]
        assert wider == pytest.approx(
            stats.t.ppf(0.975, count - 1) / 1.959964 * np.sqrt(count / (count - 1)), rel=2e-3
        )
