"""The body of a request arrives in pieces; it goes out whole, if it is neither too long nor too slow, and all together fit in memory."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator

from .asgi import Receive, Scope
from .refusals import RequestError
from .request import Limits


class Bodies:
    """Reads the bodies of requests.

    Args:
        limits: Of one, and of all at once.
    """

    def __init__(self, limits: Limits):
        self.limits, self._num_bytes = limits, 0

    @contextlib.contextmanager
    def counted(self, size: int = 0) -> Iterator[Callable[[int], None]]:
        """Count bytes as held, `size` now and what is added through the function it gives; no longer after the block."""

        def add(more: int) -> None:
            nonlocal size
            if self._num_bytes + more > self.limits.max_bytes_at_once:
                raise overloaded("The bodies that are arriving fill this server's memory")
            size += more
            self._num_bytes += more

        self._num_bytes += size
        try:
            yield add
        finally:
            self._num_bytes -= size

    async def read(self, receive: Receive) -> bytes | None:
        """The body of a request; `None` if its client went away.

        Raises:
            RequestError: if it is too long or too slow, or there is no room.
        """
        limits = self.limits
        try:
            with self.counted() as add:
                return await asyncio.wait_for(_read(receive, limits.max_body_bytes, add), limits.body_seconds)
        except asyncio.TimeoutError as error:  # before Python 3.11 not the built-in one
            raise RequestError(f"The body took longer than {limits.body_seconds} s.", status=408) from error
        except _TooLong as error:
            if error.goes_on:
                await self.drain(receive)
            raise RequestError(
                f"The body has more than {limits.max_body_bytes} bytes; scale the pictures down.", status=413
            ) from error
        except asyncio.CancelledError as error:  # by the server, which ends
            raise overloaded("This server is ending") from error

    async def drain(self, receive: Receive, scope: Scope | None = None) -> None:
        """Read on for a moment what is refused, or its sender sees no answer; not where it asks before it sends."""
        if scope is not None and asks_first(scope):
            return
        with contextlib.suppress(asyncio.TimeoutError, _TooLong):
            await asyncio.wait_for(_read(receive, 4 * self.limits.max_body_bytes), self.limits.drain_seconds)


def asks_first(scope: Scope) -> bool:
    """Whether a client sends its body only when it is told to go on."""
    return b"expect" in dict(scope["headers"])


def overloaded(what: str) -> RequestError:
    """The refusal of a request that may be sent again."""
    return RequestError(f"{what}; try again in a moment.", status=503, code="overloaded", kind="server_error")


class _TooLong(Exception):
    def __init__(self, goes_on: bool):
        super().__init__()
        self.goes_on = goes_on  # and more of it may come


async def _read(receive: Receive, limit: int, add: Callable[[int], None] | None = None) -> bytes | None:
    """A body; without `add`, none of it is kept."""
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size > limit:
            raise _TooLong(more)
        if add is not None:
            add(len(chunk))
            chunks.append(chunk)
    return b"".join(chunks)
