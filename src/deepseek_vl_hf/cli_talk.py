"""The `deepseek-vl` commands that talk: words of a command line come in; answers, a page or a server go out.

What takes long to import is imported when it is needed.
"""

import argparse
import json
import warnings
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

from . import cli_data
from .terminal import Terminal, notice


DTYPES = ("auto", "float32", "bfloat16", "float16")
ENGINES = ("auto", "vllm", "transformers")


def add_parsers(commands) -> None:
    """Add the commands, each with the function that runs it in `run`."""
    chat = commands.add_parser(
        "chat",
        help="ask about pictures",
        description="Answer one --prompt, or without it hold a conversation: a line is a question, /image FILE adds a "
        "picture to the next one, /help shows more.",
    )
    chat.add_argument("--image", action="append", default=[], metavar="FILE", help="a picture; may be repeated")
    chat.add_argument("--prompt", metavar="TEXT", help="the question; without it, a conversation")
    _add_model(chat)
    chat.add_argument(
        "--system", metavar="TEXT", help="instruction before the conversation (default: the released one)"
    )
    chat.add_argument("--max-new-tokens", type=int, default=512, metavar="N", help="bound of an answer (default: 512)")
    chat.add_argument("--temperature", type=float, default=0.0, metavar="T", help="0 takes the likeliest (default: 0)")
    chat.add_argument("--top-p", type=float, default=1.0, metavar="P", help="draw from this probability (default: 1)")
    chat.add_argument("--repetition-penalty", type=float, default=1.0, metavar="R", help="1 is none (default: 1)")
    chat.add_argument("--seed", type=int, metavar="N", help="start of what is drawn (default: anew each time)")
    chat.add_argument("--json", action="store_true", help="print an object with answer, tokens and times instead")
    chat.set_defaults(run=run_chat)

    demo = commands.add_parser(
        "demo",
        help="a page to chat on",
        description="Open the Gradio page of the Space on this machine; Ctrl-C ends it.",
    )
    _add_model(demo)
    _add_address(demo, "the first free one from 7860")
    demo.add_argument("--share", action="store_true", help="a public address for three days, through Hugging Face")
    demo.set_defaults(run=run_demo)

    serve = commands.add_parser(
        "serve",
        help="a server for OpenAI's clients",
        description="Serve /v1/chat/completions: with vLLM where it is installed or VLLM_PYTHON names an environment that has it, "
        "otherwise with transformers. What follows `--` goes to vLLM.",
    )
    _add_model(serve)
    _add_address(serve, "8000")
    serve.add_argument(
        "--engine", choices=ENGINES, default="auto", help="what generates (default: vLLM if it is there)"
    )
    serve.add_argument(
        "--adapter",
        action="append",
        default=[],
        metavar="NAME=FOLDER",
        help="an adapter that vLLM serves beside the model; may be repeated",
    )
    serve.set_defaults(run=run_serve)


def _add_address(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="HOST", help="0.0.0.0 lets other machines in (default: this one alone)"
    )
    parser.add_argument("--port", type=_port, metavar="PORT", help=f"where to listen (default: {default})")


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"found {port}, expected 0 to 65535")
    return port


def _add_model(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which model, where and in which type."""
    parser.add_argument(
        "--model", default="nano", metavar="MODEL", help="folder or Hub id (default: the small model that is built in)"
    )
    parser.add_argument(
        "--device", metavar="DEVICE", help="cpu, cuda, cuda:1, mps, ... (default: a GPU if there is one)"
    )
    parser.add_argument("--dtype", choices=DTYPES, default="auto", help="of the weights (default: as stored)")


def quieten() -> None:
    """Keep libraries from writing beside the answer, but let a download show how far it is."""
    import transformers

    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    cli_data.hush_bars()


def open_picture(name: str):
    """Read a picture file whole, or say what is wrong with it.

    Raises:
        ValueError: if it is missing, no picture of a common format, damaged, or too large.
    """
    from .data import picture_files

    try:
        path = Path(name).expanduser()
        path.exists()
    except (OSError, RuntimeError) as error:
        raise ValueError(f"{name:.80} is no name of a file ({error}); check the path.") from error
    return picture_files.open_picture(path, name)


def load_model(args: argparse.Namespace):
    """The model on its device, and its processor."""
    from .loading import load

    device = choose_device(args.device)
    model, processor = load(args.model, args.dtype)
    return model.to(device), processor


def choose_device(name: str | None):
    """The device asked for, or else the best there is."""
    import torch

    if name is None:
        accelerator = torch.accelerator.current_accelerator(check_available=True)
        return accelerator or torch.device("cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device).cpu()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"There is no device {name!r} here; leave --device out, or say cpu.") from error
    return device


def run_chat(args: argparse.Namespace) -> int:
    """Answer one prompt, or hold a conversation."""
    pictures = [open_picture(name) for name in args.image]
    if args.prompt is not None and not args.prompt.strip():
        raise ValueError("--prompt is empty; ask in at least one word, or leave it out for a conversation.")
    quieten()
    from .answer import Sampling
    from .chat import Chat

    names = ("max_new_tokens", "temperature", "top_p", "repetition_penalty", "seed")
    sampling = {name: getattr(args, name) for name in names}
    Sampling(**sampling)  # what is wrong with it need not wait for the model
    chat = Chat(*load_model(args), args.system)

    def write(answer) -> None:
        write_answer(answer, args)

    if args.prompt is None:
        Terminal(chat, sampling, write, open_picture, pictures).run()
    else:
        with closing(chat.ask(args.prompt, pictures, **sampling)) as answer:
            write(answer)
    return 0


def write_answer(answer, args: argparse.Namespace) -> None:
    """Print an answer while it is written, or with `--json` when it is there."""
    try:
        for piece in answer:
            if not args.json:
                print(piece, end="", flush=True)
    except BaseException:
        answer.close()
        if answer.text:  # a part of an answer stays in the conversation, so its line is ended as well
            _end_line(answer, args)
        raise
    _end_line(answer, args)


def _end_line(answer, args: argparse.Namespace) -> None:
    if not args.json:
        print(flush=True)
        return
    fields = {
        "answer": answer.text,
        "tokens": len(answer.token_ids),
        "is_cut": answer.is_cut,
        "prompt_tokens": answer.num_prompt_tokens,
        "reused_tokens": answer.num_reused_tokens,
        "turns_left_out": answer.num_turns_left_out,
        "seconds_to_first_token": answer.seconds_to_first_token,
        "tokens_per_second": answer.tokens_per_second,
        "model": args.model,
    }
    print(json.dumps(fields, ensure_ascii=False), flush=True)


def run_demo(args: argparse.Namespace) -> int:
    """Open the page until Ctrl-C."""
    if find_spec("gradio") is None:
        raise ValueError("The page needs gradio: pip install 'deepseek_vl_hf[space]'")
    quieten()
    from .demo import launch

    model, processor = load_model(args)
    launch(model, processor, args.model, args.host, args.port, args.share)
    return 0


def run_serve(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    adapters = {}
    for each in args.adapter:
        name, sign, folder = each.partition("=")
        if not (name and sign and folder):
            raise ValueError(f"found --adapter {each}, expected NAME=FOLDER")
        adapters[name] = folder
    quieten()
    from .serving import serve

    return serve(
        args.model,
        args.host,
        8000 if args.port is None else args.port,
        args.engine,
        device=choose_device(args.device),
        dtype=args.dtype,
        adapters=adapters,
        extra=args.rest,
        notice=notice,
    )
