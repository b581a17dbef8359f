"""Adapters cross between our classes and the stock ones, beside a base or merged into it, and give the same scores.

The second matrices are random: an adapter of zeros would fit anywhere.
"""

import json
import shutil
from types import SimpleNamespace

import pytest
import torch
from peft import AutoPeftModel, LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import (
    AutoModelForImageTextToText,
    DeepseekVLForConditionalGeneration,
    DeepseekVLHybridForConditionalGeneration,
)

from deepseek_vl_hf import (
    DeepSeekVLHFConfig,
    DeepSeekVLHFForConditionalGeneration,
    DeepSeekVLHFImageProcessor,
    DeepSeekVLHFProcessor,
    adapters,
    cli,
    nano,
)
from deepseek_vl_hf.exporting import export, export_adapter, write_checkpoint
from deepseek_vl_hf.loading import load
from deepseek_vl_hf.training import TARGETS
from tiny import make_config, make_inputs, make_tokenizer, randomise


OWN, STOCK = 1e-5, 1e-4  # how far logits may differ
Ours = DeepSeekVLHFForConditionalGeneration


@torch.no_grad()
def logits(model, inputs):
    return model.eval()(**inputs).logits


def assert_near(found, expected, bound):
    torch.testing.assert_close(found, expected, atol=bound, rtol=0)


def make_adapter(base, folder, seed=0, target="all", modules=None, **kwargs):
    """Save an adapter of random weights for a base, and return what it makes of it."""
    torch.manual_seed(seed)
    model = Ours.from_pretrained(base)
    fields = {"target_modules": modules or TARGETS[target].modules, "modules_to_save": list(TARGETS[target].whole)}
    config = LoraConfig(**{"r": 2, "lora_alpha": 2, "init_lora_weights": False, **fields, **kwargs})
    wrapped = get_peft_model(model, config)
    with torch.no_grad():
        for name, weight in wrapped.named_parameters():
            if ".modules_to_save." in name or "magnitude" in name or (weight.requires_grad and "bias" in name):
                weight.add_(torch.randn(weight.shape) * 0.02)
    wrapped.save_pretrained(folder)
    adapters.write_config(folder, adapters.read_config(folder))
    return wrapped


@pytest.fixture(scope="module", params=[True, False], ids=["hybrid", "low_res"])
def world(request, tmp_path_factory):
    """A base in each layout, an adapter of all parts, inputs, and the scores without and with the adapter."""
    folder, config = tmp_path_factory.mktemp("adapters"), make_config(low_res_only=not request.param)
    model = randomise(Ours(config), std=0.1)
    image_processor = DeepSeekVLHFImageProcessor.from_config(config)
    processor = DeepSeekVLHFProcessor(image_processor, make_tokenizer(), num_image_tokens=config.num_visual_tokens)
    for layout in ("own", "native", "official"):
        write_checkpoint(model, processor, folder / layout, layout)
    wrapped, inputs = make_adapter(folder / "own", folder / "adapter"), make_inputs(config)
    export_adapter(folder / "adapter", folder / "native_adapter", "native", str(folder / "native"))
    stock = DeepseekVLHybridForConditionalGeneration if request.param else DeepseekVLForConditionalGeneration
    base, expected = logits(model, inputs), logits(wrapped, inputs)
    assert (expected - base).abs().max() > 100 * STOCK
    return SimpleNamespace(folder=folder, stock=stock, inputs=inputs, base=base, expected=expected)


def with_load_adapter(kind, base, adapter):
    model = kind.from_pretrained(base)
    model.load_adapter(adapter)
    return model


