"""A card says what is known, as it is known, and nothing else.

python -m pytest tests/hub/test_model_card.py
"""

import json
import re
import shlex

import pytest
from card_records import AWKWARD, CHAT, SETS, cells, facts, run, section, start
from huggingface_hub import ModelCard

from deepseek_vl_hf.licences import DEEPSEEK, Licence
from deepseek_vl_hf.model_card import write


def test_every_figure_is_that_of_the_record():
    first = run(start(arguments={"stage": 1, "learning_rate": 1e-3}, data={}), end={"step": 100, "num_tokens": 5000})
    text = write(facts(run=run(start(seconds=30.0), start(step=2000, seconds=60.0), before=[first])))
    rows = cells(section(text, "Training"))
    learned = "aligner 1,234, language_model 56,789"
    assert rows == [
        ["1", "stage 1", learned, "100", "64", "5,000", "2 x CPU (x86_64)", "1.5 min"],
        ["2", "stage 3", learned, "4,321", "64", "7,654,321", "2 x CPU (x86_64)", "1.5 min"],
    ]
    assert "1. learning_rate `0.001`. With python 3.11.7, torch 2.6.0." in text
    assert (
        "2. learning_rate `2e-05`; max_length `512`; bf16 `false`; seed `7`. With python 3.11.7, torch 2.6.0." in text
    )
    assert cells(section(text, "Data")) == [
        ["2", "owner/rows", "12,345", "dots (12,345)", "CC0-1.0 (12,000), MIT (345)"]
    ]
    assert cells(section(text, "Evaluation")) == [["loss", "1.25"]]
    assert "1,234,567 parameters" in text
    assert CHAT in text
    data = ModelCard(text).data
    assert data.datasets == ["owner/rows"]
    assert data.language == ["en", "zh"]
    assert "[More Information Needed]" not in text


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (run(start(seconds=None), end=None), ("0 or more, unfinished", "not counted", "not known")),
        (
            run(start(seconds=60.0), start(step=20, seconds=None), end=None),
            ("20 or more, unfinished", "not counted", "not known"),
        ),
        (run(start(seconds=60.0), start(step=20, seconds=60.0)), ("4,321", "7,654,321", "2.0 min")),
        (run(start(last_step=30), end=None), ("30 or more, unfinished", "not counted", "1.5 min")),
        (
            run(start(hardware={"processes": 8, "accelerator": "NVIDIA H100", "cpu": ""})),
            ("4,321", "7,654,321", "1.5 min"),
        ),
    ],
)
def test_unfinished_and_resumed_runs_say_what_they_know(record, expected):
    row = cells(section(write(facts(run=record)), "Training"))[0]
    assert (row[3], row[5], row[7]) == expected


def test_preference_runs_and_streams_say_what_they_are():
    arguments = {"learning_rate": 1e-6, "beta": 0.1, "loss_type": ["sigmoid"]}
    streamed = {"pairs": {"rows": "streamed", "source": "owner/pairs", "is_local": False}}
    record = run(start(method="dpo", arguments=arguments, data=streamed))
    text = write(facts(run=record))
    assert cells(section(text, "Training"))[0][1] == "dpo"
    assert 'beta `0.1`; loss_type `["sigmoid"]`' in text
    assert cells(section(text, "Data")) == [["1", "owner/pairs", "streamed"] + ["not stated in the rows"] * 2]
    assert "dpo" in ModelCard(text).data.tags


def test_nothing_known_is_said_and_not_made_up():
    text = write(facts())
    assert "Nothing is recorded of how these weights were made." in text
    assert "Nothing is recorded of what these weights learned from." in text
    assert "Nothing was measured." in text
    assert "None is stated for these weights" in text
    data = ModelCard(text).data
    assert (data.library_name, data.pipeline_tag) == ("transformers", "image-text-to-text")
    assert [data.license, data.base_model, data.language, data.datasets, data.eval_results] == [None] * 5


def test_what_was_measured_is_in_the_head_and_in_the_text():
    results = [
        {
            "task": "flags",
            "metric": "named right",
            "value": 0.875,
            "rows": 400,
            "prompt": "Which?",
            "sampling": "greedy",
            "stage": "after",
        },
        {
            "task": "flags",
            "metric": "named right",
            "value": 0.01,
            "rows": 400,
            "prompt": "Which?",
            "sampling": "greedy",
            "stage": "before",
        },
    ]
    found = {"command": "python measure.py", "versions": {"torch": "2.6.0"}, "results": results}
    text = write(facts(evaluation=found))
    (entry,) = ModelCard(text).data.eval_results
    assert (entry.metric_name, entry.metric_value, entry.dataset_name) == ("named right", 0.875, "flags")
    assert [row[2:4] for row in cells(section(text, "Evaluation"))] == [["0.875", "400"], ["0.01", "400"]]
    assert "    python measure.py" in text
    assert '"text": "Which?"' in section(text, "Use it")


@pytest.mark.parametrize("awkward", [AWKWARD, '"""', "'; import os; '", "```", "$(touch x)"])
def test_awkward_names_break_neither_tables_nor_code(awkward):
    sets = {"train": {**SETS["train"], "source": awkward, "is_local": True, "licences": {awkward: 3}}}
    results = [{"task": awkward, "metric": awkward, "value": 0.5, "prompt": awkward, "stage": "after"}]
    text = write(facts(run=run(start(data=sets)), evaluation={"results": results}, base=None))
    for title, width in (("Training", 8), ("Data", 5), ("Evaluation", 5)):
        assert {len(row) for row in cells(section(text, title))} == {width}, title
    code = re.search(r"```python\n(.*?)\n```\n", text, re.S)[1]
    compile(code, "card", "exec")
    (question,) = re.findall(r'"type": "text", "text": (.*?)\}\]\n', code)
    assert json.loads(question) == awkward
    (command,) = re.findall(r"^    deepseek-vl chat .*", text, re.M)
    assert shlex.split(command)[-1] == " ".join(awkward.split())
    assert ModelCard(text).data.eval_results[0].dataset_name == awkward


def test_an_adapter_names_its_base_and_its_size():
    lora = {"r": 8, "lora_alpha": 16, "lora_dropout": 0.0, "use_rslora": False, "use_dora": True}
    lora |= {"target_modules": ["q_proj"], "modules_to_save": None}
    text = write(facts(adapter={"r": 8}, base="owner/base", run=run(start(adapter=lora))))
    data = ModelCard(text).data
    assert (data.library_name, data.base_model, data.base_model_relation) == ("peft", "owner/base", "adapter")
    assert "A LoRA adapter of 1,234,567 parameters for [owner/base]" in text
    stated = (
        'r `8`; lora_alpha `16`; lora_dropout `0.0`; use_rslora `false`; use_dora `true`; target_modules `["q_proj"]`'
    )
    assert stated in text


@pytest.mark.parametrize("found", [DEEPSEEK, Licence("mit"), Licence("other", "mine", "LICENSE.md"), None])
def test_a_card_is_written_anew_to_the_same_bytes_and_a_persons_is_kept(found):
    known = facts(run=run(), licence=found)
    text = write(known)
    assert write(known, text) == text
    mine = "---\nlicense: apache-2.0\ntags: [mine]\n---\n# Mine\n\nMy words.\n"
    kept = ModelCard(write(known, mine))
    assert kept.text.strip() == "# Mine\n\nMy words."
    assert (kept.data.license, kept.data.tags) == ("apache-2.0", ["mine"])
    assert kept.data.license_name is None
    assert (kept.data.library_name, kept.data.language[0]) == ("transformers", "en")
    assert write(known, "# No head\n").endswith("# No head\n")
