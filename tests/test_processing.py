import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from jinja2.exceptions import TemplateError
from PIL import Image
from tokenizers import processors
from transformers import AutoProcessor, AutoTokenizer, DeepseekVLHybridConfig, DeepseekVLHybridProcessor
from transformers.models.deepseek_vl_hybrid.image_processing_pil_deepseek_vl_hybrid import (
    DeepseekVLHybridImageProcessorPil,
)

import deepseek_vl_hf
from deepseek_vl_hf import DeepSeekVLHFImageProcessor, DeepSeekVLHFProcessor
from deepseek_vl_hf.layouts_deepseek_vl_hf import config_for
from deepseek_vl_hf.processing_deepseek_vl_hf import VLChatProcessor
from tiny import BOS, EOS, IMAGE_TOKEN, make_config, make_tokenizer


CHATS = json.loads((Path(__file__).parent / "reference" / "chat_template.json").read_text(encoding="utf-8"))
OFFICIAL = {
    "add_special_token": False,
    "ignore_id": -100,
    "image_tag": IMAGE_TOKEN,
    "mask_prompt": True,
    "num_image_tokens": 16,
    "processor_class": "VLChatProcessor",
    "sft_format": "deepseek",
}


def tokenizer_without_bos():
    tokenizer = make_tokenizer()
    tokenizer._tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


def make_processor(tokenizer):
    config = make_config()
    return DeepSeekVLHFProcessor(
        DeepSeekVLHFImageProcessor.from_config(config), tokenizer, num_image_tokens=config.num_visual_tokens
    )


@pytest.fixture(params=[make_tokenizer, tokenizer_without_bos], ids=["adds_bos", "adds_no_bos"])
def processor(request):
    return make_processor(request.param())


def picture(value=0, size=(20, 10)):
    return Image.new("RGB", size, (value,) * 3)


def image(value=0):
    return {"type": "image", "image": picture(value)}


def text(value):
    return {"type": "text", "text": value}


def chat(*contents, system=None):
    turns = [{"role": ("user", "assistant")[i % 2], "content": content} for i, content in enumerate(contents)]
    return turns if system is None else [{"role": "system", "content": system}, *turns]


def tokenize(processor, conversation, **kwargs):
    return processor.apply_chat_template(conversation, tokenize=True, return_dict=True, return_tensors="pt", **kwargs)


def count(processor, out, token):
    return (out["input_ids"] == processor.tokenizer.convert_tokens_to_ids(token)).sum().item()


def written(processor, ids):
    """What the ids say, without image tokens."""
    ids = torch.as_tensor(ids)
    return processor.tokenizer.decode(ids[ids != processor.image_token_id]).replace("\u200b", "")


# The conversation format


@pytest.mark.parametrize("case", CHATS, ids=range(len(CHATS)))
def test_rendered_chats_equal_the_official_ones(case, processor):
    contents = [turn["content"] for turn in case["turns"]]
    assert processor.apply_chat_template(chat(*contents, system=case["system"])) == case["rendered"]
    parts = [[text(content)] if IMAGE_TOKEN not in content else content for content in contents]
    assert processor.apply_chat_template(chat(*parts, system=case["system"])) == case["rendered"]
    if case["system"]:  # the official code's default
        assert processor.apply_chat_template(chat(*contents)) == case["rendered"]
    if not contents[-1]:
        asked = chat(*contents[:-1], system=case["system"])
        assert processor.apply_chat_template(asked, add_generation_prompt=True) == case["rendered"]
        assert processor.apply_chat_template(asked) == case["rendered"].removesuffix("Assistant:")


def test_image_parts_are_placed_in_reading_order(processor):
    rendered = processor.apply_chat_template(chat([text(" see "), image(), text(" and"), image()], system=""))
    assert rendered == f"User: see {IMAGE_TOKEN} and{IMAGE_TOKEN}\n\n"


