"""Blocks of a plan come in; files of them go out, made by `datatrove` on this machine, a Slurm cluster or Ray.

Every task makes the blocks whose number it has, in any order and as often as it must: a block that is there is not made again, so a
task that was killed is simply run anew. All machines share the output folder.
"""

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from datatrove.pipeline.base import PipelineStep

from .assets import Assets
from .blocks import Block, BlockMaker
from .build_plan import NOTE, Plan
from .recipe import recipe_of


TODO = "todo.json"
TRIES = 3  # of a round of blocks, when tasks die
SLURM_NEEDS = ("partition", "time")


class Engine:
    """Makes blocks in tasks of datatrove.

    Args:
        name: "local", "slurm" or "ray".
        workers: Tasks at a time.
        assets: Folder of what renderers draw with; all machines see it.
        slurm: Arguments of datatrove's `SlurmPipelineExecutor` as KEY=VALUE: partition, time, mem_per_cpu_gb, qos, ...

    Raises:
        ValueError: if an argument has another form, or one that Slurm needs is missing.
    """

    def __init__(self, name: str, workers: int, assets: Path, slurm: Sequence[str] = ()):
        self.name, self.workers, self.assets = name, workers, Path(assets)
        pairs = [each.partition("=") for each in slurm]
        self.slurm = {key: int(value) if value.isdigit() else value for key, _, value in pairs}
        missing = [key for key in SLURM_NEEDS if key not in self.slurm]
        if not all(value for _, _, value in pairs) or (name == "slurm" and missing):
            raise ValueError(
                f"found --slurm {' '.join(slurm)}, expected KEY=VALUE with {' and '.join(SLURM_NEEDS)} among them, such as "
                "--slurm partition=cpu time=04:00:00"
            )

    def __call__(self, plan: Plan, blocks: list[Block]) -> Iterator[Block]:
        """Make blocks, and yield each that is there.

        Raises:
            ChildProcessError: if blocks are missing after several tries, or, on Slurm, until the jobs are through.
        """
        waiting = blocks
        for attempt in range(TRIES):
            if not waiting:
                return
            todo = [[block.entry, block.split, block.number] for block in waiting]
            (plan.work / TODO).write_text(json.dumps(todo), encoding="utf-8")
            self._run(plan, min(len(waiting), 4 * self.workers), attempt)
            done = [block for block in waiting if (plan.work / block.name).exists()]
            yield from done
            waiting = [block for block in waiting if block not in set(done)]
        if waiting:
            raise ChildProcessError(
                f"found {len(waiting)} blocks missing after {TRIES} tries, expected all; see {plan.work / 'logs'}, and run the same "
                "command again, which goes on"
            )

    def _run(self, plan: Plan, tasks: int, attempt: int) -> None:
        logs = plan.work / "logs" / f"{attempt}"
        shutil.rmtree(logs, ignore_errors=True)  # datatrove passes over tasks that it has noted there as done
        step = MakeBlocks(plan.work.resolve(), self.assets.resolve())
        common = {"pipeline": [step], "tasks": tasks, "workers": self.workers, "logging_dir": str(logs.resolve())}
        if self.name == "local":
            from datatrove.executor import LocalPipelineExecutor

            LocalPipelineExecutor(**common).run()
        elif self.name == "ray":
            from datatrove.executor import RayPipelineExecutor

            RayPipelineExecutor(**common, mem_per_cpu_gb=1).run()
        else:
            from datatrove.executor import SlurmPipelineExecutor

            activate = Path(sys.prefix) / "bin" / "activate"
            environment = {"venv_path": str(activate)} if activate.exists() else {}
            SlurmPipelineExecutor(**common, job_name="deepseek-vl-data", **{**environment, **self.slurm}).run()
            raise ChildProcessError(
                f"submitted {tasks} tasks to Slurm; when they are through, run the same command again, which goes on from their blocks"
            )


class MakeBlocks(PipelineStep):
    """Makes a task's blocks.

    Args:
        work: Folder of the build's blocks.
        assets: Folder of what renderers draw with.
    """

    name = "blocks of rows"

    def __init__(self, work: Path, assets: Path):
        super().__init__()
        self.work, self.assets = work, assets

    def run(self, data=None, rank: int = 0, world_size: int = 1) -> None:
        """Make every `world_size`-th of the blocks that are to be done."""
        make_blocks(self.work, self.assets, rank, world_size)


def make_blocks(work: Path, assets: Path, rank: int, world_size: int) -> None:
    """Make the blocks of a task: every `world_size`-th of those that are to be done."""
    note = json.loads((work / NOTE).read_text(encoding="utf-8"))
    todo = [Block(*each) for each in json.loads((work / TODO).read_text(encoding="utf-8"))]
    maker = BlockMaker(recipe_of(note["recipe"], Path(note["folder"])), work, Assets(assets), note["block"])
    try:
        for block in todo[rank::world_size]:
            maker.make(block)
    finally:
        maker.close()