WAYS = {
    "PeftModel": lambda kind, base, adapter: PeftModel.from_pretrained(kind.from_pretrained(base), adapter),
    "AutoPeftModel": lambda kind, base, adapter: AutoPeftModel.from_pretrained(adapter),
    "AutoModel": lambda kind, base, adapter: AutoModelForImageTextToText.from_pretrained(adapter),
    "load_adapter": with_load_adapter,
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_load_an_adapter_gives_its_scores(world, way):
    model = WAYS[way](Ours, world.folder / "own", world.folder / "adapter")
    assert_near(logits(model, world.inputs), world.expected, OWN)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_load_a_translated_adapter_gives_its_scores_on_the_stock_class(world, way):
    model = WAYS[way](world.stock, world.folder / "native", world.folder / "native_adapter")
    plain = model.get_base_model() if isinstance(model, PeftModel) else model
    assert type(plain) is world.stock
    assert_near(logits(model, world.inputs), world.expected, STOCK)


@pytest.mark.parametrize("layout", ["own", "native", "official"])
@pytest.mark.parametrize("way", ["PeftModel", "load_adapter"])
def test_a_base_of_any_layout_takes_an_adapter(world, layout, way):
    model = WAYS[way](Ours, world.folder / layout, world.folder / "adapter")
    assert_near(logits(model, world.inputs), world.expected, OWN)


def with_base(adapter, base, output):
    """A copy of an adapter that names another base."""
    shutil.copytree(adapter, output)
    path = output / adapters.CONFIG
    path.write_text(json.dumps(json.loads(path.read_text()) | {"base_model_name_or_path": base}))
    return output


@pytest.mark.parametrize("layout", ["own", "native", "official"])
def test_load_merges_an_adapter_into_a_base_of_any_layout(world, layout, tmp_path):
    source = with_base(world.folder / "adapter", str(world.folder / layout), tmp_path / "adapter")
    model, processor = load(source)
    assert type(model) is Ours
    assert not any("lora" in name for name in model.state_dict())
    assert_near(logits(model, world.inputs), world.expected, OWN)
    assert processor.num_image_tokens == 16


@pytest.mark.parametrize("layout", ["own", "native", "official"])
def test_load_reads_an_adapter_for_the_stock_class(world, layout, tmp_path):
    source = with_base(world.folder / "native_adapter", str(world.folder / layout), tmp_path / "adapter")
    assert_near(logits(load(source)[0], world.inputs), world.expected, OWN)


def test_a_processor_beside_the_adapter_goes_before_the_bases(world, tmp_path):
    shutil.copytree(world.folder / "adapter", tmp_path / "adapter")
    processor = DeepSeekVLHFProcessor.from_pretrained(world.folder / "own")
    processor.chat_template += " "
    processor.save_pretrained(tmp_path / "adapter")
    assert load(tmp_path / "adapter")[1].chat_template == processor.chat_template
    assert load(world.folder / "adapter")[1].chat_template != processor.chat_template


def test_a_merged_adapter_exported_is_read_by_the_stock_class(world, tmp_path):
    report = export(world.folder / "adapter", tmp_path / "merged", "native")
    assert report.has_processor
    stock = AutoModelForImageTextToText.from_pretrained(tmp_path / "merged")
    assert type(stock) is world.stock
    assert_near(logits(stock, world.inputs), world.expected, STOCK)


def test_a_translated_adapter_comes_back_bit_for_bit(world, tmp_path):
    report = export_adapter(world.folder / "native_adapter", tmp_path / "back", "own", str(world.folder / "own"))
    first, native, back = (
        load_file(folder / adapters.WEIGHTS)
        for folder in (world.folder / "adapter", world.folder / "native_adapter", tmp_path / "back")
    )
    assert native.keys() != first.keys()
    assert back.keys() == first.keys()
    assert report.num_tensors == len(first)
    assert all(torch.equal(back[key], value) for key, value in first.items())
    model = PeftModel.from_pretrained(Ours.from_pretrained(world.folder / "own"), tmp_path / "back")
    assert_near(logits(model, world.inputs), world.expected, OWN)


PATTERNS = {
    "rank_pattern": {r"language_model.*q_proj": 3, r"low_res\.encoder\.layers\.0\.mlp\.fc1": 5},
    "alpha_pattern": {"o_proj": 7, r"layers\.1\.self_attn\.v_proj": 1},
}


@pytest.mark.parametrize(
    "fields",
    [
        PATTERNS,
        {**PATTERNS, "use_rslora": True},
        {"use_dora": True},
        {"bias": "lora_only"},
        {"bias": "all"},
        {"modules": ["q_proj", "embed_tokens", "lm_head"]},
        {"modules": ["q_proj"], "modules_to_save": ["embed_tokens", "aligner", "post_layernorm"]},
        {"modules": ["q_proj", "fc1"], "layers_to_transform": [1], "layers_pattern": "layers"},
    ],
    ids=["patterns", "rslora", "dora", "bias_of_pairs", "bias", "embeddings", "whole_modules", "some_layers"],
)
def test_whatever_peft_writes_survives_translation_and_merging(world, fields, tmp_path):
    expected = logits(make_adapter(world.folder / "own", tmp_path / "own", seed=1, **fields), world.inputs)
    assert (expected - world.base).abs().max() > 100 * STOCK
    export_adapter(tmp_path / "own", tmp_path / "native", "native", str(world.folder / "native"))
    model = PeftModel.from_pretrained(world.stock.from_pretrained(world.folder / "native"), tmp_path / "native")
    assert_near(logits(model, world.inputs), expected, STOCK)
    export_adapter(tmp_path / "native", tmp_path / "back", "own", str(world.folder / "own"))
    model = PeftModel.from_pretrained(Ours.from_pretrained(world.folder / "own"), tmp_path / "back")
    assert_near(logits(model, world.inputs), expected, OWN)
    for name in ("own", "native"):
        assert_near(logits(load(tmp_path / name)[0], world.inputs), expected, OWN)


def test_what_learns_whole_has_its_stock_name_too(world, tmp_path):
    if world.stock is DeepseekVLForConditionalGeneration:
        pytest.skip("has no high-resolution tower, whose modules have other names there")
    whole = ["aligner", "neck", "global_neck", "downsample.0", "downsample.1"]
    expected = logits(make_adapter(world.folder / "own", tmp_path / "own", modules_to_save=whole), world.inputs)
    assert (expected - world.base).abs().max() > 100 * STOCK
    export_adapter(tmp_path / "own", tmp_path / "native", "native", str(world.folder / "native"))
    model = PeftModel.from_pretrained(world.stock.from_pretrained(world.folder / "native"), tmp_path / "native")
    assert_near(logits(model, world.inputs), expected, STOCK)
    with model.disable_adapter():
        assert_near(logits(model, world.inputs), world.base, STOCK)
    assert_near(logits(load(tmp_path / "native")[0], world.inputs), expected, OWN)


@pytest.fixture(scope="module")
def second(world):
    """Another adapter of the same base, and its scores."""
    wrapped = make_adapter(world.folder / "own", world.folder / "second", seed=2, target="language+aligner", r=3)
    expected = logits(wrapped, world.inputs)
    assert (expected - world.expected).abs().max() > 100 * STOCK
    return SimpleNamespace(folder=world.folder / "second", expected=expected)


def test_adapters_of_one_base_take_turns_in_peft(world, second):
    model = PeftModel.from_pretrained(Ours.from_pretrained(world.folder / "own"), world.folder / "adapter", "first")
    model.load_adapter(second.folder, "second")
    for name, expected in (("first", world.expected), ("second", second.expected), ("first", world.expected)):
        model.set_adapter(name)
        assert torch.equal(logits(model, world.inputs), expected)
        with model.disable_adapter():
            assert torch.equal(logits(model, world.inputs), world.base)


def test_adapters_of_one_base_take_turns_in_transformers(world, second):
    model = Ours.from_pretrained(world.folder / "own")
    model.load_adapter(world.folder / "adapter", "first")
    model.load_adapter(second.folder, "second")
    for name, expected in (("first", world.expected), ("second", second.expected), ("first", world.expected)):
        model.set_adapter(name)
        assert torch.equal(logits(model, world.inputs), expected)
    model.disable_adapters()
    assert torch.equal(logits(model, world.inputs), world.base)


def test_answers_are_the_same_merged_and_unmerged_token_for_token(tmp_path):
    make_adapter(nano.FOLDER, tmp_path / "adapter", lora_alpha=1)
    inputs = make_inputs(DeepSeekVLHFConfig.from_pretrained(nano.FOLDER), num_images=(1, 1))
    models = [load(tmp_path / "adapter")[0], AutoPeftModel.from_pretrained(tmp_path / "adapter"), load(nano.FOLDER)[0]]
    merged, unmerged, plain = (
        model.eval().generate(**inputs, max_new_tokens=12, do_sample=False, eos_token_id=None).tolist()
        for model in models
    )
    assert merged == unmerged
    assert merged != plain


@pytest.fixture
def broken(world, tmp_path):
    """A copy of the adapter with other fields."""

    def make(**fields):
        shutil.copytree(world.folder / "adapter", tmp_path / "broken")
        path = tmp_path / "broken" / adapters.CONFIG
        path.write_text(json.dumps(json.loads(path.read_text()) | fields))
        return tmp_path / "broken"

    return make


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"base_model_name_or_path": None}, "is an adapter without a base; write base_model_name_or_path into"),
        ({"base_model_name_or_path": "/nowhere/x"}, "is an adapter of /nowhere/x, and there is no such folder here"),
        ({"base_model_name_or_path": "nowhere"}, "There is no folder nowhere; give a checkpoint's folder or a Hub id"),
    ],
)
def test_an_adapter_without_its_base_is_refused(broken, fields, message):
    with pytest.raises(ValueError, match=message):
        load(broken(**fields))


