"""`deepseek-vl evaluate --suite`: words of a command line come in; scores of public benchmarks beside the published ones go out.

What takes long to import is imported when it is needed.
"""

import argparse

from .terminal import notice


# Options of `evaluate` that say what is asked, which a suite says itself.
OTHERWISE = ("tasks", "compare", "questions", "json", "report", "tsv")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says which suite is run and how to the options of `evaluate`."""
    group = parser.add_argument_group("public benchmarks, by lm-eval and lmms-eval")
    group.add_argument("--suite", metavar="SUITE", help="run these instead: `paper` for its tables 5 to 7, or a file")
    group.add_argument(
        "--suite-only", nargs="+", default=[], metavar="NAME", help="of the suite: vision, language, or benchmarks"
    )
    group.add_argument(
        "--suite-output", default="suite", metavar="DIR", help="where results go, and a run goes on (default: suite)"
    )
    group.add_argument(
        "--confirm-run-generated-code",
        action="store_true",
        help="run the programs that the model writes for MBPP, with all that you may do here",
    )


def run_suite(args: argparse.Namespace) -> int:
    """Run a suite and print its table; 1 where a benchmark failed."""
    if given := [f"--{name}" for name in OTHERWISE if getattr(args, name, None)]:
        raise ValueError(f"Found {', '.join(given)} with --suite, which says itself what is asked; leave them out.")
    from .evaluation.harnesses import Settings
    from .evaluation.outcomes import table
    from .evaluation.running import run_suite as run

    outcomes, code = run(
        args.model,
        args.suite,
        args.suite_output,
        args.suite_only,
        Settings(args.batch_size, args.device, args.dtype, args.limit),
        args.confirm_run_generated_code,
        notice,
    )
    print(table(outcomes, args.limit))
    return code
