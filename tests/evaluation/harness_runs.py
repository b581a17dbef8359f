"""Local tasks for lm-eval and lmms-eval, runs of both in the environment that `EVALUATE_PYTHON` names, and what the nano itself says.

task            what is asked
shown           "What is this?" about one picture
pairs           the same about two pictures
chosen          one picture, three sentences, scored by likelihood (lm-eval)
sentences       no picture, three endings, scored by likelihood (lm-eval)
said            no picture, an answer (lm-eval)
rolled          bits per byte of a text (lm-eval)
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
import torch
from datasets import Dataset, Features, List, Value
from datasets import Image as Picture
from PIL import Image

from deepseek_vl_hf.evaluation.harnesses import link_package


NEEDS_HARNESSES = [
    pytest.mark.harness,
    pytest.mark.skipif("EVALUATE_PYTHON" not in os.environ, reason="EVALUATE_PYTHON names no Python that has lm-eval"),
]
PICTURES = Path(__file__).parents[1] / "nano" / "pictures"
KINDS = ["ant", "avocado", "bat", "camel", "camera", "frog", "key", "tiger"]
NUM_TOKENS = 12
ASKED = "What is this?"
TEXTS = ["The sun is warm today.", "Ice melts", "A long text about nothing in particular, which goes on for a while."]

SHARED = "dataset_path: parquet\ndataset_kwargs: {{data_files: {{test: {rows}}}}}\ntest_split: test\ntask: {task}\n"
ANSWERED = (
    f"output_type: generate_until\ngeneration_kwargs: {{max_gen_toks: {NUM_TOKENS}, until: [], do_sample: false}}\n"
)
EXACT = "metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]\n"
CHOSEN = "output_type: multiple_choice\nmetric_list: [{metric: acc}, {metric: acc_norm}]\n"
LM_EVAL = {
    "shown": ANSWERED + EXACT + 'doc_to_text: "<image>{{question}}"\ndoc_to_target: answer\ndoc_to_image: [picture]\n',
    "pairs": ANSWERED + EXACT + 'doc_to_text: "<image><image>{{question}}"\ndoc_to_target: answer\n'
    "doc_to_image: [picture, other]\n",
    "chosen": CHOSEN + 'doc_to_text: "<image>{{question}}"\ndoc_to_target: "{{choices.index(answer)}}"\n'
    'doc_to_choice: "{{choices}}"\ndoc_to_image: [picture]\n',
    "sentences": CHOSEN + 'doc_to_text: "{{text}}"\ndoc_to_target: 0\ndoc_to_choice: "{{choices}}"\n',
    "said": ANSWERED + EXACT + 'doc_to_text: "{{text}}"\ndoc_to_target: answer\n',
    "rolled": 'output_type: loglikelihood_rolling\ndoc_to_text: ""\ndoc_to_target: "{{text}}"\n'
    "metric_list: [{metric: bits_per_byte}]\n",
}
LMMS_EVAL = {
    "shown": "doc_to_visual: !function local.one\n",
    "pairs": "doc_to_visual: !function local.two\n",
    "films": "doc_to_visual: !function local.film\n",
}
LMMS_SHARED = (
    "output_type: generate_until\ndoc_to_text: !function local.asked\ndoc_to_target: answer\n"
    f"generation_kwargs: {{max_new_tokens: {NUM_TOKENS}}}\nmetadata: {{version: 1.0}}\n"
)
LOCAL = """
def one(doc):
    return [doc["picture"]]

def two(doc):
    return [doc["picture"], doc["other"]]

def film(doc):
    return ["film.mp4"]

def asked(doc, lmms_eval_specific_kwargs=None):
    return doc["question"]
