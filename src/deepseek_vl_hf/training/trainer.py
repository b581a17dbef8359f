"""A model, rows and a stage come in; a trained model goes out.

TRL's `SFTTrainer` is the engine: the loop, the loss in chunks, logging, checkpoints, resuming. What is here is what it
lacks for DeepSeek-VL: the stage's freezing, labels without image tokens, steps of one modality, packing with pictures, a
learning rate per part and its drops.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, IterableDataset
from peft import PeftConfig, PeftModel
from safetensors import SafetensorError
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DataLoader, Sampler
from transformers import ProcessorMixin
from transformers.trainer_callback import ProgressCallback
from transformers.trainer_utils import EvalLoopOutput
from transformers.utils import logging
from trl import SFTTrainer

from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .bad_rows import BadRows
from .checkpoints import SaveBeforeTheEnd, checkpoint_to_resume, clear_error
from .configuration import DeepSeekVLHFTrainingConfig
from .evaluation import check_choices, has_choices, held_out_loader, score, summarise
from .features import complete, open_cache
from .guards import Guards, parts_not_finite
from .lora import keep_precision
from .optimization import lower, scale_parts
from .planning import check_columns, make_collator, plan_rows
from .progress import Meter, StageProgress
from .publishing import Publishes, check_base
from .record import RunRecord, describe_rows
from .sampling import PlanSampler
from .stages import base_of, count_learning, freeze_for
from .streaming import modalities_of
from .wrapping import Prepared, complete_state, settle_fsdp2, spare_workers


logger = logging.get_logger(__name__)


class DeepSeekVLHFTrainer(Publishes, SFTTrainer):
    """Train one stage of DeepSeek-VL.

    Args:
        model: Frozen here for `args.stage`, in place, before the optimizer is made; with an adapter, all but the adapter.
        args: The stage and how to train it.
        train_dataset: Rows as `collation` describes, or several sets by name; text-only rows have `images: []`. How often
            which rows are drawn is the plan's business (`mixing`); the set "instructions" has its own share, `instruction_share`.
        eval_dataset: Rows of the same format, or questions with choices (`evaluation`), or several sets by name.
        processing_class: The checkpoint's processor.
        peft_config: The adapter that learns instead of the stage's parts (`lora.peft_config_for`); or `model` is a `PeftModel`. Lengths,
            labels, packing and the plan are the stage's as ever.
        kwargs: As for `SFTTrainer`, except `data_collator`: labels are part of the stage.

    Raises:
        ValueError: if the data has no column of images, or the model is not a plain DeepSeek-VL.
    """

    _tag_names = ["trl", "sft", "deepseek_vl_hf"]

    def __init__(
        self,
        model: DeepSeekVLHFForConditionalGeneration | PeftModel,
        args: DeepSeekVLHFTrainingConfig,
        train_dataset: Dataset | IterableDataset | dict[str, Dataset],
        eval_dataset: Dataset | dict[str, Dataset] | None = None,
        processing_class: ProcessorMixin | None = None,
        peft_config: PeftConfig | None = None,
        **kwargs: Any,
    ):
        sets = train_dataset if isinstance(train_dataset, dict) else {"train_dataset": train_dataset}
        eval_sets = eval_dataset if isinstance(eval_dataset, dict) else {"eval_dataset": eval_dataset}
        for name, rows in [*sets.items(), *eval_sets.items()]:
            check_columns(name, rows)
        if args.train_sampling_strategy != "random" and (args.packing or len(sets) > 1):
            raise ValueError(
                f"found packing={args.packing} and sets {list(sets)} with train_sampling_strategy="
                f"{args.train_sampling_strategy!r}, expected one set and packing=False; leave the strategy at 'random'"
            )
        modalities = {name: modalities_of(rows) for name, rows in sets.items() if isinstance(rows, IterableDataset)}
        for name, rows in eval_sets.items():
            if isinstance(rows, Dataset) and has_choices(rows):
                check_choices(name, rows)
        if not isinstance(processing_class, ProcessorMixin):
            raise ValueError(
                f"found processing_class={type(processing_class).__name__}, expected the checkpoint's processor; "
                "pass DeepSeekVLHFProcessor.from_pretrained(...)"
            )
        check_base(model, args, peft_config)
        if peft_config is None and not isinstance(model, PeftModel):
            freeze_for(model, args.stage)
        _check_image_tokens(base_of(model), processing_class)
        collator = make_collator(args, processing_class, BadRows(list(sets)) if args.max_bad_share else None)
        # TRL checks its flag against the first row alone, which may be a text before conversations, and refuses to pack
        # pictures; labels and packs are ours.
        packing, args.packing, args.assistant_only_loss = args.packing, False, False
        # accelerate leaves alone what it has prepared for an earlier trainer, and TRL's new head would then run without autocast.
        if model.__dict__.pop("_is_accelerate_prepared", False):
            for name in ("forward", "_original_forward"):
                model.__dict__.pop(name, None)
        super().__init__(
            model=model,
            args=args,
            data_collator=collator,
            train_dataset=next(iter(sets.values())),
            eval_dataset=eval_dataset,
            processing_class=processing_class,
            peft_config=peft_config,
            **kwargs,
        )
        keep_precision(self.model, autocast=args.bf16 or args.fp16, fresh=peft_config is not None)
        self.num_parameters = count_learning(self.model)
        collator.needs_images = not self.num_parameters["language_model"]
        if args.feature_cache is not None and self.num_parameters["vision"]:
            raise ValueError(
                f"found feature_cache={args.feature_cache!r} and {self.num_parameters['vision']} parameters that learn in the "
                "towers, expected towers that are frozen; leave it out, or have the adapter on the language model alone"
            )
        args.packing, args.assistant_only_loss = packing, collator.assistant_only_loss
        if args.feature_cache is not None:
            zero_3 = self.is_deepspeed_enabled and self.accelerator.state.deepspeed_plugin.zero_stage == 3
            sharded, precision = self.is_fsdp_enabled or zero_3, self.accelerator.mixed_precision
            collator.cache = open_cache(args, model, processing_class, sets.values(), sharded, precision)
        batch_size = self.get_total_train_batch_size(args)
        self.plan = None
        if args.train_sampling_strategy == "random":
            self.train_dataset, self.plan = plan_rows(
                args, sets, modalities, collator if packing else None, batch_size, collator.needs_images
            )
        total_rows = args.max_steps * batch_size
        self.guards = Guards(args.skip_bad_steps, args.max_bad_share, total_rows, collator.bad_rows)
        collator.sources = [] if self.plan is None else [source.name for source in self.plan.sources]
        self.meter = Meter(collator.sources, args.world_size)
        self.add_callback(self.meter)
        self.add_callback(SaveBeforeTheEnd())
        self.add_callback(Prepared())
        self.add_callback(RunRecord(self._facts(sets)))
        if not args.disable_tqdm:
            self.remove_callback(ProgressCallback)
            self.add_callback(
                StageProgress(args.stage, self.meter, self.num_parameters, self.plan and self.plan.schedule)
            )

    def _facts(self, sets: dict[str, Dataset | IterableDataset]) -> dict[str, Any]:
        """What the record of the run says beside the arguments."""
        return {
            "model": base_of(self.model).config._name_or_path,
            "learning_parameters": self.num_parameters,
            "adapter": self.model.active_peft_config.to_dict() if isinstance(self.model, PeftModel) else None,
            "data": {name: describe_rows(rows) for name, rows in sets.items()},
            "sources": [] if self.plan is None else [asdict(source) for source in self.plan.sources],
            "rows_per_step": self.get_total_train_batch_size(self.args),
        }

    def train(self, resume_from_checkpoint: str | bool | None = None, **kwargs: Any):
        """Train, from the start or from a checkpoint.

        Args:
            resume_from_checkpoint: A checkpoint, or "true" for the newest whole one in `output_dir`; where there is none
                yet, training starts anew, so that one command both starts a run and goes on with it.
            kwargs: As for `transformers.Trainer.train`.
        """
        checkpoint = checkpoint_to_resume(resume_from_checkpoint, self.args.output_dir)
        return super().train(resume_from_checkpoint=checkpoint, **kwargs)

    def create_accelerator_and_postprocess(self) -> None:
        """Make the accelerator, and settle what it leaves open."""
        super().create_accelerator_and_postprocess()
        settle_fsdp2(self.accelerator)
        if self.is_deepspeed_enabled and self.args.skip_bad_steps:
            raise ValueError(
                f"found skip_bad_steps={self.args.skip_bad_steps} with DeepSpeed, expected 0, because it takes its step before anyone "
                "else sees the gradients; leave it out, or use DDP or FSDP2"
            )

    def get_train_dataloader(self) -> DataLoader:
        """Make the loader of training rows; its workers live until the run has saved."""
        return spare_workers(super().get_train_dataloader())

    def _save_optimizer_and_scheduler(self, output_dir):
        if self.is_fsdp_enabled:
            complete_state(self.optimizer)
        super()._save_optimizer_and_scheduler(output_dir)

    def _save_checkpoint(self, model, trial):
        try:
            super()._save_checkpoint(model, trial)
        except (OSError, RuntimeError, SafetensorError) as error:  # torch makes a RuntimeError of a disk that is full
            folder = Path(self._get_output_dir(trial)) / f"checkpoint-{self.state.global_step}"
            raise clear_error(error, folder) from error

    def _get_train_sampler(self, train_dataset=None) -> Sampler | None:
        if self.plan is None:
            return super()._get_train_sampler(train_dataset)
        micro_steps = self.args.gradient_accumulation_steps
        return PlanSampler(self.plan, self.args.max_steps, self.args.world_size, micro_steps)

    def _set_signature_columns_if_needed(self):
        # TRL's list lacks "text", so rows of plain text would reach the collator without it; the others are `sampling`'s.
        self._signature_columns = ["messages", "text", "images", "set", "row", "is_multimodal", "unreadable"]

    def create_optimizer(self, model=None) -> Optimizer:
        """Make the optimizer that `args.optim` names, with a group per part and kind of weight decay."""
        fresh = self.optimizer is None
        optimizer = super().create_optimizer(model)
        if fresh:
            plain = self.accelerator.unwrap_model(self.model if model is None else model)
            scale_parts(optimizer, plain, self.args.lr_scales)
        return optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Optimizer | None = None) -> LRScheduler:
        """Make the schedule that `args.lr_scheduler_type` names, lowered by `args.lr_drops`."""
        fresh = self.lr_scheduler is None
        scheduler = super().create_scheduler(num_training_steps, optimizer)
        if fresh and self.args.lr_drops:
            lower(scheduler, self.args.lr_drops, num_training_steps)
        return scheduler

    def training_step(self, model, inputs, num_items_in_batch=None) -> torch.Tensor:
        """Train on one micro-batch; count it, and at the end of a step have the guards look at it."""
        modality = "multimodal" if {"pixel_values", "body_states"} & set(inputs) else "language"
        counts = inputs.pop("counts")
        loss = super().training_step(model, inputs, num_items_in_batch)
        self.meter.note(counts, modality, loss)
        if self.accelerator.sync_gradients:
            self._end_step(loss)
        return loss if loss.isfinite() else torch.zeros_like(loss)

    def _end_step(self, loss: torch.Tensor) -> None:
        """Agree with the other processes about what the step was, and refuse to learn from one that is not finite."""
        guarded = not self.args.fp16  # there the loss scaler leaves such steps out by design
        parts = parts_not_finite(self.accelerator.unwrap_model(self.model)) if guarded else []
        is_bad = guarded and (bool(parts) or not loss.isfinite())
        bad_rows = 0 if self.guards.bad_rows is None else self.guards.bad_rows.total
        own = [int(is_bad), bad_rows, self.data_collator.counts["rows"], *self.meter.step.tolist()]
        found = torch.tensor(own, device=self.args.device)
        if self.args.world_size > 1:
            found = self.accelerator.reduce(found, "sum")
        is_bad, bad_rows, sound_rows, *counts = found.tolist()
        self.meter.end_step(torch.tensor(counts))
        if is_bad:
            self.guards.refuse_step(self.state.global_step, loss.item(), parts, self._name_rows)
            self.model.zero_grad(set_to_none=True)  # nothing for the optimizer to do
        self.guards.check_rows(bad_rows, bad_rows + sound_rows)

    def _name_rows(self) -> str:
        """A sentence that names the rows of the step in progress."""
        if self.plan is None:
            return ""
        return f" Its rows: {self.train_dataset.describe(*self.plan.rows(self.state.global_step))}."

    def compute_loss(self, model, inputs, *args, **kwargs):
        """Compute TRL's loss; counts are no input of the model, and features are completed first."""
        inputs.pop("counts", None)
        if "missing_pictures" in inputs:
            with self.accelerator.autocast():
                inputs = complete(base_of(self.accelerator.unwrap_model(model)), self.data_collator.cache, inputs)
        return super().compute_loss(model, inputs, *args, **kwargs)

    def get_eval_dataloader(self, eval_dataset: Dataset | str | None = None) -> DataLoader:
        """Make the loader of a set that is held out; see `evaluation`."""
        if isinstance(eval_dataset, str):
            eval_dataset = self.eval_dataset[eval_dataset]
        rows = self.eval_dataset if eval_dataset is None else eval_dataset
        if not isinstance(rows, Dataset):
            raise ValueError(
                f"found a {type(rows).__name__} to evaluate, expected a datasets.Dataset; load it without streaming"
            )
        args = self.args
        return held_out_loader(
            rows, self.data_collator, args.per_device_eval_batch_size, self.accelerator, args.dataloader_num_workers
        )

    def evaluation_loop(
        self, dataloader, description, *args, metric_key_prefix: str = "eval", **kwargs
    ) -> EvalLoopOutput:
        """Score the rows of a held-out set; see `evaluation`."""
        models = self.accelerator._models
        model = models[-1] if models else self.accelerator.prepare_model(self.model, evaluation_mode=True)
        model.eval()

        def after_batch() -> None:
            self.control = self.callback_handler.on_prediction_step(self.args, self.state, self.control)

        self.callback_handler.eval_dataloader = dataloader
        scores = score(model, dataloader, self.accelerator, self.processing_class.tokenizer, after_batch)
        metrics = summarise(dataloader.dataset, scores)
        metrics = {f"{metric_key_prefix}_{name}": value for name, value in metrics.items()}
        return EvalLoopOutput(None, None, metrics, len(dataloader.dataset.rows))

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """Log, with what `Meter` has counted, the loss of each modality, and the rows that this process has cut or left out."""
        if self.model.training and "loss" in logs:
            self._metrics["train"].pop("num_tokens", None)  # TRL's counts padding, and of packs one row each
            logs["rows_cut"] = self.data_collator.counts["cut"]
            if self.guards.bad_rows is not None:
                logs["rows_bad"] = self.guards.bad_rows.total
            if self.plan is not None:
                logs["language_share"] = self.plan.schedule.share(max(0, self.state.global_step - 1))
                for modality, losses in self.meter.losses.items():
                    # Micro-steps add up to the loss of their step.
                    mean = torch.stack(losses or [torch.zeros((), device=self.args.device)]).mean()
                    mean = mean * self.args.gradient_accumulation_steps
                    logs[f"loss_{modality}"] = self.accelerator.reduce(mean, "mean").item()
            logs.update(self.meter.log())
        super().log(logs, *args, **kwargs)


def _check_image_tokens(model: DeepSeekVLHFForConditionalGeneration, processor: ProcessorMixin) -> None:
    found = (processor.image_token_id, processor.num_image_tokens)
    expected = (model.config.image_token_id, model.config.num_visual_tokens)
    if found != expected:
        raise ValueError(
            f"found a processor that writes image token {found[0]} {found[1]} times per picture, and a model that expects "
            f"{expected[0]} {expected[1]} times; load both from one checkpoint"
        )
