"""What the model sees: squares, and attention measured beside the ordinary pass."""

import threading

import numpy as np
import pytest
import torch
from PIL import Image

from deepseek_vl_hf import (
    DeepSeekVLHFForConditionalGeneration,
    DeepSeekVLHFImageProcessor,
    DeepSeekVLHFProcessor,
    seeing,
)
from deepseek_vl_hf.seeing import attention, squares
from deepseek_vl_hf.turns import Turn
from tensor_sizes import LargestTensor
from tiny import make_config, randomise


TOLERANCE = 1e-5
ANSWER = "A red bicycle leans, and a cat sleeps."


def noise(size, seed=0):
    values = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(values)


TURNS = (
    Turn("What is in the picture?", (noise((40, 30)),), "A teapot."),
    Turn("And here?", (noise((9, 64), 1),), ANSWER),
)


def model_of(low_res_only=False, std=0.3, **text):
    fields = make_config().text_config.to_dict() | text
    config = make_config(low_res_only=low_res_only, text_config=fields)
    return randomise(DeepSeekVLHFForConditionalGeneration(config), std=std)


def processor_of(model, tokenizer):
    images = DeepSeekVLHFImageProcessor.from_config(model.config)
    return DeepSeekVLHFProcessor(images, tokenizer, num_image_tokens=model.config.num_visual_tokens)


def inputs_of(processor, turns=TURNS):
    """The whole conversation as the processor makes it."""
    messages = []
    for turn in turns:
        pictures = [{"type": "image", "image": image} for image in turn.images]
        messages.append({"role": "user", "content": [*pictures, {"type": "text", "text": turn.question}]})
        messages.append({"role": "assistant", "content": [{"type": "text", "text": turn.answer}]})
    return processor.apply_chat_template(messages, tokenize=True, return_dict=True, return_tensors="pt")


@torch.no_grad()
def by_hand(model, processor):
    """What each token of the last answer is chosen by, of eager attention: its text and (layers, pictures, N)."""
    inputs = inputs_of(processor)
    attending = model.model.language_model.config._attn_implementation
    model.set_attn_implementation("eager")
    weights = torch.stack(model(**inputs, output_attentions=True).attentions)[:, 0].mean(1)  # (layers, T, T)
    model.set_attn_implementation(attending)
    ids = inputs["input_ids"][0]
    is_image = ids == processor.image_token_id
    tokens = []
    position, rest = len(ids) - 1, " " + ANSWER  # the last is the end of the sentence
    while rest:
        position -= 1
        text = processor.tokenizer.decode(ids[position])
        assert rest.endswith(text)
        rest = rest.removesuffix(text)
        tokens.insert(0, (text, weights[:, position - 1, is_image].unflatten(-1, (2, -1))))
    return tokens


def words_by_hand(tokens):
    """Means over the tokens of each word; a token that is but a space belongs to none."""
    words = []
    for text, paid in tokens:
        if text.startswith(" "):
            words.append([])
        if text.strip():
            words[-1].append(paid)
    return [torch.stack(word).mean(0) for word in words]


def difference(words, expected):
    assert len(words) == len(expected)
    pairs = [(word.maps[index], paid[index]) for word, paid in zip(words, expected, strict=True) for index in (0, 1)]
    return max(np.abs(found.reshape(-1) - paid.numpy()).max() for found, paid in pairs)


@pytest.mark.parametrize(
    "fields",
    [{}, {"low_res_only": True}, {"num_key_value_heads": 2}, {"num_key_value_heads": 1}],
    ids=["hybrid", "SigLIP alone", "two heads share a key", "all heads share a key"],
)
def test_maps_are_what_eager_attention_says(fields, tiny_tokenizer):
    model = model_of(**fields)
    processor = processor_of(model, tiny_tokenizer)
    words = attention(model, processor, TURNS)
    expected = words_by_hand(by_hand(model, processor))
    assert difference(words, [paid.mean(0) for paid in expected]) <= TOLERANCE
    assert np.ptp([word.maps[1] for word in words], axis=0).max() > 0.01  # words differ, and so do cells
    for word in words:
        assert [(each.shape, each.dtype) for each in word.maps] == [((4, 4), np.float32)] * 2
        assert all(each.min() >= 0 for each in word.maps)
        assert 0 < sum(each.sum() for each in word.maps) < 1


def test_layers_may_be_chosen(tiny_model, tiny_processor):
    expected = words_by_hand(by_hand(tiny_model, tiny_processor))
    for layers in ([0], [-1]):
        words = attention(tiny_model, tiny_processor, TURNS, layers=layers)
        assert difference(words, [paid[layers[0]] for paid in expected]) <= TOLERANCE
    with pytest.raises(ValueError, match=r"Found layers \[2\], expected at least one, from 0 to 1"):
        attention(tiny_model, tiny_processor, TURNS, layers=[2])


