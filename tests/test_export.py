"""Checkpoints cross between the three layouts and come back bit for bit; stock classes read what is written for them."""

import json
import re
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import (
    AutoConfig,
    AutoModelForImageTextToText,
    AutoProcessor,
    DeepseekVLConfig,
    DeepseekVLForConditionalGeneration,
    DeepseekVLHybridConfig,
    DeepseekVLHybridForConditionalGeneration,
)
from transformers.models.deepseek_vl.image_processing_pil_deepseek_vl import DeepseekVLImageProcessorPil
from transformers.models.deepseek_vl_hybrid.image_processing_pil_deepseek_vl_hybrid import (
    DeepseekVLHybridImageProcessorPil,
)

from deepseek_vl_hf import (
    DeepSeekVLHFConfig,
    DeepSeekVLHFForConditionalGeneration,
    DeepSeekVLHFImageProcessor,
    DeepSeekVLHFProcessor,
)
from deepseek_vl_hf.exporting import export, write_checkpoint
from deepseek_vl_hf.layouts_deepseek_vl_hf import UNUSED_OFFICIAL_KEYS, config_for
from deepseek_vl_hf.loading import load
from tiny import make_config, make_inputs, randomise


REFERENCE = Path(__file__).parent / "reference"
# The reference configs name towers of other sizes than they have (reference/README.md).
LOW_SIZES = {
    "image_size": 96,
    "patch_size": 4,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 128,
}
HIGH_SIZES = {
    "image_size": 192,
    "patch_size": 8,
    "hidden_size": 32,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "global_attn_indexes": [1, 3],
    "output_channels": 16,
    "downsample_channels": [24, 32],
}
KINDS = pytest.mark.parametrize("hybrid", [True, False], ids=["hybrid", "low_res"])


def reference_folder(hybrid):
    return REFERENCE / f"official_tiny_{'hybrid' if hybrid else 'lowres'}"


def reference_model(hybrid):
    sizes = {"vision_config": LOW_SIZES, "image_token_id": 319}
    if hybrid:
        sizes["high_res_vision_config"] = HIGH_SIZES
    config = DeepSeekVLHFConfig.from_pretrained(reference_folder(hybrid), **sizes)
    return DeepSeekVLHFForConditionalGeneration.from_pretrained(reference_folder(hybrid), config=config)


def tiny(hybrid, tokenizer, **kwargs):
    config = make_config(low_res_only=not hybrid, **kwargs)
    model = randomise(DeepSeekVLHFForConditionalGeneration(config))
    image_processor = DeepSeekVLHFImageProcessor.from_config(config)
    return model, DeepSeekVLHFProcessor(image_processor, tokenizer, num_image_tokens=config.num_visual_tokens)


def stock_class(hybrid):
    return DeepseekVLHybridForConditionalGeneration if hybrid else DeepseekVLForConditionalGeneration


def assert_same_model(first, second, hybrid):
    inputs = make_inputs(make_config(low_res_only=not hybrid), num_images=(1, 2))
    with torch.no_grad():
        torch.testing.assert_close(first(**inputs).logits, second(**inputs).logits, rtol=0, atol=1e-4)
    inputs = make_inputs(make_config(low_res_only=not hybrid), num_images=(2,))
    generated = [
        model.generate(**inputs, max_new_tokens=12, do_sample=False, pad_token_id=1, eos_token_id=1)
        for model in (first, second)
    ]
    assert generated[0].tolist() == generated[1].tolist()


@KINDS
def test_an_official_checkpoint_comes_back_bit_for_bit(hybrid, tmp_path):
    report = write_checkpoint(reference_model(hybrid), None, tmp_path / "out", "official")
    source = load_file(reference_folder(hybrid) / "model.safetensors")
    written = load_file(tmp_path / "out" / "model.safetensors")
    left_out = {key for key in source if any(re.search(pattern, key) for pattern in report.left_out)}
    assert left_out
    assert written.keys() == source.keys() - left_out
    assert all(torch.equal(written[key], source[key]) for key in written)
    assert report.left_out == UNUSED_OFFICIAL_KEYS
    assert report.num_tensors == len(written)
    # The sizes that the official config cannot name come along, so our reader needs no help.
    again, _ = load(tmp_path / "out", needs_processor=False)
    configs = (again.config.to_dict(), reference_model(hybrid).config.to_dict())
    assert configs[0] | {"_name_or_path": ""} == configs[1] | {"_name_or_path": ""}


@KINDS
def test_an_official_config_says_what_the_released_ones_say(hybrid, tmp_path):
    write_checkpoint(reference_model(hybrid), None, tmp_path / "out", "official")
    written = json.loads((tmp_path / "out" / "config.json").read_text())
    source = json.loads((reference_folder(hybrid) / "config.json").read_text())

    def missing(theirs, ours, path=""):
        for key, value in theirs.items():
            if isinstance(value, dict):
                yield from missing(value, ours[key], f"{path}{key}.")
            elif ours.get(key, ...) != value:
                yield f"{path}{key}"

    assert set(missing(source, written)) <= {"transformers_version"}


