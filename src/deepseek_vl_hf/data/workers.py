"""Blocks of a plan come in; files of them go out, made by processes of this machine.

A process that dies ends the build with one error, and a build that is killed takes its processes along.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from pathlib import Path

from .assets import Assets
from .blocks import Block, BlockMaker
from .build_plan import Plan
from .recipe import Recipe


class Workers:
    """Makes blocks in processes of this machine.

    Args:
        count: How many; one works in this process.
        assets: Folder of what renderers draw with.
    """

    def __init__(self, count: int, assets: Path):
        self.count, self.assets = count, assets

    def __call__(self, plan: Plan, blocks: list[Block]) -> Iterator[Block]:
        """Make blocks, and yield each that is there.

        Raises:
            ChildProcessError: if a process died.
        """
        facts = (plan.recipe, plan.work, self.assets, plan.block)
        if self.count == 1 or len(blocks) < 2:
            _start(*facts)
            try:
                for block in blocks:
                    yield _make(block)
            finally:
                _stop()
            return
        context, others = get_context("spawn"), set(active_children())
        with ProcessPoolExecutor(min(self.count, len(blocks)), context, _start, (*facts, os.getpid())) as pool:
            try:
                with _deaf():
                    waiting = [pool.submit(_make, block) for block in blocks]
                for done in as_completed(waiting):
                    yield done.result()
            except BrokenProcessPool as error:
                raise ChildProcessError(
                    "found a process of the build dead, expected all to finish; it may have run out of memory: run the same "
                    "command again, which goes on, with fewer --workers"
                ) from error
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for process in set(active_children()) - others:  # what they are at is made anew by the next build
                    process.kill()
                raise


@contextmanager
def _deaf() -> Iterator[None]:
    """Start processes that take no notice of Ctrl-C, from their first moment: it is for the one that started them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_maker: BlockMaker | None = None  # of this process


def _start(recipe: Recipe, work: Path, assets: Path, size: int, parent: int | None = None) -> None:
    global _maker
    _maker = BlockMaker(recipe, work, Assets(assets), size)
    if parent is not None:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    """End this process when the one that started it is gone, however it went."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _make(block: Block) -> Block:
    _maker.make(block)
    return block


def _stop() -> None:
    global _maker
    if _maker is not None:
        _maker.close()
        _maker = None
