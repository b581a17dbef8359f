"""Training of the three stages; needs the `train` extra, which the model does not."""

from .collation import DeepSeekVLHFCollator
from .run import load_rows, train_from_recipe
from .stages import PARTS, STAGES, Stage, freeze_for, stage_of
from .trainer import DeepSeekVLHFTrainer, DeepSeekVLHFTrainingConfig


__all__ = [
    "PARTS",
    "STAGES",
    "DeepSeekVLHFCollator",
    "DeepSeekVLHFTrainer",
    "DeepSeekVLHFTrainingConfig",
    "Stage",
    "freeze_for",
    "load_rows",
    "stage_of",
    "train_from_recipe",
]
