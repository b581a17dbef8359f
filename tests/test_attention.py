"""SAM's attention in its three forms, and which part of the model attends how."""

import pytest
import torch

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from deepseek_vl_hf import modeling_vision_deepseek_vl_hf as vision
from tensor_sizes import LargestTensor
from tiny import make_config, make_inputs


TOLERANCE = 1e-5
PARTS = ("text_config", "vision_config", "high_res_vision_config")


def sam_tower(model, attention):
    tower = model.model.vision_model.high_res
    tower.set_attn_implementation(attention)
    return tower


def encode(model, attention, pixels):
    return sam_tower(model, attention)(pixels).last_hidden_state


@pytest.fixture
def pixels(tiny_config):
    size = tiny_config.high_res_vision_config.image_size
    return torch.randn(3, 3, size, size, generator=torch.Generator().manual_seed(0))


@pytest.fixture(params=[1, 64, 1000, 2**30], ids=lambda number: f"chunks of {number}")
def chunk_elements(request, monkeypatch):
    """From a query at a time to everything at once, with a last chunk that is shorter than the others."""
    monkeypatch.setitem(vision.CHUNK_ELEMENTS, "cpu", request.param)


@torch.no_grad()
def test_chunks_give_what_eager_attention_gives(tiny_model, pixels, chunk_elements):
    eager, chunked = (encode(tiny_model, attention, pixels) for attention in ("eager", "sdpa"))
    assert (eager - chunked).abs().max() < TOLERANCE * eager.abs().max()


def test_chunks_give_the_gradients_that_eager_attention_gives(tiny_model, pixels, chunk_elements):
    gradients = []
    for attention in ("eager", "sdpa"):
        tiny_model.zero_grad()
        encode(tiny_model, attention, pixels).square().mean().backward()
        gradients.append({name: p.grad for name, p in tiny_model.named_parameters() if p.grad is not None})
    eager, chunked = gradients
    assert eager.keys() == chunked.keys()
    assert any("rel_pos_h" in name for name in eager)
    for name, gradient in eager.items():
        assert (gradient - chunked[name]).abs().max() < TOLERANCE * max(1.0, gradient.abs().max()), name


@pytest.mark.slow  # compiles C++
@torch.no_grad()
def test_flex_attention_gives_what_eager_attention_gives(tiny_model, pixels):
    eager, flex = (encode(tiny_model, attention, pixels) for attention in ("eager", "flex_attention"))
    assert (eager - flex).abs().max() < TOLERANCE * eager.abs().max()
    other_number_of_pictures = encode(tiny_model, "flex_attention", pixels[:2])
    assert (eager[:2] - other_number_of_pictures).abs().max() < TOLERANCE * eager.abs().max()


@pytest.mark.parametrize("training", [False, True])
def test_no_bias_matrix_is_ever_built(training, monkeypatch):
    high_res = {
        "image_size": 128,
        "patch_size": 4,  # 32x32 cells: the bias of a picture and head has a million elements
        "hidden_size": 8,
        "mlp_dim": 8,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "window_size": 4,
        "global_attn_indexes": [1],
        "output_channels": 2,
        "interpolated_grid": 16,
    }
    config = make_config(high_res_vision_config=high_res)
    tower = DeepSeekVLHFForConditionalGeneration(config).model.vision_model.high_res.train(training)
    monkeypatch.setitem(vision.CHUNK_ELEMENTS, "cpu", 2**15)
    bias = 2 * (32 * 32) ** 2
    largest = {}
    for attention in ("sdpa", "eager"):
        tower.set_attn_implementation(attention)
        with LargestTensor() as largest[attention], torch.set_grad_enabled(training):
            features = tower(torch.randn(1, 3, 128, 128)).last_hidden_state
            if training:
                features.sum().backward()
    assert largest["eager"].elements == bias
    assert largest["sdpa"].elements <= bias // 16