@KINDS
def test_a_native_export_is_the_same_model_to_the_stock_class(hybrid, tmp_path, tiny_tokenizer):
    model, processor = tiny(hybrid, tiny_tokenizer)
    write_checkpoint(model, processor, tmp_path / "native", "native")
    stock, info = stock_class(hybrid).from_pretrained(tmp_path / "native", output_loading_info=True)
    assert not any(info.values())
    assert_same_model(model, stock, hybrid)


@KINDS
def test_a_stock_checkpoint_is_the_same_model_to_ours(hybrid, tmp_path):
    config_class = DeepseekVLHybridConfig if hybrid else DeepseekVLConfig
    config_dict = config_for("native", make_config(low_res_only=not hybrid).to_dict())
    stock = randomise(stock_class(hybrid)(config_class.from_dict(config_dict)))
    stock.save_pretrained(tmp_path / "stock")
    model, _ = load(tmp_path / "stock", needs_processor=False)
    assert_same_model(model, stock, hybrid)
    write_checkpoint(model, None, tmp_path / "again", "native")
    written = load_file(tmp_path / "again" / "model.safetensors")
    source = load_file(tmp_path / "stock" / "model.safetensors")
    assert written.keys() == source.keys()
    assert all(torch.equal(written[key], source[key]) for key in source)


@KINDS
def test_auto_classes_find_the_stock_classes_in_a_native_export(hybrid, tmp_path, tiny_tokenizer):
    model, processor = tiny(hybrid, tiny_tokenizer)
    write_checkpoint(model, processor, tmp_path / "native", "native")
    assert type(AutoModelForImageTextToText.from_pretrained(tmp_path / "native")) is stock_class(hybrid)
    stem = "DeepseekVLHybrid" if hybrid else "DeepseekVL"
    assert type(AutoConfig.from_pretrained(tmp_path / "native")).__name__ == f"{stem}Config"
    stock = AutoProcessor.from_pretrained(tmp_path / "native", backend="pil")
    assert type(stock).__name__ == f"{stem}Processor"
    chat = [
        {
            "role": "user",
            "content": [{"type": "image", "image": Image.new("RGB", (40, 30))}, {"type": "text", "text": "?"}],
        }
    ]
    options = {"tokenize": True, "return_dict": True, "return_tensors": "pt", "add_generation_prompt": True}
    theirs, ours = (reader.apply_chat_template(chat, **options) for reader in (stock, processor))
    assert theirs["input_ids"].tolist() == ours["input_ids"].tolist()
    assert theirs.keys() - {"mm_token_type_ids"} == ours.keys() - {"mm_token_type_ids"}
    assert theirs["pixel_values"].shape == ours["pixel_values"].shape


@KINDS
def test_the_stock_image_processor_reads_our_sizes_and_statistics(hybrid, tmp_path, tiny_tokenizer):
    model, processor = tiny(hybrid, tiny_tokenizer)
    write_checkpoint(model, processor, tmp_path / "native", "native")
    stock_processor = DeepseekVLHybridImageProcessorPil if hybrid else DeepseekVLImageProcessorPil
    stock = stock_processor.from_pretrained(tmp_path / "native")
    picture = Image.effect_mandelbrot((64, 64), (-2, -1.5, 1, 1.5), 50).convert("RGB")
    theirs, ours = (reader(picture, return_tensors="pt") for reader in (stock, processor.image_processor))
    assert theirs.keys() == ours.keys()
    for name in ours:  # the stock class rounds to 8 bits between its two resizes
        torch.testing.assert_close(theirs[name], ours[name], rtol=0, atol=0.03)


@KINDS
@pytest.mark.parametrize("layout", ["own", "native", "official"])
def test_every_layout_loads_with_its_processor(hybrid, layout, tmp_path, tiny_tokenizer):
    model, processor = tiny(hybrid, tiny_tokenizer)
    write_checkpoint(model, processor, tmp_path / "out", layout)
    again, processor_again = load(tmp_path / "out")
    assert again.config.to_dict().keys() == model.config.to_dict().keys()
    assert all(
        torch.equal(a, b) for a, b in zip(again.state_dict().values(), model.state_dict().values(), strict=True)
    )
    assert processor_again.num_image_tokens == processor.num_image_tokens
    assert processor_again.image_token_id == processor.image_token_id
    ours, theirs = (
        {key: list(v) if isinstance(v, tuple) else v for key, v in each.image_processor.to_dict().items()}
        for each in (processor, processor_again)
    )
    assert theirs | {"auto_map": None} == ours | {"auto_map": None}


