"""The `deepseek-vl evaluate` command: a checkpoint's name comes in; tables go to stdout, files where they are asked for.

What takes long to import is imported when it is needed.
"""

import argparse
import json
import shlex
import sys
import time
from importlib.util import find_spec

from . import cli_suite, cli_talk
from .terminal import notice


NAMED = 5  # questions that a remark names


def add_parsers(commands) -> None:
    """Add the command, with the function that runs it in `run`."""
    evaluate = commands.add_parser(
        "evaluate",
        help="ask a checkpoint a benchmark, and compare two",
        description="Ask a checkpoint the questions that come with the package, or others, and print a table of scores by task. "
        "With --compare, say where it differs from another.",
    )
    evaluate.add_argument(
        "model",
        metavar="MODEL",
        help="folder or Hub id, of any layout or of an adapter; `nano`; or a file that --json wrote",
    )
    evaluate.add_argument(
        "--compare", metavar="OTHER", help="a second one, asked the same; also a file that --json wrote"
    )
    evaluate.add_argument(
        "--tasks",
        nargs="+",
        default=[],
        metavar="TASK",
        help="these alone: recognition, analysis/data-chart-analysis, ...",
    )
    evaluate.add_argument("--limit", type=int, metavar="N", help="so many questions, evenly over tasks (default: all)")
    evaluate.add_argument("--questions", metavar="FOLDER", help="of other questions (default: those that are shipped)")
    evaluate.add_argument("--json", metavar="FILE.json", help="write everything: answers, scores, settings, tables")
    evaluate.add_argument(
        "--report", metavar="FILE.html", help="write a page with every question not answered rightly"
    )
    evaluate.add_argument("--tsv", metavar="FILE.tsv", help="write the answers as a table with VLMEvalKit's columns")
    evaluate.add_argument(
        "--max-new-tokens", type=int, default=128, metavar="N", help="bound of an answer (default: 128)"
    )
    evaluate.add_argument("--batch-size", type=int, default=16, metavar="N", help="questions at once (default: 16)")
    evaluate.add_argument(
        "--device", metavar="DEVICE", help="cpu, cuda, cuda:1, mps, ... (default: a GPU if there is one)"
    )
    evaluate.add_argument(
        "--dtype", choices=cli_talk.DTYPES, default="auto", help="of the weights (default: as stored)"
    )
    cli_suite.add_arguments(evaluate)
    evaluate.set_defaults(run=run_evaluate)


def run_evaluate(args: argparse.Namespace) -> int:
    """Evaluate a checkpoint, or compare two; say everything that is wrong before anything is asked."""
    for name in ("max_new_tokens", "batch_size", "limit"):
        if getattr(args, name) is not None and getattr(args, name) < 1:
            raise ValueError(f"found --{name.replace('_', '-')} {getattr(args, name)}, expected at least 1")
    cli_talk.quieten()
    if args.suite:
        return cli_suite.run_suite(args)
    if args.suite_only or args.confirm_run_generated_code:
        raise ValueError("found options of a suite without --suite, expected which one; add --suite paper")
    if args.json and not args.json.endswith(".json"):
        raise ValueError(f"found --json {args.json}, expected a name in .json, by which --compare knows it; add that")
    from .evaluation import results as stored
    from .evaluation import summary
    from .evaluation.questions import SHIPPED, choose, read_questions

    files = [file for file in (args.json, args.report, args.tsv) if file]
    if twice := next((file for file in files if files.count(file) > 1), None):
        raise ValueError(
            f"found {twice} for two of --json, --report and --tsv, expected a file for each; give another name"
        )
    for file in files:
        stored.check_writable(file)
    asked = choose(read_questions(args.questions or SHIPPED), args.tasks, args.limit)
    if any(question.scoring == "characters" for question in asked.questions) and find_spec("rapidfuzz") is None:
        raise ValueError("Scoring transcriptions needs rapidfuzz: pip install 'deepseek_vl_hf[evaluate]'")
    named = [args.model, *([args.compare] if args.compare else [])]
    useless = [
        f"--{name} {value}"
        for name, value in (("device", args.device), ("dtype", args.dtype))
        if value not in (None, "auto")
    ]
    if useless and all(map(stored.is_file_of_results, named)):
        raise ValueError(f"found {' and '.join(useless)} where {' and '.join(named)} hold all answers; leave that out")
    read = {name: stored.read(name, asked) for name in named if stored.is_file_of_results(name)}
    found = [read[name] if name in read else _ask(name, asked, args) for name in named]
    other = found[1] if args.compare else None
    print(_told(found[0], summary.summarise(found[0])))
    if other:
        print(_compared(found[0], other, summary.compare(found[0], other)))
    _write_files(args, found[0], other)
    return 0


