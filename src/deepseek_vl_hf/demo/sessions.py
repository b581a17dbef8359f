"""The name of a browser session comes in, its conversation goes out, with what the model remembers of it.

Losing one costs time only: every answer starts from the history that the browser hands over.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable

from ..chat import Chat


class Sessions:
    """Conversations of the sessions that asked last.

    Args:
        make: Makes a conversation.
        capacity: How many are kept; whoever asked longest ago is forgotten.
    """

    def __init__(self, make: Callable[[], Chat], capacity: int = 4):
        self._make, self._capacity = make, capacity
        self._chats: OrderedDict[str, Chat] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._chats)

    def __contains__(self, name: str) -> bool:
        return name in self._chats

    def get(self, name: str | None) -> Chat:
        """The conversation of a session, or a new one; `None` gets one that nobody keeps."""
        if name is None:
            return self._make()
        with self._lock:
            chat = self._chats.pop(name, None) or self._make()
            self._chats[name] = chat
            while len(self._chats) > self._capacity:
                self._chats.popitem(last=False)
        return chat

    def drop(self, name: str | None) -> None:
        """Forget the conversation of a session, if there is one; an answer that is being written ends with its event."""
        with self._lock:
            self._chats.pop(name, None)