@pytest.mark.parametrize("first", ["native", "official"])
@pytest.mark.parametrize("second", ["native", "official", "own"])
def test_export_goes_from_folder_to_folder_and_back(first, second, tmp_path, tiny_tokenizer):
    model, processor = tiny(True, tiny_tokenizer)
    model.save_pretrained(tmp_path / "own")
    processor.save_pretrained(tmp_path / "own")
    export(tmp_path / "own", tmp_path / "other", first)
    export(tmp_path / "other", tmp_path / "third", second)
    report = export(tmp_path / "third", tmp_path / "back", "own")
    assert report.has_processor
    source, back = (load_file(tmp_path / name / "model.safetensors") for name in ("own", "back"))
    assert source.keys() == back.keys()
    assert all(torch.equal(source[key], back[key]) for key in source)


@pytest.mark.parametrize("layout", ["own", "native", "official"])
def test_tied_weights_stay_tied(layout, tmp_path):
    model = randomise(DeepSeekVLHFForConditionalGeneration(make_config(tie_word_embeddings=True)))
    write_checkpoint(model, None, tmp_path / "out", layout)
    again, _ = load(tmp_path / "out", needs_processor=False)
    assert again.lm_head.weight.data_ptr() == again.get_input_embeddings().weight.data_ptr()
    assert torch.equal(again.lm_head.weight, model.lm_head.weight)


@pytest.mark.parametrize("layout", ["own", "native", "official"])
def test_large_weights_are_sharded(layout, tmp_path):
    model = randomise(DeepSeekVLHFForConditionalGeneration(make_config()))
    write_checkpoint(model, None, tmp_path / "out", layout, max_shard_size="100KB")
    assert len(list((tmp_path / "out").glob("model-*-of-*.safetensors"))) > 2
    again, _ = load(tmp_path / "out", needs_processor=False)
    assert torch.equal(again.lm_head.weight, model.lm_head.weight)


def test_a_dtype_converts_the_weights(tmp_path):
    randomise(DeepSeekVLHFForConditionalGeneration(make_config())).save_pretrained(tmp_path / "own")
    export(tmp_path / "own", tmp_path / "half", "official", dtype="bfloat16")
    assert {tensor.dtype for tensor in load_file(tmp_path / "half" / "model.safetensors").values()} == {torch.bfloat16}
    assert json.loads((tmp_path / "half" / "config.json").read_text())["torch_dtype"] == "bfloat16"


def test_exporting_leaves_the_model_as_it_was(tmp_path):
    model = randomise(DeepSeekVLHFForConditionalGeneration(make_config()))
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    write_checkpoint(model, None, tmp_path / "official", "official")
    write_checkpoint(model, None, tmp_path / "own", "own")
    assert all(torch.equal(before[key], tensor) for key, tensor in model.state_dict().items())
    assert load_file(tmp_path / "own" / "model.safetensors").keys() == before.keys()


def test_nothing_is_overwritten_and_nothing_half_written_stays(tmp_path, monkeypatch):
    model = randomise(DeepSeekVLHFForConditionalGeneration(make_config()))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="not empty"):
        write_checkpoint(model, None, tmp_path / "full", "official")
    with pytest.raises(ValueError, match="Unknown layout 'theirs'"):
        write_checkpoint(model, None, tmp_path / "out", "theirs")
    monkeypatch.setattr("deepseek_vl_hf.exporting.save_torch_state_dict", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_checkpoint(model, None, tmp_path / "out", "official")
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_a_processor_that_normalises_otherwise_is_not_written_as_official(tmp_path, tiny_tokenizer):
    model, processor = tiny(False, tiny_tokenizer)
    processor.image_processor.image_mean = [0.1, 0.2, 0.3]
    with pytest.raises(ValueError, match=r"normalises with \[0.1, 0.2, 0.3\]"):
        write_checkpoint(model, processor, tmp_path / "out", "official")
    assert not (tmp_path / "out").exists()


def broken(folder, change):
    """A saved tiny model whose weights went through `change`."""
    randomise(DeepSeekVLHFForConditionalGeneration(make_config())).save_pretrained(folder)
    state = load_file(folder / "model.safetensors")
    change(state)
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    return folder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("lm_head.weight"), r"lack: lm_head\.weight"),
        (lambda state: state.update(extra=torch.zeros(1)), r"have besides what the model knows: extra"),
        (lambda state: state.update({"lm_head.weight": torch.zeros(3, 3)}), r"in another shape .*: lm_head\.weight"),
    ],
)
def test_weights_that_do_not_fit_are_named(change, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        load(broken(tmp_path / "own", change), needs_processor=False)


def test_pickled_weights_are_refused(tmp_path):
    model = randomise(DeepSeekVLHFForConditionalGeneration(make_config()))
    model.config.save_pretrained(tmp_path)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(ValueError, match=r"Found only pytorch_model\.bin .*expected model\.safetensors"):
        load(tmp_path)


def test_a_truncated_weight_file_is_one_sentence(tmp_path):
    folder = broken(tmp_path / "own", lambda state: None)
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match=r"^Cannot read the weights of .*download it again\.$"):
        load(folder)


def test_janus_is_refused(tmp_path):
    official = json.loads((reference_folder(True) / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**official, "gen_vision_config": {}}))
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(ValueError, match="Janus"):
        load(tmp_path)
