"""The embedded default names what is in fifty held-out pictures.

python -m pytest tests/nano
"""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration, nano
from deepseek_vl_hf.data.kinds import KINDS, is_named


PICTURES = Path(__file__).parent / "pictures"
ANSWERS = json.loads((PICTURES / "answers.json").read_text(encoding="utf-8"))
FLOOR = 40  # of 50, by chance 0.2; examples/recipes/nano/evaluate.py measures it on many more


@pytest.fixture(scope="module")
def loaded():
    return AutoModelForImageTextToText.from_pretrained(nano.FOLDER), AutoProcessor.from_pretrained(nano.FOLDER)


def ask(loaded, pictures, prompt):
    model, processor = loaded
    text = {"type": "text", "text": prompt}
    chats = [[{"role": "user", "content": [{"type": "image", "image": picture}, text]}] for picture in pictures]
    inputs = processor.apply_chat_template(
        chats,
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        processor_kwargs={"return_tensors": "pt", "padding": True},
    )
    output = model.generate(**inputs, max_new_tokens=24, do_sample=False)
    return processor.batch_decode(output[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


def test_it_names_what_is_in_held_out_pictures(loaded):
    pictures = [Image.open(PICTURES / name) for name in ANSWERS]
    kinds = [next(kind for kind in KINDS if kind.name == names[0]) for names in ANSWERS.values()]
    answers = ask(loaded, pictures, "What is this?")
    wrong = {
        name: answer for name, kind, answer in zip(ANSWERS, kinds, answers, strict=True) if not is_named(answer, kind)
    }
    assert len(ANSWERS) == 50
    assert len(ANSWERS) - len(wrong) >= FLOOR, wrong


def test_it_looks_at_the_picture_and_not_at_the_question_alone(loaded):
    pictures = [Image.open(PICTURES / name) for name in list(ANSWERS)[:8]]
    assert len(set(ask(loaded, pictures, "What is this?"))) >= 5


def test_it_is_a_hybrid_that_loads_in_fp32_from_halves(loaded):
    model, _ = loaded
    assert isinstance(model, DeepSeekVLHFForConditionalGeneration)
    assert model.model.vision_model.high_res is not None
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    size = sum(path.stat().st_size for path in nano.FOLDER.iterdir() if path.is_file())
    assert size <= 12_000_000
