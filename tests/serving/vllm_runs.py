"""Runs of vLLM in the environment that `VLLM_PYTHON` names, and the chats and answers that they are compared with."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw

from deepseek_vl_hf.serving.with_vllm import link_package


NEEDS_VLLM = [
    pytest.mark.vllm,
    pytest.mark.skipif("VLLM_PYTHON" not in os.environ, reason="VLLM_PYTHON names no Python that has vLLM"),
]
ELEPHANT = Path(__file__).parents[2] / "examples" / "pictures" / "elephant.png"
NUM_TOKENS = 16
ENGINE = """
import json, sys
from vllm import LLM, SamplingParams
from vllm.lora.request import LoRARequest

job = json.load(open(sys.argv[1]))
# Room for one more: on a CPU, vLLM gives a request without adapter, in a batch with others, what the last slot holds
# (github.com/vllm-project/vllm/pull/48421).
lora = {"enable_lora": True, "max_loras": len(job["adapters"]) + 1, "max_lora_rank": 8} if job["adapters"] else {}
llm = LLM(
    job["model"], trust_remote_code=job["trusts"], dtype="float32", enforce_eager=True,
    max_model_len=512, max_num_seqs=8, limit_mm_per_prompt={"image": 2}, allowed_local_media_path="/", **lora,
)
known = {name: LoRARequest(name, at, folder) for at, (name, folder) in enumerate(job["adapters"].items(), 1)}
sampling, answers, refusals = SamplingParams(temperature=0, max_tokens=job["num_tokens"]), {}, {}
for batch, names in job["batches"].items():
    adapters = [known.get(name) for name in names]
    outputs = llm.chat(job["chats"], sampling, use_tqdm=False, **({"lora_request": adapters} if lora else {}))
    answers[batch] = [list(output.outputs[0].token_ids) for output in outputs]
for name in job["refused"]:
    try:
        llm.llm_engine.add_lora(known[name])
    except Exception as error:
        refusals[name] = str(error)
backend = llm.llm_engine.model_config.using_transformers_backend()
json.dump({"answers": answers, "refusals": refusals, "backend": backend}, open(sys.argv[2], "w"))
"""


def environment(folder, knows_us):
    """vLLM's environment, with this package and its plugin in it or without."""
    python = os.environ["VLLM_PYTHON"]
    room = folder / "room"
    if knows_us and not room.exists():
        room.mkdir()
        link_package(room, python)
    return {
        **{key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        **({"PYTHONPATH": str(room)} if knows_us else {}),
        "HF_HUB_OFFLINE": "1",
        "HF_MODULES_CACHE": str(folder / "modules"),
        "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "VLLM_NO_USAGE_STATS": "1",
    }


def start(folder, model, chats, batches, adapters=None, refused=(), knows_us=False, trusts=True):
    """Run the chats through vLLM and wait until it has ended."""
    job, result = folder / f"{model.name}_job.json", folder / f"{model.name}_result.json"
    fields = {"model": str(model), "chats": [for_vllm(chat) for chat in chats], "batches": batches}
    fields |= {"num_tokens": NUM_TOKENS, "adapters": adapters or {}, "refused": list(refused), "trusts": trusts}
    job.write_text(json.dumps(fields))
    command = [os.environ["VLLM_PYTHON"], "-c", ENGINE, str(job), str(result)]
    done = subprocess.run(
        command, env=environment(folder, knows_us), capture_output=True, text=True, timeout=600, cwd=folder
    )
    return done, result


def answers_of(folder, model, chats, batches, **kwargs):
    """What vLLM answers to the chats, in each batch with these adapters, and why it refuses others."""
    done, result = start(folder, model, chats, batches, **kwargs)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    found = json.loads(result.read_text())
    assert found["backend"]
    return found


def for_vllm(chat):
    """A chat of ours as OpenAI writes it."""
    parts = [
        {"type": "image_url", "image_url": {"url": f"file://{part['path']}"}} if part["type"] == "image" else part
        for part in chat[0]["content"]
    ]
    return [{"role": "user", "content": parts}]


def make_chats(folder):
    """Questions with one picture, two and none."""
    pictures = [ELEPHANT]
    for at, colour in enumerate([(200, 30, 30), (30, 160, 60)]):
        picture = Image.new("RGB", (120 + 40 * at, 100), colour)
        ImageDraw.Draw(picture).ellipse((20, 20, 80, 80), fill=(250, 250, 10 * at))
        picture.save(folder / f"{at}.png")
        pictures.append(folder / f"{at}.png")
    asks = [([0], "What is this?"), ([1], "What is this?"), ([2, 0], "Which is larger?"), ([], "Who are you?")]
    return [
        [
            {
                "role": "user",
                "content": [
                    *({"type": "image", "path": str(pictures[at])} for at in shown),
                    {"type": "text", "text": text},
                ],
            }
        ]
        for shown, text in asks
    ]


@torch.no_grad()
def generate(model, processor, chats):
    """Token ids of greedy answers, one chat at a time."""
    answers = []
    for chat in chats:
        inputs = processor.apply_chat_template(
            chat, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
        )
        output = model.eval().generate(**inputs, max_new_tokens=NUM_TOKENS, do_sample=False)
        answers.append(output[0, inputs["input_ids"].shape[1] :].tolist())
    return answers