def test_roles_of_the_official_spelling_are_read(processor):
    official = [{"role": "User", "content": "hi"}, {"role": "Assistant", "content": ""}]
    assert processor.apply_chat_template(official).endswith("User: hi\n\nAssistant:")
    assert processor.apply_chat_template(official, add_generation_prompt=True).endswith("User: hi\n\nAssistant:")


@pytest.mark.parametrize("roles", [["assistant"], ["user", "user"], ["user", "assistant", "assistant"], ["tool"]])
def test_turns_must_alternate(processor, roles):
    messages = [{"role": role, "content": "hi"} for role in roles]
    with pytest.raises(TemplateError, match=r"Found role .* was expected.*turns must alternate"):
        processor.apply_chat_template(messages)


def test_other_parts_and_empty_chats_are_refused(processor):
    with pytest.raises(ValueError, match="Found the content part"):
        tokenize(processor, chat([{"type": "video", "video": "a.mp4"}]))
    with pytest.raises(TemplateError, match="content part of type 'video'"):
        processor.apply_chat_template(chat([{"type": "video"}]))
    with pytest.raises(ValueError, match="without messages"):
        processor.apply_chat_template([])


def test_an_answer_can_be_continued(processor):
    rendered = processor.apply_chat_template(chat("hi", "I am"), continue_final_message=True)
    assert rendered.endswith("Assistant: I am")


# The first token


def test_token_ids_begin_with_exactly_one_bos(processor):
    for conversation in (chat("hi"), chat([image(), text("hi")], "yes", "why")):
        out = tokenize(processor, conversation, add_generation_prompt=True)
        assert out["input_ids"][0, 0] == processor.tokenizer.bos_token_id
        assert count(processor, out, BOS) == 1
    out = tokenize(processor, [chat("hi"), chat("hi there")], processor_kwargs={"padding": True})
    assert count(processor, out, BOS) == 2


def test_rendered_text_gives_the_same_ids_when_the_tokenizer_adds_bos():
    processor = make_processor(make_tokenizer())
    conversation = chat([image(), text("hi")], "yes")
    want = tokenize(processor, conversation)["input_ids"]
    for add_bos in (False, True):
        rendered = processor.apply_chat_template(conversation, add_bos=add_bos)
        assert torch.equal(processor(text=rendered, images=[picture()], return_tensors="pt")["input_ids"], want)


def test_the_tokenizer_alone_renders_the_same_ids(processor):
    conversation = chat("hi", "yes")
    ids = processor.tokenizer.apply_chat_template(conversation, tokenize=True, return_dict=False)
    assert ids == tokenize(processor, conversation)["input_ids"][0].tolist()


# What is typed is data


@pytest.mark.parametrize("token", [IMAGE_TOKEN, EOS, BOS])
@pytest.mark.parametrize("as_parts", [True, False])
def test_a_special_token_typed_in_a_chat_is_data(processor, token, as_parts):
    said = f"what does {token} mean?{token}"
    plain, typed = (
        tokenize(processor, chat([image(), text(words)] if as_parts else words, "fine")) for words in ("what?", said)
    )
    for special in (IMAGE_TOKEN, EOS, BOS):
        assert count(processor, typed, special) == count(processor, plain, special)
    assert said in written(processor, typed["input_ids"][0])


def test_a_placeholder_typed_across_two_parts_is_data(processor):
    out = tokenize(processor, chat([text(IMAGE_TOKEN[:5]), text(IMAGE_TOKEN[5:]), image()]))
    assert count(processor, out, IMAGE_TOKEN) == 16
    assert IMAGE_TOKEN in written(processor, out["input_ids"][0])


def test_a_typed_placeholder_takes_no_picture_in_rendered_text_either(processor):
    rendered = processor.apply_chat_template(chat([text(f"{IMAGE_TOKEN}?"), image()]))
    assert rendered.count(IMAGE_TOKEN) == 1


