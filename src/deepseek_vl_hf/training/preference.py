"""A model and pairs of answers, one preferred to the other, come in; a model that prefers like that goes out (DPO).

TRL's `DPOTrainer` is the engine. What is here is what it lacks for DeepSeek-VL: batches as the model sees conversations when it
answers (`pairs`), a reference of the same class and weights, whatever layout they came from, rows that are looked at before
training, and what learns, as in stage 3 or an adapter.
"""

import copy
from typing import Any

from datasets import Dataset, IterableDataset
from peft import PeftConfig, PeftModel
from transformers import ProcessorMixin
from trl import DPOConfig, DPOTrainer

from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .checkpoints import SaveBeforeTheEnd, checkpoint_to_resume
from .lora import keep_precision
from .pairs import DeepSeekVLHFPreferenceCollator, check_pairs
from .publishing import Publishes, check_base
from .record import RunRecord, describe_rows
from .stages import STAGES, base_of, count_learning, freeze_for
from .wrapping import Prepared


LEARNS = STAGES[3]  # what learns where there is no adapter


class DeepSeekVLHFPreferenceTrainer(Publishes, DPOTrainer):
    """Tune DeepSeek-VL on pairs of answers.

    Args:
        model: Learns in the parts of stage 3, or with an adapter in the adapter alone; frozen here, in place.
        args: TRL's. `max_length` is 1024 unless set, which two pictures of 576 image tokens exceed.
        train_dataset: Rows as `pairs` describes.
        eval_dataset: Rows of the same format, or several sets by name.
        processing_class: The checkpoint's processor.
        ref_model: What the model is compared with; a copy of it unless given. With DeepSpeed's ZeRO-3, which cannot copy, load it again.
            With an adapter it is the model without.
        peft_config: The adapter that learns (`lora.peft_config_for`).
        kwargs: As for `DPOTrainer`, except `data_collator`.

    Raises:
        ValueError: if rows are bad (`pairs.check_pairs`), or there is no processor.
    """

    _tag_names = ["trl", "dpo", "deepseek_vl_hf"]

    def __init__(
        self,
        model: DeepSeekVLHFForConditionalGeneration | PeftModel,
        args: DPOConfig,
        train_dataset: Dataset | IterableDataset,
        eval_dataset: Dataset | IterableDataset | dict[str, Dataset] | None = None,
        processing_class: ProcessorMixin | None = None,
        ref_model: DeepSeekVLHFForConditionalGeneration | None = None,
        peft_config: PeftConfig | None = None,
        **kwargs: Any,
    ):
        if not isinstance(processing_class, ProcessorMixin):
            raise ValueError(
                f"found processing_class={type(processing_class).__name__}, expected the checkpoint's processor; "
                "pass DeepSeekVLHFProcessor.from_pretrained(...)"
            )
        collator = DeepSeekVLHFPreferenceCollator(processing_class, args.max_length, args.pad_to_multiple_of)
        eval_sets = eval_dataset if isinstance(eval_dataset, dict) else {"eval_dataset": eval_dataset}
        sets = {name: rows for name, rows in {"train_dataset": train_dataset, **eval_sets}.items() if rows is not None}
        for name, rows in sets.items():
            check_pairs(name, rows, collator)
        check_base(model, args, peft_config)
        if peft_config is None and not isinstance(model, PeftModel):
            freeze_for(model, LEARNS)
            # TRL would load it by its folder: the stock class from a native one, none at all from an official one.
            ref_model = copy.deepcopy(model) if ref_model is None else ref_model
        super().__init__(
            model=model,
            ref_model=ref_model,
            args=args,
            data_collator=collator,
            train_dataset=train_dataset,
            eval_dataset=eval_dataset,
            processing_class=processing_class,
            peft_config=peft_config,
            **kwargs,
        )
        keep_precision(self.model, autocast=args.bf16 or args.fp16, fresh=peft_config is not None)
        args.gradient_checkpointing_parts = LEARNS.keeps_activations  # for `Prepared`
        self.add_callback(Prepared())
        self.add_callback(SaveBeforeTheEnd())
        facts = {
            "method": "dpo",
            "model": base_of(self.model).config._name_or_path,
            "learning_parameters": count_learning(self.model),
            "adapter": self.model.active_peft_config.to_dict() if isinstance(self.model, PeftModel) else None,
            "data": {"train_dataset": describe_rows(train_dataset)},
            "rows_per_step": self.get_total_train_batch_size(args),
        }
        self.add_callback(RunRecord(facts))

    def train(self, resume_from_checkpoint: str | bool | None = None, **kwargs: Any):
        """Train, from the start or from a checkpoint.

        Args:
            resume_from_checkpoint: A checkpoint, or "true" for the newest whole one in `output_dir`; where there is none yet, training starts anew.
            kwargs: As for `transformers.Trainer.train`.
        """
        checkpoint = checkpoint_to_resume(resume_from_checkpoint, self.args.output_dir)
        return super().train(resume_from_checkpoint=checkpoint, **kwargs)
