"""A recipe comes in; what it would do goes out as text, or all mistakes that can be found without training.

No weight is read and no GPU is touched. Rows are counted, and the first of them are read.
"""

import copy
import dataclasses
import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from datasets import Dataset, IterableDataset
from peft import LoraConfig, get_peft_model
from transformers import SchedulerType
from trl import ModelConfig, TrlParser

from ..configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from ..processing_deepseek_vl_hf import DeepSeekVLHFProcessor
from .bad_rows import BadRows
from .configuration import DeepSeekVLHFTrainingConfig
from .lora import peft_config_for, quantization_for
from .made import SCHEME, make_model
from .memory import STRATEGIES, Memory, estimate
from .mixing import MODALITIES
from .planning import make_collator, plan_rows
from .run import DeepSeekVLHFScriptArguments, load_eval_sets, load_sets
from .stages import count_learning, freeze_for, stage_of
from .streaming import modalities_of


CLASSES = (DeepSeekVLHFScriptArguments, DeepSeekVLHFTrainingConfig, ModelConfig)
READ = 64  # rows of each set that are read


@dataclass
class Findings:
    """Mistakes, and what is known in spite of them."""

    mistakes: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @contextmanager
    def noting(self, what: str) -> Iterator[None]:
        """Note an error as a mistake, and go on."""
        try:
            yield
        except (Exception, SystemExit) as error:  # whatever a library says is wrong with it
            self.mistakes.append(f"{what}: {' '.join(str(error).split()) or type(error).__name__}")


def dry_run(path: str, overrides: Sequence[str] = (), num_processes: int = 1) -> str:
    """Say what a recipe would do.

    Args:
        path: Of the YAML file.
        overrides: As on a command line.
        num_processes: For how many processes.

    Raises:
        ValueError: with all mistakes that were found.
    """
    findings = Findings()
    parsed = read_arguments(path, overrides, findings)
    if parsed is not None:
        script_args, args, model_args = parsed
        config, processor = read_model(model_args, findings)
        sets = {}
        with findings.noting("dataset_name"):
            sets = load_sets(script_args, args)
        if args.eval_strategy != "no":
            with findings.noting("eval_sets" if script_args.eval_sets else "dataset_test_split"):
                load_eval_sets(script_args)
        peft_config = read_adapter(model_args, findings)
        needs_images = stage_of(args.stage).needs_images
        if config is not None:
            needs_images = describe_model(config, args, peft_config, findings)
        tokens = read_rows(sets, args, processor, needs_images, findings) if processor is not None else {}
        describe_steps(sets, args, tokens, num_processes, needs_images, findings)
        if config is not None and not findings.mistakes:
            with findings.noting("memory"):
                findings.lines += ["", *memory_table(config, args, model_args, peft_config, num_processes)]
    if findings.mistakes:
        raise ValueError(f"{len(findings.mistakes)} mistakes in {path}:\n- " + "\n- ".join(findings.mistakes))
    return "\n".join(findings.lines)


def read_arguments(path: str, overrides: Sequence[str], findings: Findings) -> tuple[Any, Any, Any] | None:
    """Parse a recipe without its mistakes, which are noted: unknown keys, and values that are refused each by itself."""
    recipe = None
    with findings.noting("the file"):
        recipe = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    if not isinstance(recipe, dict):
        findings.mistakes += [] if findings.mistakes else ["the file: found no mapping, expected `key: value` lines"]
        return None
    recipe.pop("env", None)
    known = [each.name for cls in CLASSES for each in dataclasses.fields(cls)]
    for name in [name for name in recipe if name not in known]:
        close = difflib.get_close_matches(str(name), known, 1)
        findings.mistakes.append(f"{name}: found no such key{f', expected {close[0]}?' if close else ''}")
        del recipe[name]

    def parse(values: dict[str, Any], words: Sequence[str] = ()) -> tuple[Any, Any, Any]:
        parser = TrlParser(CLASSES)
        parser.set_defaults_with_config(**values)
        return parser.parse_args_into_dataclasses(args=[*words, "--use_cpu", "true"])

    alone = {name: recipe[name] for name in ("stage", "output_dir", "packing", "count_image_tokens") if name in recipe}
    for name in [name for name in recipe if name not in alone]:
        before = len(findings.mistakes)
        with findings.noting(name):
            parse({**alone, name: recipe[name]})
        if len(findings.mistakes) > before and not _needs_others(name, recipe, parse):
            del recipe[name]
        else:
            del findings.mistakes[before:]
    with findings.noting("the recipe"):
        return parse(recipe, overrides)
    return None


