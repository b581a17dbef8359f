"""A checkpoint comes in; a server that OpenAI's clients can talk to goes out.

    gate -> vLLM                    where it is installed
    gate -> app -> engine           else: `generate`, several answers at once

The gate checks requests, the app speaks HTTP, the engine owns the model.
"""

import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path


ENGINES = ("auto", "vllm", "transformers")
NEEDED = "uvicorn"
# Seconds in which answers being written may end after Ctrl-C or SIGTERM.
PATIENCE = 10
# Seconds in which a new connection must send the head of a request.
SILENCE = 20
# Of text, before it is split into tokens to see whether it fits.
MAX_CHARS_PER_TOKEN = 32


def serve(
    model: str | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    engine: str = "auto",
    device=None,
    dtype: str = "auto",
    adapters: Mapping[str, str] | None = None,
    extra: Sequence[str] = (),
    notice: Callable[[str], object] = print,
) -> int:
    """Serve a model until Ctrl-C or SIGTERM; a second one does not wait for answers being written.

    It knows no users, no keys and no TLS, and whoever opens enough connections keeps others out: on the open internet, put a
    proxy in front that does.

    Args:
        model: Folder or Hub id, of any layout or of an adapter; default is the embedded one.
        host: Address to listen at; 127.0.0.1 is for this machine alone.
        port: 0 takes a free one.
        engine: One of `ENGINES`; "auto" takes vLLM where it is installed, or named by `VLLM_PYTHON`.
        device: To put the model on; vLLM finds its own.
        dtype: Of the weights; "auto" keeps the stored one.
        adapters: Name and folder of adapters that are served beside the model, by vLLM alone.
        extra: Further arguments of vLLM.
        notice: Told in one line where the server is.

    Returns:
        `int`: Exit code.

    Raises:
        ValueError: if the model cannot be loaded, the port is taken, or a library is missing.
    """
    if engine not in ENGINES:
        raise ValueError(f"Found engine {engine!r}, expected one of {', '.join(ENGINES)}.")
    model = model or "nano"
    if engine == "vllm" or (engine == "auto" and ("VLLM_PYTHON" in os.environ or find_spec("vllm"))):
        from .with_vllm import serve_with_vllm

        return serve_with_vllm(model, host, port, adapters, (*(() if dtype == "auto" else ("--dtype", dtype)), *extra))
    if adapters:
        raise ValueError("Adapters are served beside a model by vLLM alone; serve the adapter's folder as the model.")
    if extra:
        raise ValueError(f"Found {' '.join(extra)}, which is for vLLM; leave it out, or install vLLM.")
    if find_spec(NEEDED) is None:
        raise ValueError(f"Serving needs {NEEDED}: pip install 'deepseek_vl_hf[serving]'")
    with _bind(host, port) as listener:
        return _serve_here(model, listener, device, dtype, notice)


def _public_name(model: str) -> str:
    """What clients call a model: the name of its folder, or its Hub id."""
    folder = Path(model).expanduser()
    return folder.resolve().name if model != "nano" and folder.is_dir() else model


def _bind(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ValueError(
            f"Cannot listen at {host}:{port} ({error.strerror or error}); choose another port."
        ) from error
    return listener


def _serve_here(model: str, listener: socket.socket, device, dtype: str, notice: Callable[[str], object]) -> int:
    import uvicorn

    from ..loading import load
    from .app import App
    from .engine import Engine
    from .gate import Gate
    from .request import Limits
    from .silence import closing_silent

    name = _public_name(model)
    network, processor = load(model, dtype)
    engine = Engine(network.to(device) if device is not None else network, processor)
    limits = Limits(
        max_pictures=max(1, engine.context // processor.num_image_tokens),
        max_text_chars=min(Limits.max_text_chars, MAX_CHARS_PER_TOKEN * engine.context),
    )
    app = App(engine, name)
    config = uvicorn.Config(
        Gate(app, limits, engine.see, app.check),
        http=closing_silent(SILENCE),
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=PATIENCE,
    )
    server = uvicorn.Server(config)
    # uvicorn raises once more what made it end; that is how a server is meant to end, not an error.
    before = {kind: signal.signal(kind, lambda *_: None) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        listener.listen(2048)
        host, port = listener.getsockname()[:2]
        notice(f"{name} is served at http://{f'[{host}]' if ':' in host else host}:{port}/v1; Ctrl-C ends it")
        server.run(sockets=[listener])
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
        engine.close()
    return 0
