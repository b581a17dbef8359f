import base64
import io
import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoImageProcessor
from transformers.models.deepseek_vl.image_processing_pil_deepseek_vl import DeepseekVLImageProcessorPil
from transformers.models.deepseek_vl_hybrid.image_processing_pil_deepseek_vl_hybrid import (
    DeepseekVLHybridImageProcessorPil,
)

from deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFImageProcessor
from deepseek_vl_hf.layouts_deepseek_vl_hf import SAM_STATISTICS, SIGLIP_STATISTICS, config_for


REFERENCE = Path(__file__).parent / "reference" / "preprocessing"
PICTURES = sorted(path.stem for path in REFERENCE.glob("*.png"))
MODES = ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "LA", "PA", "RGBX", "RGBa", "La"]
MODES += ["I;16", "I;16L", "I;16B"]


@pytest.fixture(scope="module")
def expected():
    return np.load(REFERENCE / "expected.npz")


@pytest.fixture(scope="module")
def hybrid():
    return DeepSeekVLHFImageProcessor.from_config(DeepSeekVLHFConfig.from_preset("7b"))


@pytest.fixture(scope="module")
def siglip_only():
    return DeepSeekVLHFImageProcessor.from_config(DeepSeekVLHFConfig.from_preset("1.3b"))


@pytest.fixture
def small():
    return DeepSeekVLHFImageProcessor(size=32, high_res_size=64)


def bytes_of(processor, picture, **kwargs):
    """The larger square as it is before x 1/255: (3, S, S) uint8."""
    squares = processor(picture, return_tensors="pt", do_rescale=False, do_normalize=False, **kwargs)
    return squares["high_res_pixel_values" if processor.high_res_size else "pixel_values"][0].to(torch.uint8)


def photo(size=(40, 30), seed=0):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))


def save(folder, config=None, **files):
    for name, content in {"config": config, **files}.items():
        if content is not None:
            (folder / f"{name}.json").write_text(json.dumps(content))
    return str(folder)


def official_file(size, mean, std):
    return {
        "do_normalize": False,
        "image_mean": mean,
        "image_processor_type": "VLMImageProcessor",
        "image_size": size,
        "image_std": std,
        "min_size": 14,
        "processor_class": "VLChatProcessor",
        "rescale_factor": 1 / 255,
    }


OFFICIAL = {
    "7b": official_file(1024, SAM_STATISTICS["mean"], SAM_STATISTICS["std"]),
    "1.3b": official_file(384, SIGLIP_STATISTICS["mean"], SIGLIP_STATISTICS["std"]),
}


# Value for value what the official code computes


@pytest.mark.parametrize("name", PICTURES)
def test_squares_equal_the_official_ones(name, hybrid, siglip_only, expected):
    picture = Image.open(REFERENCE / f"{name}.png")
    large = bytes_of(hybrid, picture)[:, ::6, ::6].numpy()
    np.testing.assert_array_equal(large, expected[f"{name}.hybrid.padded_1024"])
    small = bytes_of(siglip_only, picture)[:, ::2, ::2].numpy()
    np.testing.assert_array_equal(small, expected[f"{name}.lowres.padded_384"])


@pytest.mark.parametrize("name", PICTURES)
def test_what_siglip_sees_in_the_hybrid_equals_the_official_view(name, hybrid, expected):
    view = hybrid(str(REFERENCE / f"{name}.png"), return_tensors="pt")["pixel_values"][0, :, ::6, ::6].numpy()
    np.testing.assert_allclose(view, expected[f"{name}.hybrid.low_res_normalized"], atol=1e-6)


def test_each_view_is_normalised_with_its_own_towers_statistics(hybrid, siglip_only):
    picture = photo()
    square = bytes_of(hybrid, picture).double() / 255
    mean, std = (torch.tensor(SAM_STATISTICS[key]).double()[:, None, None] for key in ("mean", "std"))
    out = hybrid(picture, return_tensors="pt")
    torch.testing.assert_close(out["high_res_pixel_values"][0].double(), (square - mean) / std, atol=1e-6, rtol=0)
    square = bytes_of(siglip_only, picture).double() / 255
    out = siglip_only(picture, return_tensors="pt")
    torch.testing.assert_close(out["pixel_values"][0].double(), (square - 0.5) / 0.5, atol=1e-6, rtol=0)