def _needs_others(name: str, recipe: dict[str, Any], parse) -> bool:
    """Whether a value that is refused by itself is right beside the recipe's others."""
    with suppress(Exception, SystemExit):
        parse(recipe)
        return True
    return False


def read_model(
    model_args: ModelConfig, findings: Findings
) -> tuple[DeepSeekVLHFConfig | None, DeepSeekVLHFProcessor | None]:
    """Read the configuration and the processor of the recipe's model."""
    name, config, processor = model_args.model_name_or_path, None, None
    with findings.noting("model_name_or_path"):
        if name is None:
            raise ValueError("found none, expected a folder or a Hub name")
        if name.startswith(SCHEME):
            model, processor = make_model(name)
            return model.config, processor
        config = DeepSeekVLHFConfig.from_pretrained(name, revision=model_args.model_revision)
        processor = DeepSeekVLHFProcessor.from_pretrained(name, revision=model_args.model_revision)
    return config, processor


def read_adapter(model_args: ModelConfig, findings: Findings) -> LoraConfig | None:
    """Make the recipe's adapter, and see whether it may have weights of few bits beside it."""
    with findings.noting("load_in_4bit, load_in_8bit"):
        quantization_for(model_args)
    with findings.noting("lora_target_modules"):
        return peft_config_for(model_args)
    return None


def describe_model(
    config: DeepSeekVLHFConfig, args: DeepSeekVLHFTrainingConfig, peft_config: LoraConfig | None, findings: Findings
) -> bool:
    """Count what learns, and see whether a picture fits; whether text alone reaches nothing that learns."""
    with torch.device("meta"):
        model = DeepSeekVLHFForConditionalGeneration(config)
        counts = freeze_for(model, args.stage)
        if peft_config is not None:
            with findings.noting("lora_target_modules"):  # where PEFT finds no module of a name
                counts = count_learning(get_peft_model(model, copy.deepcopy(peft_config)))
    learning = ", ".join(f"{part} {count:,}" for part, count in counts.items() if part != "frozen" and count)
    who = f"stage {args.stage}" if peft_config is None else f"stage {args.stage}: the adapter"
    findings.lines.append(f"{who} learns {learning}; {counts['frozen']:,} parameters are frozen")
    if args.feature_cache is not None and counts["vision"]:
        findings.mistakes.append(
            f"feature_cache: found {args.feature_cache!r} and {counts['vision']:,} parameters that learn in the towers, expected towers "
            "that are frozen; leave it out, or have the adapter on the language model alone"
        )
    only_language = args.language_share == 1
    if args.count_image_tokens and args.max_length <= config.num_visual_tokens + 1 and not only_language:
        findings.mistakes.append(
            f"max_length: found {args.max_length}, expected more than the {config.num_visual_tokens} image tokens of one picture "
            "and its text; raise it, or set count_image_tokens: false"
        )
    return not counts["language_model"]


def read_rows(
    sets: dict[str, Dataset | IterableDataset],
    args: DeepSeekVLHFTrainingConfig,
    processor: DeepSeekVLHFProcessor,
    needs_images: bool,
    findings: Findings,
) -> dict[str, float]:
    """Read the first rows of each set: which of them are bad, and how many tokens a row has, by source."""
    tokens = {}
    for name, rows in sets.items():
        bad_rows = BadRows([name])
        collator = make_collator(args, processor, bad_rows)
        collator.needs_images = needs_images
        with findings.noting(name):
            found = [{**row, "set": name, "row": index} for index, row in enumerate(islice(rows, READ))]
            tokenized = [collator.tokenize([row])[0] for row in found]
            for modality in MODALITIES:
                lengths = [each.length for each in tokenized if bool(len(each.images)) == (modality == "multimodal")]
                if lengths:
                    tokens[f"{name}/{modality}"] = float(np.mean(lengths))
            if bad_rows.total > args.max_bad_share * len(found):
                findings.mistakes.append(
                    f"{name}: found {bad_rows.total} bad rows among the first {len(found)}, expected at most a share of "
                    f"{args.max_bad_share}: {'; '.join(bad_rows.table().splitlines()[2:])}"
                )
    return tokens


