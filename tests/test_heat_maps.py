"""Maps laid over pictures: where they glow, what of them lies on the padding, and how bright they are."""

import math
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from deepseek_vl_hf.heat_maps import on_picture, overlay
from deepseek_vl_hf.seeing import squares


@pytest.mark.parametrize("size", [(240, 240), (360, 120), (120, 360), (391, 57), (700, 3), (1, 1)], ids=str)
def test_an_overlay_glows_where_the_map_is_largest(size):
    """Cells are placed as the image processor places pixels: a white spot of the picture glows at that very spot."""
    grid, width, height = 12, *size
    rng = np.random.default_rng(0)
    for _ in range(8):
        x, y = rng.integers(width), rng.integers(height)
        column = int(((x + 0.5 - width / 2) / max(size) + 0.5) * grid)
        row = int(((y + 0.5 - height / 2) / max(size) + 0.5) * grid)
        cells = np.full((grid, grid), 0.1, dtype=np.float32)
        cells[row, column] = 0.5
        drawn = overlay(Image.new("RGB", size, "grey"), cells)
        assert drawn.size == size
        light = np.asarray(drawn).sum(-1)
        hot_y, hot_x = np.argwhere(light == light.max()).mean(0)
        cell = max(size) / grid
        assert abs(hot_x - x) <= cell + 1
        assert abs(hot_y - y) <= cell + 1


def test_every_size_of_picture_has_its_cells():
    for grid in (4, 8, 24):
        cells = np.ones((grid, grid), dtype=np.float32)
        for long_side in (1, 7, 24, 49, 98):
            for short_side in range(1, long_side + 1):
                wide = Image.new("L", (long_side, short_side))
                assert overlay(wide, cells).size == wide.size
                num_rows = on_picture(wide, cells).shape[0]
                exact = grid * Fraction(short_side, long_side)
                assert num_rows == 2 * math.ceil(exact / 2)  # the middle lies between two cells of an even grid


@pytest.mark.parametrize("size", [(96, 28), (28, 96)], ids=["wide", "tall"])
def test_cells_that_the_padding_cuts_are_cut_alike_on_both_sides(size):
    cells = np.random.default_rng(0).random((8, 8), dtype=np.float32)
    image = Image.new("RGB", size)
    turned = np.asarray(overlay(image, cells[::-1, ::-1]), dtype=int)[::-1, ::-1]
    assert np.abs(turned - np.asarray(overlay(image, cells))).max() <= 1


@pytest.mark.parametrize("size", [(96, 24), (24, 96)], ids=["wide", "tall"])
def test_what_lies_on_the_padding_is_not_shown(size):
    cells = np.zeros((8, 8), dtype=np.float32)
    cells[3, 3] = 1
    plain = overlay(Image.new("RGB", size), cells)
    on_padding = cells.copy()
    on_padding[:3, :3] = on_padding[5:, 5:] = 50
    assert np.array_equal(overlay(Image.new("RGB", size), on_padding), plain)
    assert on_picture(Image.new("RGB", size), on_padding).shape == ((2, 8) if size == (96, 24) else (8, 2))
    assert on_picture(Image.new("RGB", size), on_padding).sum() == 1


def test_a_square_that_the_processor_pads_is_aligned_with_the_map(tiny_processor):
    """The processor's own square, averaged over cells, is a map; laid over the picture it glows on the white spot."""
    pixels = np.zeros((60, 200, 3), dtype=np.uint8)
    pixels[40:55, 150:165] = 255
    image = Image.fromarray(pixels)
    _, square = squares(tiny_processor, image)[1]
    brightness = np.asarray(square.convert("L"), dtype=np.float32).reshape(16, 4, 16, 4).mean((1, 3))
    light = np.asarray(overlay(image, brightness, alpha=1)).sum(-1)
    y, x = np.unravel_index(light.argmax(), light.shape)
    assert 35 <= y < 60
    assert 142 <= x < 173


def test_overlays_of_one_scale_are_comparable():
    image = Image.new("RGB", (8, 8))
    dim, bright = np.full((4, 4), 0.1, dtype=np.float32), np.full((4, 4), 0.4, dtype=np.float32)
    assert np.array_equal(overlay(image, dim), overlay(image, bright))  # each by its own maximum
    assert np.asarray(overlay(image, dim, white=0.4)).sum() < np.asarray(overlay(image, bright, white=0.4)).sum()


def test_alpha_goes_from_the_picture_to_the_map():
    image = Image.effect_noise((20, 10), 90).convert("RGB")
    cells = np.eye(4, dtype=np.float32)
    grey = np.asarray(image.convert("L").convert("RGB"))
    assert np.array_equal(overlay(image, cells, alpha=0), grey)
    assert np.array_equal(overlay(image, cells, alpha=1), overlay(Image.new("RGB", (20, 10)), cells, alpha=1))
    assert np.array_equal(overlay(image, np.zeros((4, 4)), alpha=0), grey)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_a_picture_of_any_mode_can_be_laid_over(mode):
    assert overlay(Image.new(mode, (7, 5)), np.ones((4, 4))).mode == "RGB"


def test_lightness_rises_with_the_value():
    ramp = np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[None], 64, axis=0)
    light = np.asarray(overlay(Image.new("RGB", (64, 64)), ramp, alpha=1).convert("L"), dtype=int)[0]
    assert (np.diff(light) >= 0).all()
    assert light[-1] - light[0] > 230


@pytest.mark.parametrize("cells", [np.ones(16), np.ones((4, 5)), np.full((2, 2), np.nan), np.ones((0, 0))])
def test_what_is_no_map_is_refused(cells):
    with pytest.raises(ValueError, match="Found a map of shape"):
        overlay(Image.new("RGB", (4, 4)), cells)


def test_an_alpha_out_of_range_is_refused():
    with pytest.raises(ValueError, match="Found alpha=2"):
        overlay(Image.new("RGB", (4, 4)), np.ones((4, 4)), alpha=2)
