"""What a run leaves in `run.json`, made up, and what a card says of it."""

import re

from deepseek_vl_hf.model_card import Facts
from tiny import make_config


CHAT = "User: What?\n\nAssistant: A cat."
AWKWARD = "a | b\nc `d` \"e\" 'f' {g} \\ --- # 漢"
SETS = {
    "train": {
        "rows": 12345,
        "source": "owner/rows",
        "is_local": False,
        "licences": {"CC0-1.0": 12000, "MIT": 345},
        "sources": {"dots": 12345},
        "languages": {"en": 12000, "zh": 345},
    }
}


def start(**fields):
    return {
        "step": 0,
        "seconds": 90.0,
        "arguments": {"stage": 3, "learning_rate": 2e-05, "max_length": 512, "seed": 7, "bf16": False},
        "learning_parameters": {"vision": 0, "aligner": 1234, "language_model": 56789, "frozen": 9},
        "rows_per_step": 64,
        "hardware": {"processes": 2, "accelerator": None, "cpu": "x86_64"},
        "versions": {"python": "3.11.7", "torch": "2.6.0"},
        "model": "deepseek-ai/deepseek-vl-1.3b-chat",
        "model_is_local": False,
        "data": SETS,
        **fields,
    }


def run(*starts, **fields):
    end = {"step": 4321, "num_tokens": 7654321, "last_loss": 0.5, "evaluation": {"eval_loss": 1.25}}
    return {"before": [], "starts": list(starts) or [start()], "end": end, **fields}


def facts(**fields):
    return Facts(**{"name": "owner/m", "config": make_config(), "num_parameters": 1234567, "chat": CHAT, **fields})


def section(text, title):
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def cells(text):
    """Rows of the first table of a text, without its head."""
    lines = re.search(r"(^\|.*\n?)+", text, re.M)[0].splitlines()
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]
