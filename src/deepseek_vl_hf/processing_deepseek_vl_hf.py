"""A chat or a prompt with pictures becomes token ids and squares of pixels.

    messages        -> chat template    -> text with one image token per picture
    text            -> x 576 image tokens each, tokenizer -> input_ids, attention_mask  (R, T)
    pictures        -> image processor  -> pixel_values, high_res_pixel_values          (B, 3, ., .)

Shapes: R rows of text, T tokens, padded on the left; B pictures of all rows, in reading order.
"""

import os
from pathlib import Path
from typing import Any

from transformers.models.auto.tokenization_auto import get_tokenizer_config
from transformers.processing_utils import MultiModalData, ProcessorMixin
from transformers.utils import logging

from .configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from .image_processing_deepseek_vl_hf import DeepSeekVLHFImageProcessor
from .layouts_deepseek_vl_hf import layout_of
from .preprocessor_layouts_deepseek_vl_hf import HUB_KWARGS, config_beside


logger = logging.get_logger(__name__)

IMAGE_TOKEN = "<image_placeholder>"
# What the official processor_config.json holds besides `image_tag` and `num_image_tokens`. Nothing here depends on it:
# the format is the chat template, and which tokens a loss counts is the trainer's business.
_OFFICIAL_ARGUMENTS = {
    *("image_start_tag", "image_end_tag", "pad_tag", "image_id", "image_start_id", "image_end_id", "pad_id"),
    *("add_special_token", "sft_format", "system_prompt", "ignore_id", "mask_prompt", "processor_class", "auto_map"),
}
_NATIVE_CLASSES = ("DeepseekVLProcessor", "DeepseekVLHybridProcessor")
# Code that is loaded from the Hub comes without this file; the folder that it serves then carries its own template.
_TEMPLATE_FILE = Path(__file__).with_name("chat_template.jinja")
DEFAULT_CHAT_TEMPLATE = _TEMPLATE_FILE.read_text(encoding="utf-8") if _TEMPLATE_FILE.is_file() else None


