"""The `deepseek-vl` command: words of a command line come in, an answer, a trained model or a checkpoint goes out.

Answers go to stdout and everything else to stderr. Exit codes: 0 done; 2 what was asked cannot be, with one line that says
why; 130 interrupted; 141 nobody reads stdout any more. What takes long to import is imported when it is needed.
"""

import argparse
import io
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from . import cli_data, cli_evaluate, cli_talk
from .terminal import notice


CANNOT, INTERRUPTED, NO_READER = 2, 130, 141
TRAINING_NEEDS = ("trl", "datasets", "accelerate", "peft")


def build_parser() -> argparse.ArgumentParser:
    """The command line with its subcommands; each leaves the function that runs it in `run`."""
    parser = argparse.ArgumentParser(
        prog="deepseek-vl",
        description="DeepSeek-VL: chat, demo, serve, train, evaluate, export, push, push-space, pull, data.",
    )
    parser.add_argument("--traceback", action="store_true", help="show where an error arose; goes before COMMAND")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    cli_talk.add_parsers(commands)
    cli_evaluate.add_parsers(commands)

    export = commands.add_parser("export", help="write a checkpoint in another layout")
    export.add_argument("source", metavar="SOURCE", help="folder or Hub id, of any layout")
    export.add_argument("--layout", choices=("native", "official", "own"), required=True, help="whose classes read it")
    export.add_argument("--output", required=True, metavar="DIR", help="a new or empty folder")
    export.add_argument("--max-shard-size", default="5GB", metavar="SIZE", help="largest weight file (default: 5GB)")
    export.add_argument("--dtype", choices=cli_talk.DTYPES, default="auto", help="of the weights (default: as stored)")
    export.add_argument("--adapter", action="store_true", help="write the adapter alone, not merged into its base")
    export.add_argument(
        "--base-model", metavar="MODEL", help="with --adapter: the base in that layout (default: its own)"
    )
    export.set_defaults(run=run_export)

    push = commands.add_parser(
        "push",
        help="publish a model or an adapter on the Hub",
        description="Push a folder as a complete repository, in one commit: weights, code, processor, licence, card.",
    )
    push.add_argument("folder", metavar="FOLDER", help="with a model of any layout, or an adapter; or `nano`")
    push.add_argument("repo_id", metavar="REPO_ID", help="organisation/name; made if it is not there")
    push.add_argument("--private", action="store_true", help="nobody else may see it")
    push.add_argument("--revision", metavar="BRANCH", help="a branch; made if it is not there (default: main)")
    push.add_argument("--adapter", action="store_true", help="push the adapter alone, not merged into its base")
    push.add_argument("--base-model", metavar="REPO_ID", help="what it was made from (default: what the folder says)")
    push.add_argument("--license", metavar="ID", help="of the weights (default: that of what they were made from)")
    push.set_defaults(run=run_push)

    space = commands.add_parser(
        "push-space",
        help="publish a page to chat on",
        description="Push a Gradio Space that serves a model, in one commit: the page and this package; the nano goes with it.",
    )
    space.add_argument("repo_id", metavar="REPO_ID", help="organisation/name; made if it is not there")
    space.add_argument(
        "--model", default="nano", metavar="MODEL", help="Hub id of a model or an adapter (default: nano)"
    )
    space.add_argument("--private", action="store_true", help="nobody else may see it")
    space.add_argument("--hardware", metavar="HARDWARE", help="cpu-basic, zero-a10g, t4-small, a10g-small, ...")
    space.set_defaults(run=run_push_space)

    pull = commands.add_parser(
        "pull",
        help="fetch a repository from the Hub, whole",
        description="Fetch a repository to a folder and compare every file with its hash. Pickled files stay away.",
    )
    pull.add_argument("repo_id", metavar="REPO_ID", help="organisation/name")
    pull.add_argument("--output", required=True, metavar="DIR", help="a new or empty folder")
    pull.add_argument("--revision", metavar="REVISION", help="a branch, a tag or a commit (default: main)")
    pull.set_defaults(run=run_pull)

    train = commands.add_parser(
        "train", help="train from a recipe", description="Further options replace the recipe's: --max_steps 10"
    )
    train.add_argument("recipe", metavar="RECIPE.yaml", help="see examples/recipes")
    train.add_argument(
        "--dry-run",
        type=int,
        nargs="?",
        const=1,
        metavar="PROCESSES",
        help="say what it would do on so many processes (default: 1), and what is wrong with it, and train nothing",
    )
    train.set_defaults(run=run_train)

    cli_data.add_parser(commands)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = build_parser()
    args, rest = parser.parse_known_args(argv)
    if rest and args.command not in ("train", "serve"):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    args.rest = [word for word in rest if word != "--"]
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a narrow terminal must not cost the answer
    try:
        code = args.run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit; that must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO_READER
    except KeyboardInterrupt:
        notice("")
        return INTERRUPTED
    except (ValueError, OSError) as error:
        if args.traceback:
            raise
        notice(f"deepseek-vl: error: {' '.join(str(error).split())}")
        return CANNOT
    return code


def run_export(args: argparse.Namespace) -> int:
    """Write a checkpoint in another layout and report."""
    cli_talk.quieten()
    from .exporting import export, export_adapter

    if args.adapter:
        report = export_adapter(args.source, args.output, args.layout, args.base_model)
    else:
        report = export(args.source, args.output, args.layout, args.max_shard_size, args.dtype)
    print(f"{report.folder}: {report.num_tensors} tensors in the {report.layout} layout")
    for pattern in report.left_out:
        print(f"left out, because nothing reads them: keys like {pattern}")
    if not report.has_processor:
        print("left out, because the source has none: processor and tokenizer")
    return 0


def run_push(args: argparse.Namespace) -> int:
    """Publish a folder and say where it is."""
    cli_talk.quieten()
    from .publishing import push

    pushed = push(
        args.folder,
        args.repo_id,
        adapter=args.adapter,
        base_model=args.base_model,
        licence=args.license,
        private=args.private or None,
        revision=args.revision,
    )
    print(pushed)
    return 0


def run_push_space(args: argparse.Namespace) -> int:
    """Publish a Space and say where it is."""
    cli_talk.quieten()
    from .space import push_space

    print(push_space(args.repo_id, model=args.model, private=args.private or None, hardware=args.hardware))
    return 0


def run_pull(args: argparse.Namespace) -> int:
    """Fetch a repository and say what came."""
    cli_talk.quieten()
    from .hub import pull

    print(pull(args.repo_id, args.output, revision=args.revision))
    return 0


def run_train(args: argparse.Namespace) -> int:
    """Train as a recipe says; options on the command line replace its own."""
    if not Path(args.recipe).is_file():
        raise ValueError(f"There is no recipe {args.recipe}; give the path of a YAML file.")
    if missing := [name for name in TRAINING_NEEDS if find_spec(name) is None]:
        raise ValueError(f"Training needs {', '.join(missing)}: pip install 'deepseek_vl_hf[train]'")
    if args.dry_run is not None:
        cli_talk.quieten()
        from .training.dry_run import dry_run

        try:
            print(dry_run(args.recipe, args.rest, args.dry_run))
        except ValueError as error:
            if args.traceback:
                raise
            notice(f"deepseek-vl: error: {error}")  # a line for each mistake
            return CANNOT
        return 0
    from .training import train_from_recipe

    train_from_recipe(args.recipe, args.rest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
