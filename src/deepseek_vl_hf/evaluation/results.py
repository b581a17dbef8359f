"""Questions and replies come in; what was asked, answered and scored goes out, as a JSON file, and back from one.

    model, weights, command, versions, settings     what answered, and how
    questions                                       their folder, number and hash
    answers                                         of every question its hash, answer, score, and the choices' losses
    results                                         a row per task, as `summary` makes them; a model card shows them
    comparison                                      with another checkpoint, where there is one

A file that is read is scored anew, so that two checkpoints are compared by the same rules, whenever they were asked.
"""

import json
import math
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..turns import is_unicode
from .answering import Reply
from .questions import Question, QuestionSet
from .scoring import SCORINGS, choice_by_perplexity


FORMAT = "deepseek_vl_hf evaluation, 1"


@dataclass(frozen=True)
class Scored:
    """A question with its reply and what that is worth.

    Args:
        question: What was asked.
        hash: Of the question and its pictures.
        reply: What was answered.
        score: From 0 to 1; of a question with choices, by the answer.
        by_perplexity: Of a question with choices, by their losses; else `None`.
    """

    question: Question
    hash: str
    reply: Reply
    score: float
    by_perplexity: float | None = None


@dataclass(frozen=True, eq=False)  # itself alone, so that its tables are made once
class Results:
    """What a checkpoint answered to questions.

    Args:
        model: Its folder or Hub id, as it was given.
        about: What else is known: "weights", "command", "versions", "settings".
        asked: The questions.
        scored: Each with its reply and score, in their order.
    """

    model: str
    about: dict[str, Any]
    asked: QuestionSet
    scored: tuple[Scored, ...]


def score(model: str, about: dict[str, Any], asked: QuestionSet, replies: Sequence[Reply]) -> Results:
    """Score replies; a question that was too long for the context has 0."""
    scored = []
    for question, digest, reply in zip(asked.questions, asked.hashes, replies, strict=True):
        value = 0.0 if reply.is_too_long else SCORINGS[question.scoring](reply.text, question)
        by_perplexity = choice_by_perplexity(reply.losses, question) if question.choices else None
        scored.append(Scored(question, digest, reply, value, by_perplexity))
    return Results(model, about, asked, tuple(scored))


def as_json(results: Results) -> dict[str, Any]:
    """Everything but the tables, as `read` takes it."""
    return {
        "format": FORMAT,
        "model": results.model,
        **results.about,
        "questions": {
            "folder": str(results.asked.folder),
            "hash": results.asked.hash,
            "num_questions": len(results.scored),
        },
        "answers": [_as_answer(each) for each in results.scored],
    }


def _as_answer(scored: Scored) -> dict[str, Any]:
    question, reply = scored.question, scored.reply
    found = {
        "id": question.id,
        "hash": scored.hash,
        "task": question.task,
        "source": question.source,
        "language": question.language,
        "scoring": question.scoring,
        "question": question.prompt,
        "expected": list(question.answers),
        "answer": reply.text,
        "score": scored.score,
        "is_cut": reply.is_cut,
        "is_too_long": reply.is_too_long,
    }
    if question.choices:
        found["losses"] = [loss if math.isfinite(loss) else None for loss in reply.losses]
        found["score_by_perplexity"] = scored.by_perplexity
    return found


def write(path: str | Path, text: str) -> None:
    """Write a file whole or not at all, whatever interrupts it.

    Raises:
        ValueError: if it cannot be written.
    """
    path = Path(path).expanduser()
    try:
        handle, new = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    except OSError as error:
        raise ValueError(f"{path} cannot be written ({error.strerror}); give another name.") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(new, 0o644)  # a temporary file is its owner's alone
        os.replace(new, path)
    except BaseException:
        Path(new).unlink(missing_ok=True)
        raise


def check_writable(path: str | Path) -> None:
    """See that a file can be written there, before hours go into what would stand in it.

    Raises:
        ValueError: if it is a folder, or its folder is missing or closed.
    """
    path = Path(path).expanduser()
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        found = "a folder" if path.is_dir() else f"no folder {path.parent} to write into"
        raise ValueError(
            f"{path} cannot be written: found {found}; give the name of a file in a folder that is there."
        )


def is_file_of_results(name: str) -> bool:
    """Whether a name is a file that `as_json` may have become, and no checkpoint."""
    return name.endswith(".json") and not Path(name).expanduser().is_dir()


def read(path: str | Path, asked: QuestionSet) -> Results:
    """Read the answers to these questions from a file; it may hold others too.

    Raises:
        ValueError: if it is no such file, or lacks a question, or has another of the same name.
    """
    path = Path(path).expanduser()
    try:
        found = json.loads(path.read_bytes())
        if found.get("format") != FORMAT:
            raise ValueError(f"found format {found.get('format')!r:.60}, expected {FORMAT!r}")
        answers = {answer["id"]: answer for answer in found["answers"]}
        replies = []
        for question, digest in zip(asked.questions, asked.hashes, strict=True):
            answer = answers.get(question.id, {})
            if answer.get("hash") != digest:
                raise _OtherQuestions(question.id, bool(answer))
            replies.append(_as_reply(answer, question))
        about = {name: found[name] for name in ("weights", "command", "versions", "settings")}
        if not isinstance(about["settings"], dict):
            raise ValueError(f"found settings {about['settings']!r:.60}, expected names with values")
        return score(str(found["model"]), about, asked, replies)
    except FileNotFoundError as error:
        raise ValueError(f"There is no file {path}; give one that --json wrote, or a checkpoint.") from error
    except _OtherQuestions as error:
        raise ValueError(
            f"{path} was made with other questions: {error}; give the --questions, --tasks and --limit that it was made "
            "with, or ask the checkpoint again."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError) as error:
        raise ValueError(f"{path} holds no results that can be read ({error}); give one that --json wrote.") from error


class _OtherQuestions(Exception):
    def __init__(self, name: str, is_there: bool):
        super().__init__(f"{name} {'differs' if is_there else 'is missing'}")


def _as_reply(answer: dict[str, Any], question: Question) -> Reply:
    losses = tuple(math.inf if loss is None else float(loss) for loss in answer.get("losses", ()))
    if len(losses) != len(question.choices):
        raise ValueError(
            f"found {len(losses)} losses of {question.id}, expected one of each of {len(question.choices)} choices"
        )
    if not isinstance(answer["answer"], str) or not is_unicode(answer["answer"]):
        raise ValueError(f"found answer {answer['answer']!r:.60} to {question.id}, expected a text")
    return Reply(answer["answer"], bool(answer["is_cut"]), bool(answer["is_too_long"]), losses)
