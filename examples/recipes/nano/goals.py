"""Write held-out questions for each thing that the nano shall be able to do, or show how well a checkpoint did.

    python examples/recipes/nano/goals.py --output DIR                          questions.jsonl, pictures/, SHA256SUMS
    deepseek-vl evaluate MODEL --questions DIR --json FILE.json
    python examples/recipes/nano/goals.py --results FILE.json [OTHER.json]      a row a goal, with 95% intervals

Where the questions no longer lie where they were asked from, `--questions DIR` says where they are.

Everything is drawn by the renderers, of the split "test": texts, fonts, numbers and handwriting that training never showed, and
drawings where the goal says so. The source of a question names its goal, of those in `goal_list`. The same seed gives the same bytes.
"""

import argparse
import io
import json
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from goal_list import DEJAVU, FALSE, TRUE, Goal, goals
from PIL import Image

from deepseek_vl_hf.data.assets import FOLDER, Assets, Font
from deepseek_vl_hf.data.drawings import HELD_OUT_VENDOR, Drawing, Drawings
from deepseek_vl_hf.data.renderers import make_renderer
from deepseek_vl_hf.data.rendering import CannotRenderError, Draw, Rendered, Renderer
from deepseek_vl_hf.data.splits import is_held_out, item
from deepseek_vl_hf.evaluation import results as stored
from deepseek_vl_hf.evaluation.questions import FILE, PICTURES, Question, QuestionSet, read_questions, write_questions
from deepseek_vl_hf.evaluation.scoring import SCORINGS
from deepseek_vl_hf.evaluation.statistics import clusters, estimate


# How answers are scored is as in the shipped benchmark.
sys.path.append(str(Path(__file__).resolve().parents[2] / "evaluation"))
from judging import Judged, judge


TRIES = 400  # pictures that are drawn for a question at most


class GoalAssets(Assets):
    """Assets with the fonts of a goal, and drawings of which one is shown.

    Args:
        folder: Where they lie.
        fonts: As `Goal` has it.
    """

    def __init__(self, folder: Path, fonts: str = ""):
        super().__init__(folder)
        self.kept = fonts
        self.shown: Drawing | None = None

    def fonts(self, language, styles=None):
        """Those of the goal; all where there are none, as of Chinese letters."""
        found = super().fonts(language, styles)
        return tuple(font for font in found if self._keeps(font)) or found

    def _keeps(self, font: Font) -> bool:
        if self.kept in ("", "held out"):  # of these alone no row of training could be made, which renderers refuse
            return True
        if self.kept in ("trained", "others") and is_held_out(item("font", font.name)):
            return False
        return self.kept == "trained" or (font.name not in DEJAVU if self.kept == "others" else font.name == self.kept)

    def drawings(self) -> "ShownDrawings":
        """Drawings, of which `shown` is always picked."""
        return ShownDrawings(super().drawings(), self)


class ShownDrawings:
    """What the renderer of single things needs of `Drawings`."""

    def __init__(self, every: Drawings, assets: GoalAssets):
        self.things, self.sticker, self._assets = every.things, every.sticker, assets

    def pick(self, draw: Draw, things=None) -> Drawing:
        """The one to show; an item of the row."""
        draw.items.append(item("drawing", self._assets.shown.key))
        return self._assets.shown


def drawings_of(kind: str, seed: int, language: str, every: Drawings) -> Iterator[Drawing]:
    """Drawings of a kind as `Goal` has it, of each thing once, in random order, and then again."""
    order = np.random.default_rng([seed, crc32(kind.encode())]).permutation(len(every.things)).tolist()
    split = "train" if kind == "trained" else "test"
    for turn in range(TRIES):
        for place in order:
            draw = Draw(seed, f"goals/{kind}", split, turn * len(order) + place, language)
            for _ in range(1 if kind == "trained" else 6):
                found = every.of(draw, every.things[place])
                is_vendor = found.vendor == HELD_OUT_VENDOR
                if kind == "trained" or (is_held_out(item("drawing", found.key)) and is_vendor == (kind == "vendor")):
                    yield found
                    break
                draw.items.clear()


def usable(goal: Goal, draw: Draw, rendered: Rendered) -> list[Judged]:
    """Questions of a picture that a goal wants."""
    if goal.fonts == "held out" and not any(is_held_out(name) for name in draw.items if name.startswith("font:")):
        return []
    if goal.asked == FALSE:
        return [judge(goal.renderer, goal.language, ask, True) for ask in rendered.false_asks]
    judged = [each for ask in rendered.asks if (each := judge(goal.renderer, goal.language, ask)) and each.scoring]
    if goal.asked == TRUE:  # but none whose true answer is "no" or "none"
        return [each for each in judged if each.form != "reply" and not _says_unknown(each)]
    return [
        each
        for each in judged
        if re.fullmatch(goal.asked, each.ask.question, re.IGNORECASE)
        and re.fullmatch(goal.answered or ".*", each.ask.answer.rstrip("."), re.DOTALL)
    ]


def _says_unknown(judged: Judged) -> bool:
    question = Question("-", "text", "-", "en", (), "-", ("-",), "unknown")
    return SCORINGS["unknown"](judged.ask.answer, question) == 1


