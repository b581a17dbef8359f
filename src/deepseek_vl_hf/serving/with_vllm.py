"""A checkpoint of any layout or an adapter comes in, vLLM's OpenAI server answers for it.

vLLM wants other versions than this package, so it may live in an environment of its own, whose Python `VLLM_PYTHON` names. This
package is linked into the server's path together with its entry point `vllm.general_plugins`: every process of vLLM then
knows our classes, and no code that lies beside weights is run.

What vLLM answers keeps the white space at its beginning, which the engine here takes off. A request with four stop texts of its own,
the most that vLLM takes, is not stopped where the released chat ends an answer.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from safetensors import safe_open

from .. import __version__, adapters
from ..configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from ..exporting import write_checkpoint
from ..loading import load, located
from .vllm_plugin import read_byte_level_tokenizers


PYTHON = "VLLM_PYTHON"
PACKAGE = Path(__file__).parents[1]
# The last is outermost.
MIDDLEWARE = (f"{__package__}.vllm_stop.StopAtNextTurn", f"{__package__}.gate.Gate")
PLUGIN = f"[vllm.general_plugins]\n{PACKAGE.name} = {__package__}.vllm_plugin:register\n"
METADATA = f"Metadata-Version: 2.1\nName: {PACKAGE.name}\nVersion: {__version__}\n"
RANKS = (8, 16, 32, 64, 128, 256, 320, 512)  # that vLLM has room for
SERVED_PART = f"{adapters.PREFIX}model.language_model."  # beside its base; in the rest vLLM knows no LoRA


def serve_with_vllm(
    model: str | os.PathLike,
    host: str = "127.0.0.1",
    port: int = 8000,
    adapters: Mapping[str, str | os.PathLike] | None = None,
    extra: Sequence[str] = (),
) -> int:
    """Serve until somebody stops it.

    Args:
        model: A folder or a Hub id, in any layout; an adapter's is merged into its base first.
        host, port: Where to listen.
        adapters: Name and folder of adapters of the language model that are served beside `model`, under these names.
        extra: Further arguments of vLLM; they replace those that are given here.

    Returns:
        Exit code of the server.

    Raises:
        ValueError: if there is no vLLM or no such checkpoint, or vLLM cannot serve an adapter beside its base.
    """
    python = find_python()
    with TemporaryDirectory(prefix="deepseek-vl-vllm-") as room:
        arguments = make_arguments(model, host, port, adapters or {}, Path(room))
        command = [python, "-m", "vllm.entrypoints.openai.api_server", *arguments, *extra]
        return _run(command, link_package(Path(room), python))


def find_python() -> str:
    """The Python that has vLLM: the one that `VLLM_PYTHON` names, else this one.

    Raises:
        ValueError: if it has none.
    """
    named = os.environ.get(PYTHON)
    if named is None:
        if find_spec("vllm") is None:
            raise ValueError(
                "Found no vLLM beside this package, which wants another transformers than vLLM does. Install it apart (python -m "
                f"venv VENV && VENV/bin/pip install vllm) and set {PYTHON}=VENV/bin/python."
            )
        return sys.executable
    probe = "import sys; from importlib.util import find_spec; sys.exit(find_spec('vllm') is None)"
    try:
        done = subprocess.run([named, "-c", probe], capture_output=True)
    except OSError as error:
        raise ValueError(
            f"{PYTHON} names {named}, which does not start; name the Python of an environment."
        ) from error
    if done.returncode != 0:
        raise ValueError(f"{PYTHON} names {named}, which has no vLLM: {named} -m pip install vllm")
    return named


def make_arguments(
    model: str | os.PathLike, host: str, port: int, named: Mapping[str, str | os.PathLike], room: Path
) -> list[str]:
    """Arguments of vLLM's server; what must be merged is written to `room`."""
    source = located(model)
    name = Path(source).resolve().name if Path(source).is_dir() else source
    if adapters.read_config(source) is not None:
        read_byte_level_tokenizers()
        source = str(write_checkpoint(*load(source), room / "merged", "own").folder)
    config = DeepSeekVLHFConfig.from_pretrained(source)
    num_pictures = max(1, config.text_config.max_position_embeddings // config.num_visual_tokens)
    arguments = {
        "--model": source,
        "--served-model-name": name,
        "--host": host,
        "--port": str(port),
        "--limit-mm-per-prompt": json.dumps({"image": num_pictures}),
    }
    if config.dtype is not None:  # vLLM would halve 32 bits
        arguments["--dtype"] = str(config.dtype).removeprefix("torch.")
    words = [word for pair in arguments.items() for word in pair]
    words += [word for name in MIDDLEWARE for word in ("--middleware", name)]
    return [*words, "--enable-prefix-caching", "--enable-prompt-tokens-details", *_lora_arguments(named)]


def _lora_arguments(named: Mapping[str, str | os.PathLike]) -> list[str]:
    if not named:
        return []
    modules, ranks = [], []
    for name, source in named.items():
        fields = adapters.read_config(source)
        if fields is None:
            raise ValueError(f"{source} holds no {adapters.CONFIG}; give the folder of an adapter for {name!r}.")
        folder = adapters.fetch(source)
        with safe_open(folder / adapters.WEIGHTS, "pt") as file:
            strays = sorted(key for key in file.keys() if not key.startswith(SERVED_PART))  # noqa: SIM118 - no dict
        if strays:
            raise ValueError(
                f"{source} changes {strays[0]}, and vLLM serves adapters of the language model only. Serve it as the model, so "
                "that it is merged."
            )
        modules.append(json.dumps({"name": name, "path": str(folder)}))
        ranks.append(max([fields["r"], *(fields.get("rank_pattern") or {}).values()]))
    room = next((rank for rank in RANKS if rank >= max(ranks)), max(ranks))
    # One slot more: on a CPU, vLLM gives a request without adapter, in a batch with others, what the last slot holds
    # (github.com/vllm-project/vllm/pull/48421).
    slots = ["--max-loras", str(len(modules) + 1), "--max-lora-rank", str(room)]
    return ["--enable-lora", *slots, "--lora-modules", *modules]


def link_package(room: Path, python: str) -> dict[str, str]:
    """An environment in which `python` finds this package and vLLM its plugin, whatever else is installed there."""
    (room / PACKAGE.name).symlink_to(PACKAGE, target_is_directory=True)
    described = room / f"{PACKAGE.name}-{__version__}.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(METADATA, encoding="utf-8")
    (described / "entry_points.txt").write_text(PLUGIN, encoding="utf-8")
    path = [str(room)]
    if python == sys.executable and "PYTHONPATH" in os.environ:
        path.append(os.environ["PYTHONPATH"])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run the server and pass on what is sent to stop it, so that it ends in order and what was made for it goes."""
    # In a session of its own, or Ctrl-C would reach it twice, and the second time vLLM drops everything.
    server = subprocess.Popen(command, env=environment, start_new_session=True)
    before = {}
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, lambda found, _: server.send_signal(found))
        code = server.wait()
        return code if code >= 0 else 128 - code  # as a shell tells that a signal ended it
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
        for number, handler in before.items():
            signal.signal(number, handler)
