"""Answers written together are those that `generate` writes alone, and one row's end, fault or draw is no other's.

python -m pytest tests/serving/test_serving_engine.py
"""

import json
import threading
import time

import pytest
import torch
from questions import ELEPHANT, PICTURES, ask, body, generated, loaded

from deepseek_vl_hf.serving.engine import Engine
from deepseek_vl_hf.serving.job import Writing
from deepseek_vl_hf.serving.refusals import RequestError
from deepseek_vl_hf.serving.request import Limits, parse
from deepseek_vl_hf.serving.shown_pictures import open_pictures


@pytest.fixture
def engine():
    engine = Engine(*loaded())
    yield engine
    engine.close()


def prepare(engine, text, *paths, **fields):
    request = parse(json.dumps(body(ask(text, *paths), **fields)).encode(), Limits())
    return engine.prepare(open_pictures(request, Limits(), engine.see))


def answer(engine, *jobs, timeout=60):
    """Texts of jobs that are submitted before the engine can begin."""
    ended = [threading.Event() for _ in jobs]
    pieces = [[] for _ in jobs]
    for job, event, given in zip(jobs, ended, pieces, strict=True):
        job.emit = lambda piece, event=event, given=given: event.set() if piece is None else given.append(piece)
    with engine._changed:
        engine._waiting.extend(jobs)
        engine._changed.notify()
    deadline = time.monotonic() + timeout
    assert all(event.wait(deadline - time.monotonic()) for event in ended)
    return ["".join(given) for given in pieces]


def counted_batches(engine):
    """A list that grows by the size of each batch that is tried."""
    sizes = []
    engine._generate = lambda batch, generate=engine._generate: (sizes.append(len(batch)), generate(batch))
    return sizes


QUESTIONS = [
    ("What is this?", ELEPHANT),
    ("Hello",),
    ("What is this?", PICTURES / "camel.png"),
    ("Which digit is this?", PICTURES / "digit_7.png"),
    ("What is in the two pictures?", PICTURES / "crown.png", PICTURES / "key.png"),
    ("Is a star an animal?",),
]


def test_answers_written_together_are_those_of_generate_token_for_token(engine):
    sizes = counted_batches(engine)
    jobs = [prepare(engine, *question) for question in QUESTIONS]
    texts = answer(engine, *jobs)
    assert sizes == [len(QUESTIONS)]
    for question, job, text in zip(QUESTIONS, jobs, texts, strict=True):
        expected, tokens, length = generated(*question)
        assert text == expected
        assert job.token_ids == tokens
        assert len(job.ids) == length
        assert job.finish_reason == "stop"


def test_rows_are_drawn_as_generate_draws_them_alone(engine):
    drawn = {"temperature": 2.0, "top_p": 0.99, "seed": 7}
    jobs = [
        prepare(engine, "Hello", **drawn),
        prepare(engine, "What is this?", ELEPHANT, repetition_penalty=1.3),
        prepare(engine, "What is this?", ELEPHANT),
        prepare(engine, "Hello", **{**drawn, "seed": 8}),
    ]
    answer(engine, *jobs)
    torch.manual_seed(7)
    alone = generated("Hello", do_sample=True, temperature=2.0, top_p=0.99, top_k=0, max_new_tokens=200)
    assert jobs[0].token_ids == alone[1][:200]
    assert jobs[1].token_ids == generated("What is this?", ELEPHANT, repetition_penalty=1.3)[1]
    assert jobs[2].token_ids == generated("What is this?", ELEPHANT)[1]
    assert jobs[3].token_ids != jobs[0].token_ids


def test_a_bound_ends_its_own_row(engine):
    short, long = prepare(engine, "What is this?", ELEPHANT, max_tokens=2), prepare(engine, "What is this?", ELEPHANT)
    texts = answer(engine, short, long)
    assert (short.finish_reason, len(short.token_ids)) == ("length", 2)
    assert texts[1] == "It is an elephant."


def test_a_cancelled_row_leaves_the_others_alone(engine):
    cancelled, other = prepare(engine, "Hello"), prepare(engine, "What is this?", ELEPHANT)
    cancelled.take = lambda token: (cancelled.token_ids.append(token), cancelled.cancelled.set(), cancelled.emit(None))
    assert answer(engine, cancelled, other)[1] == "It is an elephant."
    assert len(cancelled.token_ids) == 1


def test_a_row_that_fails_does_not_fail_the_others(engine, caplog):
    bad, good = prepare(engine, "Hello"), prepare(engine, "What is this?", ELEPHANT)
    bad.ids = [10**9]
    assert answer(engine, bad, good) == ["", "It is an elephant."]
    assert (bad.finish_reason, good.finish_reason) == ("error", "stop")
    assert answer(engine, prepare(engine, "Hello"))[0].startswith("Hello!")


def test_a_row_that_cannot_be_drawn_fails_alone_and_changes_no_other_draw(engine, caplog):
    drawn = [{"temperature": 2.0, "seed": seed, "max_tokens": 30} for seed in range(4)]
    alone = answer(engine, *(prepare(engine, "Hello", **fields) for fields in drawn))
    sizes = counted_batches(engine)
    jobs = [prepare(engine, "Hello", **fields) for fields in drawn]
    bad = prepare(engine, "Hello", temperature=1)

    def fail(*_):
        raise RuntimeError("no draw")

    bad.draw = fail
    assert answer(engine, *jobs[:2], bad, *jobs[2:]) == [*alone[:2], "", *alone[2:]]
    assert bad.finish_reason == "error"
    assert sizes == [5]