def test_padding_has_the_released_colours(hybrid, siglip_only):
    wide = Image.new("RGB", (100, 20))
    assert bytes_of(hybrid, wide)[:, 0, 0].tolist() == [122, 116, 104]
    assert bytes_of(siglip_only, wide)[:, 0, 0].tolist() == [127, 127, 127]


# Shapes and names


def test_hybrid_makes_two_views_and_siglip_only_one(hybrid, siglip_only):
    out = hybrid([photo(), photo(seed=1)], return_tensors="pt")
    assert {key: tuple(value.shape) for key, value in out.items()} == {
        "pixel_values": (2, 3, 384, 384),
        "high_res_pixel_values": (2, 3, 1024, 1024),
    }
    assert hybrid.model_input_names == list(out)
    assert siglip_only.model_input_names == list(siglip_only(photo())) == ["pixel_values"]


def test_nested_lists_are_read_in_order(small):
    a, b, c = (Image.new("RGB", (8, 8), (value,) * 3) for value in (10, 20, 30))
    out = small([[a], [], [b, [c]]], return_tensors="pt", do_rescale=False, do_normalize=False)
    assert out["pixel_values"][:, 0, 0, 0].tolist() == pytest.approx([10, 20, 30])


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (4000, 3000), (13, 14)])
def test_any_size_fits(small, size):
    assert small(Image.new("RGB", size), return_tensors="pt")["pixel_values"].shape == (1, 3, 32, 32)


def test_short_side_keeps_min_size_pixels(siglip_only):
    square = bytes_of(siglip_only, Image.new("RGB", (3000, 1)))
    assert (square[0] == 0).sum() == 14 * 384


@pytest.mark.parametrize(("return_tensors", "kind"), [("pt", torch.Tensor), ("np", np.ndarray), (None, torch.Tensor)])
def test_return_tensors_chooses_the_kind(small, return_tensors, kind):
    assert isinstance(small(photo(), return_tensors=return_tensors)["pixel_values"], kind)


# Kinds of picture


@pytest.mark.parametrize("mode", MODES)
def test_every_pillow_mode_is_read(small, mode):
    assert small(Image.new(mode, (20, 13)), return_tensors="pt")["pixel_values"].isfinite().all()


def test_random_pictures_give_finite_values_or_a_clear_error(small):
    dice, read, refused = random.Random(0), 0, []
    for seed in range(150):
        values = np.random.default_rng(seed)
        width, height, channels = dice.randint(1, 70), dice.randint(1, 70), dice.choice([1, 2, 3, 4, 5])
        array = values.integers(0, 256, (height, width, channels), dtype=np.uint8)
        kind = dice.choice(["array", "float", "tensor", "first", *MODES])
        picture = array
        if kind == "float":
            picture = array.astype(np.float32) / dice.choice([255, 1])
        elif kind == "tensor":
            picture = torch.from_numpy(array)
        elif kind == "first":
            picture = np.moveaxis(array, -1, 0)
        elif kind in MODES:
            picture = Image.new(kind, (width, height))
            picture.frombytes(values.bytes(len(picture.tobytes())))
        try:
            out = small(picture, return_tensors="pt")
        except ValueError as error:
            refused.append(str(error))
        else:
            read += 1
            assert all(value.isfinite().all() and value.abs().max() < 4 for value in out.values())
    assert read > 80
    assert all("expected" in message for message in refused), refused


def test_arrays_of_either_order_and_type_equal_the_picture(small):
    picture = photo((20, 13))
    want, array = bytes_of(small, picture), np.array(picture)
    for same in (
        array,
        array / 255,
        (array / 255).astype(np.float32),
        np.moveaxis(array, -1, 0),
        torch.from_numpy(array),
        torch.from_numpy(array).permute(2, 0, 1),
        torch.from_numpy(array).permute(2, 0, 1) / 255,
    ):
        assert torch.equal(bytes_of(small, same), want)
    batch = np.stack([array, array])
    assert small(batch, return_tensors="pt")["pixel_values"].shape[0] == 2