def test_an_answer_that_quotes_a_special_token_is_masked_whole(processor):
    answer = f"It is {IMAGE_TOKEN}, or {EOS}."
    out = tokenize(processor, chat([image(), text(IMAGE_TOKEN)], answer), return_assistant_tokens_mask=True)
    assert written(processor, out["input_ids"][0][out["assistant_masks"][0] == 1]) == f" {answer}{EOS}"


def test_transformers_own_sanitizing_does_no_harm(processor):
    out = tokenize(processor, chat([image(), text(f"{IMAGE_TOKEN}{EOS}")]), sanitize_control_tokens=True)
    assert (count(processor, out, IMAGE_TOKEN), count(processor, out, EOS)) == (16, 0)


def test_placeholders_in_strings_are_pictures_where_pictures_come_with_them(processor):
    asked = chat(f"{IMAGE_TOKEN}compare{IMAGE_TOKEN}")
    want = tokenize(processor, chat([image(1), text("compare"), image(2)]))
    pictures = [picture(1), picture(2)]
    for out in (
        tokenize(processor, asked, processor_kwargs={"images": pictures}),
        tokenize(processor, [{**asked[0], "images": pictures}]),
        processor(text=processor.apply_chat_template(asked, add_bos=True), images=pictures, return_tensors="pt"),
    ):
        assert all(torch.equal(out[key], want[key]) for key in want)
    with pytest.raises(ValueError, match="Found 2 <image_placeholder> and 1 images in a message of role 'user'"):
        tokenize(processor, [{**asked[0], "images": pictures[:1]}])


# Pictures and their tokens


def test_each_placeholder_becomes_num_image_tokens(processor):
    out = processor(text=f"a{IMAGE_TOKEN}b{IMAGE_TOKEN}", images=[picture(), picture()], return_tensors="pt")
    assert count(processor, out, IMAGE_TOKEN) == 32
    assert set(out) == set(processor.model_input_names)
    assert out["high_res_pixel_values"].shape == (2, 3, 64, 64)
    processor.num_image_tokens = 3
    out = processor(text=f"a{IMAGE_TOKEN}b", images=picture(), return_tensors="pt")
    assert count(processor, out, IMAGE_TOKEN) == 3


def test_rows_may_have_any_number_of_pictures_and_are_padded_left(processor):
    texts = [f"{IMAGE_TOKEN}{IMAGE_TOKEN}two", "none", f"one {IMAGE_TOKEN}"]
    nested = [[picture(10), picture(20)], [], [picture(30)]]
    flat = [picture(10), picture(20), picture(30)]
    first, second = (processor(text=texts, images=x, return_tensors="pt", padding=True) for x in (nested, flat))
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert (first["input_ids"] == processor.image_token_id).sum(-1).tolist() == [32, 0, 16]
    assert first["attention_mask"][:, -1].tolist() == [1, 1, 1]
    assert first["attention_mask"][1, 0] == 0
    brightness = first["pixel_values"][:, 0, 16, 16]
    assert brightness.tolist() == sorted(brightness.tolist())


def test_text_alone_has_no_pixels(processor):
    for images in (None, [], [[], []]):
        out = processor(text=["a", "bc"], images=images, padding=True, return_tensors="pt")
        assert set(out) == {"input_ids", "attention_mask"}
    assert set(tokenize(processor, chat("hi"))) == {"input_ids", "attention_mask"}


def test_pictures_alone_have_no_text(processor):
    assert set(processor(images=[picture()], return_tensors="pt")) == {"pixel_values", "high_res_pixel_values"}


@pytest.mark.parametrize(
    ("texts", "images", "message"),
    [
        (f"{IMAGE_TOKEN}a", None, "Found 1 <image_placeholder> in the text and 0 images.*Write one"),
        ("a", [picture()], "Found 0 <image_placeholder> in the text and 1 images"),
        ([f"{IMAGE_TOKEN}a", "b"], [[], [picture()]], r"Found \[1, 0\] .* and \[0, 1\] images.*prompt by prompt"),
        ([f"{IMAGE_TOKEN}a", "b"], [[picture()]], r"Found \[1, 0\] .* and \[1\] images"),
    ],
)
def test_another_number_of_pictures_than_placeholders_is_refused(processor, texts, images, message):
    with pytest.raises(ValueError, match=message):
        processor(text=texts, images=images, padding=True)


