"""A picture becomes the one or two squares that the vision towers see.

    any picture   -> RGB, long side to S, bicubic; centred on a square      square                 (S, S)
    square        -> x 1/255, SAM's mean and std          (hybrid only)     high_res_pixel_values  (B, 3, H, H)
    square        -> x 1/255, bilinear to L, SigLIP's mean and std          pixel_values           (B, 3, L, L)

Shapes: B pictures in reading order, L low-resolution size (384), H high-resolution size (1024); S is H in the hybrid,
else L. The official code computes the same, part of it inside its towers (image_processing_vlm.py and clip_encoder.py
in deepseek_vl/models at 681bffb): SigLIP's view of the hybrid is made from the padded square, not from the picture.
"""

import os
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from transformers.image_processing_backends import PilBackend
from transformers.image_processing_utils import BatchFeature, get_size_dict
from transformers.image_utils import ChannelDimension, PILImageResampling, SizeDict
from transformers.processing_utils import ImagesKwargs
from transformers.utils import TensorType

from .configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from .layouts_deepseek_vl_hf import SAM_STATISTICS, SIGLIP_STATISTICS
from .pictures_deepseek_vl_hf import from_array, open_picture, to_rgb
from .preprocessor_layouts_deepseek_vl_hf import (
    HUB_KWARGS,
    config_beside,
    preprocessor_fields,
    translate_preprocessor,
)


class DeepSeekVLHFImageProcessorKwargs(ImagesKwargs, total=False):
    """What may be set for good or per call, besides what every image processor knows."""

    min_size: int
    high_res_size: int | list[int] | tuple[int, ...] | dict[str, int] | None
    high_res_image_mean: float | list[float] | tuple[float, ...] | None
    high_res_image_std: float | list[float] | tuple[float, ...] | None
    background_color: int | list[int] | tuple[int, ...] | None


