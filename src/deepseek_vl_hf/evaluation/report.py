"""Results come in; one page with every question that was not answered rightly goes out.

The page holds everything inside itself, each picture once, and asks nothing of a network. What questions and answers say is text
there, never markup. It can be filtered by task, language, scoring, score and words.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from html import escape
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from ..data.picture_files import look_at, open_picture
from .results import Results, Scored
from .summary import PLACES, Table, cells, compare, compared_cells, summarise


LARGEST = 800  # pixels of a picture's longer side
AS_IT_IS = 60_000  # bytes up to which a picture's file is shown as it is
TYPES = {"PNG": "png", "JPEG": "jpeg", "GIF": "gif", "WEBP": "webp"}
STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #f6f7f9; --card: #fff; --line: #d9dee4; --soft: #5a6572; --good: #1a7f4b;
  --bad: #b3372a }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --paper: #14171b; --card: #1d2126; --line: #333a42; --soft: #9aa5b1;
  --good: #5cc48d; --bad: #f08a7c } }
* { box-sizing: border-box } body { margin: 0; padding: 2rem 1rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif } main { max-width: 1100px; margin: auto } h1 { font-size: 1.3rem; margin: 0 }
.about, footer, dt { color: var(--soft) } .table { overflow-x: auto } table { border-collapse: collapse; font-size: .85rem; margin: .5rem 0 }
td, th { padding: .15rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }
td:first-child, th:first-child { text-align: left } form { position: sticky; top: 0; background: var(--paper); padding: .6rem 0;
  display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; z-index: 1 } select, input { font: inherit; max-width: 20rem }
article { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 0 0 1rem; padding: .8rem; display: grid;
  grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: 1rem; content-visibility: auto; contain-intrinsic-size: auto 18rem }
article[hidden] { display: none } .pictures:empty { display: none } .pictures:empty + div { grid-column: 1 / -1 }
img { display: block; max-width: 100%; max-height: 24rem; min-height: 2rem; background: #8884; margin-bottom: .4rem }
dl { margin: 0 } dd { margin: 0 0 .5rem; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 18rem; overflow: auto }
dt { font-size: .75rem } .right { color: var(--good) } .wrong { color: var(--bad) } footer { font-size: .78rem; overflow-wrap: anywhere }
@media (max-width: 700px) { article { grid-template-columns: minmax(0, 1fr) } form { position: static } }
"""
# Pictures stand once, in a list; each place that shows one gets it when it comes into sight.
SCRIPT = """
const pictures = JSON.parse(document.getElementById("pictures").textContent)
const show = image => { image.src = pictures[image.dataset.picture] }
const seen = new IntersectionObserver(entries => entries.filter(entry => entry.isIntersecting).forEach(entry => {
  show(entry.target); seen.unobserve(entry.target) }), { rootMargin: "1000px" })
document.querySelectorAll("img[data-picture]").forEach(image => seen.observe(image))
const form = document.querySelector("form"), cards = [...document.querySelectorAll("article")]
const filter = () => {
  const want = Object.fromEntries(new FormData(form)), words = want.words.toLowerCase()
  let shown = 0
  for (const card of cards) {
    const has = card.dataset
    const fits = (!want.task || `${has.task}/`.startsWith(`${want.task}/`)) && (!want.language || has.language === want.language)
      && (!want.scoring || has.scoring === want.scoring) && (!want.wrong || has.wrong === want.wrong)
      && (!want.below || +has.score <= +want.below) && (!words || card.textContent.toLowerCase().includes(words))
    card.hidden = !fits
    shown += fits
  }
  document.getElementById("shown").textContent = `${shown} of ${cards.length} shown`
}
form.addEventListener("input", filter)
form.addEventListener("submit", event => event.preventDefault())
filter()
"""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def page(results: Results, other: Results | None = None) -> str:
    """The page of what a checkpoint, or one of two, did not answer rightly.

    Args:
        results: Of the checkpoint.
        other: Of another, to the same questions.

    Returns:
        HTML.
    """
    both = [results, *([other] if other else [])]
    failures = [
        scored
        for scored in zip(*(each.scored for each in both), strict=True)
        if min(each.score for each in scored) < 1
    ]
    failures.sort(key=lambda scored: (PLACES[scored[0].question.task], scored[0].score))
    names = dict.fromkeys(name for scored in failures for name in scored[0].question.pictures)
    places = {name: place for place, name in enumerate(names)}
    title = " and ".join(each.model for each in both)
    pictures = json.dumps([_embedded(results.asked.picture(name)) for name in names])
    tables = [("Scores", cells(summarise(results)))]
    if other:
        tables = [("A and B", compared_cells(compare(results, other))), ("Scores of A", tables[0][1])]
        tables.append(("Scores of B", cells(summarise(other))))
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{STYLE}</style></head><body><main>",
            f"<h1>{escape(title)}</h1>",
            f'<p class="about">{_about(both, len(failures))}</p>',
            *(f"<details><summary>{name}</summary>{_table(table)}</details>" for name, table in tables),
            _form(failures, bool(other)),
            *(_article(scored, places) for scored in failures),
            "</main>",
            f'<script type="application/json" id="pictures">{pictures}</script>',
            f"<script>{SCRIPT}</script></body></html>\n",
        ]
    )


