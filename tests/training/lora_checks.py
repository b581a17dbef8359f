"""Adapters as the scripts make them, and what a trainer leaves of the base and of them."""

from trl import ModelConfig

from deepseek_vl_hf.training import peft_config_for


def lora(target="language", random=True, **kwargs):
    """An adapter as the scripts make it, whose second matrices are random rather than zero where asked for."""
    config = peft_config_for(
        ModelConfig(use_peft=True, lora_r=4, lora_dropout=0.0, lora_target_modules=[target], **kwargs)
    )
    config.init_lora_weights = not random
    return config


def losses(trainer):
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def plain_name(name):
    """A parameter's name before PEFT wrapped the model."""
    return name.removeprefix("base_model.model.").replace(".base_layer", "").replace(".original_module", "")


def base_weights(model):
    """Weights of the base by their plain names."""
    state = model.state_dict().items()
    return {
        plain_name(name): value for name, value in state if ".lora_" not in name and ".modules_to_save" not in name
    }


def learned_weights(model):
    return {name: weight.detach().clone() for name, weight in model.named_parameters() if weight.requires_grad}
