"""What is known of a model comes in; its card goes out, which says that and nothing else.

What a run left in `run.json`, what an evaluation left in `evaluation.json`, the configuration and the licence are facts. A
section without facts is left out or says that nothing is known; no placeholder waits for somebody to fill it in.
"""

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from .configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from .licences import DEEPSEEK, Licence


RUN, EVALUATION = "run.json", "evaluation.json"
MARK = "<!-- Written by deepseek_vl_hf; a push writes it anew unless this line is gone. -->"
# Stands in cards that libraries write for lack of anything to say, thirty times and more.
PLACEHOLDER, MANY = "[More Information Needed]", 10
ARGUMENTS = (
    *("learning_rate", "lr_scheduler_type", "warmup_steps", "lr_drops", "vision_lr_scale", "aligner_lr_scale"),
    *(
        "language_model_lr_scale",
        "num_train_epochs",
        "max_length",
        "packing",
        "language_share",
        "language_warmup_steps",
    ),
    *(
        "set_shares",
        "per_device_train_batch_size",
        "gradient_accumulation_steps",
        "optim",
        "weight_decay",
        "adam_beta1",
    ),
    *("adam_beta2", "adam_epsilon", "max_grad_norm", "beta", "loss_type", "loss_weights", "bf16", "fp16", "seed"),
)
ADAPTER = ("r", "lora_alpha", "lora_dropout", "use_rslora", "use_dora", "target_modules", "modules_to_save")
NEEDED = ("step", "arguments", "learning_parameters", "hardware", "versions")  # of a start in `run.json`
QUICK_START = """\
```python
{imports}from transformers import AutoModelForImageTextToText, AutoProcessor

checkpoint = "{name}"
model = AutoModelForImageTextToText.from_pretrained(checkpoint{trust})
processor = AutoProcessor.from_pretrained(checkpoint{trust})
content = [{{"type": "image", "path": "picture.png"}}, {{"type": "text", "text": {question}}}]
inputs = processor.apply_chat_template(
    [{{"role": "user", "content": content}}],
    add_generation_prompt=True,
    tokenize=True,
    return_dict=True,
    return_tensors="pt",
).to(model.device, model.dtype)
output = model.generate(**inputs, max_new_tokens=64)
print(processor.decode(output[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))
```

{needs}; so does

    deepseek-vl chat --model {name} --image picture.png --prompt {word}
"""
CITATION = """\
```bibtex
@misc{lu2024deepseekvl,
  title         = {DeepSeek-VL: Towards Real-World Vision-Language Understanding},
  author        = {Haoyu Lu and Wen Liu and Bo Zhang and Bingxuan Wang and Kai Dong and Bo Liu and Jingxiang Sun and Tongzheng Ren and
                   Zhuoshu Li and Hao Yang and Yaofeng Sun and Chengqi Deng and Hanwei Xu and Zhenda Xie and Chong Ruan},
  year          = {2024},
  eprint        = {2403.05525},
  archivePrefix = {arXiv}
}
```
"""


@dataclass
class Facts:
    """What a card is written from.

    Args:
        name: Hub id that the card is for, or the name of a folder.
        config: Of the model, or of the adapter's base.
        num_parameters: Of the model, or of the adapter.
        chat: A question and its answer as the processor writes them for the model.
        run: What is in `run.json`.
        evaluation: What is in `evaluation.json`.
        adapter: What is in `adapter_config.json`, for an adapter.
        base: Hub id of what this was made from, if it is on the Hub.
        licence: Of the weights.
        needs_package: Whether the base of an adapter does not load without this package.
        tags: Further tags.
    """

    name: str
    config: DeepSeekVLHFConfig
    num_parameters: int
    chat: str
    run: dict[str, Any] = field(default_factory=dict)
    evaluation: dict[str, Any] = field(default_factory=dict)
    adapter: dict[str, Any] | None = None
    base: str | None = None
    licence: Licence | None = None
    needs_package: bool = False
    tags: Sequence[str] = ()

    @property
    def runs(self) -> list[dict[str, Any]]:
        """Runs that made the model, the oldest first."""
        return runs_of(self.run)

    @property
    def data(self) -> list[tuple[int, str, dict[str, Any]]]:
        """Sets that were learned from: number of the run, name of the set, and what `run.json` says of it."""
        return [
            (number, name, found)
            for number, run in enumerate(self.runs, start=1)
            for name, found in run["starts"][-1].get("data", {}).items()
        ]