def test_grey_arrays_of_two_and_three_axes_equal_mode_l(small):
    array = np.array(photo().convert("L"))
    want = bytes_of(small, Image.fromarray(array))
    for same in (array, array[..., None], array[None], torch.from_numpy(array)):
        assert torch.equal(bytes_of(small, same), want)


def test_where_both_ends_could_be_channels_numpy_is_last_and_torch_first(small):
    narrow = np.zeros((3, 50, 3), np.uint8)
    narrow[0] = 255  # a white first row, or a red picture
    last, first = bytes_of(small, narrow), bytes_of(small, torch.from_numpy(narrow))
    assert last[0, 32].float().mean() != first[0, 32].float().mean()
    assert torch.equal(bytes_of(small, narrow, input_data_format="channels_first"), first)
    assert torch.equal(bytes_of(small, torch.from_numpy(narrow), input_data_format="channels_last"), last)


def test_transparency_shows_the_padding(small):
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    palette = Image.new("P", (8, 8), 3)
    palette.info["transparency"] = 3
    for picture in (clear, Image.new("LA", (8, 8), (255, 0)), palette, np.array(clear)):
        assert bytes_of(small, picture)[:, 32, 32].tolist() == [122, 116, 104]
    half = bytes_of(small, Image.new("RGBA", (8, 8), (255, 0, 0, 128)))[:, 32, 32].tolist()
    assert half == pytest.approx([189, 58, 52], abs=1)


def test_sixteen_bits_are_scaled_and_not_clipped(small):
    grey = np.full((8, 8), 32896, np.uint16)  # 128/255 of 65535
    for picture in (
        Image.fromarray(grey),
        Image.fromarray(grey.astype(np.int32)),
        Image.fromarray(grey.astype(np.float32)),
        Image.fromarray((grey / 65535).astype(np.float32)),
        Image.fromarray(np.full((8, 8), 128, np.int32)),
    ):
        assert bytes_of(small, picture).unique().tolist() == [128], picture.mode


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 70000.0])
def test_a_float_picture_out_of_range_is_refused(small, value):
    with pytest.raises(ValueError, match=r"mode F with values from .* expected finite"):
        small(Image.fromarray(np.full((4, 4), value, np.float32)))


def test_exif_rotation_is_applied_to_files_and_opened_pictures(small, tmp_path):
    picture = photo((40, 20))
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(tmp_path / "turned.png", exif=exif)
    want = bytes_of(small, picture.transpose(Image.Transpose.ROTATE_270))
    assert torch.equal(bytes_of(small, tmp_path / "turned.png"), want)
    assert torch.equal(bytes_of(small, Image.open(tmp_path / "turned.png")), want)


def test_paths_and_data_urls_equal_the_picture(small, tmp_path):
    picture, buffer = photo(), io.BytesIO()
    picture.save(buffer, "PNG")
    (tmp_path / "a.png").write_bytes(buffer.getvalue())
    data = base64.b64encode(buffer.getvalue()).decode()
    for source in (tmp_path / "a.png", str(tmp_path / "a.png"), f"data:image/png;base64,{data}", data):
        assert torch.equal(bytes_of(small, source), bytes_of(small, picture))


def test_urls_are_left_to_transformers(small, monkeypatch):
    picture, asked = photo(), []
    monkeypatch.setattr("deepseek_vl_hf.pictures_deepseek_vl_hf.load_image", lambda url: asked.append(url) or picture)
    assert torch.equal(bytes_of(small, "https://a.example/b.png"), bytes_of(small, picture))
    assert asked == ["https://a.example/b.png"]


# Errors


@pytest.mark.parametrize("opened", [False, True])
def test_a_truncated_file_is_named(small, tmp_path, opened):
    buffer = io.BytesIO()
    photo((300, 300)).save(buffer, "JPEG")
    path = tmp_path / ("a" * 80) / "half.jpg"  # of a long path, the end is shown
    path.parent.mkdir()
    path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    with pytest.raises(ValueError, match=r"half\.jpg.*truncated.*whole picture file"):
        small(Image.open(path) if opened else path)


def test_a_decompression_bomb_is_an_error(small, tmp_path, monkeypatch):
    photo((100, 100)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ValueError, match=r"bomb\.png.*exceeds limit"):
        small(tmp_path / "bomb.png")