class DeepSeekVLHFImageProcessor(PilBackend):
    """Make the squares that the two towers of a DeepSeek-VL model see; with `high_res_size=None`, the one of SigLIP.

    Pillow resizes and no torchvision is needed, whichever `backend` is asked for: the two round differently, and the
    released weights were trained with Pillow's. Pictures may be Pillow images of any mode, numpy or torch arrays,
    paths, URLs or base64 data, alone or in lists of lists.

    Args:
        size (`dict[str, int]`, *optional*, defaults to `{"height": 384, "width": 384}`):
            SigLIP's square, in pixels.
        high_res_size (`dict[str, int]`, *optional*):
            SAM's square, in pixels; `None` for the SigLIP-only kind.
        min_size (`int`, *optional*, defaults to 14):
            Pixels that the short side keeps at least.
        background_color (`int` or `list[int]`, *optional*):
            Colour of the padding and behind transparency, 0-255. Defaults to `int(mean * 255)` of the larger view.
        image_mean, image_std, high_res_image_mean, high_res_image_std (`list[float]`, *optional*):
            Per channel, for values 0-1. Default to SigLIP's 0.5 and to CLIP's, which SAM has here.
        resample (`int`, *optional*, defaults to bicubic):
            How a picture is scaled to the larger square. Shrinking that one for SigLIP is always bilinear.

    Raises:
        ValueError: if a size is not a square, or when called with something that is no picture.
    """

    _auto_class = "AutoImageProcessor"  # `save_pretrained` lets the code travel along
    valid_kwargs = DeepSeekVLHFImageProcessorKwargs
    size = {"height": 384, "width": 384}
    high_res_size = None
    min_size = 14
    background_color = None
    image_mean, image_std = SIGLIP_STATISTICS["mean"], SIGLIP_STATISTICS["std"]
    high_res_image_mean, high_res_image_std = SAM_STATISTICS["mean"], SAM_STATISTICS["std"]
    resample = PILImageResampling.BICUBIC
    do_convert_rgb = do_resize = do_pad = do_rescale = do_normalize = True

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        if self.background_color is None:
            mean = self.high_res_image_mean if self.high_res_size is not None else self.image_mean
            self.background_color = [int(value * 255) for value in np.broadcast_to(mean, 3)]
        elif isinstance(self.background_color, int):
            self.background_color = [self.background_color] * 3

    @property
    def model_input_names(self) -> list[str]:
        """The model inputs that this instance makes; serving engines size their batches by it."""
        return ["pixel_values"] + (["high_res_pixel_values"] if self.high_res_size is not None else [])

    @classmethod
    def from_config(cls, config: DeepSeekVLHFConfig, **kwargs) -> "DeepSeekVLHFImageProcessor":
        """The image processor that a configuration's towers need; keyword arguments change single fields."""
        high = config.high_res_vision_config
        return cls(
            **{**preprocessor_fields(config.vision_config.image_size, high.image_size if high else None), **kwargs}
        )

    @classmethod
    def get_image_processor_dict(cls, pretrained_model_name_or_path: str | os.PathLike, **kwargs):
        """Read the fields of a folder or Hub repository of any layout; without the file, from `config.json`.

        Raises:
            ValueError: if the files belong to Janus or to another model's image processor.
        """
        for key in ("backend", "use_fast"):  # there is but one
            kwargs.pop(key, None)
        config_dict = config_beside(pretrained_model_name_or_path, **kwargs)
        try:
            fields, unused = super().get_image_processor_dict(pretrained_model_name_or_path, **kwargs)
        except OSError:
            if not config_dict:
                raise
            fields = {}
            unused = {key: value for key, value in kwargs.items() if key not in (*HUB_KWARGS, "_from_auto")}
        return translate_preprocessor(fields, config_dict, cls.valid_kwargs.__annotations__), unused

    def _standardize_kwargs(self, high_res_size=None, **kwargs) -> dict[str, Any]:
        kwargs = super()._standardize_kwargs(**kwargs)
        if high_res_size is not None and not isinstance(high_res_size, SizeDict):
            high_res_size = SizeDict(**get_size_dict(high_res_size, param_name="high_res_size"))
        kwargs["high_res_size"] = high_res_size
        for name in ("high_res_image_mean", "high_res_image_std"):  # as the parent does with the other two
            kwargs[name] = tuple(kwargs[name]) if isinstance(kwargs[name], list) else kwargs[name]
        for name in ("size", "high_res_size"):
            size = kwargs[name]
            if size is not None and (size.height != size.width or not size.height or size.height < 1):
                raise ValueError(
                    f"Found {name} {dict(size)}; the towers read squares: give an equal height and width."
                )
        return kwargs

    def fetch_images(self, image_url_or_urls) -> list[Image.Image | np.ndarray | torch.Tensor]:
        """Open what is a path, URL or base64 data, and flatten lists of lists and stacks, in reading order.

        Raises:
            ValueError: if something in it is no picture.
        """
        images = image_url_or_urls
        if isinstance(images, (list, tuple)):
            return [image for item in images for image in self.fetch_images(item)]
        if isinstance(images, (str, os.PathLike)):
            return [open_picture(images)]
        if isinstance(images, Image.Image):
            return [images]
        if isinstance(images, (np.ndarray, torch.Tensor)):
            return list(images) if images.ndim == 4 else [images if images.ndim == 3 else from_array(images)]
        raise ValueError(
            f"Found {type(images).__name__} where a picture was expected: a Pillow image, a numpy or torch array, a "
            "path, a URL, base64 data, or lists of these."
        )

    def process_image(self, image, do_convert_rgb=True, background_color=None, input_data_format=None, **kwargs):
        """Turn one picture into an RGB Pillow image."""
        if not isinstance(image, Image.Image):
            image = from_array(image, input_data_format)
        if not do_convert_rgb and image.mode != "RGB":
            raise ValueError(f"Found a picture of mode {image.mode} and do_convert_rgb=False; the towers read RGB.")
        return to_rgb(image, tuple(np.broadcast_to(background_color, 3).tolist()))

    def _preprocess(
        self,
        images: list[Image.Image],
        size: SizeDict,
        high_res_size: SizeDict | None,
        min_size: int,
        background_color: int | list[int] | tuple[int, ...],
        resample: int,
        do_resize: bool,
        do_pad: bool,
        do_rescale: bool,
        do_normalize: bool,
        rescale_factor: float,
        image_mean: float | list[float],
        image_std: float | list[float],
        high_res_image_mean: float | list[float],
        high_res_image_std: float | list[float],
        return_tensors: str | TensorType | None = None,
        device: str | torch.device | None = None,
        **kwargs,
    ) -> BatchFeature:
        if not images:
            raise ValueError("Found no picture, expected at least one. For text alone, pass no pixel_values at all.")
        if do_normalize and not do_rescale:
            raise ValueError(
                "Found do_rescale=False with do_normalize=True; mean and std are for values 0-1. Keep do_rescale "
                "(floating point pictures in 0-1 are recognised, and not scaled twice) or switch both off."
            )
        unsupported = [key for key in ("do_center_crop", "crop_size", "pad_size") if kwargs.get(key)]
        if kwargs.get("data_format") not in (None, "none", "channels_first", ChannelDimension.FIRST) or unsupported:
            raise ValueError(
                f"Found {', '.join(unsupported) or 'data_format'}; DeepSeek-VL pads to a square, crops nothing and "
                "reads channels first. Leave it out."
            )
        side = (high_res_size or size).height
        color = tuple(np.broadcast_to(background_color, 3).tolist())
        squares = []
        for image in images:
            if do_resize:
                image = _fit(image, side, min_size, resample)
            square = _centre(image, side, color if do_pad else None)
            square = torch.from_numpy(np.array(square)).permute(2, 0, 1)  # (3, S, S)
            squares.append(square.float() * rescale_factor if do_rescale else square.float())
        squares = torch.stack(squares).to(device)  # (B, 3, S, S)

        def finish(views: torch.Tensor, mean, std) -> torch.Tensor:
            if not do_normalize:
                return views
            mean, std = (torch.tensor(np.broadcast_to(value, 3).tolist(), device=device) for value in (mean, std))
            return (views - mean[:, None, None]) / std[:, None, None]

        if high_res_size is None:
            data = {"pixel_values": finish(squares, image_mean, image_std)}
        else:
            low_res = F.interpolate(squares, size.height, mode="bilinear", antialias=True)  # (B, 3, L, L)
            data = {
                "pixel_values": finish(low_res, image_mean, image_std),
                "high_res_pixel_values": finish(squares, high_res_image_mean, high_res_image_std),
            }
        return BatchFeature(data, tensor_type=return_tensors)


