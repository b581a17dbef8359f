"""Tiny configurations, models, tokenizers and inputs, made in memory."""

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from deepseek_vl_hf import DeepSeekVLHFConfig


BOS, EOS, IMAGE_TOKEN = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<image_placeholder>"
SENTENCES = [
    "You are a helpful language and vision assistant.",
    "User: <image_placeholder>What is in the picture? Describe it in one sentence.",
    "Assistant: A red bicycle leans on the wall of a small bakery, and a cat sleeps in its basket.",
    "The quick brown fox jumps over the lazy dog; 0123456789 times, they say!",
    "Which of these is larger, the teapot or the lighthouse? The lighthouse is larger.",
]


def randomise(model, seed=0, std=0.3):
    """Give every parameter a value that matters, norms and relative positions too: a zero would hide a mistake."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            is_scale = "norm" in name and name.endswith("weight")
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * std + float(is_scale))
    return model.eval()


def make_config(low_res_only=False, **kwargs):
    """4x4 visual tokens; SAM's 8x8 grid is no multiple of its window of 3, so windows are padded."""
    fields = {
        "text_config": {
            "model_type": "llama",
            "vocab_size": 320,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 4,
            "max_position_embeddings": 512,
            "rms_norm_eps": 1e-6,
            "bos_token_id": 0,
            "eos_token_id": 1,
            "pad_token_id": 1,
        },
        "vision_config": {
            "model_type": "siglip_vision_model",
            "image_size": 32,
            "patch_size": 8,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "hidden_act": "gelu",
        },
        "high_res_vision_config": None
        if low_res_only
        else {
            "image_size": 64,
            "patch_size": 8,
            "hidden_size": 32,
            "num_hidden_layers": 4,
            "num_attention_heads": 2,
            "window_size": 3,
            "global_attn_indexes": [1, 3],
            "output_channels": 8,
        },
        "image_token_id": 2,
    }
    return DeepSeekVLHFConfig(**{**fields, **kwargs})


def make_tokenizer():
    """A byte-level BPE of 320 entries that writes the start token itself, as DeepSeek's does."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=[BOS, EOS, IMAGE_TOKEN],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A $B", special_tokens=[(BOS, 0)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=BOS, eos_token=EOS, pad_token=EOS, model_max_length=512
    )


def make_inputs(config, num_images=(1, 2), text_length=5, seed=0):
    """Left-padded rows with that many pictures each, and random pixels; text ids are 3 and up."""
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for count in num_images:
        text = torch.randint(3, config.text_config.vocab_size, (count + 1, text_length), generator=generator)
        picture = torch.full((config.num_visual_tokens,), config.image_token_id)
        pieces = [text[0]]
        for part in text[1:]:
            pieces += [picture, part]
        rows.append(torch.cat(pieces))
    length = max(map(len, rows))
    batch = {
        "input_ids": torch.stack([torch.nn.functional.pad(row, (length - len(row), 0), value=1) for row in rows]),
        "attention_mask": torch.stack([(torch.arange(length) >= length - len(row)).long() for row in rows]),
    }
    if sum(num_images):
        size = config.vision_config.image_size
        batch["pixel_values"] = torch.randn(sum(num_images), 3, size, size, generator=generator)
        if config.high_res_vision_config is not None:
            size = config.high_res_vision_config.image_size
            batch["high_res_pixel_values"] = torch.randn(sum(num_images), 3, size, size, generator=generator)
    return batch
