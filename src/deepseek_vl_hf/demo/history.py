"""Messages as Gradio's Chatbot holds them come in, questions and answers go out; and the other way round.

A question is a run of user messages, one for each picture and then one of text, so that its text can be edited without losing its
pictures. What an answer took, and its system prompt, travel in its message's metadata, where neither the model nor Copy finds them.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..turns import Turn
from .settings import MAX_SYSTEM
from .uploads import read
from .words import Refused, say


@dataclass(frozen=True)
class Exchange:
    """A question and its answer.

    Args:
        question: Its text.
        pictures: Paths of its pictures.
        answer: Empty while there is none.
        start: Index of its first message.
    """

    question: str
    pictures: tuple[str, ...]
    answer: str
    start: int


@dataclass(frozen=True)
class Figures:
    """What an answer took.

    Args:
        seconds: Since the question was read.
        tokens: That were written.
        turns_left_out: Earlier turns that no longer fit.
        system: Instruction that it followed; `None` is the chat template's own.
    """

    seconds: float
    tokens: int
    turns_left_out: int = 0
    system: str | None = None


def exchanges(history: Any) -> list[Exchange]:
    """Take a history apart; a question without an answer stays one.

    Raises:
        Refused: if it is no history, has another role than the two, or a picture without a question.
    """
    found: list[Exchange] = []
    pictures: list[str] = []
    start = 0
    try:
        for index, message in enumerate(history or []):
            texts, files = parts(message["content"])
            if message["role"] == "user":
                if not pictures:
                    start = index
                pictures += files
                if texts:
                    found.append(Exchange("\n".join(texts), tuple(pictures), "", start))
                    pictures = []
            elif message["role"] != "assistant" or pictures:
                raise Refused("bad_history")
            elif found:
                last = found[-1]
                found[-1] = Exchange(last.question, last.pictures, last.answer + "\n".join(texts), last.start)
    except (TypeError, KeyError, AttributeError) as error:
        raise Refused("bad_history") from error
    if pictures:
        raise Refused("bad_history")
    return found


def turns(found: Iterable[Exchange]) -> tuple[Turn, ...]:
    """What the model is told of a history: its answered questions.

    Raises:
        Refused: if a picture cannot be used.
    """
    return tuple(Turn(each.question, read(each.pictures), each.answer) for each in found if each.answer.strip())


def question(text: str, pictures: Sequence[str]) -> list[dict]:
    """Messages of a question."""
    return [{"role": "user", "content": each} for each in (*({"path": path} for path in pictures), text)]


def answer(text: str, figures: Figures) -> dict:
    """Message of an answer."""
    log = f"{figures.tokens} {figures.turns_left_out}" + ("" if figures.system is None else f" {figures.system}")
    return {"role": "assistant", "content": text, "metadata": {"duration": round(figures.seconds, 3), "log": log}}


def figures(message: dict) -> Figures | None:
    """What an answer's message says that it took; `None` where it says nothing of the kind."""
    metadata = message.get("metadata") or {}
    try:
        tokens, left_out, *system = metadata["log"].split(" ", 2)
        return Figures(
            float(metadata["duration"]), int(tokens), int(left_out), *(each[:MAX_SYSTEM] for each in system)
        )
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def figures_style(history: Sequence[dict] | None, language: str) -> str:
    """A style sheet that writes below each answer what it took; text of a style sheet is on the page and yet not in it."""
    rules = []
    for message in history or []:
        if message["role"] != "assistant":
            continue
        rules.append(None)
        took = figures(message)
        if took is None:
            continue
        text = say(language, "figures", seconds=took.seconds, tokens=took.tokens)
        if took.turns_left_out:
            text += say(language, "left_out", turns=took.turns_left_out)
        # Numbers and our own words: nothing in them can end the string or the style sheet.
        row = f"#chat :nth-child({len(rules)} of .bot-row)"
        rules[-1] = f"{row} + .message-buttons::after {{ content: {json.dumps(text, ensure_ascii=False)}; }}"
    return f"<style>{' '.join(filter(None, rules))}</style>"


def parts(content: Any) -> tuple[list[str], list[str]]:
    """Texts and paths of a message's content, in any of the forms that Gradio and its clients give it; blank texts go.

    Raises:
        TypeError, AttributeError: if it has none of these forms.
    """
    texts, files = [], []
    for part in content if isinstance(content, list | tuple) else [content]:
        if isinstance(part, str):
            texts.append(part)
        elif part.get("type", "text") == "text" and "text" in part:
            texts.append(part["text"])
        elif isinstance(file := part.get("file", part), dict) and "path" in file:
            files.append(file["path"])
        elif isinstance(file, str):
            files.append(file)
        else:
            raise TypeError(f"Found {part!r:.60}, expected a text or a file.")
    return [text for text in texts if text.strip()], files
