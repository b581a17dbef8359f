"""A recipe comes in; a folder with a trained model and its processor goes out.

`train_from_recipe` is what `deepseek-vl train RECIPE.yaml` runs. The scripts in `examples/` are the same statements in
the open, for reading and changing; a test holds the two equal.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from datasets import (
    Dataset,
    DatasetDict,
    Features,
    Image,
    IterableDataset,
    IterableDatasetDict,
    List,
    load_dataset,
    load_from_disk,
)
from trl import ModelConfig, ScriptArguments, TrlParser

from ..data.shards import read_tars
from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from ..processing_deepseek_vl_hf import DeepSeekVLHFProcessor
from .configuration import DeepSeekVLHFTrainingConfig
from .lora import peft_config_for, quantization_for
from .made import SCHEME, make_model, make_rows
from .planning import INSTRUCTIONS
from .trainer import DeepSeekVLHFTrainer


@dataclass
class DeepSeekVLHFScriptArguments(ScriptArguments):
    """TRL's arguments of scripts, with what the recipe reads beside one set.

    Args:
        instruction_dataset_name: Conversations of which a small share joins stage 2; a source as `dataset_name` is.
        eval_sets: Sources of held-out sets by name, instead of the test split: rows as in training, or questions with choices.
        tasks: Which rows of `dataset_name` are used: those whose `task` is or begins with one of these nodes of the taxonomy.
    """

    instruction_dataset_name: str | None = field(
        default=None, metadata={"help": "Conversations of which instruction_share joins the rows; for stage 2."}
    )
    eval_sets: dict | str | None = field(
        default=None, metadata={"help": "Held-out sets by name, instead of the test split of dataset_name."}
    )

    tasks: list[str] | None = field(
        default=None, metadata={"help": "Nodes of the taxonomy; only rows of such a task are used. Default: all rows."}
    )

    def __post_init__(self):
        if isinstance(self.eval_sets, str):
            self.eval_sets = json.loads(self.eval_sets)


FILE_TYPES = {".json": "json", ".jsonl": "json", ".parquet": "parquet"}


def load_rows(
    split: str, source: str | None, config: str | None = None, streaming: bool = False
) -> Dataset | IterableDataset:
    """Load rows of training data; they know by which name they were asked for.

    Args:
        split: Which split, where the source has several.
        source: A folder written by `deepseek-vl data build` or `save_to_disk`; a `.json`, `.jsonl` or `.parquet` file or a pattern of them, whose
            `images` are paths (relative ones from the file's folder) or encoded pictures; `.tar` shards or a pattern of
            them, which are always streamed; `made://shapes`; or the name of a dataset on the Hub.
        config: Which configuration of a Hub dataset.
        streaming: Whether to read rows as they are needed.

    Raises:
        ValueError: if no source is named, a file is missing, or the source has no such split.
    """
    if source is None:
        raise ValueError("found no training data, expected a folder, a file or a Hub name; set dataset_name")
    rows = _load_rows(split, source, config, streaming)
    rows.info.dataset_name = source
    return rows


def _load_rows(split: str, source: str, config: str | None, streaming: bool) -> Dataset | IterableDataset:
    if source.startswith(SCHEME):
        return make_rows(source, split)
    path = Path(source)
    if path.suffix in FILE_TYPES:
        if not any(path.parent.glob(path.name)):
            raise ValueError(f"found no file {source!r}; set dataset_name to a file that exists")
        # The columns' types are known only after reading, and must be known to find the pictures. What is read is text
        # and paths, or Arrow data that stays on disk; pictures are opened as rows are needed.
        rows = load_dataset(FILE_TYPES[path.suffix], data_files={split: source}, split=split)
        rows = _with_pictures(rows, path.parent)
        return _streamed(rows) if streaming else rows
    if path.suffix == ".tar":
        return read_tars(list(path.parent.glob(path.name)))
    is_saved = (path / "state.json").exists() or (path / "dataset_dict.json").exists()
    if path.is_dir() and not is_saved:
        return _load_built(path, split, streaming)
    rows = load_from_disk(source) if path.is_dir() else load_dataset(source, config, streaming=streaming)
    if isinstance(rows, DatasetDict | IterableDatasetDict):
        if split not in rows:
            raise ValueError(f"{source}: found splits {list(rows)}, expected {split!r}; set dataset_train_split")
        rows = rows[split]
    return _streamed(rows) if streaming and isinstance(rows, Dataset) else rows


def _load_built(folder: Path, split: str, streaming: bool) -> Dataset | IterableDataset:
    """Load a split of what `deepseek-vl data build` writes."""
    for pattern in (f"data/{split}-*.parquet", f"{split}-*.parquet"):
        if files := sorted(map(str, folder.glob(pattern))):
            rows = load_dataset("parquet", data_files={split: files}, split=split, streaming=streaming)
            return rows if rows.features is None else rows.cast_column("images", List(Image()))
    for pattern in (f"data/{split}-*.tar", f"{split}-*.tar"):
        if files := sorted(folder.glob(pattern)):
            return read_tars(files)
    raise ValueError(
        f"found neither {split}-*.parquet nor {split}-*.tar in {str(folder)!r} or its folder data, nor what save_to_disk writes; "
        "build it with `deepseek-vl data build`, or name its files"
    )


def _streamed(rows: Dataset) -> IterableDataset:
    """Rows at hand as a stream, in shards enough to deal."""
    return rows.to_iterable_dataset(num_shards=min(len(rows), 64))


def load_sets(
    script_args: DeepSeekVLHFScriptArguments, training_args: DeepSeekVLHFTrainingConfig
) -> dict[str, Dataset | IterableDataset]:
    """Load the sets to train on by name: the rows of `dataset_name`, and instructions if they have a share."""
    streaming = script_args.dataset_streaming
    split, name = script_args.dataset_train_split, script_args.dataset_name
    rows = load_rows(split, name, script_args.dataset_config, streaming)
    sets = {split: of_tasks(rows, script_args.tasks)}
    if script_args.instruction_dataset_name is not None and training_args.instruction_share:
        sets[INSTRUCTIONS] = load_rows(split, script_args.instruction_dataset_name, streaming=streaming)
    return sets


def load_eval_sets(script_args: DeepSeekVLHFScriptArguments) -> dict[str, Dataset] | Dataset:
    """Load what is held out: `eval_sets` by name, or the test split of `dataset_name`."""
    split = script_args.dataset_test_split
    if script_args.eval_sets:
        return {name: load_rows(split, source) for name, source in script_args.eval_sets.items()}
    return of_tasks(load_rows(split, script_args.dataset_name, script_args.dataset_config), script_args.tasks)


def of_tasks(rows: Dataset | IterableDataset, tasks: Sequence[str] | None) -> Dataset | IterableDataset:
    """Keep the rows of some tasks.

    Args:
        rows: With a column `task`.
        tasks: Nodes of the taxonomy, or what nodes begin with: "recognition" keeps all of "recognition/...". `None` keeps all.

    Raises:
        ValueError: if rows have no task, or none is left.
    """
    if not tasks:
        return rows
    if rows.column_names is not None and "task" not in rows.column_names:
        raise ValueError(
            f"found tasks={list(tasks)} and rows with columns {rows.column_names}, expected a column 'task'"
        )
    kept = rows.filter(lambda task: any(f"{task}/".startswith(f"{wanted}/") for wanted in tasks), input_columns="task")
    if isinstance(kept, Dataset) and not len(kept):
        raise ValueError(f"found no row of tasks {list(tasks)}, expected some; `deepseek-vl data report` counts them")
    return kept


def _with_pictures(rows: Dataset, folder: Path) -> Dataset:
    """Read the paths in `images` as pictures."""
    kind = getattr(rows.features.get("images"), "feature", None)
    if kind is None or isinstance(kind, Image):
        return rows
    features = Features({**rows.features, "images": List(Image())})
    if getattr(kind, "dtype", None) == "string":
        return rows.map(
            lambda row: {"images": [str(folder / path) for path in row["images"] or []]}, features=features
        )
    return rows.cast(features)


def load_model(model_args: ModelConfig) -> tuple[DeepSeekVLHFForConditionalGeneration, DeepSeekVLHFProcessor]:
    """Load the model and the processor that `model_args` names.

    Raises:
        ValueError: if no model is named.
    """
    name = model_args.model_name_or_path
    if name is None:
        raise ValueError("found no model, expected a folder or a Hub name; set model_name_or_path")
    if name.startswith(SCHEME):
        return make_model(name)
    model = DeepSeekVLHFForConditionalGeneration.from_pretrained(
        name,
        revision=model_args.model_revision,
        dtype=model_args.dtype,
        attn_implementation=model_args.attn_implementation,
        **quantization_for(model_args),
    )
    return model, DeepSeekVLHFProcessor.from_pretrained(name, revision=model_args.model_revision)


def train(
    script_args: DeepSeekVLHFScriptArguments, training_args: DeepSeekVLHFTrainingConfig, model_args: ModelConfig
) -> None:
    """Train one stage and save model and processor to `training_args.output_dir`."""
    # Model and processor
    model, processor = load_model(model_args)

    # Data
    train_dataset = load_sets(script_args, training_args)
    eval_dataset = None
    if training_args.eval_strategy != "no":
        eval_dataset = load_eval_sets(script_args)

    # Training
    trainer = DeepSeekVLHFTrainer(
        model=model,
        args=training_args,
        train_dataset=train_dataset,
        eval_dataset=eval_dataset,
        processing_class=processor,
        peft_config=peft_config_for(model_args),
    )
    trainer.train(resume_from_checkpoint=training_args.resume_from_checkpoint)

    # Save model and processor
    trainer.save_model(training_args.output_dir)
    if training_args.push_to_hub:
        trainer.push_to_hub(dataset_name=script_args.dataset_name)
    trainer.accelerator.wait_for_everyone()


def train_from_recipe(path: str, overrides: Sequence[str] = ()) -> None:
    """Train as a recipe says.

    Args:
        path: A YAML file of arguments, as `--config` of the scripts reads it. It names its `stage`.
        overrides: Arguments that replace the recipe's, as on a command line: `["--max_steps", "10"]`.
    """
    parser = TrlParser((DeepSeekVLHFScriptArguments, DeepSeekVLHFTrainingConfig, ModelConfig))
    train(*parser.parse_args_and_config(["--config", path, *overrides]))
