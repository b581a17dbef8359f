"""A model, rows and a stage come in; a trained model goes out.

TRL's `SFTTrainer` is the engine: the loop, the loss in chunks, logging, checkpoints, resuming. What is here is what it
lacks for DeepSeek-VL: the stage's freezing, labels without image tokens, steps of one modality, packing with pictures, a
learning rate per part and its drops.
"""

import math
from functools import partial
from typing import Any

import torch
from accelerate import PartialState
from datasets import Dataset, IterableDataset
from torch.distributed.tensor import DTensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler
from torch.utils.data import Sampler
from transformers import ProcessorMixin
from transformers.utils import logging
from trl import SFTTrainer

from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .bad_rows import BadRows, too_many
from .checkpoints import SaveBeforeTheEnd, find_last_checkpoint
from .collation import DeepSeekVLHFCollator
from .configuration import DeepSeekVLHFTrainingConfig
from .mixing import ModalityPlan
from .sampling import PlannedRows, PlanSampler
from .stages import freeze_for, parameters_by_part, stage_of


logger = logging.get_logger(__name__)


class DeepSeekVLHFTrainer(SFTTrainer):
    """Train one stage of DeepSeek-VL.

    Args:
        model: Frozen here for `args.stage`, in place, before the optimizer is made.
        args: The stage and how to train it.
        train_dataset: Rows as `collation` describes, or several sets by name; text-only rows have `images: []`. How often
            which rows are drawn is the plan's business (`mixing`), except where rows are streamed.
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
        train_dataset: Dataset | IterableDataset | dict[str, Dataset],
        eval_dataset: Dataset | IterableDataset | dict[str, Dataset | IterableDataset] | None = None,
        processing_class: ProcessorMixin | None = None,
        **kwargs: Any,
    ):
        sets = train_dataset if isinstance(train_dataset, dict) else {"train_dataset": train_dataset}
        eval_sets = eval_dataset if isinstance(eval_dataset, dict) else {"eval_dataset": eval_dataset}
        for name, rows in [*sets.items(), *eval_sets.items()]:
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
            bad_rows=BadRows(list(sets)) if args.max_bad_share else None,
            isolate_rows=args.isolate_rows,
            pad_to_multiple_of=args.pad_to_multiple_of,
        )
        # TRL checks its flag against the first row alone, which may be a text before conversations, and refuses to pack
        # pictures; labels and packs are ours.
        packing, args.packing, args.assistant_only_loss = args.packing, False, False
        super().__init__(
            model=model,
            args=args,
            data_collator=collator,
            train_dataset=next(iter(sets.values())),
            eval_dataset=eval_dataset,
            processing_class=processing_class,
            **kwargs,
        )
        args.packing, args.assistant_only_loss = packing, collator.assistant_only_loss
        self.plan = self._plan(sets)
        self.losses: dict[str, list[torch.Tensor]] = {}  # of micro-steps since the last log, by modality
        self.num_bad_steps = 0
        self.add_callback(SaveBeforeTheEnd())

    def _plan(self, sets: dict[str, Dataset | IterableDataset]) -> ModalityPlan | None:
        """Make the plan of which rows come when, unless the order is another one's business."""
        args, streamed = self.args, [name for name, rows in sets.items() if not isinstance(rows, Dataset)]
        in_order = args.train_sampling_strategy != "random"
        if streamed or in_order:
            if args.packing or len(sets) > 1:
                raise ValueError(
                    f"found packing={args.packing} and sets {list(sets)}, "
                    f"{'streamed: ' + ', '.join(streamed) if streamed else 'in an order of their own'}, expected one "
                    "set and packing=False; load sets without streaming, or pack and mix them beforehand"
                )
            return None
        with PartialState().main_process_first():  # measures rows for all
            self.train_dataset = PlannedRows(
                sets,
                args.set_weights,
                self.data_collator if args.packing else None,
                args.seed,
                args.packing_lookahead,
                args.dataset_num_proc,
            )
        language = [source for source in self.train_dataset.sources if source.modality == "language"]
        if language and stage_of(args.stage).needs_images:
            raise ValueError(
                f"found {', '.join(f'{source.num_rows} rows in {source.name}' for source in language)}, expected a picture in "
                f"each row of stage {args.stage}, where text alone reaches nothing that learns; filter such rows out, or keep "
                "them for stages 2 and 3"
            )
        batch_size = self.get_total_train_batch_size(args)
        if args.max_steps <= 0:
            args.max_steps = math.ceil(args.num_train_epochs * len(self.train_dataset) / batch_size)
        return ModalityPlan(
            self.train_dataset.sources, batch_size, args.share_schedule, args.seed, args.language_share_sampling
        )

    def train(self, resume_from_checkpoint: str | bool | None = None, **kwargs: Any):
        """Train, from the start or from a checkpoint.

        Args:
            resume_from_checkpoint: A checkpoint, or "true" for the newest whole one in `output_dir`; where there is none
                yet, training starts anew, so that one command both starts a run and goes on with it.
            kwargs: As for `transformers.Trainer.train`.
        """
        if str(resume_from_checkpoint).lower() in ("true", "false"):
            wanted, resume_from_checkpoint = str(resume_from_checkpoint).lower() == "true", None
            found = find_last_checkpoint(self.args.output_dir, self.args.world_size) if wanted else None
            if found is not None:
                resume_from_checkpoint = str(found)
            elif wanted:
                logger.warning(f"No checkpoint in {self.args.output_dir} to go on from; starting anew")
        return super().train(resume_from_checkpoint=resume_from_checkpoint, **kwargs)

    def _get_train_sampler(self, train_dataset=None) -> Sampler | None:
        if self.plan is None:
            return super()._get_train_sampler(train_dataset)
        return PlanSampler(self.plan, self.args.max_steps)

    def _set_signature_columns_if_needed(self):
        # TRL's list lacks "text", so rows of plain text would reach the collator without it; the others are `sampling`'s.
        self._signature_columns = ["messages", "text", "images", "set", "row", "is_multimodal", "unreadable"]

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

    def create_scheduler(self, num_training_steps: int, optimizer: Optimizer | None = None) -> LRScheduler:
        """Make the schedule that `args.lr_scheduler_type` names, lowered by `args.lr_drops`."""
        fresh = self.lr_scheduler is None
        scheduler = super().create_scheduler(num_training_steps, optimizer)
        if fresh and self.args.lr_drops:
            if not isinstance(scheduler, LambdaLR):
                raise ValueError(
                    f"found lr_drops={self.args.lr_drops} with lr_scheduler_type={self.args.lr_scheduler_type}, expected a "
                    "schedule that is a function of the step; set lr_drops={}"
                )
            drops = {math.ceil(start * num_training_steps): factor for start, factor in self.args.lr_drops.items()}

            def lowered(course, step: int) -> float:
                return course(step) * next((drops[at] for at in sorted(drops, reverse=True) if step >= at), 1.0)

            scheduler.lr_lambdas = [partial(lowered, course) for course in scheduler.lr_lambdas]
        return scheduler

    def training_step(self, model, inputs, num_items_in_batch=None) -> torch.Tensor:
        """Train on one micro-batch, and keep its loss for the log."""
        modality = "multimodal" if "pixel_values" in inputs else "language"
        loss = super().training_step(model, inputs, num_items_in_batch)
        if self.accelerator.sync_gradients:
            if not self.args.fp16:  # there the loss scaler leaves such steps out by design
                self._check_step(loss)
            self._check_rows()
        # Every process logs the same modalities, whichever of them had the loss that is not finite.
        kept = self.losses.setdefault(modality, [])
        if not loss.isfinite():
            return torch.zeros_like(loss)
        kept.append(loss)
        return loss

    def _check_step(self, loss: torch.Tensor) -> None:
        """Refuse to learn from a loss or a gradient that is not finite."""
        parts = parameters_by_part(self.accelerator.unwrap_model(self.model))
        bad = []
        for part, parameters in parts.items():
            grads = [parameter.grad for parameter in parameters if parameter.grad is not None]
            # Of sharded gradients each process looks at its own part.
            sums = [(grad.to_local() if isinstance(grad, DTensor) else grad).float().sum() for grad in grads]
            if sums and not torch.stack(sums).isfinite().all():
                bad.append(part)
        found = torch.tensor(float(bool(bad) or not loss.isfinite()), device=loss.device)
        if self.args.world_size > 1:
            found = self.accelerator.reduce(found, "sum")
        if not found:
            return
        step = self.state.global_step
        where = "" if self.plan is None else f" Its rows: {self.train_dataset.describe(*self.plan.rows(step))}."
        message = (
            f"Step {step + 1}: found a loss of {loss.item():.4g} and, of this process, gradients that are not finite in "
            f"{', '.join(bad) or 'no part'}, expected finite ones.{where}"
        )
        self.num_bad_steps += 1
        if self.num_bad_steps > self.args.skip_bad_steps:
            raise FloatingPointError(
                f"{message} Look at these rows, lower learning_rate, or set skip_bad_steps to leave out so many such steps."
            )
        logger.warning(f"{message} Left out; {self.num_bad_steps} of at most {self.args.skip_bad_steps}.")
        self.model.zero_grad(set_to_none=True)  # nothing for the optimizer to do

    def _check_rows(self) -> None:
        """Stop once more rows are bad than may be, on every process at once."""
        bad_rows = self.data_collator.bad_rows
        if bad_rows is None:
            return
        counts = torch.tensor([bad_rows.counts.sum(), self.data_collator.counts["rows"]], device=self.args.device)
        if self.args.world_size > 1:
            counts = self.accelerator.reduce(counts, "sum")
        bad, sound = counts.tolist()
        seen = bad + sound
        total = self.state.max_steps * self.get_total_train_batch_size(self.args)
        if too_many(bad, seen, total, self.args.max_bad_share):
            raise ValueError(
                f"found {bad} bad rows among {seen}, expected at most a share of {self.args.max_bad_share}; mend them, or raise "
                f"max_bad_share. Of this process:\n{bad_rows.table()}"
            )

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """Log, with the loss of each modality and the numbers of rows that this process has cut and left out."""
        if self.model.training:
            logs["rows_cut"] = self.data_collator.counts["cut"]
            if self.data_collator.bad_rows is not None:
                logs["rows_bad"] = int(self.data_collator.bad_rows.counts.sum())
            if self.plan is not None:
                logs["language_share"] = self.plan.schedule.share(max(0, self.state.global_step - 1))
                for modality, losses in self.losses.items():
                    # Micro-steps add up to the loss of their step.
                    mean = torch.stack(losses or [torch.zeros((), device=self.args.device)]).mean()
                    mean = mean * self.args.gradient_accumulation_steps
                    logs[f"loss_{modality}"] = self.accelerator.reduce(mean, "mean").item()
            self.losses = {}
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
