"""The `deepseek-vl data` commands: words of a command line come in; data sets, checks, sheets and tables go out.

What takes long to import is imported when it is needed.
"""

import argparse
import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path


# Processes of this machine, or what datatrove runs on.
ENGINES = ("processes", "local", "slurm", "ray")
NEEDS = ("datasets", "datasketch", "imagehash", "py3langid", "yaml")
FAULTS = 1  # exit code of a check that found errors


def check_packages() -> None:
    """Raise unless what the commands need beside the package is installed.

    Raises:
        ValueError: naming what is missing, and how it is installed.
    """
    if missing := [name for name in NEEDS if find_spec(name) is None]:
        raise ValueError(f"Data needs {', '.join(missing)}: pip install 'deepseek_vl_hf[data]'")


def hush_bars() -> None:
    """Leave progress bars to people."""
    import huggingface_hub

    huggingface_hub.logging.set_verbosity_error()
    if not sys.stderr.isatty():
        huggingface_hub.utils.disable_progress_bars()


def num_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def add_parser(commands) -> None:
    """Add `data` and its subcommands to the command line."""
    data = commands.add_parser("data", help="build, check and look at training data")
    parts = data.add_subparsers(dest="data_command", required=True, metavar="COMMAND")

    build = parts.add_parser(
        "build",
        help="build a data set from a recipe",
        description="The same recipe, seed and rows give the same bytes. A build that was interrupted goes on with the same command.",
    )
    build.add_argument("recipe", metavar="RECIPE.yaml", help="see examples/recipes/data")
    build.add_argument(
        "--output", required=True, metavar="DIR", help="a new or empty folder, or that of a build to go on"
    )
    build.add_argument("--rows", type=int, required=True, metavar="N", help="in all, those of the test among them")
    build.add_argument("--seed", type=int, metavar="N", help="instead of the recipe's")
    build.add_argument("--format", default="parquet", help="parquet, or webdataset for tar shards (default: parquet)")
    build.add_argument("--workers", type=int, default=num_cores(), metavar="N", help="(default: all cores)")
    build.add_argument(
        "--assets", metavar="DIR", help="fonts, texts and drawings (default: ~/.cache/deepseek_vl_hf/assets)"
    )
    build.add_argument(
        "--engine", choices=ENGINES, default=ENGINES[0], help="who makes the blocks (default: processes)"
    )
    build.add_argument(
        "--slurm",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="of --engine slurm: partition, time, mem_per_cpu_gb, ...",
    )
    build.set_defaults(run=run_build)

    check = parts.add_parser("check", help="check every row of a file or folder")
    check.add_argument("path", metavar="PATH", help="Parquet, tar, JSON lines, JSON, Arrow, or a folder of them")
    check.add_argument("--no-decode", action="store_true", help="believe the headers of pictures")
    check.add_argument("--fetch", action="store_true", help="fetch pictures that are URLs, over the network")
    check.add_argument(
        "--source", metavar="NAME", help="records of this set's own form, instead of rows: llava, coco, ..."
    )
    check.add_argument("--options", default="{}", metavar="JSON", help="of --source, as a recipe has them")
    check.add_argument("--json", action="store_true", help="print an object instead of tables")
    check.set_defaults(run=run_check)

    show = parts.add_parser("show", help="write rows as one page to look at")
    show.add_argument("path", metavar="PATH", help="as for check")
    show.add_argument(
        "--output", default="rows.html", metavar="FILE", help=".html, or .png for pictures alone (default: rows.html)"
    )
    show.add_argument("--rows", type=int, default=48, metavar="N", help="spread over sources and tasks (default: 48)")
    show.add_argument("--source", metavar="NAME", help="only rows of this source")
    show.add_argument(
        "--model", metavar="MODEL", help="whose tokens are counted (default: the model that is built in)"
    )
    show.set_defaults(run=run_show)

    report = parts.add_parser("report", help="print which uses of the taxonomy have data")
    report.add_argument(
        "path", nargs="?", metavar="PATH", help="rows, or a recipe; without it, all that can be rendered or read"
    )
    report.set_defaults(run=run_report)

    push = parts.add_parser("push", help="publish a built data set on the Hub, with its card, in one commit")
    push.add_argument("folder", metavar="DIR", help="what `deepseek-vl data build` wrote")
    push.add_argument("repo_id", metavar="REPO_ID", help="organisation/name; made if it is not there")
    push.add_argument("--private", action="store_true", help="nobody else may see it")
    push.add_argument("--revision", metavar="BRANCH", help="a branch; made if it is not there (default: main)")
    push.set_defaults(run=run_push)

    pull = parts.add_parser("pull", help="fetch a data set from the Hub, whole, every file compared with its hash")
    pull.add_argument("repo_id", metavar="REPO_ID", help="organisation/name")
    pull.add_argument("--output", required=True, metavar="DIR", help="a new or empty folder")
    pull.add_argument("--revision", metavar="REVISION", help="a branch, a tag or a commit (default: main)")
    pull.set_defaults(run=run_pull)


def run_push(args: argparse.Namespace) -> int:
    """Publish a data set."""
    hush_bars()
    from .data.publishing import push_rows

    print(push_rows(Path(args.folder), args.repo_id, private=args.private or None, revision=args.revision))
    return 0