def test_an_image_part_without_its_image_is_refused(processor):
    with pytest.raises(ValueError, match="Found 2 <image_placeholder> in the text and 1 images"):
        tokenize(processor, chat([{"type": "image"}, image()]))


def test_truncation_that_cuts_a_picture_is_refused(processor):
    kwargs = {"images": [picture()], "truncation": True, "return_tensors": "pt"}
    with pytest.raises(ValueError, match="increase `max_length`"):
        processor(text=f"a{IMAGE_TOKEN}b", max_length=10, **kwargs)
    assert processor(text=f"a{IMAGE_TOKEN}bcdefgh", max_length=20, **kwargs)["input_ids"].shape == (1, 20)


def test_video_is_refused(processor):
    with pytest.raises(ValueError, match="reads text and images"):
        processor(text="a", videos=["b.mp4"])


@pytest.mark.parametrize("key", ["image", "path", "url"])
def test_image_parts_may_name_files(processor, key, tmp_path):
    picture(7).save(tmp_path / "a.png")
    named = tokenize(processor, chat([{"type": "image", key: str(tmp_path / "a.png")}, text("hi")]))
    want = tokenize(processor, chat([image(7), text("hi")]))
    assert all(torch.equal(named[key], want[key]) for key in want)


def test_the_mask_covers_answers_and_their_end_only(processor):
    conversation = chat([image(), text("what?"), image()], "A cat.", "sure?", [text("Yes.")])
    out = tokenize(processor, conversation, return_assistant_tokens_mask=True)
    assert written(processor, out["input_ids"][0][out["assistant_masks"][0] == 1]) == f" A cat.{EOS} Yes.{EOS}"
    batch = [conversation, chat("hi", "Hello.")]
    out = tokenize(
        processor,
        batch,
        return_assistant_tokens_mask=True,
        processor_kwargs={"padding": True, "padding_side": "right"},
    )
    masked = [
        written(processor, row[mask == 1]) for row, mask in zip(out["input_ids"], out["assistant_masks"], strict=True)
    ]
    assert masked == [f" A cat.{EOS} Yes.{EOS}", f" Hello.{EOS}"]


def test_serving_engines_learn_how_many_tokens_a_picture_takes(processor):
    planned = processor._get_num_multimodal_tokens(image_sizes=[(10, 20), (3000, 1)])
    assert (planned.num_image_tokens, planned.num_image_patches) == ([16, 16], [1, 1])
    out = processor(text=IMAGE_TOKEN, images=[picture()], return_mm_token_type_ids=True, return_tensors="pt")
    assert out["mm_token_type_ids"].sum() == 16


# The tokenizer


def test_a_missing_padding_or_image_token_is_made():
    tokenizer = make_tokenizer()
    tokenizer.pad_token = None
    processor = DeepSeekVLHFProcessor(DeepSeekVLHFImageProcessor(), tokenizer, image_token="<picture>")
    assert (tokenizer.pad_token, tokenizer.padding_side) == (EOS, "left")
    assert processor.image_ids == [processor.image_token_id] == [len(tokenizer) - 1]
    out = tokenize(processor, chat([image(), text(f"<picture> {IMAGE_TOKEN}")]))
    assert count(processor, out, "<picture>") == 576


