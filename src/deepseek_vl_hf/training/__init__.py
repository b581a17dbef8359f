"""Training of the three stages; needs the `train` extra, which the model does not."""

from .collation import DeepSeekVLHFCollator
from .configuration import DeepSeekVLHFTrainingConfig
from .lora import TARGETS, peft_config_for, quantization_for
from .mixing import ModalityPlan, ShareSchedule, Source
from .packing import pack
from .pairs import DeepSeekVLHFPreferenceCollator
from .preference import DeepSeekVLHFPreferenceTrainer
from .run import (
    DeepSeekVLHFScriptArguments,
    load_eval_sets,
    load_model,
    load_rows,
    load_sets,
    train_from_recipe,
)
from .stages import PARTS, STAGES, Stage, freeze_for, stage_of
from .trainer import DeepSeekVLHFTrainer


__all__ = [
    "PARTS",
    "STAGES",
    "TARGETS",
    "DeepSeekVLHFCollator",
    "DeepSeekVLHFPreferenceCollator",
    "DeepSeekVLHFPreferenceTrainer",
    "DeepSeekVLHFScriptArguments",
    "DeepSeekVLHFTrainer",
    "DeepSeekVLHFTrainingConfig",
    "ModalityPlan",
    "ShareSchedule",
    "Source",
    "Stage",
    "freeze_for",
    "load_eval_sets",
    "load_model",
    "load_rows",
    "load_sets",
    "pack",
    "peft_config_for",
    "quantization_for",
    "stage_of",
    "train_from_recipe",
]
