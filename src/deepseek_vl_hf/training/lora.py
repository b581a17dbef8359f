"""TRL's `ModelConfig` comes in; what PEFT and bitsandbytes need to train adapters of DeepSeek-VL goes out.

`--use_peft` and all `--lora_*` arguments mean what they mean in TRL's own scripts. What is ours are names for what an adapter
goes on, since the usual `q_proj` would hit SigLIP as well as the language model:

    language           attention and MLP of the language model: 7 matrices per layer
    language+aligner   the same; the aligner, which is small, learns whole beside it
    towers             attention and MLP of SigLIP and, where there is one, of SAM
    all                all of these

Anything else in `lora_target_modules` goes to PEFT as it is.
"""

from dataclasses import dataclass
from typing import Any

import torch
from accelerate import PartialState
from peft import LoraConfig
from peft.utils import ModulesToSaveWrapper
from torch import nn
from trl import ModelConfig, get_peft_config, get_quantization_config


# PEFT matches a module's whole name. These start at the root of the model, with or without its head, and name every step of
# the way, so that none can match in another part.
LANGUAGE = r"(model\.)?language_model\.layers\.\d+\.(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)"
SIGLIP = r"(model\.)?vision_model\.low_res\.encoder\.layers\.\d+\.(self_attn\.([qkv]|out)_proj|mlp\.fc[12])"
SAM = r"(model\.)?vision_model\.high_res\.layers\.\d+\.(attn\.(qkv|proj)|mlp\.lin[12])"


@dataclass(frozen=True)
class Target:
    """What an adapter goes on.

    Args:
        modules: Regular expression of the names of linear layers that get a pair of low-rank matrices.
        whole: Names of modules that learn whole, and are saved whole with the adapter.
    """

    modules: str
    whole: tuple[str, ...] = ()


TARGETS: dict[str, Target] = {
    "language": Target(LANGUAGE),
    "language+aligner": Target(LANGUAGE, whole=("aligner",)),
    "towers": Target(f"{SIGLIP}|{SAM}"),
    "all": Target(f"{LANGUAGE}|{SIGLIP}|{SAM}", whole=("aligner",)),
}


def peft_config_for(model_args: ModelConfig) -> LoraConfig | None:
    """Make the configuration of an adapter.

    Args:
        model_args: TRL's; `lora_target_modules` may name one or several of `TARGETS`, and unset it is "language".

    Returns:
        `None` without `use_peft`. The configuration has no task type: PEFT's are of models that read text alone, and
        `AutoPeftModel` takes none.

    Raises:
        ValueError: if `lora_target_modules` mixes names of `TARGETS` with others, or is a word that is neither a name of `TARGETS`
            nor of PEFT's.
    """
    config = get_peft_config(model_args)
    if config is None:
        return None
    config.task_type = None
    if model_args.model_revision != "main":
        config.revision = model_args.model_revision  # PEFT and we load the base from it
    wanted = model_args.lora_target_modules or "language"
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    if set(names) <= set(TARGETS):
        targets = [TARGETS[name] for name in names]
        config.target_modules = "|".join(target.modules for target in targets)
        whole = [name for target in targets for name in target.whole] + (model_args.lora_modules_to_save or [])
        config.modules_to_save = list(dict.fromkeys(whole)) or None
    elif set(names) & set(TARGETS) or (isinstance(wanted, str) and wanted.replace("+", "").isidentifier()):
        raise ValueError(
            f"found lora_target_modules={wanted!r}, expected some of {', '.join(TARGETS)}; or else all-linear, a regular "
            "expression of whole names of modules, or at least two ends of such names, as q_proj v_proj"
        )
    return config


def quantization_for(model_args: ModelConfig) -> dict[str, Any]:
    """Make the arguments of `from_pretrained` that `load_in_4bit` or `load_in_8bit` ask for; none without them.

    Only the language model's layers are quantised: `DeepSeekVLHFForConditionalGeneration.from_pretrained` keeps towers, aligner and
    head whole.

    Raises:
        ValueError: if weights are to be quantised and nothing is to learn beside them.
    """
    quantization = get_quantization_config(model_args)
    if quantization is None:
        return {}
    if not model_args.use_peft:
        raise ValueError(
            "found load_in_4bit or load_in_8bit without use_peft, expected an adapter that learns beside weights of few bits, "
            "which cannot learn themselves; add --use_peft"
        )
    return {"quantization_config": quantization, "device_map": {"": PartialState().device}}


def keep_precision(model: nn.Module, autocast: bool, fresh: bool) -> None:
    """Have modules that learn whole beside an adapter learn in fp32, in place, or without autocast in the type of their weights.

    PEFT leaves them in the type of the base, and beside weights of few bits TRL makes bf16 of all that learns. Steps of a usual rate
    are smaller than bf16 can show, and without autocast an aligner in bf16 does not take what towers in fp32 give.

    Args:
        model: Wrapped by PEFT or not.
        autocast: Whether products are cast to a lower precision as they are made.
        fresh: Whether nothing has learned yet, so that the values are the base's too.
    """
    for module in model.modules():
        if isinstance(module, ModulesToSaveWrapper):
            weights = list(module.original_module.parameters())
            dtype = torch.float32 if autocast or not weights else weights[0].dtype
            for learning in module.modules_to_save.values():
                if any(weight.dtype != dtype for weight in learning.parameters()):
                    learning.to(dtype)
                    if fresh:
                        learning.load_state_dict(module.original_module.state_dict())