@pytest.mark.parametrize("source", ["nowhere.png", "", "http://127.0.0.1:1/a.png", __file__])
def test_what_leads_to_no_picture_is_named(small, source):
    with pytest.raises(ValueError, match=r"Cannot read the picture .*Expected the path"):
        small(source)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.full((4, 4, 3), np.nan), "values from nan"),
        (np.full((4, 4, 3), np.inf), "values from inf"),
        (np.full((4, 4, 3), 200.0), "values from 200 to 200; expected floating point from 0 to 1"),
        (np.full((4, 4, 3), -0.5), "values from -0.5"),
        (np.zeros((5, 5, 2), np.uint8), r"shape \(5, 5, 2\).*1, 3 or 4 channels"),
        (np.zeros((0, 4, 3), np.uint8), r"shape \(0, 4, 3\).*at least one pixel"),
        (np.zeros((1, 1, 4, 4, 3), np.uint8), r"shape \(1, 1, 4, 4, 3\)"),
        (np.zeros(3, np.uint8), r"shape \(3,\)"),
        (np.zeros((4, 4, 3), np.int64), "type int64; expected uint8"),
        (torch.zeros(3, 4, 4, dtype=torch.int32), "type int32; expected uint8"),
        (Image.new("RGB", (0, 5)), "0x5 pixels; expected at least 1x1"),
        (None, "Found NoneType where a picture was expected"),
        ([photo(), 3], "Found int where a picture was expected"),
        ([], "Found no picture"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_was_found(small, array, message):
    with pytest.raises(ValueError, match=message):
        small(array)


# Arguments


def test_a_ready_square_passes_unchanged_without_resizing(small):
    square = photo((64, 64))
    assert torch.equal(bytes_of(small, square, do_resize=False, do_pad=False), bytes_of(small, square))
    narrower = bytes_of(small, photo((64, 20)), do_resize=False)
    assert narrower[:, 0, 0].tolist() == [122, 116, 104]


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"do_resize": False, "do_pad": False}, "Found a picture of 40x30 pixels, expected 64x64"),
        ({"do_pad": False}, "expected 64x64"),
        ({"do_rescale": False}, "do_rescale=False with do_normalize=True"),
        ({"size": {"height": 16, "width": 8}}, "the towers read squares"),
        ({"high_res_size": {"shortest_edge": 8}}, "the towers read squares"),
        ({"crop_size": 4}, "Found crop_size"),
        ({"data_format": "channels_last"}, "Found data_format"),
    ],
)
def test_arguments_that_cannot_work_are_refused(small, kwargs, message):
    with pytest.raises(ValueError, match=message):
        small(photo(), **kwargs)


def test_a_grey_picture_is_refused_where_conversion_is_off(small):
    with pytest.raises(ValueError, match="mode L and do_convert_rgb=False"):
        small(photo().convert("L"), do_convert_rgb=False)


def test_arguments_of_one_call_override(small):
    assert small(photo(), size=16, return_tensors="pt")["pixel_values"].shape == (1, 3, 16, 16)
    assert small(photo(), do_normalize=False, return_tensors="pt")["pixel_values"].max() <= 1
    assert bytes_of(small, photo((40, 10)), background_color=7)[:, 0, 0].tolist() == [7, 7, 7]


# Loading and saving


@pytest.mark.parametrize("preset", ["7b", "1.3b", "nano"])
def test_saving_and_loading_keeps_every_field(preset, tmp_path):
    processor = DeepSeekVLHFImageProcessor.from_config(DeepSeekVLHFConfig.from_preset(preset))
    processor.save_pretrained(tmp_path)
    for loader in (DeepSeekVLHFImageProcessor, AutoImageProcessor):
        loaded = loader.from_pretrained(tmp_path)
        assert type(loaded) is DeepSeekVLHFImageProcessor
        assert loaded.to_dict() == processor.to_dict()


