"""A connection as uvicorn sees it: one that says nothing is closed, so that it does not keep a file descriptor."""

from uvicorn.protocols.http.auto import AutoHTTPProtocol


def closing_silent(seconds: float) -> type:
    """A protocol for uvicorn that closes connections that sent no head of a request for so long."""

    class Protocol(AutoHTTPProtocol):
        def connection_made(self, transport):
            super().connection_made(transport)
            self.loop.call_later(seconds, self._close_if_silent)

        def _close_if_silent(self):
            if self.cycle is None:  # which there is as soon as a head was read
                self.transport.close()

    return Protocol
