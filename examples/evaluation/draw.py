"""Draw the shipped benchmark again: `python examples/evaluation/draw.py --output DIR`.

It needs the extras `data`, `web` and `evaluate`, a Chromium for pages (`DEEPSEEK_VL_BROWSER`), and at its first run `npm`, which
fetches fonts, texts and drawings. The same seed gives the same bytes with the same versions of the packages that draw.

    plan            what is asked, and how often              choosing       which questions are taken
    judging         how an answer is scored                   alternatives   wrong options of multiple-choice questions
    own_questions   what no renderer asks                     shrinking      small files
    doubts          what people may read in two ways
"""

import argparse
import json
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
from alternatives import OPTIONS, opening, option, shown_as_well
from choosing import Row, choose
from doubts import is_doubtful, is_doubtful_ask
from judging import Judged, judge
from own_questions import code_lines, edges, eithers
from plan import PLAN, Group
from shrinking import shrink

from deepseek_vl_hf.data.assets import FOLDER, Assets
from deepseek_vl_hf.data.renderers import make_renderer
from deepseek_vl_hf.data.rendering import TRIES, CannotRenderError, Draw, Renderer, render
from deepseek_vl_hf.data.splits import is_held_out, item
from deepseek_vl_hf.data.taxonomy import NODES, TEXT
from deepseek_vl_hf.evaluation.questions import PICTURES, Question, write_questions


SEED = 2403_05525
ORIGINS, PAGE = "origins.jsonl", Path(__file__).with_name("page.md")


class SomeFonts(Assets):
    """Assets with fewer fonts: those held out, and those of a pattern."""

    def __init__(self, folder: Path, pattern: str):
        super().__init__(folder)
        self.pattern = pattern

    def fonts(self, language, styles=None):
        """The fonts of a language that are kept; all where none of these styles is."""
        found = super().fonts(language, styles)
        kept = tuple(
            font for font in found if re.match(self.pattern, font.name) or is_held_out(item("font", font.name))
        )
        return kept or found


def draw_rows(renderer: Renderer, group: Group, language: str, seed: int) -> list[Row]:
    """Draw the rows of a group, all of the test split, with everything that may be asked about them."""
    rows = []
    for index in range(group.rows):
        for attempt in range(TRIES):
            draw = Draw(seed, group.name or group.renderer, "test", index, language, attempt)
            try:
                rendered = render(renderer, draw)
            except CannotRenderError:
                continue
            if draw.has_held_out:
                break
        else:
            continue  # what the row decides first does not fit into so small a picture
        if is_doubtful(group.renderer, rendered, draw.items):
            continue
        if group.renderer == "texts" and len(rendered.asks) > 1:  # one of them may be all that is held out
            rendered.asks = [ask for ask in rendered.asks if is_held_out(item("request", ask.question))]
        asked = [*((ask, False) for ask in rendered.asks), *((ask, True) for ask in rendered.false_asks)]
        judged = [each for ask, is_false in asked if (each := judge(group.renderer, language, ask, is_false))]
        judged = [each for each in judged if not is_doubtful_ask(group.renderer, rendered, each)]
        judged += [*code_lines(language, rendered.asks), *edges(language, rendered.asks)]
        rows.append(Row(index, language, rendered.images, sorted(set(draw.items)), rendered.licence, judged))
    in_vain = {opening(language, each.ask.question) for row in rows for each in row.judged if each.form == "unknown"}
    for row in rows:
        row.judged += [*shown_as_well(language, row.judged, in_vain), *eithers(language, row.judged)]
    return rows


def draw_group(group: Group, assets: Assets, seed: int) -> tuple[list[Row], list[str]]:
    """Draw a group in both languages, and choose what is asked: rows with questions, and what could not be had."""
    assets = SomeFonts(assets.folder, group.fonts) if group.fonts else assets
    renderer = make_renderer(group.renderer, assets, group.options)
    used, missing = [], []
    try:
        for language in ("en", "zh"):
            rows = draw_rows(renderer, group, language, seed)
            rng = np.random.default_rng(
                [seed, crc32((group.name or group.renderer).encode()), crc32(language.encode())]
            )
            missing += choose(group, language, rows, rng)
            used += [row for row in rows if row.chosen]
    finally:
        renderer.close()
    return used, missing