def test_official_arguments_are_known_and_others_are_not():
    arguments = {key: value for key, value in OFFICIAL.items() if key != "processor_class"}
    processor = DeepSeekVLHFProcessor(DeepSeekVLHFImageProcessor(), make_tokenizer(), **arguments)
    assert (processor.num_image_tokens, processor.image_token) == (16, IMAGE_TOKEN)
    with pytest.raises(TypeError, match="num_image_token;"):
        DeepSeekVLHFProcessor(DeepSeekVLHFImageProcessor(), make_tokenizer(), num_image_token=16)
    with pytest.raises(ValueError, match="add_special_token=True"):
        DeepSeekVLHFProcessor(DeepSeekVLHFImageProcessor(), make_tokenizer(), add_special_token=True)


# Loading and saving


def official_folder(folder, config=True, files=True, tokenizer_adds_bos=True, **extra):
    """A folder as deepseek-ai released it: a slow class's name, byte-level tokenizer.json, no chat template."""
    make_processor(make_tokenizer() if tokenizer_adds_bos else tokenizer_without_bos()).tokenizer.save_pretrained(
        folder
    )
    (folder / "chat_template.jinja").unlink()
    own = make_config().to_dict()
    contents = {
        "tokenizer_config": {
            "tokenizer_class": "LlamaTokenizerFast",
            "add_bos_token": True,
            "add_eos_token": False,
            "bos_token": BOS,
            "eos_token": EOS,
            "pad_token": None,
            "model_max_length": 512,
        }
    }
    if config:
        contents["config"] = {**config_for("official", own), **extra}
    if files:
        contents["processor_config"] = OFFICIAL
        contents["preprocessor_config"] = {
            "image_processor_type": "VLMImageProcessor",
            "image_size": 64 if config else 1024,
            "image_mean": [0.48145466, 0.4578275, 0.40821073],
            "do_normalize": False,
            "min_size": 14,
            "processor_class": "VLChatProcessor",
        }
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.mark.parametrize("loader", [AutoProcessor, DeepSeekVLHFProcessor, VLChatProcessor])
@pytest.mark.parametrize("files", [True, False])
def test_an_official_folder_gives_ours_and_saves_as_ours(loader, files, tmp_path):
    processor = loader.from_pretrained(official_folder(tmp_path, files=files))
    assert type(processor) is DeepSeekVLHFProcessor
    assert type(processor.image_processor) is DeepSeekVLHFImageProcessor
    assert (processor.num_image_tokens, processor.image_token_id) == (16, 2)
    assert processor.image_processor.high_res_size.height == 64
    saved = tmp_path / "saved"
    processor.save_pretrained(saved)
    fields = json.loads((saved / "processor_config.json").read_text(encoding="utf-8"))
    assert fields["processor_class"] == "DeepSeekVLHFProcessor"
    assert fields["image_processor"]["image_processor_type"] == "DeepSeekVLHFImageProcessor"
    loaded = AutoProcessor.from_pretrained(saved)
    assert type(loaded) is DeepSeekVLHFProcessor
    loaded.save_pretrained(tmp_path / "again")
    assert json.loads((tmp_path / "again" / "processor_config.json").read_text(encoding="utf-8")) == fields
    assert loaded.chat_template == loaded.tokenizer.chat_template == processor.chat_template
    conversation = chat([image(), text("hi")], "yes")
    first, second = tokenize(processor, conversation), tokenize(loaded, conversation)
    assert all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("tokenizer_adds_bos", [True, False])
def test_the_official_flag_for_the_first_token_holds_and_is_saved(tokenizer_adds_bos, tmp_path):
    folder = official_folder(tmp_path, tokenizer_adds_bos=tokenizer_adds_bos)
    processor = AutoProcessor.from_pretrained(folder)
    processor.save_pretrained(tmp_path / "saved")
    for loaded in (processor, AutoProcessor.from_pretrained(tmp_path / "saved")):
        assert loaded(text="hi", return_tensors="pt")["input_ids"][0].tolist().count(0) == 1


def test_an_official_folder_without_config_has_the_released_sizes(tmp_path):
    processor = AutoProcessor.from_pretrained(official_folder(tmp_path, config=False))
    assert processor.image_processor.size.height == 384
    assert processor.image_processor.high_res_size.height == 1024