@pytest.mark.parametrize("kwargs", [{}, {"backend": "pil"}, {"backend": "torchvision"}, {"use_fast": True}])
@pytest.mark.parametrize("with_config", [True, False])
@pytest.mark.parametrize("preset", ["7b", "1.3b"])
def test_an_official_folder_gives_the_processor_of_its_towers(preset, with_config, kwargs, tmp_path):
    config = DeepSeekVLHFConfig.from_preset(preset)
    official_config = config_for("official", config.to_dict()) if with_config else None
    folder = save(tmp_path, official_config, preprocessor_config=OFFICIAL[preset])
    want = DeepSeekVLHFImageProcessor.from_config(config).to_dict()
    for loader in (DeepSeekVLHFImageProcessor, AutoImageProcessor):
        loaded = loader.from_pretrained(folder, **kwargs)
        assert type(loaded) is DeepSeekVLHFImageProcessor
        assert loaded.to_dict() == want


def test_whether_it_is_the_hybrid_is_the_configs_word(tmp_path):
    config = DeepSeekVLHFConfig.from_preset("nano")
    folder = save(
        tmp_path,
        config_for("official", config.to_dict()),
        preprocessor_config=official_file(256, SAM_STATISTICS["mean"], SAM_STATISTICS["std"]),
    )
    loaded = DeepSeekVLHFImageProcessor.from_pretrained(folder)
    sizes = config.vision_config.image_size, config.high_res_vision_config.image_size
    assert (loaded.size.height, loaded.high_res_size.height) == sizes


@pytest.mark.parametrize("layout", ["official", "native", "own"])
@pytest.mark.parametrize("preset", ["7b", "1.3b"])
def test_a_folder_with_only_a_config_is_enough(preset, layout, tmp_path):
    config = DeepSeekVLHFConfig.from_preset(preset)
    fields = config.to_dict() if layout == "own" else config_for(layout, config.to_dict())
    loaded = DeepSeekVLHFImageProcessor.from_pretrained(save(tmp_path, fields))
    assert loaded.to_dict() == DeepSeekVLHFImageProcessor.from_config(config).to_dict()


def test_official_statistics_are_the_towers_own_and_a_missing_mean_pads_grey(tmp_path):
    fields = config_for("official", DeepSeekVLHFConfig.from_preset("7b").to_dict())
    fields["vision_config"]["params"]["high_res_cfg"]["pixel_mean"] = [0.1, 0.2, 0.3]
    folder = save(tmp_path, fields, preprocessor_config=official_file(1024, None, None))
    loaded = DeepSeekVLHFImageProcessor.from_pretrained(folder)
    assert tuple(loaded.high_res_image_mean) == (0.1, 0.2, 0.3)
    assert loaded.background_color == [127, 127, 127]


@pytest.mark.parametrize(
    ("native", "padding"),
    [
        (DeepseekVLHybridImageProcessorPil(image_mean=[0.5] * 3, image_std=[0.5] * 3), [122, 116, 104]),
        (DeepseekVLImageProcessorPil(image_mean=[0.5] * 3, image_std=[0.5] * 3), [127, 127, 127]),
    ],
)
def test_a_native_folder_gives_ours(native, padding, tmp_path):
    native.save_pretrained(tmp_path)
    loaded = DeepSeekVLHFImageProcessor.from_pretrained(tmp_path)
    assert loaded.background_color == padding
    assert ("high_res_pixel_values" in loaded.model_input_names) == hasattr(native, "high_res_size")
    assert loaded.to_dict()["image_processor_type"] == "DeepSeekVLHFImageProcessor"
    assert type(AutoImageProcessor.from_pretrained(tmp_path, backend="pil")) is type(native)


def test_janus_and_strangers_are_refused(tmp_path):
    fields = config_for("official", DeepSeekVLHFConfig.from_preset("7b").to_dict())
    folder = save(tmp_path, {**fields, "gen_vision_config": {}}, preprocessor_config=OFFICIAL["7b"])
    for loader in (DeepSeekVLHFImageProcessor, AutoImageProcessor):
        with pytest.raises(ValueError, match="Janus"):
            loader.from_pretrained(folder)
    folder = save(tmp_path, fields, preprocessor_config={"image_processor_type": "CLIPImageProcessor"})
    with pytest.raises(ValueError, match="Found image_processor_type 'CLIPImageProcessor', expected"):
        DeepSeekVLHFImageProcessor.from_pretrained(folder)
