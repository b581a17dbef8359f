"""The `deepseek-vl` command: words from a shell come in, answers go to stdout, everything else to stderr.

A mistake of the user's ends in one line on stderr that names it and its remedy, and exit code 2. What is slow to import
is imported by the command that needs it, so that `deepseek-vl --help` answers at once.
"""

import argparse
import json
import os
import sys
import warnings
from collections.abc import Sequence


LARGEST_PICTURE = 2**26  # pixels; a small file can claim to be many times as large and fill the memory
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
HELP_IN_CHAT = "/image FILE adds a picture to the next question, /reset forgets everything, /quit ends."
# A user's mistakes, whatever raised them; anything else is a fault of ours and keeps its traceback.
MISTAKES = (ValueError, OSError)


def build_parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    parser = argparse.ArgumentParser(prog="deepseek-vl", description="DeepSeek-VL: talk to it, train it, convert it.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    chat = commands.add_parser("chat", help="ask about pictures, once or in a conversation")
    chat.add_argument("--image", action="append", default=[], metavar="FILE", help="a picture; may be repeated")
    chat.add_argument("--prompt", help="the question; without it, a conversation in the terminal")
    chat.add_argument("--model", help="folder or Hub id (default: the model inside this package)")
    chat.add_argument("--system", help="instruction before the first turn (default: the checkpoint's)")
    chat.add_argument("--json", action="store_true", help="print one JSON object with answer and timing")
    chat.add_argument("--max-new-tokens", type=int, default=512, metavar="N", help="default: %(default)s")
    chat.add_argument("--temperature", type=float, default=0.0, help="0 is greedy (default)")
    chat.add_argument("--top-p", type=float, default=1.0, help="default: %(default)s")
    chat.add_argument("--device", help="cpu, cuda, cuda:1, mps (default: the best there is)")
    chat.add_argument("--dtype", choices=["float32", "float16", "bfloat16"], help="default: float32 on a CPU, else stored")
    chat.set_defaults(run=run_chat)

    train = commands.add_parser("train", help="train one stage as a recipe says")
    train.add_argument("recipe", metavar="RECIPE.yaml", help="arguments of the run, its stage among them")
    train.set_defaults(run=run_train)

    export = commands.add_parser("export", help="write a checkpoint in another layout")
    export.add_argument("source", metavar="SOURCE", help="folder or Hub id, of any layout")
    export.add_argument("--layout", choices=["native", "official", "own"], required=True)
    export.add_argument("--output", required=True, metavar="DIR", help="new or empty folder")
    export.add_argument("--max-shard-size", default="5GB", help="largest weight file (default: %(default)s)")
    export.add_argument("--dtype", default="auto", help="type of the weights (default: as stored)")
    export.set_defaults(run=run_export)
    return parser


def open_picture(path: str):
    """Open a picture file whole, or say in one sentence why not.

    Raises:
        ValueError: if there is no such file, it is no picture, is cut short, or is larger than a picture should be.
    """
    from PIL import Image, UnidentifiedImageError

    if not os.path.exists(path):
        raise ValueError(f"There is no file {path}; check the path given to --image.")
    if os.path.isdir(path):
        raise ValueError(f"{path} is a folder; give one picture file, and repeat --image for more.")
    too_large = f"{path} is larger than {LARGEST_PICTURE} pixels, which may be a decompression bomb; scale it down first."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(path, formats=FORMATS)
        if picture.width * picture.height > LARGEST_PICTURE:
            raise ValueError(too_large)
        picture.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise ValueError(too_large) from None
    except UnidentifiedImageError:
        raise ValueError(f"{path} is no picture; expected one of {', '.join(FORMATS)}.") from None
    except (OSError, SyntaxError) as error:
        raise ValueError(f"{path} cannot be read as a picture ({error}); is the file whole?") from None
    return picture


def run_chat(args: argparse.Namespace, extra: Sequence[str]) -> int:
    """Answer one question, or hold a conversation."""
    if args.prompt is not None and not args.prompt.strip():
        raise ValueError("The prompt is empty; ask in at least one word, or leave --prompt out for a conversation.")
    if args.json and args.prompt is None:
        raise ValueError("--json needs --prompt; it prints one object for one answer.")
    pictures = [open_picture(path) for path in args.image]
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    import torch
    from transformers.utils import logging

    from . import nano
    from .chat import Chat
    from .loading import load

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    device = args.device or ("cuda" if torch.cuda.is_available() else "cpu")
    source = args.model or nano.FOLDER
    model, processor = load(source, args.dtype or ("float32" if device == "cpu" else "auto"))
    try:
        model = model.to(device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"Cannot use device {device!r}: {str(error).splitlines()[0]} Give another --device.") from error
    chat = Chat(model.eval(), processor, args.system)
    options = {"max_new_tokens": args.max_new_tokens, "temperature": args.temperature, "top_p": args.top_p}
    if args.prompt is None:
        return converse(chat, pictures, options)
    answer = chat.ask(args.prompt, pictures, **options)
    for piece in answer:
        if not args.json:
            print(piece, end="", flush=True)
    if args.json:
        report = {
            "answer": answer.text,
            "tokens": len(answer.token_ids),
            "seconds_to_first_token": answer.seconds_to_first_token,
            "tokens_per_second": answer.tokens_per_second,
            "model": str(source),
        }
        print(json.dumps(report, ensure_ascii=False))
    else:
        print()
    return 0


def converse(chat, pictures: list, options: dict) -> int:
    """Read questions from stdin until it ends or `/quit`; answers go to stdout, marks and notices to stderr."""
    print(HELP_IN_CHAT, file=sys.stderr)
    while True:
        print("> ", end="", file=sys.stderr, flush=True)
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            print(file=sys.stderr)
            return 130
        word, _, rest = line.strip().partition(" ")
        if not line or word == "/quit":
            return 0
        try:
            if word == "/image":
                pictures.append(open_picture(rest.strip()))
            elif word == "/reset":
                chat.reset()
                pictures = []
            elif word.startswith("/"):
                raise ValueError(f"There is no {word}. {HELP_IN_CHAT}")
            elif word:
                write_answer(chat.ask(line.strip(), pictures, **options))
                pictures = []
        except ValueError as error:
            print(error, file=sys.stderr)


def write_answer(answer) -> None:
    """Print an answer as it comes; Ctrl-C ends it, not the conversation."""
    try:
        for piece in answer:
            print(piece, end="", flush=True)
    except KeyboardInterrupt:
        answer.close()
    print(flush=True)


def run_train(args: argparse.Namespace, extra: Sequence[str]) -> int:
    """Train as a recipe says; further arguments replace the recipe's."""
    if not os.path.isfile(args.recipe):
        raise ValueError(f"There is no recipe {args.recipe}; give a YAML file such as those in examples/recipes.")
    try:
        from .training import train_from_recipe
    except ImportError as error:
        raise ValueError(f"Training needs {error.name}; install it with: pip install 'deepseek_vl_hf[train]'") from None
    train_from_recipe(args.recipe, list(extra))
    return 0


def run_export(args: argparse.Namespace, extra: Sequence[str]) -> int:
    """Write a checkpoint in another layout."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    from .hub import export

    report = export(args.source, args.output, args.layout, args.max_shard_size, args.dtype)
    print(f"{report.folder}: {report.num_tensors} tensors in the {report.layout} layout", file=sys.stderr)
    if report.left_out:
        print(f"left out, because no computation reads them: {', '.join(report.left_out)}", file=sys.stderr)
    if not report.has_processor:
        print("the source has no processor or tokenizer, so none was written", file=sys.stderr)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        Exit code: 0, or 2 for a mistake of the user's, or 130 after Ctrl-C.
    """
    parser = build_parser()
    args, extra = parser.parse_known_args(argv)
    if extra and args.command != "train":
        parser.error(f"unrecognized arguments: {' '.join(extra)}")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows another
    try:
        return args.run(args, extra)
    except BrokenPipeError:  # whoever read the answer has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except MISTAKES as error:
        print(f"deepseek-vl: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