def describe_steps(
    sets: dict[str, Dataset | IterableDataset],
    args: DeepSeekVLHFTrainingConfig,
    tokens: dict[str, float],
    num_processes: int,
    needs_images: bool,
    findings: Findings,
) -> None:
    """Make the plan, and say what it draws: steps, rows, tokens, shares."""
    rows_per_step = args.per_device_train_batch_size * args.gradient_accumulation_steps * num_processes
    plan = None
    with findings.noting("dataset_name, language_share"):
        if sets:
            streamed = {name: modalities_of(rows) for name, rows in sets.items() if isinstance(rows, IterableDataset)}
            args = copy.copy(args)  # where it is left to the epochs, `max_steps` is set
            args.stream_lanes = args.stream_lanes or num_processes
            _, plan = plan_rows(args, sets, streamed, None, rows_per_step, needs_images)
    if plan is None:
        return
    steps, language = args.max_steps, plan.language_steps(args.max_steps)
    rows = "packs" if args.packing else "rows"
    findings.lines += [
        f"{steps:,} steps of {rows_per_step:,} {rows}: {args.per_device_train_batch_size} a forward pass x "
        f"{args.gradient_accumulation_steps} accumulated x {num_processes} processes",
        f"{language:,} language and {steps - language:,} multimodal steps; share of language "
        + ", ".join(
            f"{plan.schedule.share(step):.2f} at step {step:,}" for step in sorted({0, steps // 4, steps - 1})
        ),
    ]
    mean = dict.fromkeys(MODALITIES, 0.0)  # tokens of a row
    for modality, members in plan.members.items():
        sources = [plan.sources[index] for index in members]
        for source in sources:
            share = source.weight / sum(other.weight for other in sources)
            mean[modality] += share * tokens.get(source.name, 0.0)
            findings.lines.append(
                f"{source.name}: {'streamed' if source.num_rows is None else f'{source.num_rows:,} rows'}, {share:.1%} of "
                f"{modality}, about {tokens.get(source.name, 0.0):.0f} tokens a row"
            )
    if args.packing:
        findings.lines.append(f"{steps * rows_per_step * args.max_length:,} tokens if packs were full")
    else:
        total = rows_per_step * (language * mean["language"] + (steps - language) * mean["multimodal"])
        findings.lines.append(f"about {total:,.0f} tokens")
    findings.lines.append(
        f"learning rate {args.learning_rate:g}, {SchedulerType(args.lr_scheduler_type).value}, warm-up {args.warmup_steps:g} steps"
        + "".join(
            f", x{factor:g} from step {int(np.ceil(start * steps)):,}" for start, factor in args.lr_drops.items()
        )
    )


def memory_table(
    config: DeepSeekVLHFConfig,
    args: DeepSeekVLHFTrainingConfig,
    model_args: ModelConfig,
    peft_config: LoraConfig | None,
    num_processes: int,
) -> list[str]:
    """Estimate memory for each strategy, with as many pictures as a row can hold."""
    extra = 0 if args.count_image_tokens else config.num_visual_tokens
    tokens = args.max_length + extra
    images = args.per_device_train_batch_size * (max(1, tokens // config.num_visual_tokens) if not extra else 1)
    bits = 4 if model_args.load_in_4bit else 8 if model_args.load_in_8bit else None
    if bits is not None and peft_config.use_dora:
        return [f"no estimate of memory for DoRA beside weights of {bits} bits"]
    lines = Memory.HEADER.splitlines()
    for strategy in STRATEGIES if num_processes > 1 and bits is None else ("ddp",):
        found = estimate(
            config,
            args.stage,
            rows=args.per_device_train_batch_size,
            tokens=tokens,
            images=images,
            peft_config=peft_config,
            bits=bits,
            nested=model_args.use_bnb_nested_quant,
            dtype=loaded_dtype(config, model_args),
            gradient_checkpointing=args.gradient_checkpointing_parts if args.gradient_checkpointing else False,
            compute_dtype=torch.float32 if args.bf16 is False and not args.fp16 else torch.bfloat16,
            strategy=strategy,
            num_devices=num_processes,
        )
        lines.append(found.row(f"{strategy} on {num_processes}" if num_processes > 1 else "one device"))
    return lines


def loaded_dtype(config: DeepSeekVLHFConfig, model_args: ModelConfig) -> torch.dtype:
    """That the model is loaded in; made models have their own."""
    found = model_args.dtype
    if found in (None, "auto") or str(model_args.model_name_or_path).startswith(SCHEME):
        found = config.dtype or "float32"
    return found if isinstance(found, torch.dtype) else getattr(torch, found)
