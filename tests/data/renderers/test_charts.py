"""Charts: what is asked is true, what draws them is what is answered, and nothing held out gets into training."""

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepseek_vl_hf.data.assets import Assets, Font
from deepseek_vl_hf.data.renderers.charts import wordings as charts_wordings
from deepseek_vl_hf.data.renderers.charts.data import Data
from deepseek_vl_hf.data.renderers.charts.looks import draw_chart, sign_height
from deepseek_vl_hf.data.renderers.charts.matplotlib_scripts import draw_script, write_script
from deepseek_vl_hf.data.renderers.charts.questions import value_asks
from deepseek_vl_hf.data.renderers.charts.reading import CODE, FORMAT
from deepseek_vl_hf.data.renderers.charts.renderer import SHAPES, Charts
from deepseek_vl_hf.data.renderers.charts.speech import Speech
from deepseek_vl_hf.data.renderers.charts.tables import make_data
from deepseek_vl_hf.data.renderers.charts.topics import KINDS, TOPICS
from deepseek_vl_hf.data.renderers.charts.vega_specs import draw_spec, write_spec
from deepseek_vl_hf.data.rendering import CannotRenderError, Draw, render_row
from deepseek_vl_hf.data.splits import is_held_out
from deepseek_vl_hf.data.taxonomy import NODES


matplotlib = pytest.importorskip("matplotlib", reason="charts are drawn with it")
pytest.importorskip("vl_convert", reason="charts are drawn with it")
NAMES = {
    "month": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "weekday": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "city": ["London", "Paris", "Lima", "Oslo", "Cairo", "Rome"],
    "country": ["France", "Kenya", "Japan", "Brazil", "Canada", "Spain"],
    "food": ["bread", "rice", "cheese", "apple", "egg"],
    "animal": ["cat", "dog", "horse", "cow", "sheep"],
    "person": ["Anna", "John", "Maria", "Peter", "Lucy"],
    "language": ["French", "Chinese", "German", "Arabic"],
}


class AnyLetter(Font):
    """A font that is taken to write Chinese too, which none that every machine has can do."""

    def can_write(self, text):
        return True


class TinyAssets(Assets):
    """The fonts of matplotlib, which stand in for Chinese ones too, and a few names."""

    def fonts(self, language, styles=None):
        folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        return tuple(
            AnyLetter(name, folder / f"{name.replace(' ', '')}.ttf", ("en", "zh"), "sans", "Bitstream-Vera", name)
            for name in ("DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono")
        )

    def names(self, subject, language):
        return tuple(name if language == "en" else f"“{name[:4]}”" for name in NAMES[subject])


@pytest.fixture(scope="module")
def assets():
    return TinyAssets()


def digest(num_rows=6):
    renderer = Charts(TinyAssets())
    sha = hashlib.sha256()
    for index in range(num_rows):
        row = render_row(renderer, 5, "train", index)
        sha.update(row["images"][0]["bytes"] + json.dumps(row["messages"]).encode())
    return sha.hexdigest()


def rendered(renderer, index, language="en", split="train"):
    """What is rendered, at the first attempt that works."""
    for attempt in range(50):
        draw = Draw(3, "charts", split, index, language, attempt)
        try:
            return renderer.render(draw)
        except CannotRenderError:
            continue
    raise AssertionError("nothing worked")


def charts_of(assets, shape, count, seed=1, longest=900, simple=False, least_sign=0):
    """Charts of a shape, with the draw that made them."""
    renderer, found = Charts(assets), []
    for attempt in range(60):
        draw = Draw(seed, shape, "train", attempt, "en")
        reading = draw.pick(SHAPES[shape][1])
        try:
            data = make_data(draw.rng, shape, reading, renderer.names, simple)
            font = assets.fonts("en")[attempt % 3]
            chart = draw_chart(draw, data, font, renderer.names, longest, simple, least_sign)
            found.append((draw, chart))
        except CannotRenderError:
            continue
        if len(found) == count:
            return found
    raise AssertionError(f"too few charts of shape {shape}")