"""


def rows():
    """What is asked; other languages, sizes and modes of pictures among them."""
    found = []
    for at, kind in enumerate(KINDS):
        choices = [f"It is a{'n' * (name[0] == 'a')} {name}." for name in (kind, KINDS[at - 1], KINDS[at - 2])]
        picture = Image.open(PICTURES / f"{kind}.png").convert(("RGB", "L", "RGBA")[at % 3])
        question = f"{ASKED} {'Look closely. ' * (at % 3)}".strip()
        found.append(
            {
                "picture": picture.resize((96 + 10 * at, 96)),
                "other": Image.open(PICTURES / f"{KINDS[at - 3]}.png").convert("RGB"),
                "question": question,
                "text": TEXTS[at % len(TEXTS)] + " Really." * (at // 3),
                "choices": choices,
                "answer": choices[0],
            }
        )
    return found


def write_tasks(folder, harness):
    """A folder for `--include_path`."""
    folder.mkdir(parents=True)
    kinds = {"picture": Picture(), "other": Picture(), "choices": List(Value("string"))}
    features = Features({name: kinds.get(name, Value("string")) for name in rows()[0]})
    Dataset.from_list(rows(), features=features).to_parquet(folder / "rows.parquet")
    if harness == "lmms-eval":
        (folder / "local.py").write_text(LOCAL)
    for task, text in (LM_EVAL if harness == "lm-eval" else LMMS_EVAL).items():
        shared = SHARED.format(rows=folder / "rows.parquet", task=task)
        more = "" if harness == "lm-eval" else LMMS_SHARED + EXACT
        (folder / f"{task}.yaml").write_text(shared + more + text)
    return folder


def environment(folder, module=None):
    """Of the harness's Python, with this package in it, installed as far as entry points go."""
    room = folder / "room"
    if not room.exists():
        room.mkdir(parents=True)
        link_package(room)
        if module is None:
            from deepseek_vl_hf import __version__

            described = room / f"deepseek_vl_hf-{__version__}.dist-info"
            described.mkdir()
            (described / "METADATA").write_text(
                f"Metadata-Version: 2.1\nName: deepseek_vl_hf\nVersion: {__version__}\n"
            )
            (described / "entry_points.txt").write_text(
                "[lmms_eval.models]\ndeepseek_vl_hf = deepseek_vl_hf.evaluation.harnesses:lmms_manifest\n"
            )
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "OPENAI_API_KEY")}
    return {
        **kept,
        "PYTHONPATH": str(room),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_CACHE": str(folder / "cache"),
        "OMP_NUM_THREADS": "1",
    }


def run(folder, words, module=None):
    """Run words of a command line in the harness's Python."""
    command = [os.environ["EVALUATE_PYTHON"], *words]
    return subprocess.run(
        command, env=environment(folder, module), capture_output=True, text=True, timeout=900, cwd=folder
    )


def results_of(output):
    """What the harness wrote: its results, and the answers of each task in the order of the questions."""
    results = json.loads(next(output.rglob("*results*.json")).read_text())
    answers = {}
    for path in output.rglob("*samples_*.jsonl"):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        task = next(task for task in results["results"] if f"samples_{task}" in path.name)
        answers[task] = [line["resps"] for line in sorted(lines, key=lambda line: line["doc_id"])]
    return results["results"], answers


def as_chat(question, *pictures):
    parts = [*({"type": "image", "image": picture} for picture in pictures), {"type": "text", "text": question}]
    return [{"role": "user", "content": parts}]


@torch.no_grad()
def answer(model, processor, chat):
    """The greedy answer to one chat."""
    inputs = processor.apply_chat_template(
        chat, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
    )
    output = model.generate(**inputs, max_new_tokens=NUM_TOKENS, do_sample=False)
    return processor.decode(output[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


@torch.no_grad()
def likelihood(model, processor, before, said, pictures=()):
    """Of a continuation in nats, one token after the other as the model itself counts it."""
    ids = [
        processor(text=text, images=list(pictures) or None, return_tensors="pt") for text in (before, before + said)
    ]
    start = ids[0]["input_ids"].shape[1]
    log_probs = model(**ids[1]).logits[0].float().log_softmax(-1)
    targets = ids[1]["input_ids"][0]
    return float(log_probs[start - 1 : -1].gather(-1, targets[start:, None]).sum())