def runs_of(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Runs that made a model, the oldest first, of what is in `run.json`."""
    return [*record.get("before", []), record] if record.get("starts") else []


def read_facts(folder: Path, file: str) -> dict[str, Any]:
    """Read `run.json` or `evaluation.json` of a folder; nothing where there is none.

    Raises:
        ValueError: if it is damaged.
    """
    path = folder / file
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        if not isinstance(found, dict):
            raise ValueError(f"found a {type(found).__name__}, expected an object")
        runs = runs_of(found) if file == RUN else []
        missing = [
            name for run in runs for start in run["starts"][-1:] or [{}] for name in NEEDED if name not in start
        ]
        if missing:
            raise ValueError(f"a start lacks {missing[0]}")
        if not all(
            isinstance(result, dict) and {"task", "metric", "value"} <= result.keys()
            for result in found.get("results", ())
        ):
            raise ValueError("a result lacks task, metric or value")
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"{path} is damaged ({error}); mend it or remove it, the card is written from it.") from error
    return found


def is_stock(text: str) -> bool:
    """Whether a card is ours, or what a library has written for lack of anything to say, so that writing it anew loses nothing."""
    return MARK in text or text.count(PLACEHOLDER) >= MANY


def head(facts: Facts) -> ModelCardData:
    """The metadata of a card."""
    starts = [run["starts"][-1] for run in facts.runs]
    languages = {language for _, _, found in facts.data for language in found.get("languages", ())}
    languages |= {"en", "zh"} if facts.licence == DEEPSEEK else set()
    hub_sets = {
        found["source"]
        for _, _, found in facts.data
        if found.get("source", "") and not found["is_local"] and found["source"].count("/") == 1
    }
    methods = {start.get("method", "sft") for start in starts}
    results = [
        EvalResult(
            task_type="image-text-to-text",
            dataset_type=str(result["task"]).lower().replace(" ", "-"),
            dataset_name=str(result["task"]),
            metric_type=str(result["metric"]).lower().replace(" ", "-"),
            metric_name=str(result["metric"]),
            metric_value=result["value"],
        )
        for result in facts.evaluation.get("results", ())
        if result.get("stage", "after") == "after"
    ]
    return ModelCardData(
        library_name="peft" if facts.adapter else "transformers",
        pipeline_tag="image-text-to-text",
        base_model=facts.base,
        base_model_relation=None if facts.base is None else "adapter" if facts.adapter else "finetune",
        **(facts.licence.fields() if facts.licence else {}),
        language=sorted(languages) or None,
        datasets=sorted(hub_sets) or None,
        tags=["deepseek_vl_hf", "vision-language", *(["lora"] if facts.adapter else [])]
        + (["trl", *sorted(methods), "generated_from_trainer"] if starts else [])
        + list(facts.tags),
        model_name=facts.name.rpartition("/")[2] if results else None,
        eval_results=results or None,
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text.replace("|", r"\|").replace("\n", " ")


def summary(facts: Facts) -> str:
    """What it is, in three lines."""
    config, high = facts.config, facts.config.high_res_vision_config
    kind = "A LoRA adapter" if facts.adapter else "A DeepSeek-VL"
    of = f" for [{facts.base}](https://huggingface.co/{facts.base})" if facts.adapter and facts.base else ""
    seen = f"{config.vision_config.image_size}" + (f" and {high.image_size}" if high else "")
    return (
        f"{kind} of {facts.num_parameters:,} parameters{of}: it answers questions about pictures. Each picture is seen as a square of "
        f"{seen} pixels and becomes {config.num_visual_tokens} visual tokens, whatever its size; the language model reads them in a "
        f"context of {config.text_config.max_position_embeddings} tokens (DeepSeek-VL, arXiv:2403.05525)."
    )


def training(facts: Facts) -> str:
    """Each run: what learned, how long, how, on what."""
    if not facts.runs:
        return "Nothing is recorded of how these weights were made" + (f" from {facts.base}." if facts.base else ".")
    rows, details = [], []
    for number, run in enumerate(facts.runs, start=1):
        start, end = run["starts"][-1], run.get("end") or {}
        arguments, hardware = start["arguments"], start["hardware"]
        learns = start["learning_parameters"]
        parts = ", ".join(f"{part} {count:,}" for part, count in learns.items() if count and part != "frozen")
        seconds = [each.get("seconds") for each in run["starts"]]
        time = "not known" if None in seconds else f"{sum(seconds) / 60:,.1f} min"
        device = f"{hardware['processes']} x {hardware['accelerator'] or 'CPU (' + hardware['cpu'] + ')'}"
        what = f"stage {arguments['stage']}" if "stage" in arguments else start.get("method", "")
        rows.append(
            (
                number,
                what + (", LoRA" if start.get("adapter") else ""),
                parts,
                f"{end['step']:,}"
                if end.get("step")
                else f"{start.get('last_step', start['step']):,} or more, unfinished",
                start.get("rows_per_step", ""),
                f"{end['num_tokens']:,}" if end.get("num_tokens") else "not counted",
                device,
                time,
            )
        )
        chosen = {name: arguments[name] for name in ARGUMENTS if arguments.get(name) not in (None, "", {})}
        adapter = {name: start["adapter"][name] for name in ADAPTER} if start.get("adapter") else {}
        versions = ", ".join(f"{name} {found}" for name, found in start["versions"].items())
        stated = "; ".join(f"{name} `{json.dumps(value)}`" for name, value in {**chosen, **adapter}.items())
        details.append(f"{number}. {stated}. With {versions}.")
    heads = ("run", "what", "learned", "steps", "rows a step", "tokens", "on", "time")
    return table(heads, rows) + "\n\n" + "\n".join(details)


def data(facts: Facts) -> str:
    """Each set that was learned from, its rows and their licences."""
    if not facts.data:
        return "Nothing is recorded of what these weights learned from."

    def counted(found: dict[str, Any], name: str) -> str:
        return (
            ", ".join(f"{key} ({count:,})" for key, count in found.get(name, {}).items()) or "not stated in the rows"
        )

    rows = [
        (
            number,
            Path(found["source"]).name if found.get("is_local") else found.get("source") or name,
            f"{found['rows']:,}" if isinstance(found["rows"], int) else found["rows"],
            counted(found, "sources"),
            counted(found, "licences"),
        )
        for number, name, found in facts.data
    ]
    return table(("run", "set", "rows", "from", "licences"), rows)


def evaluation(facts: Facts) -> str:
    """What was measured, and how."""
    lines = []
    results = facts.evaluation.get("results", [])
    if results:
        names = [name for name in results[0] if any(result.get(name) not in (None, "") for result in results)]
        lines.append(table(names, [[result.get(name, "") for name in names] for result in results]))
        if facts.evaluation.get("command"):
            lines.append(f"    {facts.evaluation['command']}")
        if facts.evaluation.get("versions"):
            lines.append("With " + ", ".join(f"{k} {v}" for k, v in facts.evaluation["versions"].items()) + ".")
    held_out = (facts.run.get("end") or {}).get("evaluation", {})
    if held_out:
        rows = [(name.removeprefix("eval_"), value) for name, value in held_out.items()]
        lines += ["At the end of the last run, on rows that were held out:", table(("metric", "value"), rows)]
    return "\n\n".join(lines) or "Nothing was measured."


def limits(facts: Facts) -> str:
    """What follows from the facts above."""
    side = (facts.config.high_res_vision_config or facts.config.vision_config).image_size
    measured = facts.evaluation.get("results") or (facts.run.get("end") or {}).get("evaluation")
    return "\n".join(
        (
            f"- What is too small to be seen once the longer side of a picture is {side} pixels is not seen.",
            "- Answers can be wrong, and sound the same then: check what matters. Nothing was done here to find or to lessen bias.",
            "- Nothing is claimed beyond the figures above."
            if measured
            else "- Its quality is not known: measure it on your own task before you use it.",
        )
    )


def licence(facts: Facts) -> str:
    """What the weights may be used for."""
    found = facts.licence
    if found is None:
        return "None is stated for these weights; ask whoever published them. The code is MIT."
    if found == DEEPSEEK:
        return (
            f"These weights derive from those of DeepSeek{' and were changed as told above' if facts.runs else ''}. They are under the [DeepSeek Model License]"
            "(LICENSE-MODEL), whose use-based restrictions (paragraph 5 and attachment A) bind whoever uses or passes them on. The "
            "code is MIT."
        )
    name = found.license_name or found.license
    link = f"[{name}]({found.license_link})" if found.license_link else name
    return f"Weights: {link}. The code is MIT."


def body(facts: Facts) -> str:
    """The text of a card."""
    peft = facts.adapter is not None
    results = facts.evaluation.get("results") or [{}]
    question = str(results[0].get("prompt") or "What is in the picture?")
    alone = (
        f"needs transformers{' and peft' if peft else ''} alone and runs the code that lies in this repository{' and its base' if peft else ''}. "
        "With `pip install deepseek_vl_hf`\nand `import deepseek_vl_hf` it runs the package's instead, without `trust_remote_code`"
    )
    with_package = "needs `pip install deepseek_vl_hf peft`, which knows how to read the base"
    quick = QUICK_START.format(
        name=facts.name,
        imports="import deepseek_vl_hf  # registers the Auto classes\n" if facts.needs_package else "",
        trust="" if facts.needs_package else ", trust_remote_code=True",
        needs=with_package if facts.needs_package else alone,
        question=json.dumps(question, ensure_ascii=False),
        word=shlex.quote(" ".join(question.split())),
    )
    sections = {
        "Use it": quick,
        "Chat format": facts.chat
        and f"As its chat template writes a question and an answer:\n\n```text\n{facts.chat}\n```",
        "Training": training(facts),
        "Data": data(facts),
        "Evaluation": evaluation(facts),
        "Limits": limits(facts),
        "Licence": licence(facts),
        "Citation": CITATION,
    }
    text = "\n\n".join(f"## {title}\n{section.strip()}" for title, section in sections.items() if section)
    return f"{MARK}\n# {facts.name.rpartition('/')[2]}\n{summary(facts)}\n\n{text}\n"


def write(facts: Facts, existing: str | None = None) -> str:
    """Write a card.

    Args:
        facts: What is known.
        existing: The card that is there. One that a person wrote keeps its text and what its head says; what that lacks is added.
    """
    metadata = head(facts)
    if existing is None or is_stock(existing):
        return f"---\n{metadata.to_yaml()}\n---\n{body(facts)}"
    card = ModelCard(existing, ignore_metadata_errors=True)
    stated = card.data.to_dict()
    for name, value in metadata.to_dict().items():
        if name not in stated and not ("license" in stated and name.startswith("license")):
            card.data[name] = value
    return str(card)
