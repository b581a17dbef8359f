"""A model and its processor come in, a page to talk to it goes out, on this machine or as a Hugging Face Space.

    words -> settings, uploads -> history -> answering -> conversation, seen, api -> app

It needs `pip install "deepseek_vl_hf[space]"`.
"""

import sys
import threading
from typing import Any

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
        port: `None` takes the first that is free from 7860 on.
        share: Whether to have a public address for three days, through Hugging Face's servers.

    Raises:
        OSError: if the port is taken.
    """
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


def _wait() -> None:
    threading.Event().wait()