def write_group(group: Group, rows: list[Row], folder: Path) -> tuple[list[Question], list[dict]]:
    """Write the pictures of a group; return its questions and where they come from."""
    questions, origins, counts = [], [], Counter()
    name = group.name or group.renderer
    for row in rows:
        language = row.language
        stem = f"{name}-{language}-{row.index:03d}".replace("_", "-")
        letters = "abc" if len(row.images) > 1 else ("",)
        pictures = tuple(f"{stem}{letter}.webp" for letter, _ in zip(letters, row.images, strict=False))
        for picture, image in zip(pictures, row.images, strict=True):
            (folder / PICTURES / picture).write_bytes(shrink(image, group.longest))
        ids = []
        for judged, wrong in row.chosen:
            ids.append(f"{name}/{language}/{counts[language]:04d}")
            counts[language] += 1
            questions.append(_question(ids[-1], group.renderer, language, pictures, judged, wrong))
        origins.append(
            {
                "questions": ids,
                "pictures": list(pictures),
                "row": row.index,
                "licence": row.licence,
                "items": row.items,
            }
        )
    return questions, origins


def _question(name: str, source: str, language: str, pictures, judged: Judged, wrong: list[str] | None) -> Question:
    asked = (name, judged.ask.task, source, language, pictures, judged.ask.question)
    if wrong is None:
        return Question(*asked, judged.answers, judged.scoring)
    return Question(*asked, (option(judged),), "choice", (option(judged), *wrong))


def shuffled(questions: list[Question], seed: int) -> list[Question]:
    """Shuffle the options of each question, such that the right one is as often in each place."""
    rng = np.random.default_rng(seed)
    places = {number: [] for number in range(2, OPTIONS + 1)}
    done = []
    for question in questions:
        if question.choices:
            number = len(question.choices)
            places[number] = places[number] or rng.permutation(number).tolist()
            right, *wrong = question.choices
            wrong = [wrong[place] for place in rng.permutation(number - 1).tolist()]
            wrong.insert(places[number].pop(), right)
            question = replace(question, choices=tuple(wrong))
        done.append(question)
    return done


def write_page(folder: Path, questions: list[Question], origins: list[dict]) -> None:
    """Write the folder's README, with counts."""
    licences = Counter(origin["licence"] for origin in origins)
    of_code = {
        part
        for origin in origins
        if origin["questions"][0].startswith("code/")
        for part in origin["licence"].split(" AND ")
    }
    counts = Counter((question.task, question.language) for question in questions)
    scorings = Counter(question.scoring for question in questions)
    files = list((folder / PICTURES).iterdir())
    tasks = [task for task in (*NODES, TEXT) if counts[task, "en"] or counts[task, "zh"]]
    fields = {
        "questions": len(questions),
        "pictures": len(files),
        "megabytes": f"{sum(file.stat().st_size for file in files) / 1e6:.1f}",
        "english": sum(question.language == "en" for question in questions),
        "chinese": sum(question.language == "zh" for question in questions),
        "nodes": sum(task != TEXT for task in tasks),
        "scorings": ", ".join(f"{name} {count}" for name, count in scorings.most_common()),
        "unknown": scorings["unknown"],
        "answered": scorings["answered"],
        "code": ", ".join(sorted(of_code - {"CC0-1.0"})),
        "licences": "\n".join(f"| {licence} | {count} |" for licence, count in licences.most_common()),
        "table": "\n".join(f"| {task} | {counts[task, 'en']} | {counts[task, 'zh']} |" for task in tasks),
    }
    (folder / "README.md").write_text(PAGE.read_text(encoding="utf-8").format(**fields), encoding="utf-8")


def main(argv: list[str] | None = None) -> None:
    """Draw everything, or some groups to look at."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=Path, required=True, help="folder that is made")
    parser.add_argument("--seed", type=int, default=SEED, help="another gives another benchmark")
    parser.add_argument(
        "--assets", type=Path, default=FOLDER, help="where fonts, texts and drawings lie, or are fetched to"
    )
    parser.add_argument("--only", nargs="*", default=[], help="groups of the plan, to look at")
    given = parser.parse_args(argv)
    if given.output.exists() and any(given.output.iterdir()):
        parser.error(f"found files in {given.output}, expected an empty folder; name another")
    (given.output / PICTURES).mkdir(parents=True, exist_ok=True)
    assets, questions, origins, missing = Assets(given.assets), [], [], []
    for group in PLAN:
        if given.only and (group.name or group.renderer) not in given.only:
            continue
        rows, lacking = draw_group(group, assets, given.seed)
        asked, found = write_group(group, rows, given.output)
        questions, origins, missing = questions + asked, origins + found, missing + lacking
        print(
            f"{group.name or group.renderer}: {len(asked)} questions about {sum(len(row.images) for row in rows)} pictures",
            flush=True,
        )
    lines = (json.dumps(origin, ensure_ascii=False) + "\n" for origin in origins)
    (given.output / ORIGINS).write_text("".join(lines), encoding="utf-8")
    write_questions(given.output, shuffled(questions, given.seed))
    write_page(given.output, questions, origins)
    if missing:
        sys.exit("\n".join(["These could not be had; draw more rows:", *missing]))


if __name__ == "__main__":
    main()