def test_another_process_draws_the_same_bytes():
    here = digest()
    for hash_seed in ("1", "77"):
        done = subprocess.run(
            [sys.executable, __file__], capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": hash_seed}
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == here


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.filterwarnings("ignore:Glyph")
def test_a_hundred_rows_of_a_language_render(assets, language):
    renderer = Charts(assets)
    for index in range(100):
        row = render_row(renderer, 0, "train", index, language)
        picture = Image.open(io.BytesIO(row["images"][0]["bytes"]))
        assert 150 < max(picture.size) <= 1.31 * renderer.longest


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.filterwarnings("ignore:Glyph")
def test_every_task_is_one_that_the_renderer_serves(assets, shape):
    renderer = Charts(assets, shapes=(shape,))
    assert set(Charts.tasks) <= set(NODES)
    for index in range(3):
        for language in ("en", "zh"):
            made = rendered(renderer, index, language)
            assert len(made.asks) >= 3
            for ask in (*made.asks, *made.false_asks):
                assert ask.task in Charts.tasks
                assert ask.question
                assert ask.answer
                assert "{" not in ask.question


def test_train_and_test_share_no_held_out_item(assets):
    renderer = Charts(assets)
    train = [render_row(renderer, 0, "train", index) for index in range(15)]
    test = [render_row(renderer, 0, "test", index) for index in range(15)]
    assert not any(is_held_out(item) for row in train for item in row["items"])
    for row in test:
        assert any(is_held_out(item) for item in row["items"] if item.startswith("chart:"))


def drawn(chart, write, draw_program):
    """The program of a chart and its picture; nothing if words have no room."""
    try:
        program = write(chart)
        return program, draw_program(program, chart.font)
    except CannotRenderError:
        return None


def test_each_script_alone_draws_its_picture(assets, tmp_path):
    pictures = {}
    for shape in SHAPES:
        tries = (drawn(chart, write_script, draw_script) for _, chart in charts_of(assets, shape, 8))
        script, pictures[shape] = next(filter(None, tries))
        (tmp_path / f"{shape}.py").write_text(script.replace("chart.png", f"{shape}.png"), encoding="utf-8")
    runner = "import glob, matplotlib\nfor path in glob.glob('*.py'):\n    matplotlib.rcdefaults()\n    exec(open(path).read(), {})"
    done = subprocess.run([sys.executable, "-c", runner], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for shape, picture in pictures.items():
        saved = Image.open(tmp_path / f"{shape}.png").convert("RGB")
        assert np.array_equal(np.asarray(saved), np.asarray(picture)), shape


@pytest.mark.parametrize("shape", SHAPES)
def test_the_specification_is_json_that_draws_the_picture(assets, shape):
    import vl_convert

    spec, picture = next(
        filter(None, (drawn(chart, write_spec, draw_spec) for _, chart in charts_of(assets, shape, 8)))
    )
    again = Image.open(io.BytesIO(vl_convert.vegalite_to_png(json.loads(spec)))).convert("RGB")
    assert np.array_equal(np.asarray(again), np.asarray(picture))


def test_drawing_leaves_the_settings_of_matplotlib_alone(assets):
    before = dict(matplotlib.rcParams)
    for index in range(4):
        rendered(Charts(assets), index)
    assert dict(matplotlib.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def number(text):
    return float(text.split()[0].rstrip("%"))


def value_chart(assets, values, reading="labels"):
    """A bar chart of rainfall in the first months, and its questions by their wordings."""
    topic = next(topic for topic in TOPICS if topic.name[0] == "number of units sold")
    labels = tuple((name, name) for name in NAMES["month"][: len(values)])
    data = Data("bar", reading, topic, KINDS["month"], labels, (("", ""),), None, (tuple(values),))
    draw = Draw(0, "charts", "train", 0, "en")
    chart = draw_chart(draw, data, assets.fonts("en")[0], Charts(assets).names, 900, False)
    return [ask for _ in range(12) for ask in value_asks(draw, chart)], chart


def asked(asks, wordings):
    """Answers to the questions of some wordings, which are told by the words before their first field."""
    heads = tuple(text.split("{")[0] for text in wordings["en"])
    return {ask.answer for ask in asks for head in heads if head and ask.question.startswith(head)}


def test_answers_agree_with_the_values(assets):
    asks, chart = value_chart(assets, [120, 340, 90, 205])
    label = dict(zip(NAMES["month"], chart.labels, strict=False))
    most = {ask.answer for ask in asks if "has the highest" in ask.question and ask.question.startswith("Which month")}
    least = {ask.answer for ask in asks if "has the lowest" in ask.question}
    second = {ask.answer for ask in asks if "second highest" in ask.question}
    assert most == {label["February"]}
    assert least == {label["March"]}
    assert second == {label["April"]}
    total = {ask.answer for ask in asks if ask.question.startswith("Add up the")}
    assert total <= {"755"}
    table = dict(zip(chart.labels, [120, 340, 90, 205], strict=True))
    for ask in asks:
        told = [name for name in chart.labels if name in ask.question.replace("?", " ").rstrip(".").split()]
        if ask.question.startswith(("What is the difference", "Compute the difference")):
            assert number(ask.answer) == abs(table[told[0]] - table[told[1]])
        if ask.question.startswith(("What is the sum", "Add the")):
            assert number(ask.answer) == table[told[0]] + table[told[1]]
        if ask.question.startswith("Read off the"):
            assert number(ask.answer) == table[ask.question.rstrip(".").split()[-1]]
        if ask.question.startswith("Is the") and "higher than" in ask.question:
            first, second = (part.rstrip("?").split()[-1] for part in ask.question.split(" higher than "))
            assert ask.answer == ("Yes" if table[first] > table[second] else "No")


def test_one_of_a_unit_is_singular(assets):
    chart = next(chart for _, chart in charts_of(assets, "pie", 20) if chart.data.reading == "labels")
    speech = Speech(chart)
    assert speech.value(1, difference=True) == "1 percentage point"
    assert speech.value(2, difference=True) == "2 percentage points"


def test_questions_begin_with_a_capital(assets):
    asks = [
        ask
        for shape in ("pie", "bar", "grouped")
        for draw, chart in charts_of(assets, shape, 6)
        for ask in value_asks(draw, chart)
    ]
    assert asks
    assert all(ask.question[0].isupper() or not ask.question[0].isalpha() for ask in asks)


def test_a_trend_is_asked_only_where_there_is_one(assets):
    for values, answers in (
        ([10, 20, 30, 40], {"It rises throughout."}),
        ([40, 30, 20, 10], {"It falls throughout."}),
        ([10, 40, 20, 30], set()),
        ([10, 20, 20, 30], set()),
    ):
        asks, _ = value_chart(assets, values)
        assert asked(asks, charts_wordings.TREND) & {"It rises throughout.", "It falls throughout."} == answers


def test_values_are_asked_only_where_they_can_be_read(assets):
    asks, _ = value_chart(assets, [120, 340, 90, 205], reading="plain")
    assert not any(any(letter.isdigit() for letter in ask.answer) for ask in asks)
    close, _ = value_chart(assets, [340, 339, 90, 205], reading="plain")
    assert not asked(close, {"en": ["Which month has the highest"]})


def test_a_table_has_the_values_of_the_program(assets):
    renderer, checked = Charts(assets, shapes=("bar", "line", "area")), 0
    for index in range(30):
        made = rendered(renderer, index)
        codes = [ask.answer for ask in made.asks if ask.task == CODE and ask.answer.startswith("{")]
        tables = [ask.answer for ask in made.asks if ask.task == FORMAT and ask.answer.startswith("{")]
        if codes and tables:
            drawn, told = json.loads(codes[0])["data"]["values"], json.loads(tables[0])
            for point in drawn:
                cell = told[point["series"]] if "series" in point else told
                assert cell[point["label"]] == point["value"]
            checked += 1
    assert checked >= 3


@pytest.mark.parametrize("shape", SHAPES)
def test_values_that_are_read_off_grid_lines_lie_on_them(assets, shape):
    for _, chart in charts_of(assets, shape, 6):
        if chart.data.step:
            ticks = chart.data.ticks()
            assert all(
                any(abs(value - tick) < 1e-6 for tick in ticks) for row in chart.data.heights() for value in row
            )
            assert chart.grid


def test_what_is_falsely_asked_about_is_absent(assets):
    renderer = Charts(assets)
    for index in range(40):
        made = rendered(renderer, index)
        told = "\n".join(ask.answer for ask in made.asks if ask.task.endswith(("printed-text", CODE)))
        for ask in made.false_asks:
            if ask.answer.startswith("The chart does not show "):
                name = ask.answer.removeprefix("The chart does not show ").rstrip(".")
                assert name in ask.question
                assert name not in told
            if ask.answer == "The chart has no title.":
                assert not any(other.question in charts_wordings.TITLE["en"] for other in made.asks)


def test_the_same_numbers_are_the_same_item_in_both_languages(assets):
    keys = []
    for language in ("en", "zh"):
        draw = Draw(0, "charts", "train", 4, language)
        draw.rng = np.random.default_rng(8)
        keys.append(make_data(draw.rng, "bar", "labels", Charts(assets).names, False).key)
    assert keys[0] == keys[1]


def test_simple_charts_fit_small_pictures(assets):
    renderer = Charts(assets, longest=200, simple=True)
    for index in range(12):
        picture = Image.open(io.BytesIO(rendered(renderer, index).images[0]))
        assert max(picture.size) <= 200


def test_signs_of_charts_are_as_high_as_they_are_asked_to_be(assets):
    lower = 0
    for share in (0, 11 / 256):
        for _, chart in charts_of(assets, "bar", 6, longest=256, simple=True, least_sign=share):
            height = sign_height(chart.font, chart.pixels) / max(chart.size)
            assert height >= share
            lower += height < 11 / 256
    assert lower  # without it some are lower


@pytest.mark.parametrize(
    "options", [{"longest": 200}, {"shapes": ("spider",)}, {"simple": True, "shapes": ("box",)}, {"sign": 40}]
)
def test_impossible_options_are_refused(assets, options):
    with pytest.raises(ValueError, match=r"found .*, expected"):
        Charts(assets, **options)


if __name__ == "__main__":
    sys.stdout.write(digest())
