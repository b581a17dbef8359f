"""The second question about a picture: how long until its first token, with what the first one left behind and without.

The encoder has the 7B's sizes and the language model is small, all of it random. The same conversation is answered by one `Chat`, which
keeps visual tokens, keys and values; by a new `Chat` for each question, which keeps nothing; and by transformers' processor and
`generate` over the whole conversation. All three say the same tokens.

    python examples/benchmarks/chat.py [--runs 3] [--device cuda --dtype bfloat16]
"""

import argparse
import statistics
import time

import torch
from PIL import Image
from transformers.generation import BaseStreamer

from deepseek_vl_hf import (
    DeepSeekVLHFConfig,
    DeepSeekVLHFForConditionalGeneration,
    DeepSeekVLHFImageProcessor,
    DeepSeekVLHFProcessor,
    nano,
)
from deepseek_vl_hf.chat import Chat
from deepseek_vl_hf.turns import Turn


SMALL_TEXT = {
    "model_type": "llama",
    "vocab_size": 1024,
    "hidden_size": 512,
    "intermediate_size": 1376,
    "num_hidden_layers": 8,
    "num_attention_heads": 8,
    "num_key_value_heads": 8,
    "head_dim": 64,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "max_position_embeddings": 4096,
}
QUESTIONS = ("What is in the picture?", "What else?")
NUM_TOKENS = 8


def make(device: str, dtype: torch.dtype) -> tuple[DeepSeekVLHFForConditionalGeneration, DeepSeekVLHFProcessor]:
    """A random model, and the nano's tokenizer with the picture sizes of the 7B."""
    processor = DeepSeekVLHFProcessor.from_pretrained(nano.FOLDER)
    config = DeepSeekVLHFConfig.from_preset("7b", text_config=SMALL_TEXT, image_token_id=processor.image_token_id)
    processor.image_processor = DeepSeekVLHFImageProcessor.from_config(config)
    processor.num_image_tokens = config.num_visual_tokens
    torch.manual_seed(0)
    with torch.device(device):
        model = DeepSeekVLHFForConditionalGeneration(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.02)
    return model.to(dtype).eval(), processor


class FirstToken(BaseStreamer):
    """Notes when the first token after the prompt comes."""

    def __init__(self):
        self.times = []

    def put(self, value: torch.Tensor) -> None:
        self.times.append(time.perf_counter())

    def end(self) -> None:
        pass


def whole(chat: Chat, question: str, images: list) -> tuple[float, list[int]]:
    """Seconds to the first token, and all tokens, of transformers' own way."""
    start, streamer = time.perf_counter(), FirstToken()
    messages = [message for turn in (*chat.turns, Turn(question, tuple(images))) for message in as_messages(turn)]
    inputs = chat.processor.apply_chat_template(
        messages, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
    ).to(chat.model.device, chat.model.dtype)
    eos = chat.processor.tokenizer.eos_token_id
    output = chat.model.generate(
        **inputs, max_new_tokens=NUM_TOKENS, do_sample=False, streamer=streamer, eos_token_id=eos, pad_token_id=eos
    )
    return streamer.times[1] - start, output[0, inputs["input_ids"].shape[1] :].tolist()


def as_messages(turn: Turn) -> list[dict]:
    """A turn as `apply_chat_template` takes it."""
    parts = [{"type": "image", "image": image} for image in turn.images]
    messages = [{"role": "user", "content": [*parts, {"type": "text", "text": turn.question}]}]
    if turn.answer:
        messages.append({"role": "assistant", "content": [{"type": "text", "text": turn.answer}]})
    return messages


def ask(chat: Chat, question: str, images: list) -> tuple[float, list[int]]:
    """Seconds to the first token, and all tokens."""
    answer = chat.ask(question, images, max_new_tokens=NUM_TOKENS)
    "".join(answer)
    return answer.seconds_to_first_token, answer.token_ids


def main():
    """Print a table of medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    args = parser.parse_args()
    model, processor = make(args.device, getattr(torch, args.dtype))
    times = {name: ([], []) for name in ("kept", "nothing kept", "transformers")}
    with torch.no_grad():
        for run in range(args.runs + 1):
            image = Image.effect_mandelbrot((1024, 768), (-2 - run / 9, -1.5, 1, 1.5), 60).convert("RGB")
            kept = Chat(model, processor)
            for turn, question in enumerate(QUESTIONS):
                images = [] if turn else [image]
                fresh = Chat(model, processor)
                fresh.restore(kept.turns)
                results = {
                    "transformers": whole(fresh, question, images),
                    "nothing kept": ask(fresh, question, images),
                    "kept": ask(kept, question, images),
                }
                if len({tuple(tokens) for _, tokens in results.values()}) != 1:
                    raise SystemExit(f"The three ways say different tokens: {results}")
                for name, (seconds, _) in results.items():
                    if run:  # the first warms up
                        times[name][turn].append(seconds)
    print(f"{args.device}, {args.dtype}, {torch.get_num_threads()} threads, {args.runs} runs, medians")
    print("| | first question, s to first token | second question, s to first token | second / kept |")
    print("|---|---|---|---|")
    best = statistics.median(times["kept"][1])
    for name, turns in times.items():
        first, second = map(statistics.median, turns)
        print(f"| {name} | {first:.3f} | {second:.3f} | {second / best:.1f} |")


if __name__ == "__main__":
    main()