def rows_of(goal: Goal, count: int, seed: int, folder: Path) -> Iterator[tuple[Rendered, Judged]]:
    """Pictures with a question each, so many as are wanted."""
    assets = GoalAssets(folder, goal.fonts)
    renderer = make_renderer(goal.renderer, assets if goal.fonts or goal.drawing else Assets(folder), goal.options)
    shown = drawings_of(goal.drawing, seed, goal.language, Assets(folder).drawings()) if goal.drawing else None
    answers: Counter = Counter()
    written: set[str] = set()
    try:
        for index in range(count):
            if shown:
                assets.shown = next(shown)
            for attempt in range(TRIES):
                draw = Draw(
                    seed, f"goals/{goal.name}/{goal.renderer}/{goal.fonts}", "test", index, goal.language, attempt
                )
                rendered, found = _rendered(goal, renderer, draw)
                found = [each for each in found if answers[_key(each)] < math.ceil(count / goal.equal)]
                found = [each for each in found if goal.scoring or each.ask.answer not in written]
                if found:
                    judged = draw.pick(found)
                    answers[_key(judged)] += goal.equal > 1
                    written |= {judged.ask.answer} if judged.form == "written" else set()
                    yield rendered, judged
                    break
            else:
                raise RuntimeError(
                    f"found no picture for {goal.name!r} ({goal.language}) in {TRIES}; change its options"
                )
    finally:
        renderer.close()


def _rendered(goal: Goal, renderer: Renderer, draw: Draw) -> tuple[Rendered, list[Judged]]:
    try:
        rendered = renderer.render(draw)
    except CannotRenderError:
        return Rendered(), []
    is_seen = not draw.has_held_out and goal.drawing != "trained"
    return rendered, [] if is_seen else usable(goal, draw, rendered)


def _key(judged: Judged) -> str:
    """What two equal answers have in common: the number, or the side."""
    return "".join(re.findall(r"\d", judged.ask.answer)) or judged.ask.answer


def write_goals(output: Path, per_goal: int, seed: int, folder: Path, only: Sequence[int] = ()) -> Counter:
    """Write the folder, with all goals or those of some numbers; return how many questions each goal has."""
    (output / PICTURES).mkdir(parents=True, exist_ok=True)
    questions, counts = [], Counter()
    for goal in goals():
        if only and _number(goal.name) not in only:
            continue
        for rendered, judged in rows_of(goal, math.ceil(per_goal * goal.share), seed, folder):
            stem = f"{_number(goal.name)}-{goal.language}-{counts[goal.name]:04d}"
            counts[goal.name] += 1
            names = []
            for letter, image in zip("abc", rendered.images, strict=False):
                kind = Image.open(io.BytesIO(image)).format.lower()
                names.append(f"{stem}{letter if len(rendered.images) > 1 else ''}.{kind}")
                (output / PICTURES / names[-1]).write_bytes(image)
            scoring = goal.scoring or judged.scoring
            questions.append(
                Question(
                    stem,
                    judged.ask.task,
                    goal.name,
                    goal.language,
                    tuple(names),
                    judged.ask.question,
                    judged.answers,
                    scoring,
                )
            )
    write_questions(output, questions)
    return counts


def questions_of(file: Path, found: dict, folder: Path | None = None) -> QuestionSet:
    """The questions that a file answers: of a folder, or of the one that the file names, from here or from where the file lies.

    Raises:
        ValueError: if they are in none of these.
    """
    named = Path(found["questions"]["folder"]).expanduser()
    places = [folder] if folder else [named, file.resolve().parent / named, file.resolve().parent / named.name]
    if not (there := [place for place in places if (place / FILE).is_file()]):
        raise ValueError(
            f"{file}: found no {FILE} in {', '.join(map(str, places))}; say with --questions where the folder is"
        )
    return read_questions(there[0])


def table(files: Sequence[Path], folder: Path | None = None) -> str:
    """A Markdown table of answers that `deepseek-vl evaluate --json` wrote: a row a goal, a column a checkpoint."""
    cells: dict[str, list[str]] = defaultdict(list)
    for path in files:
        found = json.loads(path.read_text(encoding="utf-8"))
        asked = questions_of(path, found, folder)
        scored = stored.read(path, asked).scored
        for name in dict.fromkeys(each.question.source for each in scored):
            some = [each for each in scored if each.question.source == name]
            share = estimate(
                np.array([each.score for each in some]), clusters([each.question.pictures for each in some])
            )
            cells[name] += [] if cells[name] else [str(len(some))]
            cells[name].append(f"{share.mean:.1%} ({share.low:.1%} to {share.high:.1%})")
    heads = ["Goal", "Questions", *(path.stem for path in files)]
    rows = ([name, *cells[name]] for name in sorted(cells, key=_number))
    lines = [heads, ["---", *("---:" for _ in heads[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(name: str) -> int:
    return int(name.partition(" ")[0])


def main(argv: list[str] | None = None) -> None:
    """Write questions, or print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, help="folder that is made")
    parser.add_argument("--per-goal", type=int, default=300, help="questions of a goal, in both languages together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, nargs="+", default=(), help="numbers of goals, to look at these alone")
    parser.add_argument(
        "--assets", type=Path, default=FOLDER, help="where fonts, texts and drawings lie, or are fetched to"
    )
    parser.add_argument("--results", type=Path, nargs="+", help="print the table of these instead")
    parser.add_argument(
        "--questions", type=Path, help="with --results: where the questions lie (default: as the results say)"
    )
    given = parser.parse_args(argv)
    if given.results:
        try:
            print(table(given.results, given.questions))
        except ValueError as error:
            parser.error(str(error))
        return
    if given.output is None or (given.output.exists() and any(given.output.iterdir())):
        parser.error(f"found --output {given.output}, expected a folder that is new or empty; name another")
    counts = write_goals(given.output, given.per_goal, given.seed, given.assets, given.only)
    for name in sorted(counts, key=_number):
        print(f"{counts[name]:5d}  {name}")


if __name__ == "__main__":
    main()
