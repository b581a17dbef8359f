"""Pictures and text in, next-token scores out: encoder, aligner, language model, head.

    pixel_values, high_res_pixel_values  -> vision_model   -> two maps of (I, N, C)
    two maps                             -> aligner        -> visual tokens (I, N, D)
    input_ids (B, T)                     -> embeddings (B, T, D), image tokens overwritten by visual tokens
    embeddings                           -> language_model -> (B, T, D) -> lm_head -> logits (B, T, V)

Shapes: B rows, T tokens, I pictures of all rows in reading order, N visual tokens per picture (576), C width of a
tower, D width of the language model, V vocabulary.
"""

import copy
import importlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from transformers import AutoModel
from transformers.cache_utils import Cache
from transformers.conversion_mapping import register_checkpoint_conversion_mapping
from transformers.generation import GenerationMixin
from transformers.modeling_outputs import BaseModelOutputWithPooling, ModelOutput
from transformers.modeling_utils import PreTrainedModel
from transformers.utils import SAFE_WEIGHTS_INDEX_NAME, can_return_tuple
from transformers.utils.hub import cached_file
from transformers.utils.import_utils import is_torchdynamo_compiling

from .configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from .layouts_deepseek_vl_hf import UNUSED_KEYS, weight_conversions
from .modeling_vision_deepseek_vl_hf import DeepSeekVLHFVisionModel, DeepSeekVLHFVisionOutput


# A class loaded as remote code finds the table that an earlier load of the same code has left.
register_checkpoint_conversion_mapping("deepseek_vl_hf", weight_conversions(), overwrite=True)

# Where the Auto classes find their class in a folder that carries the code.
AUTO_MAP = {
    "AutoConfig": "configuration_deepseek_vl_hf.DeepSeekVLHFConfig",
    "AutoModel": "modeling_deepseek_vl_hf.DeepSeekVLHFModel",
    "AutoModelForImageTextToText": "modeling_deepseek_vl_hf.DeepSeekVLHFForConditionalGeneration",
    "AutoModelForMultimodalLM": "modeling_deepseek_vl_hf.DeepSeekVLHFForConditionalGeneration",
}
# With and without the prefix that a head puts before the base model.
_NOT_QUANTIZED = ("vision_model", "aligner", "model.vision_model", "model.aligner", "lm_head")


@dataclass
class DeepSeekVLHFModelOutputWithPast(ModelOutput):
    """Output of `DeepSeekVLHFModel`.

    Args:
        last_hidden_state (`torch.Tensor` of shape `(batch_size, sequence_length, hidden_size)`):
            The language model's final states.
        past_key_values (`Cache`): Keys and values for the next step.
        hidden_states, attentions: Per layer of the language model, when asked for.
        image_hidden_states (`torch.Tensor` of shape `(num_images, num_visual_tokens, hidden_size)`):
            Visual tokens; `None` if no picture came in.
    """

    last_hidden_state: torch.Tensor | None = None
    past_key_values: Cache | None = None
    hidden_states: tuple[torch.Tensor, ...] | None = None
    attentions: tuple[torch.Tensor, ...] | None = None
    image_hidden_states: torch.Tensor | None = None


@dataclass
class DeepSeekVLHFCausalLMOutputWithPast(ModelOutput):
    """Output of `DeepSeekVLHFForConditionalGeneration`.

    Args:
        loss (`torch.Tensor` of shape `()`): Mean next-token cross-entropy over labels other than -100, in nats.
        logits (`torch.Tensor` of shape `(batch_size, sequence_length, vocab_size)`): Scores before softmax.
        past_key_values, hidden_states, attentions, image_hidden_states: As in the base model's output.
    """

    loss: torch.Tensor | None = None
    logits: torch.Tensor | None = None
    past_key_values: Cache | None = None
    hidden_states: tuple[torch.Tensor, ...] | None = None
    attentions: tuple[torch.Tensor, ...] | None = None
    image_hidden_states: torch.Tensor | None = None


