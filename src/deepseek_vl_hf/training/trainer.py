"""A model, rows and a stage come in; a trained model goes out.

TRL's `SFTTrainer` is the engine: the loop, the loss in chunks, logging, checkpoints, resuming. What is here is what it
lacks for DeepSeek-VL: the stage's defaults and its freezing, labels without image tokens, a learning rate per part.
"""

from dataclasses import dataclass, field
from typing import Any

from datasets import Dataset, IterableDataset
from torch.optim import Optimizer
from transformers import ProcessorMixin
from transformers.utils import is_torch_bf16_gpu_available, logging
from trl import SFTConfig, SFTTrainer

from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .collation import DeepSeekVLHFCollator
from .stages import freeze_for, parameters_by_part, stage_of


logger = logging.get_logger(__name__)

# Fields that the stage fills in where the user leaves them unset.
STAGE_DEFAULTS = (
    "learning_rate",
    "lr_scheduler_type",
    "warmup_steps",
    "max_length",
    "count_image_tokens",
    "assistant_only_loss",
)


@dataclass
class DeepSeekVLHFTrainingConfig(SFTConfig):
    """TRL's `SFTConfig` with a stage, the paper's defaults for it, and a learning rate per part.

    Unset fields of `STAGE_DEFAULTS` take the stage's value (paper table 4). `bf16`, if unset, is on where an
    accelerator has it, so a CPU trains in fp32. The numbers of steps and rows are yours; the paper's are in the recipes.

    Args:
        stage: 1, 2 or 3.
        count_image_tokens: Whether image tokens count towards `max_length`.
        vision_lr_scale, aligner_lr_scale, language_model_lr_scale: Factors on `learning_rate` for the parameters of
            a part, if the stage trains it. The paper gives one rate for all, so they are 1.

    Raises:
        ValueError: if there is no such stage, or packing is asked for.
    """

    stage: int | None = field(default=None, metadata={"help": "Stage of the recipe: 1, 2 or 3."})
    learning_rate: float | None = field(
        default=None, metadata={"help": "Peak learning rate. Unset, the stage's: 1e-3, 3e-5, 2e-5."}
    )
    lr_scheduler_type: str | None = field(
        default=None, metadata={"help": "Course of the learning rate. Unset, the stage's."}
    )
    warmup_steps: float | None = field(
        default=None, metadata={"help": "Steps (or, below 1, share of steps) of warm-up. Unset, 128, 2000, 256."}
    )
    max_length: int | None = field(
        default=None, metadata={"help": "Tokens that a row may have. Unset, the stage's: 512, 4096, 4096."}
    )
    count_image_tokens: bool | None = field(
        default=None,
        metadata={"help": "Whether image tokens count towards max_length. Unset, false in stage 1 alone."},
    )
    assistant_only_loss: bool | None = field(
        default=None,
        metadata={"help": "Whether conversations learn only what the assistant says. Unset, false in stage 2 alone."},
    )
    vision_lr_scale: float = field(default=1.0, metadata={"help": "Factor on learning_rate for SigLIP (stage 3)."})
    aligner_lr_scale: float = field(
        default=1.0,
        metadata={"help": "Factor on learning_rate for the aligner and what brings SAM's features onto its grid."},
    )
    language_model_lr_scale: float = field(
        default=1.0, metadata={"help": "Factor on learning_rate for the language model and its head."}
    )
    adam_beta2: float = field(default=0.95, metadata={"help": "AdamW's second beta (paper table 4)."})

    def __post_init__(self):
        stage = stage_of(self.stage)
        for name in STAGE_DEFAULTS:
            if getattr(self, name) is None:
                setattr(self, name, getattr(stage, name))
        for name in ("packing", "padding_free"):
            if getattr(self, name):
                raise ValueError(
                    f"found {name}=True, expected False: rows laid end to end would see each other's pictures; "
                    f"leave {name} out"
                )
        if self.bf16 is None:
            self.bf16 = not self.fp16 and not self.use_cpu and is_torch_bf16_gpu_available()
        super().__post_init__()

    @property
    def lr_scales(self) -> dict[str, float]:
        """Factor on the learning rate by part."""
        return {
            "vision": self.vision_lr_scale,
            "aligner": self.aligner_lr_scale,
            "language_model": self.language_model_lr_scale,
        }