def _fit(image: Image.Image, side: int, min_size: int, resample: int) -> Image.Image:
    """Scale the long side to `side` pixels; the short one is rounded down, as officially, but not below `min_size`."""
    long_side = max(image.size)
    width, height = (max(int(length / long_side * side), min_size) for length in image.size)
    return image.resize((width, height), resample)


def _centre(image: Image.Image, side: int, color: tuple[int, int, int] | None) -> Image.Image:
    """Put a picture on the middle of a square of `color`; with `None` it must fill the square already."""
    if image.size == (side, side):
        return image
    if color is None or max(image.size) > side:
        raise ValueError(
            f"Found a picture of {image.width}x{image.height} pixels, expected {side}x{side} because resizing or "
            "padding is switched off. Leave do_resize and do_pad on, or scale it before."
        )
    square = Image.new("RGB", (side, side), color)
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square


class VLMImageProcessor(DeepSeekVLHFImageProcessor):
    """What `AutoImageProcessor` looks for in an official folder; loading gives a `DeepSeekVLHFImageProcessor`."""

    @classmethod
    def from_pretrained(cls, *args, **kwargs) -> DeepSeekVLHFImageProcessor:
        """See `DeepSeekVLHFImageProcessor.from_pretrained`."""
        return DeepSeekVLHFImageProcessor.from_pretrained(*args, **kwargs)


__all__ = ["DeepSeekVLHFImageProcessor", "VLMImageProcessor"]