def test_the_nano_of_another_machine_is_the_nano_of_this_one():
    fields = {"base_model_name_or_path": "/elsewhere/site-packages/deepseek_vl_hf/nano"}
    assert adapters.base_of(fields, "adapter") == str(nano.FOLDER)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"hidden_size": 64}, "it does not fit .*size mismatch.*give it the base that it was trained on"),
        ({"num_hidden_layers": 1}, r"it has weights for model.language_model.layers.1.* and \d+ more modules"),
    ],
)
def test_the_base_of_another_size_is_refused(world, broken, tmp_path, sizes, message):
    config = DeepSeekVLHFConfig.from_pretrained(world.folder / "own")
    for name, value in sizes.items():
        setattr(config.text_config, name, value)
    write_checkpoint(Ours(config), None, tmp_path / "other", "own")
    with pytest.raises(ValueError, match=f"Cannot read the adapter .*: {message}"):
        load(broken(base_model_name_or_path=str(tmp_path / "other")), needs_processor=False)


def test_pickled_weights_are_refused(broken):
    folder = broken()
    (folder / adapters.WEIGHTS).unlink()
    torch.save({}, folder / "adapter_model.bin")
    with pytest.raises(
        ValueError, match=r"holds no adapter_model\.safetensors; weights are read from safetensors only"
    ):
        load(folder)


