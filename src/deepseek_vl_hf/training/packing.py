"""Rows of known length come in, in a fixed order; packs of rows that fill a sequence go out.

A pack never cuts a row, and so never a picture. Which rows share a pack depends on their order and lengths alone.
"""

import bisect
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar


Row = TypeVar("Row")


def pack(
    rows: Iterable[Row], length: Callable[[Row], int], capacity: int, lookahead: int = 1024
) -> Iterator[list[Row]]:
    """Pack rows, first-fit by length over a bounded look-ahead.

    A pack begins with the row that has waited longest, so that none waits for ever; then, as long as anything among the
    next `lookahead` rows fits, the longest of those joins it.

    Args:
        rows: In the order of training.
        length: Tokens that a row takes, its image tokens among them.
        capacity: Tokens that a pack may have.
        lookahead: Rows that are held at a time.

    Yields:
        The rows of a pack, in the order in which they came.

    Raises:
        ValueError: if a row is longer than `capacity`.
    """
    rows = iter(enumerate(rows))
    waiting: deque[int] = deque()  # places of rows, oldest first; some have left already
    held: dict[int, tuple[int, Row]] = {}  # place -> length and row
    by_length: list[tuple[int, int]] = []  # (length, -place), rising: of equal lengths the oldest comes last

    def read_ahead() -> None:
        while len(held) < max(1, lookahead) and (item := next(rows, None)) is not None:
            place, row = item
            size = length(row)
            if size > capacity:
                raise ValueError(
                    f"found row {place} of {size} tokens, expected at most the {capacity} of a pack; cut it first, or "
                    "raise max_length"
                )
            held[place] = (size, row)
            waiting.append(place)
            bisect.insort(by_length, (size, -place))

    def take(place: int) -> tuple[int, Row]:
        size, row = held.pop(place)
        by_length.pop(bisect.bisect_left(by_length, (size, -place)))
        read_ahead()
        return size, row

    read_ahead()
    while held:
        while waiting[0] not in held:
            waiting.popleft()
        place, room, members = waiting.popleft(), capacity, {}
        while place is not None:
            size, members[place] = take(place)
            room -= size
            fitting = bisect.bisect_left(by_length, (room + 1, float("-inf")))
            place = -by_length[fitting - 1][1] if fitting else None
        yield [members[place] for place in sorted(members)]
