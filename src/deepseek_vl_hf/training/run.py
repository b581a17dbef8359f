"""A recipe comes in; a folder with a trained model and its processor goes out.

`train_from_recipe` is what `deepseek-vl train RECIPE.yaml` runs. The scripts in `examples/` are the same statements in
the open, for reading and changing; a test holds the two equal.
"""

from collections.abc import Sequence
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

from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from ..processing_deepseek_vl_hf import DeepSeekVLHFProcessor
from .configuration import DeepSeekVLHFTrainingConfig
from .made import SCHEME, make_model, make_rows
from .trainer import DeepSeekVLHFTrainer


FILE_TYPES = {".json": "json", ".jsonl": "json", ".parquet": "parquet"}


def load_rows(
    split: str, source: str | None, config: str | None = None, streaming: bool = False
) -> Dataset | IterableDataset:
    """Load rows of training data.

    Args:
        split: Which split, where the source has several.
        source: A folder written by `save_to_disk`; a `.json`, `.jsonl` or `.parquet` file or a pattern of them, whose
            `images` are paths (relative ones from the file's folder) or encoded pictures; `made://shapes`; or the name
            of a dataset on the Hub.
        config: Which configuration of a Hub dataset.
        streaming: Whether to read rows as they are needed.

    Raises:
        ValueError: if no source is named, a file is missing, or the source has no such split.
    """
    if source is None:
        raise ValueError("found no training data, expected a folder, a file or a Hub name; set dataset_name")
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
        return rows.to_iterable_dataset() if streaming else rows
    if path.is_dir() and not ((path / "state.json").exists() or (path / "dataset_dict.json").exists()):
        raise ValueError(
            f"found a folder {source!r} that save_to_disk has not written; write it so, or name its files"
        )
    rows = load_from_disk(source) if path.is_dir() else load_dataset(source, config, streaming=streaming)
    if not isinstance(rows, DatasetDict | IterableDatasetDict):
        return rows
    if split not in rows:
        raise ValueError(f"{source}: found splits {list(rows)}, expected {split!r}; set dataset_train_split")
    return rows[split]


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
    )
    return model, DeepSeekVLHFProcessor.from_pretrained(name, revision=model_args.model_revision)


def train(script_args: ScriptArguments, training_args: DeepSeekVLHFTrainingConfig, model_args: ModelConfig) -> None:
    """Train one stage and save model and processor to `training_args.output_dir`."""
    # Model and processor
    model, processor = load_model(model_args)

    # Data
    source = (script_args.dataset_name, script_args.dataset_config, script_args.dataset_streaming)
    train_dataset = load_rows(script_args.dataset_train_split, *source)
    eval_dataset = None
    if training_args.eval_strategy != "no":
        eval_dataset = load_rows(script_args.dataset_test_split, *source)

    # Training
    trainer = DeepSeekVLHFTrainer(
        model=model,
        args=training_args,
        train_dataset=train_dataset,
        eval_dataset=eval_dataset,
        processing_class=processor,
    )
    trainer.train(resume_from_checkpoint=training_args.resume_from_checkpoint)

    # Save model and processor
    trainer.save_model(training_args.output_dir)
    if training_args.push_to_hub:
        trainer.push_to_hub(dataset_name=script_args.dataset_name)


def train_from_recipe(path: str, overrides: Sequence[str] = ()) -> None:
    """Train as a recipe says.

    Args:
        path: A YAML file of arguments, as `--config` of the scripts reads it. It names its `stage`.
        overrides: Arguments that replace the recipe's, as on a command line: `["--max_steps", "10"]`.
    """
    parser = TrlParser((ScriptArguments, DeepSeekVLHFTrainingConfig, ModelConfig))
    train(*parser.parse_args_and_config(["--config", path, *overrides]))
