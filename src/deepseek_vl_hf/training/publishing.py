"""A trainer comes in; what it saves and pushes goes out with a true card, and complete.

transformers, TRL and PEFT each write a card of their own into the folder, with places to fill in; they are replaced.
"""

import json
from pathlib import Path

from huggingface_hub import CommitInfo
from peft import PeftConfig, PeftModel
from transformers import TrainingArguments
from transformers.trainer_utils import HubStrategy
from transformers.utils import logging

from .. import adapters, nano
from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from ..publishing import push, write_card
from .record import FILE
from .stages import base_of


logger = logging.get_logger(__name__)


class Publishes:
    """What trainers share beside what transformers' do: a card in every folder, and a push of the complete repository in one commit."""

    def _save(self, output_dir: str | None = None, state_dict: dict | None = None) -> None:
        super()._save(output_dir, state_dict)
        if not self.args.should_save:
            return  # every process comes by, one writes
        folder, record = Path(output_dir or self.args.output_dir), Path(self.args.output_dir) / FILE
        config = adapters.read_config(folder)
        if config is not None:
            adapters.write_config(folder, config)
        if record.exists() and record.parent.resolve() != folder.resolve():
            # A run that starts from this checkpoint knows what made it.
            found = json.loads(record.read_text(encoding="utf-8"))
            found["starts"][-1]["last_step"] = self.state.global_step
            (folder / FILE).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        self._write_card(folder)

    def _push_from_checkpoint(self, checkpoint_folder: str) -> None:
        """Push a checkpoint as complete as the end will be; training waits, as a newer checkpoint may remove this one."""
        if self.args.hub_strategy != HubStrategy.EVERY_SAVE:
            super()._push_from_checkpoint(checkpoint_folder)
        elif self.is_world_process_zero():
            try:
                self._push(checkpoint_folder, f"Training in progress, step {self.state.global_step}")
            except (ValueError, OSError, RuntimeError) as error:
                logger.warning(f"{error} Training goes on; what is saved next is pushed again.")

    def create_model_card(self, *args, **kwargs) -> None:
        """Write the card from what the run has recorded; arguments are TRL's, which had to be told."""
        if self.is_world_process_zero():
            self._write_card(Path(self.args.output_dir))

    def _write_card(self, folder: Path) -> None:
        if not any(folder.glob("*.safetensors")):
            return  # a run that has not saved yet
        record = Path(self.args.output_dir) / FILE
        run = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
        name = self.hub_model_id or Path(self.args.output_dir).resolve().name
        write_card(folder, base_of(self.accelerator.unwrap_model(self.model)).config, self.processing_class, name, run)

    def push_to_hub(
        self,
        commit_message: str | None = "End of training",
        blocking: bool = True,
        token: str | None = None,
        revision: str | None = None,
        private: bool | None = None,
        **kwargs,
    ) -> CommitInfo | None:
        """Save, and push the complete repository in one commit; an adapter goes alone.

        Args:
            commit_message, token, revision, private: As for `transformers.Trainer.push_to_hub`.
            blocking: Ignored: one commit is waited for.
            kwargs: What cards want to be told: of it ours takes `license` and `tags`, and reads the rest from what the run has recorded.

        Raises:
            ValueError: if it cannot be done; what was trained lies in `output_dir`.
        """
        self.save_model(_internal_call=True)
        if not self.is_world_process_zero():
            return None
        if self.hub_model_id is None:
            self.init_hf_repo(token=token, private=private)
        tags = kwargs.get("tags") or ()
        return self._push(
            self.args.output_dir,
            commit_message,
            token=token,
            revision=revision,
            private=private,
            licence=kwargs.get("license"),
            tags=[tags] if isinstance(tags, str) else tags,
        )

    def _push(
        self,
        folder: str,
        message: str | None,
        token: str | None = None,
        revision: str | None = None,
        private: bool | None = None,
        **about,
    ) -> CommitInfo:
        pushed = push(
            folder,
            self.hub_model_id,
            adapter=isinstance(self.accelerator.unwrap_model(self.model), PeftModel),
            private=self.args.hub_private_repo if private is None else private,
            revision=revision or self.args.hub_revision,
            token=token or self.args.hub_token,
            message=message,
            **about,
        )
        return pushed.commit


def check_base(
    model: DeepSeekVLHFForConditionalGeneration | PeftModel, args: TrainingArguments, peft_config: PeftConfig | None
) -> None:
    """Refuse before training what could not be saved or pushed after it.

    Raises:
        ValueError: if the model was loaded from an adapter's folder, or an adapter is to be pushed whose base is on no Hub.
    """
    if getattr(base_of(model), "_hf_peft_config_loaded", False) and not isinstance(model, PeftModel):
        raise ValueError(
            "found a model with an adapter loaded into it, of which only the adapter would be saved, expected a plain one; merge it first: "
            "deepseek-vl export ADAPTER --layout own --output DIR"
        )
    name = base_of(model).config._name_or_path
    has_adapter = peft_config is not None or isinstance(model, PeftModel)
    if args.push_to_hub and has_adapter and (not name or Path(nano.resolve(name)).exists()):
        raise ValueError(
            f"found push_to_hub with an adapter of {name or 'a model without a name'}, which is on no Hub, expected a base that everybody finds; "
            "push the base first and train on it by its Hub id, or leave push_to_hub out and push the merged model with `deepseek-vl push`"
        )
