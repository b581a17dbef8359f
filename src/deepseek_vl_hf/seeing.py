"""What the model sees: a picture as its towers get it, and where an answer looked.

    picture                -> squares    -> the square of each tower, as a picture
    model and conversation -> attention  -> per word of the last answer one map (G, G) per picture

Shapes: G cells along a side of the grid of visual tokens (24), N = G * G, P pictures of the conversation in reading
order, A tokens of the answer, T tokens of the conversation.

Attention shows what a token could read from; it is a hint at, and no proof of, what the answer rests on.
"""

import copy
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from .chat import Chat
from .modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .processing_deepseek_vl_hf import DeepSeekVLHFProcessor
from .turns import Turn


# Written without spaces, so that every character counts as a word: ideographs, kana and their punctuation.
_IDEOGRAPHS = "\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_WORD = re.compile(rf"\s*(?:[{_IDEOGRAPHS}]|[^\s{_IDEOGRAPHS}]+)")
_READING = "deepseek_vl_hf_reading"  # our attention function's name among those of transformers


def squares(processor: DeepSeekVLHFProcessor, image) -> list[tuple[str, Image.Image]]:
    """Show a picture as the towers get it: the image processor's tensors, with mean and std taken out again.

    Args:
        processor: The checkpoint's own.
        image: Whatever the processor takes for one picture.

    Returns:
        A label, such as "SigLIP, 384x384 pixels", and an RGB picture: SigLIP's, and for the hybrid SAM's second.
    """
    maker = processor.image_processor
    views = maker([image], return_tensors="pt")
    towers = (
        ("SigLIP", "pixel_values", maker.image_mean, maker.image_std),
        ("SAM", "high_res_pixel_values", maker.high_res_image_mean, maker.high_res_image_std),
    )
    shown = []
    for tower, name, mean, std in towers:
        if name not in views:
            continue
        values = views[name][0].permute(1, 2, 0).double().numpy()  # (S, S, 3)
        if maker.do_normalize:
            values = values * np.broadcast_to(std, 3) + np.broadcast_to(mean, 3)
        if maker.do_rescale:
            values = values / maker.rescale_factor
        square = Image.fromarray(np.rint(values).clip(0, 255).astype(np.uint8))
        shown.append((f"{tower}, {square.width}x{square.height} pixels", square))
    return shown


@dataclass(frozen=True)
class Word:
    """A word of an answer and where it looked.

    Attributes:
        text (`str`): With the space before it, so that all words joined are the answer.
        maps (`tuple[np.ndarray, ...]`): For each picture of the conversation, in reading order, float32 of shape
            `(G, G)`: fractions of all attention, padding's cells included. Over all pictures they sum to less than 1;
            text gets the rest.
    """

    text: str
    maps: tuple[np.ndarray, ...]


@torch.no_grad()
def attention(
    model: DeepSeekVLHFForConditionalGeneration,
    processor: DeepSeekVLHFProcessor,
    turns: Sequence[Turn],
    system: str | None = None,
    layers: Sequence[int] | None = None,
) -> list[Word]:
    """Measure how much the last answer's words attended to each visual token.

    A token is chosen at the position before it, so that position's attention counts: the mean over heads and layers,
    and over the word's tokens; tokens that are but a space belong to no word.

    The language model runs once over the whole conversation, as a twin that shares the weights and has its own
    configuration. The model itself is left alone, so other threads may use it meanwhile, without a lock. Beyond an
    ordinary pass it takes memory for a few arrays of `(A, T)`, whatever the number of heads and layers.

    Args:
        model: May also be a `PeftModel` with LoRA around one.
        processor: The checkpoint's own.
        turns: Questions, their pictures and answers; image tokens in a question mark the pictures' places. Earlier
            turns without an answer are left out, and their pictures with them.
        system: Instruction before the first turn; `None` leaves it to the chat template.
        layers: Layers of the language model to average over, from 0, negative from the end; `None` takes all.

    Raises:
        ValueError: if there is no answer or no picture, a layer is none of the model's, pictures and image tokens
            differ in number, or the conversation is longer than the context.
    """
    if hasattr(model, "get_base_model"):
        model = model.get_base_model()
    if not turns or not turns[-1].answer.strip():
        raise ValueError("Found no answer at the end of the conversation; wait for the answer to the last question.")
    chat = Chat(model, processor, system)
    chat.restore(turns)
    images = [image for turn in chat.turns for image in turn.images]
    if not images:
        raise ValueError("Found no picture in the conversation, expected at least one; ask about a picture first.")
    text, begin = _rendered(processor, chat.messages)
    encoded = processor.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids = torch.tensor([encoded["input_ids"]], device=model.device)  # (1, T)
    context = model.config.text_config.max_position_embeddings
    if ids.shape[1] > context:
        raise ValueError(
            f"The conversation has {ids.shape[1]} tokens and the model reads {context}; leave the first turns out."
        )
    answer = [index for index, (_, end) in enumerate(encoded["offset_mapping"]) if end > begin]
    named = [pair for turn in chat.turns for pair in zip(turn.names, turn.images, strict=True)]
    features = torch.stack([chat.encode(name, image) for name, image in named])  # (P, N, D)
    paid = _attention_paid(model, ids, features, [index - 1 for index in answer], layers)
    spans = [encoded["offset_mapping"][index] for index in answer]
    side = math.isqrt(model.config.num_visual_tokens)
    words = []
    for found in _WORD.finditer(text, begin):
        end = found.end()
        start = end - len(found.group().lstrip())
        own = [index for index, (left, right) in enumerate(spans) if left < end and right > start]
        # A tokenizer may drop a character; its word then looked nowhere.
        maps = (paid[own].sum(0) / max(1, len(own))).reshape(len(images), side, side).numpy()
        words.append(Word(found.group(), tuple(maps)))
    return words


