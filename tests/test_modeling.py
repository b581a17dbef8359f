"""What the model computes: forward, generation, batches, and what goes in besides ids and pixels."""

import pytest
import torch
from transformers import GenerationConfig

from tiny import make_inputs


ROWS = (1, 0, 2)  # pictures in each row
GREEDY = GenerationConfig(max_new_tokens=6, do_sample=False, eos_token_id=None, pad_token_id=1)


def without(inputs, *names):
    return {name: value for name, value in inputs.items() if name not in names}


def single_rows(inputs, model):
    """Each row alone, without its padding and with its own pictures."""
    first = 0
    for row, count in enumerate(ROWS):
        kept = inputs["attention_mask"][row].bool()
        alone = {name: inputs[name][row : row + 1, kept] for name in ("input_ids", "attention_mask")}
        if count:
            pictures = [name for name in ("pixel_values", "high_res_pixel_values") if name in inputs]
            alone |= {name: inputs[name][first : first + count] for name in pictures}
        first += count
        yield row, alone


@pytest.fixture(params=["tiny_model", "tiny_low_res_model"])
def model(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def inputs(model):
    return make_inputs(model.config, ROWS)


@torch.no_grad()
def test_a_padded_batch_gives_what_its_rows_give_alone(model, inputs):
    logits = model(**inputs).logits
    for row, alone in single_rows(inputs, model):
        expected = model(**alone).logits[0]
        torch.testing.assert_close(logits[row, -len(expected) :], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("options", [{}, {"num_beams": 3, "num_return_sequences": 2}], ids=["greedy", "beams"])
def test_generation_of_a_padded_batch_is_that_of_its_rows(options, model, inputs):
    length, sequences = inputs["input_ids"].shape[1], options.get("num_return_sequences", 1)
    together = model.generate(**inputs, generation_config=GREEDY, **options)[:, length:]
    for row, alone in single_rows(inputs, model):
        expected = model.generate(**alone, generation_config=GREEDY, **options)[:, alone["input_ids"].shape[1] :]
        assert together[row * sequences : (row + 1) * sequences].tolist() == expected.tolist()


@pytest.mark.parametrize(
    "options",
    [
        {"use_cache": False},
        {"cache_implementation": "static", "disable_compile": True},
        {"prefill_chunk_size": 8},
        {"prefill_chunk_size": 16},
    ],
    ids=["no cache", "static cache", "prefill that cuts pictures", "prefill in chunks as long as a picture"],
)
def test_how_the_cache_is_filled_changes_no_token(options, model, inputs):
    expected = model.generate(**inputs, generation_config=GREEDY)
    assert model.generate(**inputs, generation_config=GREEDY, **options).tolist() == expected.tolist()


@torch.no_grad()
def test_pictures_matter_each_where_it_stands(model, inputs):
    before = model(**inputs).logits
    for name in inputs.keys() & {"pixel_values", "high_res_pixel_values"}:
        changed = inputs[name].clone()
        changed[1] *= -1  # the first of the two in the last row
        difference = (model(**{**inputs, name: changed}).logits - before).abs().amax(-1)
        first_picture = (inputs["input_ids"][2] == model.config.image_token_id).nonzero()[0]
        assert not difference[:2].any()
        assert not difference[2, :first_picture].any()
        assert difference[2, first_picture:].min() > 1e-3


def test_visual_tokens_come_with_the_features_they_are_made_of(model, inputs):
    pixels = without(inputs, "input_ids", "attention_mask")
    output = model.get_image_features(**pixels)
    assert output.pooler_output.shape == (3, 16, 32)
    assert output.last_hidden_state.shape == (3, 16, 32)
    hybrid = model.config.high_res_vision_config is not None
    assert (output.high_res_last_hidden_state is not None) == hybrid
    features = (output.last_hidden_state, output.high_res_last_hidden_state)
    torch.testing.assert_close(model.model.aligner(*features), output.pooler_output)
    assert isinstance(model.get_image_features(**pixels, return_dict=False), tuple)


@torch.no_grad()
def test_embeddings_may_stand_for_ids(model, inputs):
    expected = model(**inputs).logits
    embeddings = model.get_input_embeddings()(inputs["input_ids"])
    logits = model(inputs_embeds=embeddings, **without(inputs, "input_ids")).logits
    assert torch.equal(logits, expected)


def test_generation_starts_from_embeddings_with_and_without_pictures_in_them(model, inputs):
    expected = model.generate(**inputs, generation_config=GREEDY)[:, inputs["input_ids"].shape[1] :].tolist()
    embeddings = model.get_input_embeddings()(inputs["input_ids"])
    generated = model.generate(inputs_embeds=embeddings, **without(inputs, "input_ids"), generation_config=GREEDY)
    assert generated.tolist() == expected
    visual_tokens = model.get_image_features(**without(inputs, "input_ids", "attention_mask")).pooler_output
    is_image = (inputs["input_ids"] == model.config.image_token_id)[..., None]
    merged = embeddings.masked_scatter(is_image, visual_tokens)
    generated = model.generate(inputs_embeds=merged, attention_mask=inputs["attention_mask"], generation_config=GREEDY)
    assert generated.tolist() == expected


def test_pictures_may_be_encoded_beforehand(model, inputs):
    encoded = {"image": model.get_image_features(**without(inputs, "input_ids", "attention_mask"))}
    text = {name: inputs[name] for name in ("input_ids", "attention_mask")}
    assert torch.equal(model(**text, mm_encoder_outputs=encoded).logits, model(**inputs).logits)
    generated = model.generate(**text, mm_encoder_outputs=encoded, generation_config=GREEDY)
    assert generated.tolist() == model.generate(**inputs, generation_config=GREEDY).tolist()


@torch.no_grad()
def test_only_the_logits_asked_for_are_computed(model, inputs):
    logits = model(**inputs).logits
    torch.testing.assert_close(model(**inputs, logits_to_keep=3).logits, logits[:, -3:])
    positions = torch.tensor([1, 5, 20])
    torch.testing.assert_close(model(**inputs, logits_to_keep=positions).logits, logits[:, positions])


@torch.no_grad()
def test_the_loss_is_the_mean_over_labels_that_count(model, inputs):
    counts = (inputs["input_ids"] != model.config.image_token_id) & inputs["attention_mask"].bool()
    labels = inputs["input_ids"].masked_fill(~counts, -100)
    output = model(**inputs, labels=labels)
    by_hand = torch.nn.functional.cross_entropy(output.logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
    torch.testing.assert_close(output.loss, by_hand)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@torch.no_grad()
def test_half_precision_stays_near_single_precision(dtype, model, inputs):
    kept = inputs["attention_mask"].bool()
    expected = model(**inputs).logits[kept]
    found = model.to(dtype)(**inputs).logits[kept]
    assert found.dtype == dtype
    assert (found - expected).abs().mean() < 0.1 * expected.abs().mean()


@torch.no_grad()
def test_the_vocabulary_grows_without_changing_what_was_there(model, inputs):
    expected = model(**inputs).logits
    model.resize_token_embeddings(330)
    assert model.config.text_config.vocab_size == 330
    torch.testing.assert_close(model(**inputs).logits[..., :320], expected)


@torch.no_grad()
def test_parts_may_lie_on_the_disk(tiny_model, tmp_path):
    inputs = make_inputs(tiny_model.config, ROWS)
    tiny_model.save_pretrained(tmp_path)
    on_disk = {"model.vision_model.high_res", "model.aligner", "model.language_model.layers.1", "lm_head"}
    rest = ("embed_tokens", "layers.0", "norm", "rotary_emb")
    on_cpu = {"model.vision_model.low_res", *(f"model.language_model.{part}" for part in rest)}
    device_map = dict.fromkeys(on_disk, "disk") | dict.fromkeys(on_cpu, "cpu")
    split = type(tiny_model).from_pretrained(tmp_path, device_map=device_map, offload_folder=tmp_path / "offload")
    assert split.lm_head.weight.is_meta
    torch.testing.assert_close(split(**inputs).logits, tiny_model(**inputs).logits)


@torch.no_grad()
def test_a_device_map_may_be_left_to_accelerate(tiny_model, tmp_path):
    inputs = make_inputs(tiny_model.config, ROWS)
    tiny_model.save_pretrained(tmp_path)
    mapped = type(tiny_model).from_pretrained(tmp_path, device_map="auto")
    on_its_device = {name: value.to(mapped.device) for name, value in inputs.items()}
    kept = inputs["attention_mask"].bool()
    found = mapped(**on_its_device).logits.cpu()[kept]
    torch.testing.assert_close(found, tiny_model(**inputs).logits[kept], rtol=1e-3, atol=1e-3)