class DeepSeekVLHFTrainer(SFTTrainer):
    """Train one stage of DeepSeek-VL.

    Args:
        model: Frozen here for `args.stage`, in place, before the optimizer is made.
        args: The stage and how to train it.
        train_dataset: Rows as `collation` describes; text-only rows have `images: []`.
        eval_dataset: Rows of the same format, or several sets by name.
        processing_class: The checkpoint's processor.
        kwargs: As for `SFTTrainer`, except `data_collator`: labels are part of the stage.

    Raises:
        ValueError: if the data has no column of images, or the model is not a plain DeepSeek-VL.
    """

    _tag_names = ["trl", "sft", "deepseek_vl_hf"]

    def __init__(
        self,
        model: DeepSeekVLHFForConditionalGeneration,
        args: DeepSeekVLHFTrainingConfig,
        train_dataset: Dataset | IterableDataset,
        eval_dataset: Dataset | IterableDataset | dict[str, Dataset | IterableDataset] | None = None,
        processing_class: ProcessorMixin | None = None,
        **kwargs: Any,
    ):
        sets = eval_dataset if isinstance(eval_dataset, dict) else {"eval_dataset": eval_dataset}
        for name, rows in {"train_dataset": train_dataset, **sets}.items():
            _check_columns(name, rows)
        if kwargs.get("peft_config") is not None:
            raise ValueError(
                "found peft_config, expected a stage alone to decide what learns; train adapters with TRL's SFTTrainer "
                "and data_collator=DeepSeekVLHFCollator(processor)"
            )
        if not isinstance(processing_class, ProcessorMixin):
            raise ValueError(
                f"found processing_class={type(processing_class).__name__}, expected the checkpoint's processor; "
                "pass DeepSeekVLHFProcessor.from_pretrained(...)"
            )
        self.num_parameters = freeze_for(model, args.stage)
        _check_image_tokens(model, processing_class)
        logger.info(f"Stage {args.stage} trains {self.num_parameters}")
        collator = DeepSeekVLHFCollator(
            processing_class,
            max_length=args.max_length,
            count_image_tokens=args.count_image_tokens,
            assistant_only_loss=args.assistant_only_loss,
            needs_images=stage_of(args.stage).needs_images,
            pad_to_multiple_of=args.pad_to_multiple_of,
        )
        # TRL checks its flag against the first row alone, which may be a text before conversations; labels are ours.
        args.assistant_only_loss = False
        super().__init__(
            model=model,
            args=args,
            data_collator=collator,
            train_dataset=train_dataset,
            eval_dataset=eval_dataset,
            processing_class=processing_class,
            **kwargs,
        )
        args.assistant_only_loss = collator.assistant_only_loss

    def _set_signature_columns_if_needed(self):
        # TRL's list lacks "text", so rows of plain text would reach the collator without it.
        self._signature_columns = ["messages", "text", "images"]

    def create_optimizer(self, model=None) -> Optimizer:
        """Make the optimizer that `args.optim` names, with a group per part and kind of weight decay."""
        fresh = self.optimizer is None
        optimizer = super().create_optimizer(model)
        if fresh:
            plain = self.accelerator.unwrap_model(self.model if model is None else model)
            scales = {
                parameter: self.args.lr_scales[part]
                for part, parameters in parameters_by_part(plain).items()
                for parameter in parameters
            }
            groups = list(optimizer.param_groups)
            optimizer.param_groups.clear()
            for group in groups:
                for scale in dict.fromkeys(scales[parameter] for parameter in group["params"]):
                    members = [parameter for parameter in group["params"] if scales[parameter] == scale]
                    optimizer.add_param_group({**group, "params": members, "lr": group["lr"] * scale})
        return optimizer

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """Log, with the number of rows that this process has cut to `max_length` so far."""
        if self.model.training:
            logs["rows_cut"] = self.data_collator.counts["cut"]
        super().log(logs, *args, **kwargs)


def _check_columns(name: str, rows: Dataset | IterableDataset | None) -> None:
    columns = None if rows is None else rows.column_names
    if columns is not None and ("images" not in columns or not {"messages", "text"} & set(columns)):
        raise ValueError(
            f"{name}: found columns {columns}, expected 'images' and one or both of 'messages' and 'text'; "
            "a set of text alone has 'images': [] in every row"
        )


def _check_image_tokens(model: DeepSeekVLHFForConditionalGeneration, processor: ProcessorMixin) -> None:
    found = (processor.image_token_id, processor.num_image_tokens)
    expected = (model.config.image_token_id, model.config.num_visual_tokens)
    if found != expected:
        raise ValueError(
            f"found a processor that writes image token {found[0]} {found[1]} times per picture, and a model that expects "
            f"{expected[0]} {expected[1]} times; load both from one checkpoint"
        )
