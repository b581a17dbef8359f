"""vLLM calls `register` when it starts; afterwards it serves DeepSeek-VL checkpoints of every layout with our classes.

It finds the function through the entry point `vllm.general_plugins` and calls it in each of its processes. Nobody has to
trust code that lies beside weights: the classes are this package's. Where the package is not installed, vLLM's
`--trust-remote-code` runs the same files from a folder in our own layout.

A checkpoint in the native layout would be for transformers' own classes, which vLLM cannot serve: their processor does
not say how many tokens a picture takes.
"""

ARCHITECTURE = "DeepSeekVLHFForConditionalGeneration"


def register() -> None:
    """Make vLLM read every layout; calling it again changes nothing."""
    from transformers import CONFIG_MAPPING, AutoConfig
    from vllm import ModelRegistry
    from vllm.transformers_utils import processors

    from ..processing_deepseek_vl_hf import DeepSeekVLHFProcessor

    _ = CONFIG_MAPPING[
        "deepseek_vl_hf"
    ]  # this package registers when something is looked up, so that what follows stays
    for model_type in ("multi_modality", "deepseek_vl", "deepseek_vl_hybrid"):
        AutoConfig.register(model_type, _reader_of(model_type), exist_ok=True)
    for name in ("DeepseekVLProcessor", "DeepseekVLHybridProcessor"):
        setattr(processors, name, DeepSeekVLHFProcessor)
    read_byte_level_tokenizers()
    # By name: whoever only reads arguments should not have to import the engine.
    ModelRegistry.register_model(ARCHITECTURE, f"{__package__}.vllm_model:TransformersMultiModalForCausalLM")


def read_byte_level_tokenizers() -> None:
    """Have the transformers that vLLM pins believe an official `tokenizer.json` rather than the class named beside it.

    From 5.23 on it does so itself; before, the tokenizer would put spaces where DeepSeek's has letters.
    """
    from transformers.models.auto.tokenization_auto import TOKENIZER_MAPPING_NAMES

    TOKENIZER_MAPPING_NAMES.setdefault("deepseek_vl_hf", "TokenizersBackend")


def _reader_of(model_type: str) -> type:
    """What finds a `config.json` of another layout under its `model_type` and reads it as ours."""
    from ..configuration_deepseek_vl_hf import DeepSeekVLHFConfig

    class Reader(DeepSeekVLHFConfig):
        @classmethod
        def from_dict(cls, config_dict, **kwargs):
            read = super().from_dict(config_dict, **kwargs)
            for config in read if isinstance(read, tuple) else (read,):
                if isinstance(config, DeepSeekVLHFConfig):
                    config.architectures = [ARCHITECTURE]  # by which vLLM looks for the class
            return read

    Reader.model_type = model_type
    return Reader