class DeepSeekVLHFProcessor(ProcessorMixin):
    """Join image processor, tokenizer and conversation format of a DeepSeek-VL model.

    What counts as a picture: in a chat, `{"type": "image"}` parts. Text parts are data, so that an image token or an
    end-of-sentence token typed there reaches the model as the ordinary text it looks like (a zero-width space is put
    into it) and neither takes up a picture nor ends a turn. A bare string is taken as the official code takes it,
    image tokens standing for pictures, where pictures come with it: in a prompt (`processor(text=..., images=...)`),
    in the `images` of its message, or in `processor_kwargs`; in any other chat that is tokenized it is data as well.

    Args:
        image_processor (`DeepSeekVLHFImageProcessor`):
            Makes the squares.
        tokenizer (`PreTrainedTokenizerBase`):
            Gets left padding, a padding token if it has none (end of sentence) and the chat template.
        chat_template (`str`, *optional*):
            Defaults to the official conversation format.
        num_image_tokens (`int`, *optional*, defaults to 576):
            Image tokens per picture, as many as the model makes visual tokens.
        image_token (`str`, *optional*):
            Defaults to the tokenizer's own `image_token`, else "<image_placeholder>". Added if it is in no vocabulary.

    Raises:
        ValueError: if called with another number of pictures than of image tokens, or if truncation cuts a picture.
    """

    _auto_class = "AutoProcessor"  # `save_pretrained` lets the code travel along

    def __init__(
        self, image_processor, tokenizer, chat_template=None, num_image_tokens=576, image_token=None, **official
    ):
        image_tag = official.pop("image_tag", None)
        if unknown := sorted(set(official) - _OFFICIAL_ARGUMENTS):
            raise TypeError(f"Unknown arguments {', '.join(unknown)}; see the docstring of {type(self).__name__}.")
        if official.get("add_special_token"):
            raise ValueError(
                "Found add_special_token=True, which keeps one image token more than there are visual tokens; "
                "released checkpoints say False, and only this is supported."
            )
        if not isinstance(num_image_tokens, int) or num_image_tokens < 1:
            raise ValueError(f"Found num_image_tokens={num_image_tokens!r}; expected a positive int, 576 as released.")
        self.num_image_tokens = num_image_tokens
        self.image_token = image_token or image_tag or getattr(tokenizer, "image_token", None) or IMAGE_TOKEN
        if self.image_token not in tokenizer.get_vocab():
            tokenizer.add_tokens(self.image_token, special_tokens=True)  # as officially: the first free id
            logger.warning(
                f"The tokenizer lacked {self.image_token!r}; it now has id {len(tokenizer) - 1}, which must be the "
                "config's image_token_id."
            )
        self.image_token_id = tokenizer.convert_tokens_to_ids(self.image_token)
        tokenizer.padding_side = "left"
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        tokenizer.chat_template = chat_template or DEFAULT_CHAT_TEMPLATE
        super().__init__(image_processor, tokenizer, chat_template=tokenizer.chat_template)

    @property
    def image_ids(self) -> list[int]:
        """Ids of the tokens that stand for a picture."""
        return [self.image_token_id]

    def replace_image_token(self, image_inputs: dict, image_idx: int, **kwargs) -> str:
        """The text that the image token of one picture is replaced with."""
        return self.image_token * self.num_image_tokens

    def _get_num_multimodal_tokens(self, image_sizes: list[tuple[int, int]] | None = None, **kwargs) -> MultiModalData:
        """Image tokens and squares per picture, by which a serving engine plans; any size makes the same."""
        if image_sizes is None:
            return MultiModalData()
        return MultiModalData(
            num_image_tokens=[self.num_image_tokens] * len(image_sizes), num_image_patches=[1] * len(image_sizes)
        )

    def __call__(self, images=None, text=None, **kwargs):
        """Tokenize prompts and prepare their pictures.

        Args:
            images (a picture or `list`, *optional*):
                What the image processor takes: all pictures in reading order, or a list per prompt.
            text (`str` or `list[str]`, *optional*):
                Prompts, one image token where each picture belongs.
            **kwargs:
                For tokenizer and image processor, e.g. `return_tensors="pt"`, `padding=True`.

        Returns:
            `BatchFeature` with `input_ids` and `attention_mask` of shape `(R, T)`, and if there are pictures
            `pixel_values` of shape `(B, 3, L, L)` and for the hybrid `high_res_pixel_values` of shape `(B, 3, H, H)`.
        """
        if kwargs.pop("videos", None) is not None or kwargs.pop("audio", None) is not None:
            raise ValueError("Found videos or audio; DeepSeek-VL reads text and images.")
        prompts = [text] if isinstance(text, str) else text or []
        bos = self.tokenizer.bos_token
        # A chat rendered by the tokenizer begins with it already, and tokenizers do not look before they add it.
        has_bos = bos and prompts and all(isinstance(prompt, str) and prompt.startswith(bos) for prompt in prompts)
        if has_bos and "add_special_tokens" not in kwargs.get("text_kwargs", {}):
            kwargs.setdefault("add_special_tokens", False)
        return super().__call__(images=images, text=text, **kwargs)

    def prepare_inputs_layout(self, images=None, text=None, **kwargs):
        """Open the pictures, one list per prompt where they come so; no picture at all is `None`."""
        if isinstance(images, (list, tuple)) and any(isinstance(row, (list, tuple)) for row in images):
            images = [self.image_processor.fetch_images(row) for row in images]
            images = images if any(images) else None
        elif images is not None:
            images = self.image_processor.fetch_images(images) or None
        text = [text] if isinstance(text, str) else None if text is None else list(text)
        return images, text, None, None

    def validate_inputs(self, images=None, text=None, **kwargs):
        """Compare pictures with image tokens, prompt by prompt where the pictures come so."""
        if text is not None and all(isinstance(prompt, str) for prompt in text):
            found = [prompt.count(self.image_token) for prompt in text]
            given = [len(row) if isinstance(row, list) else 1 for row in images or []]
            by_row = any(isinstance(row, list) for row in images or []) and len(text) > 1
            if found != given if by_row else sum(found) != sum(given):
                found, given = (found, given) if by_row else (sum(found), sum(given))
                raise ValueError(
                    f"Found {found} {self.image_token} in the text and {given} images; they must be as many"
                    f"{', prompt by prompt' if by_row else ''}. Write one {self.image_token} (in a chat, one "
                    '{"type": "image"} part) where each image belongs, and pass the images in the same order.'
                )
        super().validate_inputs(images=images, text=text, **kwargs)

    def apply_chat_template(self, conversation, chat_template=None, tokenize=False, processor_kwargs=None, **kwargs):
        """Render a conversation or a list of them; with `tokenize=True`, also do what `__call__` does.

        Rendered text is meant for `__call__` and leaves the beginning-of-sentence token to the tokenizer, as the
        official text does; `add_bos=True` writes it. Token ids begin with exactly one, whether or not the tokenizer
        adds it.

        Args:
            conversation (`list[dict]`):
                Messages `{"role": "user", "content": ...}`; content is a string or a list of
                `{"type": "text", "text": ...}` and `{"type": "image", "image" or "path" or "url": ...}` parts.
            chat_template (`str`, *optional*): Another template than the processor's.
            tokenize (`bool`, *optional*, defaults to `False`): Return model inputs rather than text.
            processor_kwargs (`dict`, *optional*): Arguments of `__call__`, e.g. `{"padding": True}`.
            **kwargs: See `ProcessorMixin.apply_chat_template`.

        Raises:
            ValueError: if there is no message, a part is neither text nor image, or pictures and image tokens differ
                in number.
            jinja2.exceptions.TemplateError: if turns do not alternate user, assistant, user, ...
        """
        if not conversation or not conversation[0]:
            raise ValueError("Found a conversation without messages; give at least one.")
        template = self._resolve_chat_template(chat_template)
        if "add_bos" in template:  # a template of another format may know neither
            kwargs.setdefault("add_bos", tokenize)
        if "image_token" in template and self.image_token != self.tokenizer.special_tokens_map.get(
            "image_token", IMAGE_TOKEN
        ):
            kwargs.setdefault("image_token", self.image_token)
        if tokenize:
            strings_are_prompts = bool(kwargs.get("images") or (processor_kwargs or {}).get("images"))
            batched = isinstance(conversation[0], (list, tuple))
            conversation = [
                [self._as_parts(message, strings_are_prompts) for message in messages]
                for messages in (conversation if batched else [conversation])
            ]
            conversation = conversation if batched else conversation[0]
        return super().apply_chat_template(
            conversation, chat_template=template, tokenize=tokenize, processor_kwargs=processor_kwargs, **kwargs
        )

    def _as_parts(self, message: dict[str, Any], strings_are_prompts: bool) -> dict[str, Any]:
        """Spell out what a string's image tokens are: pictures of the message's official `images`, else data."""
        content = message.get("content")
        for part in content if isinstance(content, (list, tuple)) else ():
            if not isinstance(part, dict) or part.get("type") not in ("text", "image", "image_url"):
                raise ValueError(
                    f"Found the content part {part!r:.80}; expected "
                    '{"type": "text", "text": ...} or {"type": "image", "image" or "path" or "url": ...}.'
                )
        if not isinstance(content, str) or (strings_are_prompts and not message.get("images")):
            return message
        images = list(message.get("images") or [])
        texts = content.split(self.image_token) if images else [content]
        if len(texts) - 1 != len(images):
            raise ValueError(
                f"Found {len(texts) - 1} {self.image_token} and {len(images)} images in a message of role "
                f"{message.get('role')!r}; write one where each image belongs."
            )
        parts = [{"type": "text", "text": texts[0]}]
        for image, text in zip(images, texts[1:], strict=True):
            parts += [{"type": "image", "image": image}, {"type": "text", "text": text}]
        return {**message, "content": parts}

    @classmethod
    def get_processor_dict(cls, pretrained_model_name_or_path: str | os.PathLike, **kwargs):
        """Read `processor_config.json` and chat template of any layout; what is missing comes from `config.json`.

        The template of a native folder is replaced by ours, which marks the answers for training; pass `chat_template`
        to keep another.
        """
        config_dict = config_beside(pretrained_model_name_or_path, **kwargs)
        fields, unused = super().get_processor_dict(pretrained_model_name_or_path, **kwargs)
        if "image_tag" in fields:
            fields.setdefault("image_token", fields.pop("image_tag"))
        if config_dict and "num_image_tokens" not in fields:
            fields["num_image_tokens"] = DeepSeekVLHFConfig.from_dict(config_dict).num_visual_tokens
        written_by = fields.get("processor_class")
        if written_by in _NATIVE_CLASSES or (
            written_by is None and config_dict and layout_of(config_dict) == "native"
        ):
            fields.pop("chat_template", None)
        return fields, unused

    @classmethod
    def _get_arguments_from_pretrained(cls, pretrained_model_name_or_path, processor_dict=None, **kwargs):
        # Not through AutoImageProcessor, which would give the stock class for a native folder.
        image_processor = DeepSeekVLHFImageProcessor.from_pretrained(pretrained_model_name_or_path, **kwargs)
        kwargs = {key: value for key, value in kwargs.items() if key not in ("backend", "use_fast")}
        tokenizer = cls._load_tokenizer_from_pretrained("tokenizer", pretrained_model_name_or_path, **kwargs)
        # The official tokenizer leaves its first token to this flag, which transformers 5 no longer reads beside a
        # tokenizer.json.
        hub_kwargs = {key: kwargs[key] for key in HUB_KWARGS if key in kwargs}
        if (
            get_tokenizer_config(pretrained_model_name_or_path, **hub_kwargs).get("add_bos_token")
            and tokenizer.bos_token_id not in tokenizer("")["input_ids"]
        ):
            tokenizer.add_bos_token = True
        return [image_processor, tokenizer]


class VLChatProcessor(DeepSeekVLHFProcessor):
    """What `AutoProcessor` looks for in an official folder; loading gives a `DeepSeekVLHFProcessor`."""

    @classmethod
    def from_pretrained(cls, *args, **kwargs) -> DeepSeekVLHFProcessor:
        """See `DeepSeekVLHFProcessor.from_pretrained`."""
        return DeepSeekVLHFProcessor.from_pretrained(*args, **kwargs)


__all__ = ["DeepSeekVLHFProcessor", "VLChatProcessor"]
