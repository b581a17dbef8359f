"""The name of a browser session comes in, its conversation goes out, with what the model remembers of it.

Losing one costs time only: every answer starts from the history that the browser hands over.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable

from ..chat import Chat


class Sessions:
    """Conversations of the sessions that asked last.

    What they read stays in the model's cache, so they are bounded in number and in tokens; whoever asked longest ago is forgotten.
    The conversation that is answered may fill its context, all others together hold `max_other_tokens` at most: with the 7B, 2**14
    tokens each at 480 KiB a token, 15 GiB in all.

    Args:
        make: Makes a conversation.
        capacity: How many are kept.
        max_other_tokens: Cached tokens of those that wait while one is answered.
    """

    def __init__(self, make: Callable[[], Chat], capacity: int = 4, max_other_tokens: int = 2**14):
        self._make, self._capacity, self._max_other_tokens = make, capacity, max_other_tokens
        self._chats: OrderedDict[str, Chat] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str | None) -> Chat:
        """The conversation of a session, or a new one; `None` gets one that nobody keeps."""
        with self._lock:
            chat = self._chats.pop(name, None) if name is not None else None
            others = self._capacity - (name is not None)
            while len(self._chats) > others or self._cached_tokens() > self._max_other_tokens:
                self._chats.popitem(last=False)
            chat = chat or self._make()
            if name is not None:
                self._chats[name] = chat
        return chat

    def drop(self, name: str | None) -> None:
        """Forget the conversation of a session, if there is one; an answer that is being written ends with its event."""
        with self._lock:
            self._chats.pop(name, None)

    def drop_others(self, name: str | None) -> None:
        """Forget all conversations but that of a session."""
        with self._lock:
            for other in [each for each in self._chats if each != name]:
                del self._chats[other]

    def _cached_tokens(self) -> int:
        return sum(chat.num_cached_tokens for chat in self._chats.values())