def run_pull(args: argparse.Namespace) -> int:
    """Fetch a data set."""
    hush_bars()
    from .hub import pull

    print(pull(args.repo_id, args.output, repo_type="dataset", revision=args.revision))
    return 0


def run_build(args: argparse.Namespace) -> int:
    """Build a data set."""
    check_packages()
    from tqdm import tqdm

    from .data.assets import FOLDER, Assets
    from .data.blocks import BlockMaker
    from .data.build_plan import Plan
    from .data.building import build
    from .data.recipe import read_recipe
    from .data.workers import Workers

    if args.workers < 1:
        raise ValueError(f"found --workers {args.workers}, expected at least 1")
    plan = Plan(read_recipe(args.recipe, args.seed), args.rows, Path(args.output), args.format)
    assets = Path(args.assets or FOLDER)
    BlockMaker(plan.recipe, plan.work, Assets(assets), plan.block).check()
    if args.engine == ENGINES[0]:
        make_blocks = Workers(args.workers, assets)
    else:
        needed = ("datatrove", "ray") if args.engine == "ray" else ("datatrove",)
        if missing := [name for name in needed if find_spec(name) is None]:
            raise ValueError(
                f"--engine {args.engine} needs {', '.join(missing)}: pip install 'deepseek_vl_hf[cluster]'"
            )
        from .data.cluster import Engine

        make_blocks = Engine(args.engine, args.workers, assets, args.slurm)
    with tqdm(total=plan.rows, unit="row", disable=not sys.stderr.isatty() and None) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        result = build(plan, make_blocks, progress)
    counts = ", ".join(f"{count} {split}" for split, count in result["splits"].items())
    for label, missing in result["short"].items():
        print(f"{label}: {missing} rows fewer in the test than its share, for want of held-out rows", file=sys.stderr)
    print(f"{args.output}: {counts} rows, {sum(sum(found.values()) for found in result['removed'].values())} left out")
    return 0


def _records(args: argparse.Namespace):
    """Rows of a set in its own form."""
    from .data.blocks import NO_ROW, WRONG_RECORD, open_records
    from .data.reading import Fault
    from .data.recipe import Entry
    from .data.sources import SOURCES

    if args.source not in SOURCES:
        raise ValueError(f"found source {args.source!r}, expected one of {', '.join(sorted(SOURCES))}")
    if not Path(args.path).exists():
        raise ValueError(f"There is no {args.path}; give a file or a folder.")
    source = SOURCES[args.source].using(**json.loads(args.options))
    for place, record in open_records(
        Entry(args.source, 100, source=args.source, path=str(Path(args.path).resolve())), Path()
    ):
        if isinstance(record, Fault):
            yield place, record
            continue
        try:
            folder = place.file if place.file.is_dir() else place.file.parent
            rows = list(source.rows(record, folder))
            yield from ((place, row) for row in rows)
            if not rows:
                yield place, Fault(NO_ROW, "found nothing that anybody answers or reads")
        except ValueError as error:
            yield place, Fault(WRONG_RECORD, str(error))


def run_check(args: argparse.Namespace) -> int:
    """Check rows; print tables, or an object."""
    check_packages()
    from tqdm import tqdm

    from .data.checking import check

    records = _records(args) if args.source else None
    with tqdm(unit="row", disable=not sys.stderr.isatty() and None) as bar:
        report = check(args.path, not args.no_decode, args.fetch, records, lambda done: bar.update(done - bar.n))
    print(json.dumps(report.as_dict(), ensure_ascii=False) if args.json else report.table())
    if not report.rows:
        raise ValueError(f"found no row in {args.path}, expected at least one")
    return FAULTS if report.errors else 0


def run_show(args: argparse.Namespace) -> int:
    """Write a sheet of rows."""
    check_packages()
    from .data.showing import choose_rows, write_html, write_png

    rows, total = choose_rows(args.path, args.rows, args.source)
    output = Path(args.output)
    if output.suffix == ".png":
        write_png(rows, output)
    elif output.suffix == ".html":
        write_html(rows, output, Path(args.path).resolve().name, total, _token_counter(args.model))
    else:
        raise ValueError(f"found --output {args.output}, expected a name that ends in .html or .png")
    print(f"{output}: {len(rows)} of {total} rows")
    return 0


def _token_counter(model: str | None):
    """Count the tokens of a text and of a picture, as a checkpoint's processor does."""
    from transformers import AutoProcessor

    from .nano import FOLDER

    processor = AutoProcessor.from_pretrained(model or FOLDER)
    tokenizer, per_picture = processor.tokenizer, processor.num_image_tokens
    return lambda text, pictures: len(tokenizer(text, add_special_tokens=False)["input_ids"]) + pictures * per_picture


def run_report(args: argparse.Namespace) -> int:
    """Print coverage of the taxonomy."""
    check_packages()
    from .data.coverage import of_everything, of_recipe, of_rows, table

    if args.path is None:
        found = of_everything()
    elif Path(args.path).suffix in (".yaml", ".yml"):
        found = of_recipe(args.path)
    else:
        found = of_rows(args.path)
    print(table(found))
    return 0
