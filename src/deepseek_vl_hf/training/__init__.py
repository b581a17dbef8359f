"""Training of the three stages; needs the `train` extra, which the model does not."""

from .collation import DeepSeekVLHFCollator
from .configuration import DeepSeekVLHFTrainingConfig
from .mixing import ModalityPlan, ShareSchedule, Source
from .packing import pack
from .run import load_model, load_rows, train_from_recipe
from .stages import PARTS, STAGES, Stage, freeze_for, stage_of
from .trainer import DeepSeekVLHFTrainer


__all__ = [
    "PARTS",
    "STAGES",
    "DeepSeekVLHFCollator",
    "DeepSeekVLHFTrainer",
    "DeepSeekVLHFTrainingConfig",
    "ModalityPlan",
    "ShareSchedule",
    "Source",
    "Stage",
    "freeze_for",
    "load_model",
    "load_rows",
    "pack",
    "stage_of",
    "train_from_recipe",
]
