"""`transformers serve` knows our models, once this package is imported; how it loads them is its own and private, so a test watches."""

import base64
import json
from pathlib import Path

import pytest

from deepseek_vl_hf import nano


pytest.importorskip("openai")
testclient = pytest.importorskip("fastapi.testclient")
serving = pytest.importorskip("transformers.cli.serving")

ELEPHANT = Path(__file__).parents[2] / "examples" / "pictures" / "elephant.png"


def test_transformers_serve_answers_about_a_picture():
    from transformers.cli.serving.chat_completion import ChatCompletionHandler
    from transformers.cli.serving.model_manager import ModelManager
    from transformers.cli.serving.server import build_server
    from transformers.cli.serving.utils import GenerationState

    manager, state = ModelManager(device="cpu", force_model=str(nano.FOLDER)), GenerationState()
    chat = ChatCompletionHandler(model_manager=manager, generation_state=state)
    others = dict.fromkeys(
        ("completion_handler", "response_handler", "transcription_handler", "systemone_handler"), None
    )
    url = f"data:image/png;base64,{base64.b64encode(ELEPHANT.read_bytes()).decode()}"
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "What is this?"}]
    body = {"model": str(nano.FOLDER), "temperature": 0, "messages": [{"role": "user", "content": content}]}
    with testclient.TestClient(build_server(manager, chat, generation_state=state, **others)) as client:
        answer = json.loads(client.post("/v1/chat/completions", json=body).text)
    assert answer["choices"][0]["message"]["content"].strip() == "It is an elephant."
    assert answer["usage"]["completion_tokens"] > 5
