"""Features from disk are those that the towers compute.

python -m pytest tests/training/test_features.py
"""

import copy
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from datasets import Dataset
from PIL import Image
from tiny_rows import picture, row

from deepseek_vl_hf.training.features import FeatureCache, picture_name, towers_name


PLANNED = {"train_sampling_strategy": "random", "language_warmup_steps": 0, "language_share": 0.25, "max_steps": 6}


@pytest.fixture
def rows():
    """Twelve rows, some with a picture that others have too."""
    return [row(f"What is {i}?", "A cat" + " and a dog" * (i % 3), i % 4, seed=i % 3) for i in range(12)]


def run(model, make_trainer, rows, stage=2, **kwargs):
    trainer = make_trainer(model, rows, stage, learning_rate=1e-2, **{**PLANNED, **kwargs})
    ran, bodies = [], model.model.vision_model.bodies
    model.model.vision_model.bodies = lambda *args, **kw: ran.append(len(kw["pixel_values"])) or bodies(*args, **kw)
    trainer.train()
    del model.model.vision_model.bodies
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry], sum(ran)


@pytest.mark.parametrize("settings", [{}, {"packing": True, "max_length": 400}, {"dataloader_num_workers": 2}])
def test_losses_and_weights_are_those_of_a_run_without_a_cache(tiny_model, make_trainer, rows, tmp_path, settings):
    start = copy.deepcopy(tiny_model.state_dict())
    plain, _ = run(tiny_model, make_trainer, rows, **settings)
    learned = copy.deepcopy(tiny_model.state_dict())
    ran = []
    for _ in range(2):
        tiny_model.load_state_dict(start)
        cached, count = run(tiny_model, make_trainer, rows, feature_cache=str(tmp_path / "cache"), **settings)
        ran.append(count)
        assert cached == pytest.approx(plain, abs=1e-5)
        for name, value in tiny_model.state_dict().items():
            # AdamW makes a step of the last bit of a gradient near zero.
            torch.testing.assert_close(value, learned[name], atol=2e-4, rtol=0, msg=name)
    assert ran[0] > 0
    assert ran[1] == 0


def test_features_are_equal_to_computing_them(tiny_model, tiny_processor, tmp_path):
    tiny_model.eval()
    cache = FeatureCache(tmp_path, "towers", 10**9)
    pictures = [picture(seed) for seed in range(3)]
    pixels = tiny_processor.image_processor(pictures, return_tensors="pt")
    states = tiny_model.model.vision_model.bodies(**pixels)
    for index, each in enumerate(pictures):
        cache.put(picture_name(each), {name: value[index] for name, value in states.items()})
    for index, each in enumerate(pictures):
        found = FeatureCache(tmp_path, "towers", 10**9).get(picture_name(each))
        assert all(torch.equal(found[name], value[index]) for name, value in states.items())
    with torch.no_grad():
        expected = tiny_model.model.get_image_features(**pixels).pooler_output
        vision = tiny_model.model.vision_model(body_states=states)
        found = tiny_model.model.aligner(vision.last_hidden_state, vision.high_res_last_hidden_state)
    # Convolutions of another memory layout add in another order.
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_whatever_decides_a_feature_is_in_its_name(tiny_model, tiny_processor):
    name = towers_name(tiny_model, tiny_processor, "no")
    assert name == towers_name(copy.deepcopy(tiny_model), tiny_processor, "no")
    assert name != towers_name(tiny_model, tiny_processor, "bf16")
    with torch.no_grad():
        tiny_model.model.vision_model.high_res.alpha += 1
        tiny_model.model.aligner.proj.bias += 1
    assert name == towers_name(tiny_model, tiny_processor, "no")  # what learns is behind what is kept
    for tower, parameter in (
        ("low_res", "post_layernorm.bias"),
        ("high_res", "pos_embed"),
    ):
        changed = copy.deepcopy(tiny_model)
        with torch.no_grad():
            changed.model.vision_model.get_parameter(f"{tower}.{parameter}").add_(1e-3)
        assert name != towers_name(changed, tiny_processor, "no")
    tiny_processor.image_processor.background_color = (1, 2, 3)
    tiny_processor.image_processor.image_mean = [0.1, 0.1, 0.1]
    assert name != towers_name(tiny_model, tiny_processor, "no")


def test_pictures_that_look_different_have_different_names():
    one = picture(0)
    turned = one.copy()
    turned.getexif()[0x0112] = 6
    grey, palette = one.convert("L"), one.convert("P")
    other = palette.copy()
    other.putpalette([0] * 768)
    names = [picture_name(each) for each in (one, picture(1), turned, grey, palette, other, one.resize((24, 96)))]
    assert len(set(names)) == len(names)
    assert picture_name(one) == picture_name(Image.fromarray(np.array(one)))


def test_the_folder_stays_within_its_size_whoever_writes(tmp_path):
    features = {"low_res": torch.ones(64, 64)}
    size = 64 * 64 * 4
    FeatureCache(tmp_path, "a", 10 * size)
    barrier = threading.Barrier(4)

    def write(worker):
        cache = FeatureCache(tmp_path, f"towers{worker % 2}", 10 * size)
        barrier.wait()
        return sum(cache.put(f"{worker}-{index}", features) for index in range(5))

    with ThreadPoolExecutor(4) as pool:
        written = sum(pool.map(write, range(4)))
    files = list(tmp_path.rglob("*.safetensors"))
    assert len(files) == written == 9  # each has a header beside its 16 KiB
    assert sum(path.stat().st_size for path in files) <= 10 * size
    assert not list(tmp_path.rglob("*.new"))


def test_a_damaged_file_is_computed_anew(tmp_path):
    cache = FeatureCache(tmp_path, "a", 10**6)
    cache.put("abc", {"low_res": torch.ones(4)})
    (path,) = tmp_path.rglob("*.safetensors")
    path.write_bytes(path.read_bytes()[:20])
    assert cache.get("abc") is None


def test_what_would_change_features_is_refused(tiny_model, make_trainer, rows, tmp_path):
    cache = {"feature_cache": str(tmp_path / "cache")}
    with pytest.raises(ValueError, match="in stage 3, which trains SigLIP"):
        make_trainer(tiny_model, rows, 3, **cache)
    augmented = Dataset.from_list(rows).with_transform(lambda batch: batch)
    with pytest.raises(ValueError, match="with a transform that set_transform put on the rows"):
        make_trainer(tiny_model, augmented, 2, **PLANNED, **cache)
    tiny_model.config.vision_config.attention_dropout = 0.1
    with pytest.raises(ValueError, match="with dropout in a tower"):
        make_trainer(tiny_model, rows, 2, **PLANNED, **cache)
