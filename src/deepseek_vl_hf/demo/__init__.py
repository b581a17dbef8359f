"""A model and its processor come in, a page to talk to it goes out, on this machine or as a Hugging Face Space.

    words -> settings, uploads -> history -> answering -> conversation, seen, api -> app

It needs `pip install "deepseek_vl_hf[space]"`.
"""

import os
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradio import routes

from .app import build, launch_options


__all__ = ["build", "launch", "launch_options"]


def launch(
    model: Any,
    processor: Any,
    name: str = "nano",
    host: str = "127.0.0.1",
    port: int | None = None,
    share: bool = False,
) -> None:
    """Serve the page until Ctrl-C, and say where it is.

    Args:
        model: In evaluation mode, on the device to use.
        processor: The checkpoint's own.
        name: What the page calls the model.
        host: Address to listen at; "0.0.0.0" lets other machines in.
        port: `None` takes the first that is free from 7860 on, 0 any that is free.
        share: Whether to have a public address for three days, through Hugging Face's servers.

    Raises:
        ValueError: if nothing can listen there, as where the port is taken.
    """
    port = _free(host, port)
    with _own_uploads():
        page = build(model, processor, name)
        _, local, public = page.launch(
            server_name=host, server_port=port, share=share, quiet=True, prevent_thread_lock=True, **launch_options()
        )
        sys.stdout.write(f"{name} is at {public or local}\nCtrl-C ends it.\n")
        sys.stdout.flush()
        try:
            _wait()
        except KeyboardInterrupt:
            pass
        finally:
            page.close()


def _free(host: str, port: int | None) -> int | None:
    """Hold host and port to what can be listened at; 0 becomes the number of a free port, `None` stays."""
    if port is not None and not 0 <= port <= 65535:
        raise ValueError(f"Found port {port}, expected 0 to 65535; choose another port.")
    try:
        found = socket.getaddrinfo(host.strip("[]"), port or 0, type=socket.SOCK_STREAM)
        family, *_, address = found[0]
        with socket.create_server(address[:2], family=family) as listener:
            return listener.getsockname()[1] if port == 0 else port
    except OSError as error:
        raise ValueError(
            f"Cannot listen at {host}, port {'7860 or later' if port is None else port} ({error.strerror or error}); choose another "
            "port, or none for the first that is free, and an address of this machine."
        ) from error


@contextmanager
def _own_uploads() -> Iterator[None]:
    """Keep uploads in a folder of one's own: Gradio's belongs to whichever user of the machine came first."""
    if os.environ.get("GRADIO_TEMP_DIR"):
        yield
        return
    shared = routes.DEFAULT_TEMP_DIR  # read from the environment when Gradio was imported
    with tempfile.TemporaryDirectory(prefix="deepseek-vl-", ignore_cleanup_errors=True) as folder:
        os.environ["GRADIO_TEMP_DIR"] = routes.DEFAULT_TEMP_DIR = folder
        try:
            yield
        finally:
            del os.environ["GRADIO_TEMP_DIR"]
            routes.DEFAULT_TEMP_DIR = shared


def _wait() -> None:
    threading.Event().wait()
