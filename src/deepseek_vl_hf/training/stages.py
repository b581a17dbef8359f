"""The three stages of the recipe as data, and the functions that prepare a model for one of them.

A `DeepSeekVLHFForConditionalGeneration` comes in; it goes out with gradients on in exactly the parts that the stage
trains. SAM's body learns in no stage (paper section 2.3); its necks, down-sampling convolutions and `alpha` bring its
features onto the aligner's grid, so they learn with the aligner.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from peft import PeftModel
from torch import nn
from transformers.modeling_layers import GradientCheckpointingLayer

from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration


# Dotted names below the model. What no part names, SAM's patch embedding, positions and layers, never learns.
PARTS: dict[str, tuple[str, ...]] = {
    "vision": ("model.vision_model.low_res",),
    "aligner": ("model.aligner",),
    "language_model": ("model.language_model", "lm_head"),
}
# Learn with the aligner, in models that have a high-resolution tower. `alpha` is a parameter, not a module.
HIGH_RES_BRIDGE: tuple[str, ...] = (
    "model.vision_model.high_res.neck",
    "model.vision_model.high_res.global_neck",
    "model.vision_model.high_res.downsample",
    "model.vision_model.high_res.alpha",
)


@dataclass(frozen=True)
class Stage:
    """One stage of the recipe: what learns, and the defaults of its training configuration (paper table 4).

    Args:
        trains: Names of the parts that learn; keys of `PARTS`.
        learning_rate: Peak learning rate. For stage 2 the 1.3B's; the 7B has 4.2e-5.
        lr_scheduler_type: Course of the learning rate after its warm-up, by transformers' name.
        warmup_steps: Optimizer steps over which the learning rate rises from 0.
        max_length: Tokens that a row may have.
        count_image_tokens: Whether image tokens count towards `max_length`.
        assistant_only_loss: Whether conversations learn only what the assistant says.
        needs_images: Whether every row must have a picture, because nothing else reaches a part that learns.
        packing: Whether rows are packed to `max_length`.
        lr_drops: Factors on the learning rate, by the share of all steps from which they hold.
        language_share: Share of steps without pictures, or `None` for the share of such rows in the data.
        language_warmup_steps: Steps over which that share falls from 1.
    """

    trains: tuple[str, ...]
    learning_rate: float
    lr_scheduler_type: str
    warmup_steps: int
    max_length: int
    count_image_tokens: bool
    assistant_only_loss: bool
    needs_images: bool
    packing: bool = False
    lr_drops: Mapping[float, float] = field(default_factory=dict)
    language_share: float | None = None
    language_warmup_steps: int = 0

    @property
    def keeps_activations(self) -> list[str]:
        """Parts whose layers keep activations for the backward pass: gradients pass the language model in every stage."""
        return ["language_model", *(["vision"] if "vision" in self.trains else [])]


STAGES: dict[int, Stage] = {
    1: Stage(
        trains=("aligner",),
        learning_rate=1e-3,
        lr_scheduler_type="cosine",
        warmup_steps=128,
        # The paper's 512 is less than the 576 image tokens of one picture, so it can only be the length of the text.
        max_length=512,
        count_image_tokens=False,
        assistant_only_loss=True,
        needs_images=True,
    ),
    2: Stage(
        trains=("aligner", "language_model"),
        learning_rate=3e-5,
        lr_scheduler_type="constant_with_warmup",
        warmup_steps=2000,
        max_length=4096,
        count_image_tokens=True,
        assistant_only_loss=False,
        needs_images=False,
        packing=True,
        # The paper says "step" alone; these are DeepSeek LLM's (paper section 2.3 there).
        lr_drops={0.8: 0.316, 0.9: 0.1},
        language_share=0.7,
        # The paper gives no length; as long as the warm-up of the learning rate.
        language_warmup_steps=2000,
    ),
    3: Stage(
        trains=("vision", "aligner", "language_model"),
        learning_rate=2e-5,
        lr_scheduler_type="cosine",
        warmup_steps=256,
        max_length=4096,
        count_image_tokens=True,
        assistant_only_loss=True,
        needs_images=False,
    ),
}


def stage_of(number: int) -> Stage:
    """Look a stage up by its number.

    Raises:
        ValueError: if there is no such stage.
    """
    if number not in STAGES:
        raise ValueError(
            f"found stage={number!r}, expected one of {', '.join(map(str, STAGES))}; "
            "1 warms the aligner up, 2 pretrains aligner and language model, 3 tunes on conversations"
        )
    return STAGES[number]


def base_of(model: DeepSeekVLHFForConditionalGeneration | PeftModel) -> DeepSeekVLHFForConditionalGeneration:
    """The model itself, where PEFT has wrapped it."""
    return model.get_base_model() if isinstance(model, PeftModel) else model


def parameters_by_part(
    model: DeepSeekVLHFForConditionalGeneration | PeftModel,
) -> dict[str, list[nn.Parameter]]:
    """List the parameters of each part that some stage trains, adapters among them.

    A language model whose head shares the embedding lists that weight once. An adapter of SAM's body, which learns in no stage,
    counts to "vision".

    Raises:
        AttributeError: if a path names nothing in the model.
    """
    model, found = base_of(model), {}
    for part, paths in PARTS.items():
        if part == "aligner" and model.model.vision_model.high_res is not None:
            paths = paths + HIGH_RES_BRIDGE
        parameters = []
        for path in paths:
            parent, _, name = path.rpartition(".")
            target = getattr(model.get_submodule(parent), name)
            parameters += [target] if isinstance(target, nn.Parameter) else list(target.parameters())
        if part == "vision":
            parameters += [weight for name, weight in model.model.vision_model.named_parameters() if ".lora_" in name]
        found[part] = list(dict.fromkeys(parameters))
    return found


def count_learning(model: DeepSeekVLHFForConditionalGeneration | PeftModel) -> dict[str, int]:
    """Count the learning parameters of each part, and the rest of the model as "frozen"."""
    counts = {
        part: sum(parameter.numel() for parameter in parameters if parameter.requires_grad)
        for part, parameters in parameters_by_part(model).items()
    }
    counts["frozen"] = sum(parameter.numel() for parameter in model.parameters() if not parameter.requires_grad)
    return counts


def freeze_for(model: DeepSeekVLHFForConditionalGeneration, stage: int | Stage) -> dict[str, int]:
    """Leave gradients on in exactly the parts that a stage trains.

    For plain models: with PEFT the adapters decide what learns, so a `PeftModel` is refused.

    Args:
        model: Changed in place, but only after every name was found in it.
        stage: A stage, or its number.

    Returns:
        Number of learning parameters by part, with 0 for frozen parts and the rest of the model as "frozen".

    Raises:
        ValueError: if the stage or one of its parts is unknown, or the model is wrapped by PEFT.
        AttributeError: if a part's path names nothing in the model.
    """
    if not isinstance(model, DeepSeekVLHFForConditionalGeneration):
        raise ValueError(
            f"found a {type(model).__name__}, expected a DeepSeekVLHFForConditionalGeneration; freeze before other "
            "libraries wrap the model, and leave freezing to PEFT when training adapters"
        )
    stage = stage if isinstance(stage, Stage) else stage_of(stage)
    unknown = set(stage.trains) - set(PARTS)
    if unknown:
        raise ValueError(f"found unknown parts {sorted(unknown)}, expected some of {', '.join(PARTS)}")
    parts = parameters_by_part(model)
    model.requires_grad_(False)
    for part in stage.trains:
        for parameter in parts[part]:
            parameter.requires_grad_(True)
    return count_learning(model)


def recompute_only(model: DeepSeekVLHFForConditionalGeneration | PeftModel, parts: Iterable[str]) -> None:
    """Of the layers that recompute their activations in the backward pass, leave those of some parts.

    `activation_checkpointing_enable` covers all parts.

    Args:
        model: Changed in place.
        parts: Keys of `PARTS`. The aligner has no layers, so naming it changes nothing.

    Raises:
        ValueError: if there is no such part.
    """
    parts = set(parts)
    if parts - set(PARTS):
        raise ValueError(f"found unknown parts {sorted(parts - set(PARTS))}, expected some of {', '.join(PARTS)}")
    model = base_of(model)
    kept = {module for part in parts for path in PARTS[part] for module in model.get_submodule(path).modules()}
    high_res = model.model.vision_model.high_res
    if "vision" in parts and high_res is not None:  # SAM's layers are of no part, but an adapter may learn there
        kept |= {layer for layer in high_res.layers if any(weight.requires_grad for weight in layer.parameters())}
    for module in model.modules():
        if isinstance(module, GradientCheckpointingLayer) and module not in kept:
            module.gradient_checkpointing = False


def free_inputs(model: nn.Module) -> None:
    """Let what embeddings give want gradients only where something learns, in place.

    `activation_checkpointing_enable`, PEFT and TRL each hang hooks on all embeddings, SigLIP's too, which make their outputs want
    gradients, where activations are recomputed. Frozen towers would then keep activations and run backwards for nobody.
    transformers' `disable_input_require_grads` knows the last of these hooks alone.
    """
    for module in model.modules():
        for key, hook in list(module._forward_hooks.items()):
            if getattr(hook, "__name__", "").startswith("make_inputs_require_grad"):
                del module._forward_hooks[key]