def _rendered(processor: DeepSeekVLHFProcessor, messages: list[dict]) -> tuple[str, int]:
    """The conversation as text, up to the end of the last answer, and the place where that answer begins."""
    token = processor.image_token
    prompt, whole = (
        processor.apply_chat_template(part, tokenize=False, add_bos=True, add_generation_prompt=True).replace(
            token, token * processor.num_image_tokens
        )
        for part in (messages[:-1], messages)
    )
    if not whole.startswith(prompt):
        raise ValueError(
            "Found a chat template whose answers do not follow its generation prompt, expected one whose answers do; "
            "use the processor's default."
        )
    answer = whole.removeprefix(prompt).removesuffix(processor.tokenizer.eos_token or "").strip()
    begin = whole.index(answer, len(prompt))
    return whole[: begin + len(answer)], begin


def _attention_paid(
    model: DeepSeekVLHFForConditionalGeneration,
    ids: torch.Tensor,
    features: torch.Tensor,
    positions: list[int],
    layers: Sequence[int] | None,
) -> torch.Tensor:
    """What some positions of one conversation (1, T) attend to its image tokens (positions, image tokens), float32."""
    num_layers = model.config.text_config.num_hidden_layers
    layers = range(num_layers) if layers is None else layers
    if not len(layers) or any(not -num_layers <= layer < num_layers for layer in layers):
        raise ValueError(f"Found layers {list(layers)}, expected at least one, from 0 to {num_layers - 1}.")
    embeddings = model.get_input_embeddings()(ids)  # (1, T, D)
    features = features.to(embeddings.device, embeddings.dtype)
    mask = model.model.get_placeholder_mask(ids, embeddings, features)  # (1, T, 1)
    embeddings = embeddings.masked_scatter(mask, features)
    meter = _Meter(torch.tensor(positions), mask[0, :, 0].nonzero()[:, 0], {layer % num_layers for layer in layers})
    twin = _twin(model.model.language_model)
    twin.set_attn_implementation(_READING)
    twin(inputs_embeds=embeddings, use_cache=False, attention_meter=meter)
    return meter.total / len(meter.layers)


def _twin(module: torch.nn.Module) -> torch.nn.Module:
    """A module of the same weights in evaluation mode, of which everything else is its own."""
    shared = [*module.parameters(), *module.buffers()]
    # accelerate's hooks lead to weights that lie on the disk or in another memory; those are not to be copied either.
    shared += [part._hf_hook for part in module.modules() if hasattr(part, "_hf_hook")]
    return copy.deepcopy(module, {id(each): each for each in shared}).eval()


class _Meter:
    """Adds up, layer by layer, the attention that rows (A) pay to columns (P * N); travels along with one pass."""

    def __init__(self, rows: torch.Tensor, columns: torch.Tensor, layers: set[int]):
        self.rows, self.columns, self.layers = rows, columns, layers
        self.total = torch.zeros(len(rows), len(columns))

    def read(self, layer: int, query: torch.Tensor, key: torch.Tensor, mask: torch.Tensor | None, scaling: float):
        """Take queries (1, heads, T, .) and keys (1, key heads, T, .), rotated; `mask` says who sees whom."""
        if layer not in self.layers:
            return
        rows, columns = self.rows.to(query.device), self.columns.to(query.device)
        num_heads, length = query.shape[1:3]
        visible = torch.arange(length, device=query.device) <= rows[:, None] if mask is None else mask[0, 0, rows]
        paid = torch.zeros(len(rows), len(columns), device=query.device)
        for head in range(num_heads):  # one at a time, so that memory is of a single head
            keys = key[0, head * key.shape[1] // num_heads]  # heads of a group share a key
            scores = (query[0, head, rows].float() @ keys.float().T * scaling).masked_fill(~visible, -math.inf)
            paid += scores.softmax(-1)[:, columns]
        self.total += paid.cpu() / num_heads


def _attend_and_read(module, query, key, value, attention_mask, scaling, attention_meter, **kwargs):
    attention_meter.read(module.layer_idx, query, key, attention_mask, scaling)
    return sdpa_attention_forward(module, query, key, value, attention_mask, scaling=scaling, **kwargs)


AttentionInterface.register(_READING, _attend_and_read)
AttentionMaskInterface.register(_READING, sdpa_mask)
