"""What a recipe may say, and what the paper says where it is silent: TRL's `SFTConfig` and a stage."""

import json
from dataclasses import dataclass, field

from transformers.utils import is_torch_bf16_gpu_available
from trl import SFTConfig

from .mixing import ShareSchedule
from .stages import PARTS, stage_of


# Fields that the stage fills in where the user leaves them unset.
STAGE_DEFAULTS = (
    "learning_rate",
    "lr_scheduler_type",
    "lr_drops",
    "warmup_steps",
    "max_length",
    "count_image_tokens",
    "assistant_only_loss",
    "packing",
    "language_share",
    "language_warmup_steps",
)


@dataclass
class DeepSeekVLHFTrainingConfig(SFTConfig):
    """TRL's `SFTConfig` with a stage, the paper's defaults for it, and what the recipe needs beyond.

    Unset fields of `STAGE_DEFAULTS` take the stage's value (paper table 4). `bf16`, if unset, is on where an
    accelerator has it, so a CPU trains in fp32. The numbers of steps and rows are yours; the paper's are in the recipes.

    Steps are all language or all multimodal unless `train_sampling_strategy` asks for another order than "random".

    Args:
        stage: 1, 2 or 3.
        count_image_tokens: Whether image tokens count towards `max_length`.
        packing: Whether rows are packed to `max_length`; pictures are packed with their rows.
        isolate_rows: Whether the rows of a pack are kept from seeing each other.
        packing_lookahead: Rows among which packing finds what fills a pack.
        language_share: Share of steps without pictures; `None` stands for the share of such rows.
        language_warmup_steps: Steps over which that share falls from 1 (modality warm-up); a share of 0 or 1 has none.
        language_share_schedule: Shares by step, for a course that is no warm-up; straight lines between.
        language_share_sampling: "diffusion" keeps the share in every window of steps, "bernoulli" tosses coins.
        set_shares: Share of a set among the rows of its modality, by name; the others share what is left by their size.
        instruction_share: Share of the set "instructions", if there is one: the conversations that the paper mixes into
            stage 2, without saying how many.
        stream_lanes: Into how many lanes streamed sets are dealt; a multiple of the number of processes, which is the default.
            Rows per step are a multiple of it. Kept, it lets a run on another number of processes draw the same rows.
        stream_shuffle_buffer: Rows of a lane that are shuffled at a time; 0 leaves streams in their order.
        lr_drops: Factors on the learning rate, by the share of all steps from which they hold.
        max_bad_share: Share of rows that may be bad (a picture cannot be read, placeholders and pictures differ, ...); they
            are left out and counted, and training stops when they are more.
        skip_bad_steps: How many steps may be left out for a loss or a gradient that is not finite before training stops.
        gradient_checkpointing_parts: Parts whose layers recompute their activations, where `gradient_checkpointing` is on.
            Unset, the language model and, where it learns, SigLIP; frozen towers keep no activations anyway.
        feature_cache: Folder that keeps what frozen towers make of pictures, so that they run once; stages 1 and 2.
        feature_cache_gb: Gigabytes that it may take. In fp32 a picture takes 2.4 MB with the 1.3B, 27.5 MB with the 7B.
        vision_lr_scale, aligner_lr_scale, language_model_lr_scale: Factors on `learning_rate` for the parameters of
            a part, if the stage trains it. The paper gives one rate for all, so they are 1.

    Raises:
        ValueError: if there is no such stage, or a field is out of its range.
    """

    _VALID_DICT_FIELDS = [*SFTConfig._VALID_DICT_FIELDS, "lr_drops", "language_share_schedule", "set_shares"]

    stage: int | None = field(default=None, metadata={"help": "Stage of the recipe: 1, 2 or 3."})
    learning_rate: float | None = field(
        default=None, metadata={"help": "Peak learning rate. Unset, the stage's: 1e-3, 3e-5, 2e-5."}
    )
    lr_scheduler_type: str | None = field(
        default=None, metadata={"help": "Course of the learning rate. Unset, the stage's."}
    )
    lr_drops: dict | str | None = field(
        default=None,
        metadata={
            "help": "Factors on the learning rate by the share of all steps from which they hold. Unset, the stage's: in "
            "stage 2 {0.8: 0.316, 0.9: 0.1}; {} for none."
        },
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
    packing: bool | None = field(
        default=None, metadata={"help": "Whether rows are packed to max_length. Unset, true in stage 2 alone."}
    )
    isolate_rows: bool = field(
        default=True, metadata={"help": "Whether the rows of a pack are kept from seeing each other."}
    )
    packing_lookahead: int = field(
        default=1024, metadata={"help": "Rows among which packing finds what fills a pack."}
    )
    language_share: float | None = field(
        default=None,
        metadata={"help": "Share of steps without pictures. Unset, 0.7 in stage 2, else the share of such rows."},
    )
    language_warmup_steps: int | None = field(
        default=None, metadata={"help": "Steps over which that share falls from 1. Unset, 2000 in stage 2, else 0."}
    )
    language_share_schedule: dict | str | None = field(
        default=None, metadata={"help": "Shares by step, straight lines between, instead of a warm-up."}
    )
    language_share_sampling: str = field(
        default="diffusion",
        metadata={"help": "diffusion keeps the share in every window of steps, bernoulli tosses coins."},
    )
    set_shares: dict | str | None = field(
        default=None, metadata={"help": "Share of a set among the rows of its modality, by name. Unset, by its size."}
    )
    instruction_share: float = field(
        default=0.01, metadata={"help": "Share of the set of instructions, if there is one, in its modality."}
    )
    stream_lanes: int | None = field(
        default=None, metadata={"help": "Lanes that streamed sets are dealt to. Unset, the number of processes."}
    )
    stream_shuffle_buffer: int = field(
        default=0, metadata={"help": "Rows of a lane of a stream that are shuffled at a time; 0 for none."}
    )
    max_bad_share: float = field(
        default=0.01,
        metadata={"help": "Share of rows that may be bad; they are left out, counted and named in the log."},
    )
    skip_bad_steps: int = field(
        default=0,
        metadata={"help": "Steps with a loss or gradient that is not finite that are left out before stopping."},
    )
    gradient_checkpointing_parts: list[str] | None = field(
        default=None,
        metadata={
            "help": "Parts that recompute their activations: vision, language_model. Unset, those that keep any."
        },
    )
    feature_cache: str | None = field(
        default=None, metadata={"help": "Folder that keeps features of frozen towers, in stages 1 and 2."}
    )
    feature_cache_gb: float = field(default=100.0, metadata={"help": "Gigabytes that the folder may take."})
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
        for name in ("lr_drops", "language_share_schedule", "set_shares"):
            if isinstance(getattr(self, name), str):
                setattr(self, name, json.loads(getattr(self, name)))
        given = self.language_share is not None, self.language_warmup_steps is not None
        if self.language_share_schedule is not None and any(given):
            raise ValueError(
                "found language_share_schedule beside language_share or language_warmup_steps, expected either; the "
                "schedule {0: 1.0, 2000: 0.7} says what language_share=0.7 and language_warmup_steps=2000 say"
            )
        if self.language_share is None and self.language_warmup_steps and stage.language_share is None:
            raise ValueError(
                f"found language_warmup_steps={self.language_warmup_steps} without a share to fall to, expected "
                "language_share as well"
            )
        for name in STAGE_DEFAULTS:
            if getattr(self, name) is None:
                setattr(self, name, getattr(stage, name))
        if self.gradient_checkpointing_parts is None:
            self.gradient_checkpointing_parts = stage.keeps_activations
        if set(self.gradient_checkpointing_parts) - set(PARTS):
            raise ValueError(
                f"found gradient_checkpointing_parts={self.gradient_checkpointing_parts}, expected some of {', '.join(PARTS)}"
            )
        self.lr_drops = {float(start): float(factor) for start, factor in sorted(self.lr_drops.items())}
        if any(not 0 < start < 1 or factor < 0 for start, factor in self.lr_drops.items()):
            raise ValueError(
                f"found lr_drops={self.lr_drops}, expected factors of at least 0 by shares of all steps between 0 and 1, "
                "such as {0.8: 0.316, 0.9: 0.1}"
            )
        for name, share in {
            "max_bad_share": self.max_bad_share,
            "instruction_share": self.instruction_share,
            **{f"set_shares[{name!r}]": float(share) for name, share in (self.set_shares or {}).items()},
        }.items():
            if not 0 <= share <= 1:
                raise ValueError(f"found {name}={share}, expected a share between 0 and 1")
        if self.packing and not self.count_image_tokens:
            raise ValueError(
                "found packing=True with count_image_tokens=False, expected packs whose length counts everything in them; "
                "set count_image_tokens=True, or packing=False"
            )
        if self.feature_cache is not None and "vision" in stage.trains:
            raise ValueError(
                f"found feature_cache={self.feature_cache!r} in stage {self.stage}, which trains SigLIP, expected towers that are "
                "frozen; leave it out, or use it in stages 1 and 2"
            )
        if self.padding_free:
            raise ValueError("found padding_free=True, expected False; packing=True leaves hardly any padding")
        self.share_schedule  # noqa: B018 - a wrong share is an error now, not after the model is loaded
        if self.bf16 is None:
            self.bf16 = not self.fp16 and not self.use_cpu and is_torch_bf16_gpu_available()
        super().__post_init__()

    @property
    def share_schedule(self) -> ShareSchedule | None:
        """The course of the language share; `None` stands for the share of the data."""
        if self.language_share_schedule is not None:
            points = sorted((int(step), float(share)) for step, share in self.language_share_schedule.items())
            return ShareSchedule(tuple(points))
        if self.language_share is None:
            return None
        # One modality alone has nothing to warm up for, and perhaps no rows of the other.
        alone = self.language_share in (0, 1)
        return ShareSchedule.warmup(self.language_share, 0 if alone else self.language_warmup_steps)

    @property
    def lr_scales(self) -> dict[str, float]:
        """Factor on the learning rate by part."""
        return {
            "vision": self.vision_lr_scale,
            "aligner": self.aligner_lr_scale,
            "language_model": self.language_model_lr_scale,
        }