def _about(both: Sequence[Results], num_failures: int) -> str:
    names = (
        [f"{letter}: {escape(each.model)}" for letter, each in zip("AB", both, strict=False)] if len(both) > 1 else []
    )
    found = f"{num_failures} of {len(both[0].scored)} questions not answered rightly" + (
        " by one or both" if names else ""
    )
    return "<br>".join([*names, found + f"; questions {both[0].asked.hash[:12]}"])


def _table(table: Table) -> str:
    heads, lines = table
    rows = [f"<tr>{''.join(f'<th>{escape(head)}</th>' for head in heads)}</tr>"]
    for line in lines:
        texts = [f"<b>{escape(cell.strip('*'))}</b>" if cell.startswith("**") else escape(cell) for cell in line]
        rows.append(f"<tr>{''.join(f'<td>{text}</td>' for text in texts)}</tr>")
    return f'<div class="table"><table>{"".join(rows)}</table></div>'


def _form(failures: Sequence[Sequence[Scored]], compared: bool) -> str:
    questions = [scored[0].question for scored in failures]
    tasks = {"/".join(each.task.split("/")[:depth]) for each in questions for depth in (1, 2, 3)}
    selects = [
        ("task", "every task", [(task, task) for task in sorted(tasks)]),
        ("language", "every language", [(each, each) for each in sorted({each.language for each in questions})]),
        ("scoring", "every scoring", [(each, each) for each in sorted({each.scoring for each in questions})]),
        ("below", "every score", [("0", "score 0"), ("0.5", "score up to 50%")]),
    ]
    if compared:
        selects.append(
            ("wrong", "wrong in A or B", [("A", "wrong in A alone"), ("B", "in B alone"), ("AB", "in both")])
        )
    shown = "".join(
        f'<select name="{name}" aria-label="{name}"><option value="">{every}</option>'
        + "".join(f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options)
        + "</select>"
        for name, every, options in selects
    )
    return f'<form>{shown}<input name="words" type="search" placeholder="words" aria-label="words"><span id="shown"></span></form>'


def _article(scored: Sequence[Scored], places: dict[str, int]) -> str:
    question, compared = scored[0].question, len(scored) > 1
    wrong = "".join(letter for letter, each in zip("AB", scored, strict=False) if each.score < 1)
    images = "".join(f'<img alt="{escape(name)}" data-picture="{places[name]}">' for name in question.pictures)
    parts = [("Question", "", question.prompt), ("Expected", "", "\n".join(question.answers))]
    for letter, each in zip("AB", scored, strict=False):
        kind = "right" if each.score == 1 else "wrong"
        parts.append(
            (f"Answer{f' of {letter}' if compared else ''}, {'; '.join(_remarks(each))}", kind, each.reply.text)
        )
    said = "".join(f'<dt>{escape(name)}</dt><dd class="{kind}">{escape(text)}</dd>' for name, kind, text in parts)
    about = " · ".join([question.id, question.task, question.language, question.source, question.scoring])
    data = {"task": question.task, "language": question.language, "scoring": question.scoring, "wrong": wrong}
    data["score"] = f"{min(each.score for each in scored):.4f}"
    attributes = " ".join(f'data-{name}="{escape(value)}"' for name, value in data.items())
    return (
        f'<article {attributes}><div class="pictures">{images}</div><div><dl>{said}</dl>'
        f"<footer>{escape(about)}</footer></div></article>"
    )


def _remarks(scored: Scored) -> Iterator[str]:
    yield f"score {100 * scored.score:.0f}%"
    if scored.by_perplexity is not None:
        yield f"by perplexity {100 * scored.by_perplexity:.0f}%"
    if scored.reply.is_too_long:
        yield "not asked: the question is longer than the context"
    if scored.reply.is_cut:
        yield "cut by its bound"


def _embedded(path: Path) -> str:
    """A picture as a data URI: its file where that is small, else scaled down."""
    kind = TYPES.get(look_at(path, path.name, decode=False).format)
    if kind and path.stat().st_size <= AS_IT_IS:
        return f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
    picture = ImageOps.exif_transpose(open_picture(path, path.name)).convert("RGB")
    picture.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    scaled = BytesIO()
    picture.save(scaled, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(scaled.getvalue()).decode()}"