def test_a_step_that_fails_is_drawn_again_as_it_would_have_been(engine, monkeypatch, caplog):
    drawn = [{"temperature": 2.0, "seed": seed, "max_tokens": 30} for seed in range(3)]
    alone = answer(engine, *(prepare(engine, "Hello", **fields) for fields in drawn))
    faults = [RuntimeError("once")]

    def fail_once(self, ids, scores, write=Writing.__call__, **kwargs):
        if self.num_tokens == 5 and faults:
            raise faults.pop()
        return write(self, ids, scores, **kwargs)

    monkeypatch.setattr(Writing, "__call__", fail_once)
    assert answer(engine, *(prepare(engine, "Hello", **fields) for fields in drawn)) == alone
    assert not faults


def test_a_batch_that_fails_is_tried_again_in_halves(engine, caplog):
    sizes = counted_batches(engine)
    bad = prepare(engine, "Hello")
    bad.ids = [10**9]
    answer(engine, bad, *(prepare(engine, "Hello", max_tokens=2) for _ in range(15)))
    assert sizes == [16, 8, 4, 2, 1, 1, 2, 4, 8]


@pytest.mark.parametrize("penalty", [1, 2, 10, 0.01])
def test_a_penalty_may_be_a_whole_number(engine, penalty):
    job = prepare(engine, "Hello", repetition_penalty=penalty, temperature=1, seed=1, max_tokens=8)
    answer(engine, job)
    assert job.finish_reason in ("stop", "length")


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 1e-39, 9e-6])
def test_a_tiny_temperature_takes_the_likeliest(engine, temperature):
    assert answer(engine, prepare(engine, "What is this?", ELEPHANT, temperature=temperature)) == [
        "It is an elephant."
    ]


def test_a_long_answer_keeps_nobody_waiting_and_is_the_same(engine, monkeypatch):
    monkeypatch.setattr("deepseek_vl_hf.serving.engine.SHIFT", 4)
    engine._end_ids = frozenset([-1])
    options = {"max_tokens": 120, "temperature": 2, "seed": 3}
    alone, late = prepare(engine, "What is this?", ELEPHANT, **options), []
    alone_text = answer(engine, alone)
    long = prepare(engine, "What is this?", ELEPHANT, **options)
    joined = []

    def join(token, take=long.take):
        take(token)
        if len(long.token_ids) in (10, 20, 30):
            late.append(prepare(engine, "Hello", max_tokens=2))
            late[-1].emit = lambda piece: joined.append(len(long.token_ids)) if piece is None else None
            engine.submit(late[-1])

    long.take = join
    assert answer(engine, long) == alone_text
    assert long.token_ids == alone.token_ids
    assert [at - submitted for at, submitted in zip(joined, (10, 20, 30), strict=True)] == [
        pytest.approx(4, abs=3)
    ] * 3


def test_a_batch_holds_no_more_than_it_may():
    engine = Engine(*loaded(), max_batch=3, max_batch_tokens=1100)
    sizes = counted_batches(engine)
    long = prepare(engine, "Hello", max_tokens=500)
    answer(engine, *(prepare(engine, "Hello", max_tokens=20) for _ in range(4)), long)
    engine.close()
    assert sizes == [3, 1, 1]


def test_a_conversation_longer_than_the_context_is_refused_with_counts(engine):
    with pytest.raises(
        RequestError, match=r"has \d+ tokens, 64 for each of its 16 pictures, and the model reads 1024"
    ):
        prepare(engine, "What?", *[ELEPHANT] * 16)


def test_an_answer_is_bounded_by_the_context(engine):
    job = prepare(engine, "What is in these?", *[ELEPHANT] * 14, max_tokens=engine.context)
    assert len(job.ids) + job.sampling.max_new_tokens == engine.context


def test_an_image_token_in_a_text_is_text(engine):
    processor = loaded()[1]
    job = prepare(engine, f"What does {processor.image_token} mean?")
    assert processor.image_token_id not in job.ids


def test_what_a_request_leaves_open_is_as_the_model_says(engine, monkeypatch):
    assert prepare(engine, "Hello").sampling.temperature == 0
    monkeypatch.setattr(engine.model.generation_config, "do_sample", True)
    monkeypatch.setattr(engine.model.generation_config, "temperature", 0.7)
    assert prepare(engine, "Hello").sampling.temperature == 0.7
    assert prepare(engine, "Hello", temperature=0).sampling.temperature == 0


def test_closing_ends_what_is_being_written_and_what_waits():
    engine = Engine(*loaded(), max_batch=1)
    engine._end_ids = frozenset([-1])
    jobs = [prepare(engine, "Hello") for _ in range(2)]
    for job in jobs:
        engine.submit(job)
    while not jobs[0].token_ids:
        time.sleep(0.01)
    engine.close()
    assert len(jobs[0].token_ids) < jobs[0].sampling.max_new_tokens
    assert not jobs[1].token_ids
    assert not engine.is_alive