def test_what_to_install_is_said_where_peft_is_missing(world, monkeypatch):
    monkeypatch.setattr(adapters, "find_spec", lambda name: None)
    with pytest.raises(
        ValueError, match=r"is a LoRA adapter, which needs peft: pip install 'deepseek_vl_hf\[train\]'"
    ):
        load(world.folder / "adapter")


def test_a_broken_configuration_is_one_sentence(broken):
    folder = broken()
    (folder / adapters.CONFIG).write_text("{")
    with pytest.raises(ValueError, match=r"adapter_config.json is damaged \(Expecting property name"):
        load(folder)


@pytest.mark.parametrize(
    "fields", [{"peft_type": "IA3"}, {"trainable_token_indices": [1]}, {"target_parameters": ["weight"]}]
)
def test_what_cannot_be_translated_is_refused_and_leaves_nothing(world, broken, tmp_path, fields):
    with pytest.raises(ValueError, match="expected LoRA on named modules; leave --adapter out"):
        export_adapter(broken(**fields), tmp_path / "out", "native", str(world.folder / "native"))
    assert [path.name for path in tmp_path.iterdir()] == ["broken"]


def test_an_adapter_for_the_official_code_is_refused(world, tmp_path):
    with pytest.raises(ValueError, match="deepseek-ai's code knows no adapters"):
        export_adapter(world.folder / "adapter", tmp_path / "out", "official", str(world.folder / "official"))
    with pytest.raises(ValueError, match=r"The base .* is in the own layout, expected native; export it first"):
        export_adapter(world.folder / "adapter", tmp_path / "out", "native")
    with pytest.raises(ValueError, match=r"holds no adapter_config\.json, and --adapter is for adapters"):
        export_adapter(world.folder / "own", tmp_path / "out", "native")
    assert not list(tmp_path.iterdir())


def test_chat_answers_with_an_adapter(world, capsys):
    folder = str(world.folder / "adapter")
    assert cli.main(["chat", "--model", folder, "--prompt", "Who?", "--max-new-tokens", "6", "--json"]) == 0
    fields = json.loads(capsys.readouterr().out)
    assert (fields["model"], fields["tokens"]) == (folder, 6)


def test_the_command_writes_an_adapter_for_the_stock_class(world, tmp_path, capsys):
    base = str(world.folder / "native")
    command = ["export", str(world.folder / "adapter"), "--output", str(tmp_path / "out"), "--layout", "native"]
    assert cli.main([*command, "--adapter", "--base-model", base]) == 0
    out, err = capsys.readouterr()
    num_tensors = len(load_file(tmp_path / "out" / adapters.WEIGHTS))
    assert out.splitlines()[0] == f"{tmp_path / 'out'}: {num_tensors} tensors in the native layout"
    assert err == ""
    model = AutoModelForImageTextToText.from_pretrained(tmp_path / "out")
    assert type(model) is world.stock
    assert_near(logits(model, world.inputs), world.expected, STOCK)
    capsys.readouterr()
    assert cli.main([*command[:3], str(tmp_path / "again"), *command[4:], "--adapter"]) == 2
    out, err = capsys.readouterr()
    assert len(err.splitlines()) == 1
    assert "name that folder or its Hub id with --base-model" in err