def _ask(name: str, asked, args: argparse.Namespace):
    """Results of a checkpoint; how far it is goes to stderr."""
    from .evaluation.evaluating import evaluate

    started_at = time.perf_counter()
    found = evaluate(
        name,
        asked,
        cli_talk.choose_device(args.device),
        args.dtype,
        args.max_new_tokens,
        args.batch_size,
        shlex.join(["deepseek-vl", *sys.argv[1:]]),
        lambda total: _progress(name, total),
    )
    notice(f"{name}: {len(asked.questions)} questions in {time.perf_counter() - started_at:.0f} s")
    return found


def _progress(name: str, total: int):
    """What is told how many more rows were read, and says so: a bar for people, a line for each tenth in a log."""
    from tqdm import tqdm

    if sys.stderr.isatty():
        bar = tqdm(desc=name, total=total, unit=" rows", file=sys.stderr, dynamic_ncols=True, leave=False)

        def advance(count: int) -> None:
            bar.update(count)
            if bar.n >= total:
                bar.close()

        return advance
    done = 0

    def say(count: int) -> None:
        nonlocal done
        before, done = done, done + count
        if 10 * before // total < 10 * done // total:
            notice(f"{name}: {done} of {total} rows")

    return say


def _told(results, rows) -> str:
    """The table of a checkpoint, and what must be said of it."""
    from .evaluation.statistics import RESAMPLES
    from .evaluation.summary import cells, markdown

    lines = [
        markdown(cells(rows)),
        "",
        f"{results.model}, {len(results.scored)} questions ({results.asked.hash[:12]}). Intervals hold 95%: Wilson's where every score is "
        f"0 or 1, else bootstrap over pictures, {RESAMPLES:,} resamples.",
    ]
    return "\n".join([*lines, *_remarks(results)])


def _remarks(results, prefix: str = ""):
    """What went wrong where a checkpoint was asked."""
    if too_long := [each.question.id for each in results.scored if each.reply.is_too_long]:
        more = f" and {len(too_long) - NAMED} more" if len(too_long) > NAMED else ""
        yield f"{prefix}Longer than the context, not asked, score 0: {', '.join(too_long[:NAMED])}{more}."
    if num_cut := sum(each.reply.is_cut for each in results.scored):
        yield f"{prefix}{num_cut} answers were cut by the bound of their tokens."


def _compared(first, second, rows) -> str:
    """The table of a comparison, and how it is read."""
    from .evaluation.statistics import RESAMPLES
    from .evaluation.summary import SIGNIFICANT, compared_cells, markdown

    lines = [
        "",
        markdown(compared_cells(rows)),
        "",
        f"A is {first.model}, B is {second.model}. Intervals hold 95% and p is two-sided: paired bootstrap over pictures, {RESAMPLES:,} "
        f"resamples. `better` where p < {SIGNIFICANT}; were both equally good, about {SIGNIFICANT * len(rows):.0f} of the {len(rows)} "
        "rows would still be marked.",
    ]
    settings = [{**each.about["settings"], "batch_size": None} for each in (first, second)]
    if differing := [name for name in settings[0] if settings[0][name] != settings[1].get(name)]:
        lines.append(f"They were not asked alike: {', '.join(differing)} differ.")
    return "\n".join([*lines, *_remarks(second, "B: ")])


def _write_files(args: argparse.Namespace, results, other) -> None:
    """Write what was asked for, each file whole or not at all."""
    from .evaluation import results as stored
    from .evaluation import summary

    if args.json:
        rows = summary.summarise(results)
        written = stored.as_json(results) | {"results": summary.for_card(rows), "table": list(summary.as_rows(rows))}
        if other:
            other_rows = list(summary.as_rows(summary.summarise(other)))
            compared = summary.as_compared_rows(summary.compare(results, other))
            written["comparison"] = {"other": stored.as_json(other) | {"table": other_rows}, "rows": compared}
        stored.write(args.json, json.dumps(written, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    if args.report:
        from .evaluation.report import page

        stored.write(args.report, page(results, other))
    if args.tsv:
        from .evaluation.vlmevalkit import as_tsv

        stored.write(args.tsv, as_tsv(results))
    for file in filter(None, (args.json, args.report, args.tsv)):
        notice(f"wrote {file}")