class DeepSeekVLHFAligner(nn.Module):
    """The bridge from vision to language (the paper's vision-language adaptor, section 3.1).

    The hybrid fills each half of the language width from one tower, SAM's first, and mixes after the activation; with
    SigLIP alone the first layer has the whole width.
    """

    def __init__(self, config: DeepSeekVLHFConfig):
        super().__init__()
        low_res, high_res, width = config.vision_config, config.high_res_vision_config, config.text_config.hidden_size
        if high_res is not None and width % 2:
            raise ValueError(f"The hybrid aligner splits the language width in halves; hidden_size={width} is odd.")
        self.high_res_proj = None if high_res is None else nn.Linear(high_res.downsample_channels[-1], width // 2)
        self.low_res_proj = nn.Linear(low_res.hidden_size, width if high_res is None else width // 2)
        self.act = nn.GELU()
        self.proj = nn.Linear(width, width)

    def forward(self, low_res: torch.Tensor, high_res: torch.Tensor | None = None) -> torch.Tensor:
        """Project, join, mix.

        Args:
            low_res (`torch.Tensor` of shape `(num_images, num_visual_tokens, low_res_width)`): SigLIP's features.
            high_res (`torch.Tensor` of shape `(num_images, num_visual_tokens, high_res_width)`, *optional*): SAM's.

        Returns:
            `torch.Tensor` of shape `(num_images, num_visual_tokens, hidden_size)`.
        """
        features = self.low_res_proj(low_res)
        if self.high_res_proj is not None:
            features = torch.cat([self.high_res_proj(high_res), features], dim=-1)
        return self.proj(self.act(features))


def _spare_vision(quantization_config):
    """Towers and aligner are small and lose most from few bits, so a quantiser without a list of its own gets one."""
    config = copy.deepcopy(quantization_config)
    fields = config if isinstance(config, dict) else getattr(config, "__dict__", {})
    for skipped in ("llm_int8_skip_modules", "modules_to_not_convert"):
        if fields.get(skipped, ()) is None:
            fields[skipped] = list(_NOT_QUANTIZED)
    return config


class DeepSeekVLHFPreTrainedModel(PreTrainedModel):
    """What all DeepSeek-VL classes share: loading of every layout, and which features they support."""

    config_class = DeepSeekVLHFConfig
    config: DeepSeekVLHFConfig
    base_model_prefix = "model"
    input_modalities = ("image", "text")
    supports_gradient_checkpointing = True
    _no_split_modules = ["SiglipEncoderLayer", "DeepSeekVLHFSamLayer", "LlamaDecoderLayer"]
    _skip_keys_device_placement = ["past_key_values"]
    _keys_to_ignore_on_load_unexpected = list(UNUSED_KEYS)
    _supports_flash_attn = True
    _supports_sdpa = True
    _supports_flex_attn = True
    _supports_attention_backend = True
    _can_compile_fullgraph = True

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path, *args, quantization_config=None, **kwargs):
        """Load a checkpoint of any layout, from safetensors only.

        Args:
            pretrained_model_name_or_path (`str` or `os.PathLike`): A folder or a Hub repository.
            quantization_config (*optional*):
                For the language model: unless it lists modules to skip, towers, aligner and head stay as they are.
            *args, **kwargs: As in `PreTrainedModel.from_pretrained`.

        Raises:
            ValueError: if the weights are pickled; unpickling can run any code.
        """
        remedy = (
            "expected model.safetensors. Load pickled weights with torch where you trust them, and save them again."
        )
        if kwargs.get("use_safetensors") is False:
            raise ValueError(f"Found use_safetensors=False, {remedy}")
        if pretrained_model_name_or_path is not None:
            folder = Path(pretrained_model_name_or_path, kwargs.get("subfolder", ""))
            pickled = sorted(path.name for path in folder.glob("*.bin"))
            if pickled and not any(folder.glob("*.safetensors")):
                raise ValueError(f"Found only {', '.join(pickled)} in {folder}, {remedy}")
            cls._check_index(pretrained_model_name_or_path, remedy, kwargs)
        kwargs |= {"use_safetensors": True, "quantization_config": _spare_vision(quantization_config)}
        return super().from_pretrained(pretrained_model_name_or_path, *args, **kwargs)

    @staticmethod
    def _check_index(source, remedy, kwargs):
        """An index may name any file of the machine, pickled or not, and transformers opens what it names."""
        options = ("subfolder", "revision", "token", "cache_dir", "local_files_only")
        path = cached_file(
            source,
            SAFE_WEIGHTS_INDEX_NAME,
            _raise_exceptions_for_missing_entries=False,
            **{name: kwargs[name] for name in options if kwargs.get(name) is not None},
        )
        if path is None:
            return
        names = set(json.loads(Path(path).read_text(encoding="utf-8"))["weight_map"].values())
        strays = sorted(name for name in names if Path(name).name != name or not name.endswith(".safetensors"))
        if strays:
            raise ValueError(f"Found {strays[0]} in {SAFE_WEIGHTS_INDEX_NAME} of {source}, {remedy}")

    def push_to_hub(self, repo_id, **kwargs):
        """Push weights, configuration, code, card and licence in one commit.

        Where this file lies beside weights, without the package around it, transformers' push is all there is.
        """
        if __package__ != "deepseek_vl_hf":
            return super().push_to_hub(repo_id, **kwargs)
        return importlib.import_module(".publishing", __package__).push_model(self, repo_id, **kwargs)

    def save_pretrained(self, save_directory, *args, **kwargs):
        """Save in our own layout, whatever layout the weights came from; `export` writes the others.

        The code travels along, so that the folder also loads without this package, with `trust_remote_code=True`.
        """
        self.config.auto_map = dict(AUTO_MAP)
        # FSDP2 makes a class of its own of the model's, of which transformers would take name and code.
        found = type(self)
        self.__class__ = next(cls for cls in found.__mro__ if not cls.__module__.startswith("torch.distributed"))
        try:
            return super().save_pretrained(save_directory, *args, **{"save_original_format": False, **kwargs})
        finally:
            self.__class__ = found


class DeepSeekVLHFModel(DeepSeekVLHFPreTrainedModel):
    """Encoder, aligner and language model without a head."""

    _auto_class = "AutoModel"

    def __init__(self, config: DeepSeekVLHFConfig):
        super().__init__(config)
        config.check_grids()
        if not 0 <= config.image_token_id < config.text_config.vocab_size:
            raise ValueError(
                f"image_token_id={config.image_token_id} is outside the vocabulary of {config.text_config.vocab_size} "
                "entries; pass the id of the tokenizer's image token as image_token_id."
            )
        self.vision_model = DeepSeekVLHFVisionModel(config)
        if self.vision_model.high_res is None:  # FSDP refuses to wrap what is not there
            self._no_split_modules = [name for name in self._no_split_modules if name != "DeepSeekVLHFSamLayer"]
        self.aligner = DeepSeekVLHFAligner(config)
        self.language_model = AutoModel.from_config(config.text_config)
        self.gradient_checkpointing = False
        self.post_init()

    def _check_pixels(self, name: str, pixels: torch.Tensor | None, size: int) -> None:
        if not isinstance(pixels, torch.Tensor):
            raise ValueError(
                f"{name}: found {type(pixels).__name__}, expected a float tensor (num_images, 3, {size}, {size})."
            )
        if pixels.ndim != 4 or pixels.shape[1:] != (3, size, size):
            raise ValueError(
                f"{name}: found shape {tuple(pixels.shape)}, expected (num_images, 3, {size}, {size}) with the pictures of "
                "all rows one after another. Make it with the checkpoint's own processor."
            )
        if not pixels.is_floating_point():
            raise ValueError(
                f"{name}: found dtype {pixels.dtype}, expected floats normalised for the tower. Make them with the "
                "checkpoint's own processor."
            )
        if not is_torchdynamo_compiling() and pixels.device.type != "meta" and not pixels.isfinite().all():
            bad = (~pixels.isfinite()).flatten(1).any(1).nonzero().flatten().tolist()
            raise ValueError(
                f"{name}: found NaN or infinity in picture {bad}, expected finite values; check the source."
            )

    @can_return_tuple
    def get_image_features(
        self, pixel_values: torch.Tensor, high_res_pixel_values: torch.Tensor | None = None, **kwargs
    ) -> DeepSeekVLHFVisionOutput:
        """Turn pictures into visual tokens.

        Args:
            pixel_values (`torch.Tensor` of shape `(num_images, 3, image_size, image_size)`): SigLIP's view, normalised.
            high_res_pixel_values (`torch.Tensor` of shape `(num_images, 3, image_size, image_size)`, *optional*):
                SAM's view, normalised; needed by the hybrid and only there.

        Returns:
            `DeepSeekVLHFVisionOutput`, whose `pooler_output` holds the visual tokens.

        Raises:
            ValueError: if a view is missing or superfluous, or has another shape, dtype or non-finite values.
        """
        config = self.config
        self._check_pixels("pixel_values", pixel_values, config.vision_config.image_size)
        if config.high_res_vision_config is None:
            if high_res_pixel_values is not None:
                raise ValueError(
                    "Found high_res_pixel_values, but this model has no high-resolution tower "
                    "(high_res_vision_config is None). Use the processor of this checkpoint."
                )
        elif high_res_pixel_values is None:
            raise ValueError(
                "Found pixel_values without high_res_pixel_values; the hybrid encoder reads both views of each picture. "
                "Pass everything that the processor returns."
            )
        else:
            self._check_pixels(
                "high_res_pixel_values", high_res_pixel_values, config.high_res_vision_config.image_size
            )
            if high_res_pixel_values.shape[0] != pixel_values.shape[0]:
                raise ValueError(
                    f"Found {pixel_values.shape[0]} pictures in pixel_values and {high_res_pixel_values.shape[0]} in "
                    "high_res_pixel_values, expected two views of each. Pass what one call of the processor returns."
                )
        kwargs.pop("return_dict", None)
        output = self.vision_model(pixel_values, high_res_pixel_values, **kwargs)
        output.pooler_output = self.aligner(output.last_hidden_state, output.high_res_last_hidden_state)
        return output

    def get_placeholder_mask(
        self,
        input_ids: torch.Tensor | None,
        inputs_embeds: torch.Tensor,
        image_features: torch.Tensor,
        whole_pictures: bool = True,
    ) -> torch.Tensor:
        """Mark the image tokens, and check that there is one per visual token.

        Args:
            input_ids (`torch.Tensor` of shape `(batch_size, sequence_length)`, *optional*): Token ids.
            inputs_embeds (`torch.Tensor` of shape `(batch_size, sequence_length, hidden_size)`): Used without ids:
                image tokens are then the positions that hold the image token's embedding.
            image_features (`torch.Tensor` of shape `(num_images, num_visual_tokens, hidden_size)`): Visual tokens.
            whole_pictures (`bool`): Whether every row must hold whole pictures; a chunk of a prefill need not.

        Returns:
            `torch.Tensor` of shape `(batch_size, sequence_length, 1)`, bool.

        Raises:
            ValueError: if the counts differ, or a row holds part of a picture.
        """
        if input_ids is None:
            token = torch.tensor(self.config.image_token_id, device=inputs_embeds.device)
            mask = (inputs_embeds == self.get_input_embeddings()(token)).all(-1)
        else:
            mask = input_ids == self.config.image_token_id
        num_images, num_visual_tokens = image_features.shape[:2]
        if is_torchdynamo_compiling():
            # Not transformers' `torch_compilable_check`, of which torch 2.11 cannot make one graph.
            torch._assert_async(mask.sum() == num_images * num_visual_tokens, "image tokens and pictures differ")
            return mask.unsqueeze(-1)
        per_row = mask.sum(-1).tolist()
        found = sum(per_row)
        if found != num_images * num_visual_tokens:
            raise ValueError(
                f"Found {found} image tokens for {num_images} pictures of {num_visual_tokens} visual tokens each "
                f"(expected {num_images * num_visual_tokens}); the prompt and the pictures do not match. Pass as many "
                "pictures as the prompt has placeholders, and let the processor expand them."
            )
        if whole_pictures and any(count % num_visual_tokens for count in per_row):
            raise ValueError(
                f"Found {per_row} image tokens in the rows, expected multiples of {num_visual_tokens}: a picture is cut. "
                "Truncate rows before or after a picture, never through it."
            )
        return mask.unsqueeze(-1)

    @can_return_tuple
    def forward(
        self,
        input_ids: torch.LongTensor | None = None,
        pixel_values: torch.Tensor | None = None,
        high_res_pixel_values: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.LongTensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        use_cache: bool | None = None,
        mm_encoder_outputs: dict[str, BaseModelOutputWithPooling] | None = None,
        body_states: dict[str, torch.Tensor] | None = None,
        **kwargs,
    ) -> DeepSeekVLHFModelOutputWithPast:
        """Run the model without its head.

        Args:
            input_ids (`torch.LongTensor` of shape `(batch_size, sequence_length)`, *optional*): Token ids; each picture
                is a run of `num_visual_tokens` image tokens.
            pixel_values, high_res_pixel_values: As in `get_image_features`; pictures of all rows in reading order.
            attention_mask (`torch.Tensor` of shape `(batch_size, sequence_length)`, *optional*): 0 on padding.
            inputs_embeds (`torch.Tensor` of shape `(batch_size, sequence_length, hidden_size)`, *optional*): Instead of
                `input_ids`.
            mm_encoder_outputs (`dict`, *optional*): `{"image": output of get_image_features}` instead of pixels.
            body_states (`dict`, *optional*): Output of `vision_model.bodies` instead of pixels; what follows can learn.

        Raises:
            ValueError: if ids and embeddings are both given or both missing, or pictures and image tokens differ.
        """
        if (input_ids is None) == (inputs_embeds is None):
            found = "neither" if input_ids is None else "both"
            raise ValueError(f"Found {found} of input_ids and inputs_embeds, expected exactly one.")
        vision = (mm_encoder_outputs or {}).get("image")
        if sum(given is not None for given in (pixel_values, vision, body_states)) > 1:
            raise ValueError(
                "Found more than one of pixel_values, mm_encoder_outputs and body_states, expected one of them: pictures are "
                "encoded once."
            )
        if pixel_values is None and high_res_pixel_values is not None:
            raise ValueError(
                "Found high_res_pixel_values without pixel_values; pass everything the processor returns."
            )
        if inputs_embeds is None:
            inputs_embeds = self.get_input_embeddings()(input_ids)  # (B, T, D)
        if pixel_values is not None:
            vision = self.get_image_features(pixel_values, high_res_pixel_values, return_dict=True)
        elif body_states is not None:
            vision = self.vision_model(body_states=body_states)
            vision.pooler_output = self.aligner(vision.last_hidden_state, vision.high_res_last_hidden_state)
        visual_tokens = None
        if vision is not None:
            visual_tokens = vision.pooler_output.to(inputs_embeds.device, inputs_embeds.dtype)  # (I, N, D)
            # Of a prefill in chunks, `generate` passes the visual tokens of one chunk, without the towers' features.
            mask = self.get_placeholder_mask(
                input_ids, inputs_embeds, visual_tokens, whole_pictures=vision.last_hidden_state is not None
            )
            inputs_embeds = inputs_embeds.masked_scatter(mask.to(inputs_embeds.device), visual_tokens)
        outputs = self.language_model(
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            use_cache=use_cache,
            **kwargs,
        )
        return DeepSeekVLHFModelOutputWithPast(
            last_hidden_state=outputs.last_hidden_state,
            past_key_values=outputs.past_key_values,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
            image_hidden_states=visual_tokens,
        )


class DeepSeekVLHFForConditionalGeneration(DeepSeekVLHFPreTrainedModel, GenerationMixin):
    """DeepSeek-VL with its language-model head: the class to load, generate with and train."""

    _auto_class = "AutoModelForImageTextToText"
    _tied_weights_keys = {"lm_head.weight": "model.language_model.embed_tokens.weight"}
    output_modalities = ("text",)
    _tp_plan = {"lm_head": "colwise_gather_output"}

    def __init__(self, config: DeepSeekVLHFConfig):
        super().__init__(config)
        self.model = DeepSeekVLHFModel(config)
        self.lm_head = nn.Linear(config.text_config.hidden_size, config.text_config.vocab_size, bias=False)
        self.post_init()

    def get_image_features(
        self, pixel_values: torch.Tensor, high_res_pixel_values: torch.Tensor | None = None, **kwargs
    ) -> DeepSeekVLHFVisionOutput:
        """Turn pictures into visual tokens; see `DeepSeekVLHFModel.get_image_features`."""
        return self.model.get_image_features(pixel_values, high_res_pixel_values, **kwargs)

    @can_return_tuple
    def forward(
        self,
        input_ids: torch.LongTensor | None = None,
        pixel_values: torch.Tensor | None = None,
        high_res_pixel_values: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.LongTensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        labels: torch.LongTensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | torch.Tensor = 0,
        mm_encoder_outputs: dict[str, BaseModelOutputWithPooling] | None = None,
        **kwargs,
    ) -> DeepSeekVLHFCausalLMOutputWithPast:
        """Score next tokens, and with `labels` compute the loss.

        Args:
            labels (`torch.LongTensor` of shape `(batch_size, sequence_length)`, *optional*): Target ids, not shifted;
                -100 is ignored. Image tokens and padding must be -100: the model does not mask them.
            logits_to_keep (`int` or `torch.Tensor`): Score the last so many positions only (0: all), or these positions.
            others: As in `DeepSeekVLHFModel.forward`.
        """
        if labels is not None and use_cache is None:
            use_cache = False  # with a cache, transformers would not look for rows that are packed
        outputs = self.model(
            input_ids=input_ids,
            pixel_values=pixel_values,
            high_res_pixel_values=high_res_pixel_values,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            use_cache=use_cache,
            mm_encoder_outputs=mm_encoder_outputs,
            return_dict=True,
            **kwargs,
        )
        kept = slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
        logits = self.lm_head(outputs.last_hidden_state[:, kept])
        loss = None
        if labels is not None:
            loss = self.loss_function(
                logits=logits, labels=labels, vocab_size=self.config.text_config.vocab_size, **kwargs
            )
        return DeepSeekVLHFCausalLMOutputWithPast(
            loss=loss,
            logits=logits,
            **{
                key: outputs.get(key)
                for key in ("past_key_values", "hidden_states", "attentions", "image_hidden_states")
            },
        )


__all__ = ["DeepSeekVLHFForConditionalGeneration", "DeepSeekVLHFModel", "DeepSeekVLHFPreTrainedModel"]