def test_the_model_stays_as_it_was(tiny_model, tiny_processor):
    inputs = inputs_of(tiny_processor)
    towers = tiny_model.model.vision_model
    configs = [tiny_model.config, tiny_model.model.language_model.config, towers.low_res.config]
    with torch.no_grad():
        before = tiny_model(**inputs).logits
        state = [(config.to_dict(), config._attn_implementation) for config in configs]
        modules = {name: vars(module).keys() for name, module in tiny_model.named_modules()}
        attention(tiny_model, tiny_processor, TURNS)
        assert torch.equal(tiny_model(**inputs).logits, before)
    assert [(config.to_dict(), config._attn_implementation) for config in configs] == state
    assert {name: vars(module).keys() for name, module in tiny_model.named_modules()} == modules


def test_the_model_stays_as_it_was_after_an_error(tiny_model, tiny_processor, monkeypatch):
    inputs = inputs_of(tiny_processor)
    with torch.no_grad():
        before = tiny_model(**inputs).logits
    with monkeypatch.context() as patch:
        patch.setattr(seeing._Meter, "read", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            attention(tiny_model, tiny_processor, TURNS)
    assert tiny_model.model.language_model.config._attn_implementation == "sdpa"
    with torch.no_grad():
        assert torch.equal(tiny_model(**inputs).logits, before)


def test_training_goes_on_after_a_look(tiny_model, tiny_processor):
    tiny_model.train()
    attention(tiny_model, tiny_processor, TURNS)
    assert all(module.training for module in tiny_model.modules())
    inputs = inputs_of(tiny_processor)
    tiny_model(**inputs).logits.sum().backward()
    assert all(parameter.grad is not None for parameter in tiny_model.model.language_model.parameters())


def test_another_thread_may_generate_meanwhile(tiny_model, tiny_processor, monkeypatch):
    inputs = inputs_of(tiny_processor)
    expected = tiny_model.generate(**inputs, do_sample=False, max_new_tokens=5, eos_token_id=None, pad_token_id=1)
    alone = attention(tiny_model, tiny_processor, TURNS)
    read, found = seeing._Meter.read, []

    def generate_in_between(meter, *args):
        def generate():
            found.append(
                tiny_model.generate(**inputs, do_sample=False, max_new_tokens=5, eos_token_id=None, pad_token_id=1)
            )

        thread = threading.Thread(target=generate)
        thread.start()
        thread.join()
        read(meter, *args)

    monkeypatch.setattr(seeing._Meter, "read", generate_in_between)
    words = attention(tiny_model, tiny_processor, TURNS)
    assert len(found) == 2
    assert all(torch.equal(ids, expected) for ids in found)
    for word, other in zip(words, alone, strict=True):
        assert np.array_equal(word.maps, other.maps)


def test_no_matrix_of_all_attention_is_ever_built(tiny_tokenizer):
    model = model_of(max_position_embeddings=1024, low_res_only=True)
    processor = processor_of(model, tiny_tokenizer)
    turns = (Turn("What is this?", (noise((32, 32)),) * 40, "A fox."),)
    length = inputs_of(processor, turns)["input_ids"].shape[1]
    with LargestTensor() as largest:
        attention(model, processor, turns)
    assert largest.elements < length**2 // 4  # of one head alone
    model.set_attn_implementation("eager")
    with LargestTensor() as largest, torch.no_grad():
        model(**inputs_of(processor, turns))
    assert largest.elements >= 4 * length**2


def test_weights_are_not_copied(tiny_model):
    twin = seeing._twin(tiny_model.model.language_model)
    for (name, theirs), ours in zip(
        twin.state_dict().items(), tiny_model.model.language_model.state_dict().values(), strict=True
    ):
        assert theirs.data_ptr() == ours.data_ptr(), name


def test_weights_may_lie_on_the_disk(tiny_model, tiny_processor, tmp_path):
    expected = attention(tiny_model, tiny_processor, TURNS)
    tiny_model.save_pretrained(tmp_path)
    device_map = {"model.vision_model": "cpu", "model.aligner": "cpu", "lm_head": "cpu"} | {
        f"model.language_model.{part}": "disk" if part == "layers.1" else "cpu"
        for part in ("embed_tokens", "layers.0", "layers.1", "norm", "rotary_emb")
    }
    split = type(tiny_model).from_pretrained(tmp_path, device_map=device_map, offload_folder=tmp_path / "offload")
    language_model = split.model.language_model
    pairs = zip(seeing._twin(language_model).modules(), language_model.modules(), strict=True)
    assert all(getattr(theirs, "_hf_hook", None) is getattr(ours, "_hf_hook", None) for theirs, ours in pairs)
    inputs = inputs_of(tiny_processor)
    with torch.no_grad():
        before = split(**inputs).logits
        words = attention(split, tiny_processor, TURNS)
        assert torch.equal(split(**inputs).logits, before)
    for word, other in zip(words, expected, strict=True):
        np.testing.assert_allclose(word.maps, other.maps, atol=TOLERANCE)


def test_an_adapter_counts(tiny_model, tiny_processor):
    peft = pytest.importorskip("peft")
    before = attention(tiny_model, tiny_processor, TURNS)
    targets = r".*language_model.*(q_proj|v_proj)"
    config = peft.LoraConfig(r=4, target_modules=targets, init_lora_weights=False, task_type="CAUSAL_LM")
    adapted = peft.get_peft_model(tiny_model, config).eval()
    words = attention(adapted, tiny_processor, TURNS)
    expected = [paid.mean(0) for paid in words_by_hand(by_hand(adapted.get_base_model(), tiny_processor))]
    assert difference(words, expected) <= TOLERANCE
    assert np.abs(words[0].maps[0] - before[0].maps[0]).max() > 1e-3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (ANSWER, ["A", " red", " bicycle", " leans,", " and", " a", " cat", " sleeps."]),
        ("  Zoë\nsees 3 🐘🐘. ", ["Zoë", "\nsees", " 3", " 🐘🐘."]),
        ("图里有 fox，好。", ["图", "里", "有", " fox", "，", "好", "。"]),
    ],
    ids=["English", "several bytes a character", "Chinese"],
)
def test_the_words_joined_are_the_answer(answer, words, tiny_model, tiny_processor):
    found = attention(tiny_model, tiny_processor, [Turn("What?", (noise((8, 8)),), answer)])
    assert [word.text for word in found] == words
    assert "".join(words) == answer.strip()
    assert all(np.isfinite(word.maps).all() for word in found)