def test_the_official_tokenizer_loads_alone(tmp_path):
    tokenizer = AutoTokenizer.from_pretrained(official_folder(tmp_path))
    assert tokenizer(f"hi{IMAGE_TOKEN}")["input_ids"][-1] == 2


@pytest.mark.parametrize("files", ["all", "preprocessor only"])
def test_janus_is_refused_by_name(files, tmp_path):
    folder = official_folder(tmp_path, gen_vision_config={})
    if files != "all":
        (folder / "processor_config.json").unlink()
    for loader in (AutoProcessor, DeepSeekVLHFProcessor):
        with pytest.raises(ValueError, match="Janus"):
            loader.from_pretrained(folder)


@pytest.mark.parametrize("with_config", [True, False])
def test_a_native_folder_gives_ours_through_our_class_only(with_config, tmp_path):
    tokenizer = make_tokenizer()
    tokenizer.add_special_tokens({"extra_special_tokens": [IMAGE_TOKEN]})
    tokenizer.image_token = IMAGE_TOKEN
    native = DeepseekVLHybridProcessor(DeepseekVLHybridImageProcessorPil(), tokenizer, chat_template="{{ messages }}")
    native.save_pretrained(tmp_path)
    if with_config:
        DeepseekVLHybridConfig().save_pretrained(tmp_path)
    processor = DeepSeekVLHFProcessor.from_pretrained(tmp_path)
    assert type(processor.image_processor) is DeepSeekVLHFImageProcessor
    assert processor.num_image_tokens == 576
    assert "generation" in processor.chat_template
    assert DeepSeekVLHFProcessor.from_pretrained(tmp_path, chat_template="mine").chat_template == "mine"


def test_a_template_of_ones_own_survives_saving(tmp_path):
    processor = make_processor(make_tokenizer())
    processor.chat_template = "{{ messages[0].content }}"
    processor.save_pretrained(tmp_path)
    loaded = AutoProcessor.from_pretrained(tmp_path)
    assert loaded.chat_template == "{{ messages[0].content }}"
    assert loaded.apply_chat_template(chat("hi")) == "hi"


def test_a_hub_repository_loads_from_the_cache(tmp_path):
    revision = "0" * 40
    snapshot = tmp_path / "models--someone--some-vl" / "snapshots" / revision
    snapshot.mkdir(parents=True)
    (tmp_path / "models--someone--some-vl" / "refs").mkdir()
    (tmp_path / "models--someone--some-vl" / "refs" / "main").write_text(revision)
    official_folder(snapshot)
    for kwargs in ({}, {"revision": revision}):
        processor = AutoProcessor.from_pretrained(
            "someone/some-vl", cache_dir=tmp_path, local_files_only=True, **kwargs
        )
        assert type(processor) is DeepSeekVLHFProcessor
        assert processor.num_image_tokens == 16


def test_the_hub_can_carry_the_code(tmp_path):
    folder = tmp_path / "with-code"
    make_processor(make_tokenizer()).save_pretrained(folder)
    make_config().save_pretrained(folder)
    code = f"""
import sys
from transformers import AutoProcessor
processor = AutoProcessor.from_pretrained({str(folder)!r}, trust_remote_code=True)
assert "deepseek_vl_hf" not in sys.modules and type(processor).__name__ == "DeepSeekVLHFProcessor"
out = processor.apply_chat_template([{{"role": "user", "content": "hi"}}], tokenize=True, return_dict=True)
assert out["input_ids"][0].count(0) == 1
"""
    # Away from this checkout and its path, so that only what was saved can be found.
    environment = {**os.environ, "HF_HOME": str(tmp_path / "home")}
    environment.pop("PYTHONPATH", None)
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_the_template_travels_with_the_package():
    package = Path(deepseek_vl_hf.__file__).parent
    assert make_processor(make_tokenizer()).chat_template == (package / "chat_template.jinja").read_text("utf-8")
