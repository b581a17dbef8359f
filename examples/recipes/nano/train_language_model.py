"""Teach the nano's language model some English: the counterpart of DeepSeek LLM coming pretrained.

WORK/stage2, stage3  ->  lines of text, and conversations without a picture
                     ->  WORK/language_model: a Llama that has read them, and its byte-level BPE tokenizer

python examples/recipes/nano/train_language_model.py --work WORK
"""

import argparse
import itertools
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from datasets import load_from_disk
from muon import Muon
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch.nn import functional as F
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from deepseek_vl_hf import DeepSeekVLHFConfig
from deepseek_vl_hf.processing_deepseek_vl_hf import DEFAULT_CHAT_TEMPLATE


BOS, EOS, PAD, IMAGE = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>", "<image_placeholder>"
LENGTH, BATCH_SIZE = 128, 32  # tokens of a sequence, sequences of a step


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> PreTrainedTokenizerFast:
    """Byte-level BPE with DeepSeek's special tokens and, as there, every digit a token of its own."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[BOS, EOS, PAD, IMAGE],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A {BOS} $B", special_tokens=[(BOS, tokenizer.token_to_id(BOS))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=PAD,
        extra_special_tokens={"image_token": IMAGE},
        chat_template=DEFAULT_CHAT_TEMPLATE,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def train(model: LlamaForCausalLM, ids: np.ndarray, steps: int, seed: int) -> None:
    """Predict the next token of (num_tokens,) ids; Muon for the layers' matrices, AdamW for the rest."""
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and "layers." in name]
    rest = [p for name, p in model.named_parameters() if p.ndim < 2 or "layers." not in name]
    optimizers = [
        Muon(matrices, weight_decay=0.0),
        torch.optim.AdamW(rest, lr=3e-3, betas=(0.9, 0.95), weight_decay=0.0),
    ]
    peaks = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
    rng, start, losses = np.random.default_rng(seed), time.time(), []
    for step in range(steps):
        for optimizer, peak in zip(optimizers, peaks, strict=True):
            optimizer.param_groups[0]["lr"] = peak * min(1.0, (step + 1) / 50, (steps - step) / (0.4 * steps))
            optimizer.zero_grad()
        places = rng.integers(len(ids) - LENGTH, size=BATCH_SIZE)
        batch = torch.from_numpy(np.stack([ids[place : place + LENGTH + 1] for place in places]).astype(np.int64))
        logits = model(input_ids=batch[:, :-1]).logits
        loss = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.item())
        if (step + 1) % 100 == 0:
            read = f"step {step + 1}: loss {np.mean(losses[-100:]):.3f} nats a token"
            print(f"{read}, {time.time() - start:.0f} s", flush=True)


def main() -> None:
    """Make tokenizer and language model."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    config = DeepSeekVLHFConfig.from_preset("nano").text_config
    lines = [text for text in load_from_disk(args.work / "stage2")["text"] if IMAGE not in text]
    chats = load_from_disk(args.work / "stage3")["messages"]
    chats = [chat for chat in chats if all(part["type"] == "text" for part in chat[0]["content"])]
    sentences = (part["text"] for chat in chats for message in chat for part in message["content"])
    # Conversations begin with the template's system sentence; the tokenizer should know its words.
    system = DEFAULT_CHAT_TEMPLATE.split("default_system = '")[1].split("'")[0]
    words = itertools.chain(lines, sentences, itertools.repeat(system, len(chats)))
    tokenizer = train_tokenizer(words, config.vocab_size)

    texts = [f"{BOS}{line}{EOS}" for line in lines]
    texts += [tokenizer.apply_chat_template(chat, tokenize=False) for chat in chats]
    np.random.default_rng(args.seed).shuffle(texts)
    ids = [np.array(row, dtype=np.int32) for row in tokenizer(texts, add_special_tokens=False)["input_ids"]]
    ids = np.concatenate(ids)
    print(
        f"{len(texts)} texts, {len(ids)} tokens, {sum(map(len, texts)) / len(ids):.2f} characters a token", flush=True
    )
    model = LlamaForCausalLM(config)
    train(model, ids, args.steps, args.seed)
    model.save_pretrained(args.work / "language_model")
    tokenizer.save_pretrained(args.work / "language_model")


if __name__ == "__main__":
    main()
