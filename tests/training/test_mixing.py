"""The plan: modality and rows of every step, from the seed and the step alone.

python -m pytest tests/training/test_mixing.py
"""

import time

import numpy as np
import pytest

from deepseek_vl_hf.data.shares import SourceMixture, permuted
from deepseek_vl_hf.training import ModalityPlan, ShareSchedule, Source


SOURCES = (
    Source("prose", 700, "language", 5),
    Source("code", 300, "language", 2),
    Source("captions", 500, "multimodal", 11.1),
    Source("charts", 90, "multimodal", 2.1),
    Source("pages", 40, "multimodal", 0.4),
)
WARMUP = ShareSchedule.warmup(0.7, 200)


def language(plan, steps):
    return np.array([plan.modality(step) == "language" for step in range(steps)])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 16, 17, 1000, 4097])
def test_a_permutation_has_every_number_once(size):
    assert sorted(permuted(np.arange(size), size, 7)) == list(range(size))


def test_permutations_look_random_and_differ_by_key():
    one, two = (permuted(np.arange(5000), 5000, key) for key in (1, 2))
    assert abs(np.corrcoef(one, np.arange(5000))[0, 1]) < 0.05
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.05


def test_a_schedule_is_straight_between_its_points_and_sums_in_closed_form():
    schedule = ShareSchedule(((10, 1.0), (20, 0.5), (50, 0.8)))
    assert [schedule.share(step) for step in (0, 10, 15, 20, 35, 50, 99)] == pytest.approx(
        [1, 1, 0.75, 0.5, 0.65, 0.8, 0.8]
    )
    sums = np.cumsum([schedule.share(step) for step in range(100)])
    assert [schedule.total(step) for step in range(1, 101)] == pytest.approx(sums.tolist())


@pytest.mark.parametrize("points", [(), ((5, 0.5), (5, 0.6)), ((-1, 0.5),), ((0, 1.2),), ((0, float("nan")),)])
def test_a_schedule_out_of_range_is_refused(points):
    with pytest.raises(ValueError, match=r"found .*, expected"):
        ShareSchedule(points)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("target", [0.0, 0.3, 0.7, 0.95, 1.0])
def test_the_share_is_met_in_every_window_of_20_steps(seed, target):
    schedule = ShareSchedule.warmup(target, 100)
    found = language(ModalityPlan(SOURCES, 8, schedule, seed), 400)
    wanted = np.array([schedule.share(step) for step in range(400)])
    assert np.abs(np.convolve(found - wanted, np.ones(20), "valid")).max() < 1
    assert found[0]


def test_coins_meet_the_share_on_average_and_count_what_they_say():
    plan = ModalityPlan(SOURCES, 8, ShareSchedule.warmup(0.7, 0), sampling="bernoulli")
    found = language(plan, 5000)
    assert found.mean() == pytest.approx(0.7, abs=0.03)
    assert np.abs(np.convolve(found - 0.7, np.ones(20), "valid")).max() > 2
    for step in (1, 17, 4999, 3):
        assert plan.language_steps(step) == found[:step].sum()


@pytest.mark.parametrize("weights", [(1,), (1, 1), (13.1, 11.1, 2.1, 0.4, 1.2, 2.1), (1,) * 13, (100, 1, 1)])
def test_sources_have_their_share_in_every_window_and_miss_no_draw(weights):
    source, number = SourceMixture(weights, seed=3).locate(np.arange(30_000))
    for index, share in enumerate(np.array(weights) / sum(weights)):
        mine = source == index
        assert number[mine].tolist() == list(range(mine.sum()))
        for window in (20, 160, 5000):
            # A step of 8 rows is the unit: 20 steps are within one step of the share.
            assert np.abs(np.convolve(mine - share, np.ones(window), "valid")).max() < 4


def test_any_part_of_the_draws_can_be_looked_up_alone():
    mixture = SourceMixture((3, 2, 1), seed=1)
    whole, part = mixture.locate(np.arange(1000)), mixture.locate(np.arange(400, 500))
    assert all(np.array_equal(a[400:500], b) for a, b in zip(whole, part, strict=True))


@pytest.mark.parametrize("sampling", ["diffusion", "bernoulli"])
def test_every_row_comes_once_before_any_comes_twice(sampling):
    plan = ModalityPlan(SOURCES, 10, WARMUP, seed=5, sampling=sampling)
    seen = {index: [] for index in range(len(SOURCES))}
    for step in range(1200):
        source, row = plan.rows(step)
        assert {SOURCES[index].modality for index in source} == {plan.modality(step)}
        for index in set(source.tolist()):
            seen[index] += row[source == index].tolist()
    for index, rows in seen.items():
        size = SOURCES[index].num_rows
        epochs = [rows[start : start + size] for start in range(0, len(rows), size)]
        assert len(epochs) > 1
        assert all(len(set(epoch)) == len(epoch) for epoch in epochs)
        assert epochs[0] != epochs[1]


@pytest.mark.parametrize("sampling", ["diffusion", "bernoulli"])
def test_a_fresh_plan_that_starts_late_agrees_with_one_that_ran_from_the_start(sampling):
    old = ModalityPlan(SOURCES, 12, WARMUP, seed=2, sampling=sampling)
    steps = [old.rows(step) for step in range(300)]
    for step in (299, 0, 123):
        fresh = ModalityPlan(SOURCES, 12, WARMUP, seed=2, sampling=sampling)
        assert all(np.array_equal(a, b) for a, b in zip(fresh.rows(step), steps[step], strict=True))


def test_unset_the_share_is_that_of_the_rows_and_weights_are_sizes():
    plan = ModalityPlan(
        (Source("a", 300, "language"), Source("b", 75, "multimodal"), Source("c", 25, "multimodal")), 4
    )
    assert language(plan, 400).mean() == pytest.approx(0.75, abs=0.01)
    drawn = np.concatenate([plan.rows(step)[0] for step in range(400) if plan.modality(step) == "multimodal"])
    assert (drawn == 2).mean() == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("sources", "arguments", "message"),
    [
        ((), {}, "found sources"),
        (SOURCES[:1] * 2, {}, "found sources"),
        (SOURCES[:2], {"schedule": WARMUP}, "no multimodal rows, expected some.*language_share to 1.0"),
        (SOURCES[2:], {"schedule": WARMUP}, "no language rows, expected some.*language_share to 0.0"),
        (SOURCES, {"sampling": "dice"}, "found sampling='dice', expected"),
        (SOURCES, {"batch_size": 0}, "found batch_size=0"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(sources, arguments, message):
    with pytest.raises(ValueError, match=message):
        ModalityPlan(sources, **{"batch_size": 4, **arguments})


@pytest.mark.parametrize("changed", [{"num_rows": 0}, {"modality": "sound"}, {"weight": 0}])
def test_a_source_that_cannot_be_drawn_is_refused(changed):
    with pytest.raises(ValueError, match=r"found source .*, expected at least one row"):
        Source(**{"name": "a", "num_rows": 3, "modality": "language", **changed})


def test_a_million_rows_on_64_ranks_cost_a_hundredth_of_a_step_of_100_ms():
    sources = [Source(str(i), 100_000, ("language", "multimodal")[i % 2], 1 + i) for i in range(10)]
    plan = ModalityPlan(sources, 64 * 8, ShareSchedule.warmup(0.7, 2000))
    plan.rows(0)
    times = []
    for start in range(50_000, 50_250, 50):
        begin = time.process_time()
        for step in range(start, start + 50):
            plan.rows(step)
        times.append((time.process_time() - begin) / 50)
    assert min(times) < 1e-3
