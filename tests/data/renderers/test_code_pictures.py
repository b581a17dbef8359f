"""Pictures of code: the answer is the code that is shown, and what a program prints is what Python prints."""

import io
import subprocess
import sys

import numpy as np
import pytest
from drawn_assets import DrawnAssets, check_rows, digests, digests_elsewhere, render_many

from deepseek_vl_hf.data.assets import Code
from deepseek_vl_hf.data.renderers.code import drawing
from deepseek_vl_hf.data.renderers.code.excerpts import excerpts
from deepseek_vl_hf.data.renderers.code.programs import make_program, run
from deepseek_vl_hf.data.renderers.code.renderer import ABSENCE, CODE, FORMAT, PRINTED, CodePictures
from deepseek_vl_hf.data.renderers.code.wordings import OUTPUT


pytest.importorskip("pygments", reason="code is coloured by it")


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    return DrawnAssets(tmp_path_factory.mktemp("assets"))


def test_programs_print_what_python_prints():
    programs = [make_program(np.random.default_rng(seed)) for seed in range(120)]
    divider = "-" * 9
    script = "\n".join(f"{program.text}\nprint({divider!r})" for program in programs)
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    found = [part.removeprefix("\n") for part in printed.split(divider)][:-1]
    assert [part.removesuffix("\n") for part in found] == [program.output for program in programs]


def test_programs_cannot_import_or_open():
    with pytest.raises(ImportError):
        run("import os")
    with pytest.raises(NameError):
        run("open('x')")


def test_excerpts_are_whole_blocks_that_do_not_overlap(assets):
    files = assets.code()
    found = excerpts(files)
    assert {excerpt.language for excerpt in found} == {"python", "css"}
    for excerpt in found:
        text = next(file.text for file in files if file.name == excerpt.file)
        assert excerpt.text in text
        if excerpt.language == "python":
            compile(excerpt.text, "", "exec")
            assert excerpt.defined in excerpt.text.split("\n")[0]
        else:
            assert excerpt.text.endswith("}")
            assert excerpt.defined is None
    assert len({excerpt.text for excerpt in found}) == len(found) == 30


def test_a_long_class_is_cut_into_its_methods_and_tabs_become_spaces():
    names = "abcdefghijkl"
    methods = "".join(
        f"\tdef {n}(self, z):\n\t\tx = [z, {n}]\n\t\ty = {{z: x}}\n\t\treturn y[z](x)\n\n" for n in names
    )
    found = excerpts((Code("a.py", "python", f"class A:\n{methods}", "MIT"),))
    assert [excerpt.defined for excerpt in found] == [*names]
    assert found[0].text == "def a(self, z):\n    x = [z, a]\n    y = {z: x}\n    return y[z](x)"


def test_blocks_that_differ_in_numbers_and_names_alone_are_one():
    rules = "\n".join(f".col-{n} {{\n  flex: 0;\n  width: {n}%;\n}}" for n in range(9))
    assert len(excerpts((Code("a.css", "css", rules, "MIT"),))) == 1


def test_what_is_transcribed_is_an_excerpt_or_runs(assets):
    texts = {excerpt.text for excerpt in excerpts(assets.code())}
    outputs = 0
    for _, rendered in render_many(CodePictures(assets), 80, "en"):
        fenced = next(ask.answer for ask in rendered.asks if ask.task == FORMAT)
        opening, text = fenced.removesuffix("\n```").split("\n", 1)
        assert opening in ("```python", "```css")
        printed = [ask.answer for ask in rendered.asks if ask.question in OUTPUT["en"]]
        if printed:
            assert printed == [run(text)]
            outputs += 1
        else:
            assert text in texts
        lines = [line.strip() for line in text.split("\n")]
        for ask in rendered.asks:
            if ask.task == PRINTED and " line " in ask.question:
                assert ask.answer in lines
        assert rendered.licence in ("MIT", "Apache-2.0", "CC0-1.0")
    assert outputs > 15


def test_the_numbered_line_is_the_one_that_is_read(assets):
    checked = 0
    for _, rendered in render_many(CodePictures(assets), 60, "en"):
        lines = next(ask.answer for ask in rendered.asks if ask.task == FORMAT).split("\n")[1:-1]
        first = next(int(ask.answer.split()[-3]) for ask in rendered.false_asks if "shows lines" in ask.answer)
        for ask in rendered.asks:
            digits = "".join(letter for letter in ask.question if letter.isdigit())
            if ask.task == PRINTED and digits:
                assert lines[int(digits) - first].strip() == ask.answer
                checked += 1
    assert checked > 60


def test_false_questions_are_about_what_is_not_there(assets):
    for _, rendered in render_many(CodePictures(assets), 60, "en"):
        text = next(ask.answer for ask in rendered.asks if ask.task == FORMAT)
        for ask in rendered.false_asks:
            assert ask.task == ABSENCE
            assert "class" not in ask.answer or "class" not in text
            assert "imports" not in ask.answer or "import" not in text


def test_rows_are_valid_and_splits_share_no_held_out_item(assets):
    check_rows(CodePictures, assets)


def test_another_process_draws_the_same_rows(assets):
    assert digests(CodePictures, assets) == digests_elsewhere(CodePictures, assets)


def test_pictures_are_no_larger_than_allowed(assets):
    from PIL import Image

    for _, rendered in render_many(CodePictures(assets, longest=800), 20, "zh"):
        picture = Image.open(io.BytesIO(rendered.images[0]))
        assert max(picture.size) <= 800 * 1.3 + 1  # a screenshot may be enlarged by those who share it


def test_wrong_options_are_refused_with_what_is_possible(assets):
    with pytest.raises(ValueError, match="from 0 to 1"):
        CodePictures(assets, program_share=-1)
    with pytest.raises(ValueError, match="from 8 to 60"):
        CodePictures(assets, most_lines=2)
    assert CODE in CodePictures.tasks


def test_kinds_of_tokens_that_no_style_knows_have_the_colour_of_their_own_kind():
    from pygments.styles import get_style_by_name
    from pygments.token import Token

    colour_of = drawing._colours(get_style_by_name("default"), (255, 255, 255))
    assert colour_of(Token.Name.Class.Pseudo) == colour_of(Token.Name.Class) != colour_of(Token.Name)
