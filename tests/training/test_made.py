"""What is made on the spot, and the smoke recipes that use it.

python -m pytest tests/training/test_made.py
"""

import re
from pathlib import Path

import pytest
import torch

from deepseek_vl_hf.training import load_rows, train_from_recipe
from deepseek_vl_hf.training.checkpoints import find_last_checkpoint
from deepseek_vl_hf.training.made import make_model, make_rows


SMOKE = Path(__file__).parents[2] / "examples" / "recipes" / "smoke"


def test_the_same_name_makes_the_same_model_and_rows():
    torch.manual_seed(5)
    (one, _), (two, _) = make_model("made://nano"), make_model("made://nano")
    assert all(torch.equal(value, two.state_dict()[name]) for name, value in one.state_dict().items())
    assert make_rows("made://shapes").to_list() == load_rows("train", "made://shapes").to_list()
    assert make_rows("made://shapes").to_list() != make_rows("made://shapes", "test").to_list()


def test_rows_are_as_many_and_as_much_text_as_asked_for():
    rows = make_rows("made://shapes?rows=40&language=0.25&seed=3")
    assert sorted(map(len, rows["images"])) == [0] * 10 + [1] * 30


@pytest.mark.parametrize(
    "name", ["made://circles", "made://shapes?rows=0", "made://shapes?colour=red", "made://shapes?rows=x"]
)
def test_rows_that_cannot_be_made_are_refused(name):
    with pytest.raises(ValueError, match="expected made://shapes or made://questions with options such as"):
        make_rows(name)


def test_a_question_has_its_answer_among_four_letters():
    rows = make_rows("made://questions?rows=20")
    assert rows["choices"][0] == ["A", "B", "C", "D"]
    assert len(set(rows["answer"])) == 4
    asked = rows[0]["messages"][0]["content"][-1]["text"]
    assert all(f"{letter}: A " in asked for letter in "ABCD")
    assert len(rows[0]["messages"]) == len(rows[0]["images"]) == 1


def test_a_model_that_cannot_be_made_is_refused():
    with pytest.raises(ValueError, match="expected made://nano"):
        make_model("made://huge")


@pytest.mark.parametrize(("stage", "least"), [(1, 0.0), (2, 0.05), (3, 0.05)])
def test_a_smoke_recipe_learns_and_goes_on(stage, least, tmp_path, capsys):
    def losses_of(*words):
        output = ["--output_dir", str(tmp_path / "out"), "--disable_tqdm", "true"]
        train_from_recipe(str(SMOKE / f"stage{stage}.yaml"), [*output, *words])
        out = capsys.readouterr().out
        if stage == 2:
            assert (
                len(re.findall("'eval_questions_accuracy'", out))
                == len(re.findall("'eval_texts_bits_per_byte'", out))
                > 0
            )
        return [float(loss) for loss in re.findall(r"'loss': '([^']*)'", out)]

    losses = losses_of()
    assert find_last_checkpoint(tmp_path / "out").name == "checkpoint-12"
    assert len(losses) == 12
    assert sum(losses[-3:]) < (1 - least) * sum(losses[:3])
    assert losses_of("--resume_from_checkpoint", str(tmp_path / "out" / "checkpoint-6")) == losses[6:]
