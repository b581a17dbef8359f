"""What was said in a conversation: turns come in; messages for the chat template, and the turns that a context has room for, go out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from PIL import Image


@dataclass(frozen=True)
class Turn:
    """A question with its pictures, and the answer.

    Args:
        question: An image token in it marks the place of a picture; without any, pictures come first.
        images: Upright, RGB.
        answer: Empty while there is none.
    """

    question: str
    images: tuple[Image.Image, ...] = ()
    answer: str = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What each picture is known by: equal pixels, equal name."""
        return tuple(
            blake2b(image.tobytes(), salt=b"%dx%d" % image.size, digest_size=16).hexdigest() for image in self.images
        )


class TooLong(ValueError):
    """A question that the context has no room for.

    Args:
        found: Tokens of the question with the instruction before it.
        limit: Tokens that the model reads.
    """

    def __init__(self, found: int, limit: int):
        super().__init__(
            f"The question and what comes before it have {found} tokens and the model reads {limit}; ask with fewer words or pictures, "
            "or shorten the system instruction."
        )
        self.found, self.limit = found, limit


def as_messages(turns: Sequence[Turn], system: str | None, image_token: str) -> list[dict]:
    """Turns as `apply_chat_template` takes them; pictures stand as `{"type": "image"}`.

    Args:
        turns: In their order.
        system: Instruction before the first; `None` leaves it to the chat template, an empty one leaves it out.
        image_token: Marks the place of a picture in a question.

    Raises:
        ValueError: if a question is empty, or its image tokens and pictures differ in number.
    """
    messages = []
    if system is not None and not is_unicode(system):
        raise ValueError(f"The system instruction {system!r:.60} holds bytes that are no text; write it in UTF-8.")
    if system is not None:
        messages.append({"role": "system", "content": [{"type": "text", "text": system}]})
    for turn in turns:
        messages.append({"role": "user", "content": _parts(turn, image_token)})
        if turn.answer:
            messages.append({"role": "assistant", "content": [{"type": "text", "text": turn.answer}]})
    return messages


def is_unicode(text: str) -> bool:
    """Whether a text can be written: from a terminal or JSON, half a character may come."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _parts(turn: Turn, token: str) -> list[dict]:
    text, num_images = turn.question, len(turn.images)
    if not is_unicode(text):
        raise ValueError(f"The question {text!r:.60} holds bytes that are no text; write it in UTF-8.")
    if not text.replace(token, "").strip():
        raise ValueError("The question is empty; ask in at least one word.")
    texts = text.split(token)
    if num_images == 0 or len(texts) == 1:
        return [{"type": "image"}] * num_images + [{"type": "text", "text": text}]
    if len(texts) - 1 != num_images:
        raise ValueError(
            f"Found {len(texts) - 1} times {token} in the question and {num_images} pictures, expected as many of each. "
            "Leave the image tokens out to put all pictures first."
        )
    parts = [{"type": "text", "text": texts[0]}]
    for each in texts[1:]:
        parts += [{"type": "image"}, {"type": "text", "text": each}]
    return parts


def fit(
    turns: Sequence[Turn], tokenize: Callable[[Sequence[Turn]], list[int]], context: int, max_new_tokens: int
) -> tuple[Sequence[Turn], list[int]]:
    """Leave out the oldest turns where all of them and an answer are longer than the context.

    Room is made by the quarter of a context, so that the next turns find the cache as they need it. What is left out follows from
    the turns alone, and not from how one came to them.

    Args:
        turns: The last is the question.
        tokenize: Makes the prompt's token ids of turns.
        context: Tokens that the model reads.
        max_new_tokens: Bound of the answer, for which a quarter of the context is kept free at most.

    Returns:
        The turns that stay, and their token ids.

    Raises:
        TooLong: if the question alone is longer than the context.
    """
    ids, quarter = tokenize(turns), max(1, context // 4)
    excess = len(ids) + min(max_new_tokens, quarter) - context
    if excess <= 0:
        return turns, ids
    target = len(ids) - -(-excess // quarter) * quarter
    low, high = 1, len(turns) - 1  # of how many to leave out; the question itself stays
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if len(tokenize(turns[middle:])) <= target else (middle + 1, high)
    turns = turns[max(0, high) :]
    ids = tokenize(turns)
    if len(ids) >= context:
        raise TooLong(len(ids), context)
    return turns, ids