def test_image_tokens_in_the_question_mark_the_pictures_places(tiny_model, tiny_processor):
    images = (noise((8, 8)), noise((8, 8), 1))
    first, between = (
        attention(tiny_model, tiny_processor, [Turn(question, images, ANSWER)])
        for question in ("Is larger than what?", "Is <image_placeholder> larger than <image_placeholder>what?")
    )
    assert len(first[0].maps) == len(between[0].maps) == 2
    assert np.abs(np.subtract(first[0].maps, between[0].maps)).max() > 1e-3


def test_the_system_instruction_is_read(tiny_model, tiny_processor):
    default, own = (attention(tiny_model, tiny_processor, TURNS, system) for system in (None, "Be short."))
    assert np.abs(np.subtract(default[0].maps, own[0].maps)).max() > 1e-4


@pytest.mark.parametrize("turns", [(), (*TURNS, Turn("And now?", (), ""))], ids=["no turn", "no answer yet"])
def test_a_conversation_without_an_answer_is_refused(turns, tiny_model, tiny_processor):
    with pytest.raises(ValueError, match="Found no answer at the end"):
        attention(tiny_model, tiny_processor, turns)


def test_a_question_that_stayed_without_an_answer_is_left_out(tiny_model, tiny_processor):
    unanswered = Turn("Hello?", (noise((8, 8)),), "")
    words = attention(tiny_model, tiny_processor, (unanswered, *TURNS))
    for word, expected in zip(words, attention(tiny_model, tiny_processor, TURNS), strict=True):
        assert np.array_equal(word.maps, expected.maps)


def test_a_conversation_without_a_picture_is_refused(tiny_model, tiny_processor):
    with pytest.raises(ValueError, match="Found no picture in the conversation"):
        attention(tiny_model, tiny_processor, [Turn("What?", (), ANSWER)])


def test_a_conversation_longer_than_the_context_is_refused(tiny_model, tiny_processor):
    with pytest.raises(ValueError, match=r"has \d+ tokens and the model reads 512; leave the first turns out"):
        attention(tiny_model, tiny_processor, TURNS * 5)


def test_squares_are_the_tensors_that_the_towers_get(tiny_processor):
    image = noise((50, 31))
    tensors = tiny_processor.image_processor([image], return_tensors="pt")
    shown = squares(tiny_processor, image)
    assert [label for label, _ in shown] == ["SigLIP, 32x32 pixels", "SAM, 64x64 pixels"]
    for (_, square), name, prefix in zip(
        shown, ("pixel_values", "high_res_pixel_values"), ("", "high_res_"), strict=True
    ):
        mean, std = (
            np.array(getattr(tiny_processor.image_processor, f"{prefix}image_{part}")) for part in ("mean", "std")
        )
        values = (np.asarray(square) / 255 - mean) / std
        apart = np.abs(values - tensors[name][0].permute(1, 2, 0).numpy()).max(axis=(0, 1))
        assert (apart <= 0.5 / 255 / std + TOLERANCE).all()  # half a step of 8 bits
    padding = np.asarray(shown[1][1])[0, 0]
    assert padding.tolist() == tiny_processor.image_processor.background_color


def test_one_tower_gets_one_square(tiny_low_res_config, tiny_tokenizer):
    model = DeepSeekVLHFForConditionalGeneration(tiny_low_res_config)
    ((label, square),) = squares(processor_of(model, tiny_tokenizer), noise((32, 32)))
    assert label == "SigLIP, 32x32 pixels"
    assert np.array_equal(square, noise((32, 32)))  # as large as the square: nothing is scaled
