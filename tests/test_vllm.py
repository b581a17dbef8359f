"""vLLM's Transformers backend answers as transformers and PEFT do, token for token: base, adapters, merged adapter.

vLLM wants an environment of its own; `VLLM_PYTHON` is the Python in it, and CONTRIBUTING.md says how to make one:

    VLLM_PYTHON=VENV/bin/python pytest -m vllm
"""

import json
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from PIL import Image, ImageDraw

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration, cli
from deepseek_vl_hf.loading import load
from deepseek_vl_hf.training import TARGETS


pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif("VLLM_PYTHON" not in os.environ, reason="VLLM_PYTHON names no Python that has vLLM"),
]

ELEPHANT = Path(__file__).parents[1] / "examples" / "pictures" / "elephant.png"
NUM_TOKENS = 16
# Runs where this package is not installed: the code comes with the weights.
SERVER = """
import json, sys
from vllm import LLM, SamplingParams
from vllm.lora.request import LoRARequest

job = json.load(open(sys.argv[1]))
# Room for one more: on a CPU, vLLM gives a request without adapter, in a batch with others, what the last slot holds
# (github.com/vllm-project/vllm/pull/48421).
lora = {"enable_lora": True, "max_loras": len(job["adapters"]) + 1, "max_lora_rank": 8} if job["adapters"] else {}
llm = LLM(
    job["model"], model_impl="transformers", trust_remote_code=True, dtype="float32", enforce_eager=True,
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
json.dump({"answers": answers, "refusals": refusals}, open(sys.argv[2], "w"))
"""


def serve(folder, model, chats, batches, adapters=None, refused=()):
    """What vLLM answers to the chats, in each batch with these adapters, and why it refuses others."""
    job, result = folder / f"{model.name}_job.json", folder / f"{model.name}_result.json"
    fields = {"model": str(model), "chats": chats, "batches": batches, "num_tokens": NUM_TOKENS}
    job.write_text(json.dumps({**fields, "adapters": adapters or {}, "refused": list(refused)}))
    environment = {
        **{key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        "HF_HUB_OFFLINE": "1",
        "HF_MODULES_CACHE": str(folder / "modules"),
        "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "VLLM_NO_USAGE_STATS": "1",
    }
    command = [os.environ["VLLM_PYTHON"], "-c", SERVER, str(job), str(result)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, cwd=folder)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return json.loads(result.read_text())


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


def make_adapter(base, folder, target, seed):
    """Save an adapter of random matrices; where an aligner learns whole, it is moved as well."""
    torch.manual_seed(seed)
    config = LoraConfig(
        r=8,
        lora_alpha=32,
        init_lora_weights=False,
        target_modules=TARGETS[target].modules,
        modules_to_save=list(TARGETS[target].whole) or None,
    )
    model = get_peft_model(DeepSeekVLHFForConditionalGeneration.from_pretrained(base), config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if ".modules_to_save." in name:
                weight.add_(torch.randn(weight.shape) * 0.1)
    model.save_pretrained(folder)


@torch.no_grad()
def generate(model, processor, chats):
    answers = []
    for chat in chats:
        inputs = processor.apply_chat_template(
            chat, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
        )
        output = model.eval().generate(**inputs, max_new_tokens=NUM_TOKENS, do_sample=False)
        answers.append(output[0, inputs["input_ids"].shape[1] :].tolist())
    return answers


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The nano with its code, adapters, and what each answers in transformers."""
    folder = tmp_path_factory.mktemp("vllm")
    base, chats = folder / "own", make_chats(folder)
    assert cli.main(["export", "nano", "--layout", "own", "--output", str(base)]) == 0
    model, processor = load(base)
    expected = {None: generate(model, processor, chats)}
    targets = {"first": "language", "second": "language", "towers": "towers", "all": "all"}
    for seed, (name, target) in enumerate(targets.items()):
        make_adapter(base, folder / name, target, seed)
        model = DeepSeekVLHFForConditionalGeneration.from_pretrained(base)
        expected[name] = generate(PeftModel.from_pretrained(model, folder / name), processor, chats)
        assert expected[name] != expected[None]
    return SimpleNamespace(folder=folder, base=base, chats=chats, names=list(targets), expected=expected)


MIXED = ["first", "second", None, "first"]


@pytest.fixture(scope="module")
def served(world):
    batches = {"base": [None] * 4, "first": ["first"] * 4, "mixed": MIXED, "towers": ["towers"] * 4}
    adapters = {name: str(world.folder / name) for name in world.names}
    chats = [for_vllm(chat) for chat in world.chats]
    return serve(world.folder, world.base, chats, batches, adapters, refused=["all"])


def test_the_base_answers_as_in_transformers(world, served):
    assert served["answers"]["base"] == world.expected[None]


def test_an_adapter_of_the_language_model_answers_as_in_peft(world, served):
    assert served["answers"]["first"] == world.expected["first"]


def test_one_batch_has_two_adapters_and_the_base(world, served):
    expected = [world.expected[name][at] for at, name in enumerate(MIXED)]
    assert [answer == plain for answer, plain in zip(expected, world.expected[None], strict=True)] == [
        name is None for name in MIXED
    ]
    assert served["answers"]["mixed"] == expected


def test_an_adapter_of_the_towers_is_left_out_so_it_must_be_merged(world, served):
    assert served["answers"]["towers"] == world.expected[None]


def test_an_adapter_with_an_aligner_is_refused_so_it_must_be_merged(served):
    assert "modules_to_save" in served["refusals"]["all"]


def test_a_merged_adapter_answers_as_in_peft(world):
    merged = world.folder / "merged"
    assert cli.main(["export", str(world.folder / "all"), "--layout", "own", "--output", str(merged)]) == 0
    result = serve(world.folder, merged, [for_vllm(chat) for chat in world.chats], {"merged": [None] * 4})
    assert result["answers"]["merged"] == world.expected["all"]
