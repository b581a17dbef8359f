"""Inputs that do not fit each other or the model: the error names what was found, what was expected, and the remedy."""

import pytest

from tiny import make_inputs


@pytest.fixture
def inputs(tiny_config):
    return make_inputs(tiny_config, num_images=(1, 2))


def nan_in_the_second_picture(pixels):
    pixels = pixels.clone()
    pixels[1, 0, 0, 0] = float("nan")
    return pixels


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("pixel_values", lambda p: p[:2], "3 pictures|2 pictures in pixel_values and 3 in high_res_pixel_values"),
        ("pixel_values", lambda p: p[..., :16], r"pixel_values: found shape \(3, 3, 32, 16\), expected .* 3, 32, 32"),
        ("pixel_values", lambda p: p[:, :1], r"found shape \(3, 1, 32, 32\).* checkpoint's own processor"),
        ("pixel_values", lambda p: p[0], r"found shape \(3, 32, 32\)"),
        ("pixel_values", lambda p: (p * 255).byte(), r"found dtype torch\.uint8, expected floats"),
        ("pixel_values", list, "pixel_values: found list, expected a float tensor"),
        ("pixel_values", nan_in_the_second_picture, r"pixel_values: found NaN or infinity in picture \[1\]"),
        ("high_res_pixel_values", nan_in_the_second_picture, r"high_res_pixel_values: found NaN .* \[1\]"),
        ("high_res_pixel_values", lambda p: p[..., :32], r"high_res_pixel_values: found shape .* expected .*64, 64\)"),
        ("high_res_pixel_values", lambda p: p[:2], "3 pictures in pixel_values and 2 in high_res_pixel_values"),
        ("high_res_pixel_values", lambda p: None, "without high_res_pixel_values; .* both views"),
        ("pixel_values", lambda p: None, "high_res_pixel_values without pixel_values"),
    ],
)
def test_pixels_that_do_not_fit(name, change, message, tiny_model, inputs):
    inputs[name] = change(inputs[name])
    with pytest.raises(ValueError, match=message):
        tiny_model(**inputs)


@pytest.mark.parametrize("run", ["forward", "generate"])
def test_a_picture_too_few(run, tiny_model, inputs):
    inputs |= {name: inputs[name][:2] for name in ("pixel_values", "high_res_pixel_values")}
    call = tiny_model if run == "forward" else tiny_model.generate
    with pytest.raises(ValueError, match=r"48 image tokens for 2 pictures of 16 visual tokens each \(expected 32\)"):
        call(**inputs)


@pytest.mark.parametrize("run", ["forward", "generate"])
def test_a_row_that_holds_part_of_a_picture(run, tiny_model, inputs, tiny_config):
    """The counts agree over the batch, but eight image tokens stand in the wrong row."""
    is_image = inputs["input_ids"] == tiny_config.image_token_id
    first, text = is_image[1].nonzero()[0].item(), (~is_image[0]).nonzero()[:8, 0]
    inputs["input_ids"][1, first : first + 8] = 5
    inputs["input_ids"][0, text] = tiny_config.image_token_id
    call = tiny_model if run == "forward" else tiny_model.generate
    with pytest.raises(ValueError, match=r"\[24, 24\] image tokens in the rows, expected multiples of 16.* Truncate"):
        call(**inputs)


def test_image_tokens_without_a_picture_are_text_to_the_model(tiny_model, inputs):
    """As in transformers: who passes only ids gets the placeholder's own embedding, for example to count tokens."""
    logits = tiny_model(input_ids=inputs["input_ids"]).logits
    assert logits.isfinite().all()


def test_a_second_view_for_a_model_with_one_tower(tiny_low_res_model, inputs):
    with pytest.raises(ValueError, match="no high-resolution tower"):
        tiny_low_res_model(**inputs)


def test_ids_and_embeddings_exclude_each_other(tiny_model, inputs):
    embeddings = tiny_model.get_input_embeddings()(inputs["input_ids"])
    with pytest.raises(ValueError, match="both of input_ids and inputs_embeds"):
        tiny_model(**inputs, inputs_embeds=embeddings)
    with pytest.raises(ValueError, match="neither of input_ids and inputs_embeds"):
        tiny_model(attention_mask=inputs["attention_mask"])


def test_pictures_are_encoded_once(tiny_model, inputs):
    pixels = {name: inputs[name] for name in ("pixel_values", "high_res_pixel_values")}
    encoded = {"image": tiny_model.get_image_features(**pixels)}
    with pytest.raises(ValueError, match="more than one of pixel_values, mm_encoder_outputs"):
        tiny_model(**inputs, mm_encoder_outputs=encoded)
