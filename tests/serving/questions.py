"""What tests ask, and what `generate` alone answers."""

import base64
import json
from functools import cache
from pathlib import Path

from PIL import Image

from deepseek_vl_hf.loading import load


PICTURES = Path(__file__).parents[1] / "nano" / "pictures"
ELEPHANT = Path(__file__).parents[2] / "examples" / "pictures" / "elephant.png"


def picture(path: Path) -> dict:
    url = f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def ask(text: str, *paths: Path) -> list[dict]:
    """Messages of one question about pictures."""
    return [{"role": "user", "content": [*map(picture, paths), {"type": "text", "text": text}]}]


def body(messages: list[dict], **fields) -> dict:
    return {"model": "nano", "messages": messages, **fields}


@cache
def loaded():
    return load("nano")


def generated(text: str, *paths: Path, **arguments) -> tuple[str, list[int], int]:
    """Answer and tokens by `generate`, and the length of the prompt."""
    model, processor = loaded()
    pictures = [{"type": "image", "image": Image.open(path)} for path in paths]
    messages = [{"role": "user", "content": [*pictures, {"type": "text", "text": text}]}]
    inputs = processor.apply_chat_template(
        messages, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
    )
    length = inputs["input_ids"].shape[1]
    tokens = model.generate(**inputs, **{"max_new_tokens": 64, "do_sample": False, **arguments})[0, length:].tolist()
    return processor.tokenizer.decode(tokens, skip_special_tokens=True).strip(), tokens, length


def answers() -> dict[str, list[str]]:
    """File and names of the held-out pictures."""
    return json.loads((PICTURES / "answers.json").read_text())