def test_windows_that_do_not_divide_the_grid_are_padded_as_sam_pads(tiny_model, tiny_config):
    """The last rows attend to zeros, which have a key and a value of their own (the bias of the projection)."""
    layer = tiny_model.model.vision_model.high_res.layers[0]
    assert tiny_config.high_res_vision_config.grid_size % layer.window_size
    cells = torch.randn(1, 8, 8, 32)
    padded = torch.zeros(1, 9, 9, 32)
    padded[:, :8, :8] = cells
    by_hand = torch.zeros(1, 9, 9, 32)
    for row in range(0, 9, 3):
        for column in range(0, 9, 3):
            window = (slice(None), slice(row, row + 3), slice(column, column + 3))
            by_hand[window] = layer.attn(padded[window])[0]
    torch.testing.assert_close(layer._attend_in_windows(cells), by_hand[:, :8, :8])


@pytest.mark.parametrize(
    "requested",
    [
        "eager",
        "sdpa",
        {"text_config": "eager", "vision_config": "sdpa", "high_res_vision_config": "eager"},
        {"text_config": "sdpa", "vision_config": "eager", "high_res_vision_config": "sdpa"},
    ],
    ids=str,
)
@torch.no_grad()
def test_every_part_attends_as_asked_for_at_load_and_later(requested, tiny_model, tiny_config, tmp_path):
    inputs = make_inputs(tiny_config)
    expected = tiny_model(**inputs).logits
    tiny_model.save_pretrained(tmp_path)
    at_load = DeepSeekVLHFForConditionalGeneration.from_pretrained(tmp_path, attn_implementation=requested)
    tiny_model.set_attn_implementation(requested)
    for model in (at_load, tiny_model):
        towers = model.model.vision_model
        found = [part.config._attn_implementation for part in (model.model.language_model, towers.low_res)]
        found.append(towers.high_res.layers[0].attn.config._attn_implementation)
        assert found == [requested] * 3 if isinstance(requested, str) else found == list(map(requested.get, PARTS))
        kept = inputs["attention_mask"].bool()
        torch.testing.assert_close(model(**inputs).logits[kept], expected[kept], rtol=1e-4, atol=1e-4)


@pytest.mark.slow  # compiles C++
@torch.no_grad()
def test_every_part_attends_with_flex_attention(tiny_model, tiny_config):
    inputs = make_inputs(tiny_config)
    expected = tiny_model(**inputs).logits
    tiny_model.set_attn_implementation("flex_attention")
    assert tiny_model.model.vision_model.high_res.config._attn_implementation == "flex_attention"
    kept = inputs["attention_mask"].bool()
    torch.testing.assert_close(tiny_model(**inputs).logits[kept], expected[kept], rtol=1e-4, atol=1e-4)


def test_sam_refuses_attention_that_knows_no_relative_positions(tiny_config):
    asked = {"text_config": "sdpa", "vision_config": "sdpa", "high_res_vision_config": "flash_attention_2"}
    with pytest.raises(ValueError, match="'flash_attention_2' for SAM, expected one of eager, sdpa, flex_attention"):
        DeepSeekVLHFForConditionalGeneration._from_config(tiny_config, attn_implementation=asked)


def test_attentions_and_hidden_states_of_every_layer_come_back(tiny_model, tiny_config):
    tiny_model.set_attn_implementation("eager")
    inputs = make_inputs(tiny_config)
    with torch.no_grad():
        output = tiny_model(**inputs, output_hidden_states=True, output_attentions=True)
        pixels = {name: inputs[name] for name in ("pixel_values", "high_res_pixel_values")}
        features = tiny_model.get_image_features(**pixels, output_hidden_states=True, output_attentions=True)
    assert len(output.hidden_states) == 3
    assert len(output.attentions) == 2
    assert len(features.hidden_states) == 3
    assert len(features.attentions) == 2
    assert len(features.high_res_hidden_states) == 5
    assert [tuple(weights.shape) for weights in features.high_res_attentions] == [
        (3 * 9, 2, 9, 9),  # nine windows of nine cells in each of three pictures
        (3, 2, 64, 64),
    ] * 2
    for weights in features.high_res_attentions:
        torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:-1]))
