"""DeepSeek-VL in the Hugging Face ecosystem; importing this package registers its Auto classes.

The one place that registers: afterwards `AutoModelForImageTextToText`, `AutoProcessor` and the other Auto classes load
official and own checkpoints. A transformers-native checkpoint stays the stock class's through Auto and becomes ours
through `DeepSeekVLHFForConditionalGeneration.from_pretrained`.

Registering needs our classes, and these need half of transformers, which `import transformers` itself leaves alone. So a
registry of transformers gets our entries when something is first looked up in it, and public names are imported when
they are first asked for: the import of this package costs next to nothing.
"""

import importlib
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder
from threading import RLock

from . import nano


__version__ = "0.1.0"

_MODULE_OF = {
    "DeepSeekVLHFConfig": "configuration_deepseek_vl_hf",
    "DeepSeekVLHFForConditionalGeneration": "modeling_deepseek_vl_hf",
    "DeepSeekVLHFImageProcessor": "image_processing_deepseek_vl_hf",
    "DeepSeekVLHFModel": "modeling_deepseek_vl_hf",
    "DeepSeekVLHFPreTrainedModel": "modeling_deepseek_vl_hf",
    "DeepSeekVLHFProcessor": "processing_deepseek_vl_hf",
    "DeepSeekVLHFSamConfig": "configuration_deepseek_vl_hf",
}


def _register_configurations():
    from transformers import AutoConfig

    from .configuration_deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFOfficialConfig

    AutoConfig.register("deepseek_vl_hf", DeepSeekVLHFConfig)
    AutoConfig.register("multi_modality", DeepSeekVLHFOfficialConfig)


def _register_models():
    from transformers import AutoModel, AutoModelForImageTextToText, AutoModelForMultimodalLM

    from .modeling_deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFForConditionalGeneration, DeepSeekVLHFModel

    AutoModel.register(DeepSeekVLHFConfig, DeepSeekVLHFModel)
    AutoModelForImageTextToText.register(DeepSeekVLHFConfig, DeepSeekVLHFForConditionalGeneration)
    AutoModelForMultimodalLM.register(DeepSeekVLHFConfig, DeepSeekVLHFForConditionalGeneration)


def _register_image_processors():
    from transformers import AutoImageProcessor

    from .configuration_deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFOfficialConfig
    from .image_processing_deepseek_vl_hf import DeepSeekVLHFImageProcessor, VLMImageProcessor

    for config, cls in (
        (DeepSeekVLHFConfig, DeepSeekVLHFImageProcessor),
        (DeepSeekVLHFOfficialConfig, VLMImageProcessor),
    ):
        AutoImageProcessor.register(config, image_processor_classes={"pil": cls, "torchvision": cls})


def _register_processors():
    from transformers import AutoProcessor

    from .configuration_deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFOfficialConfig
    from .processing_deepseek_vl_hf import DeepSeekVLHFProcessor, VLChatProcessor

    AutoProcessor.register(DeepSeekVLHFConfig, DeepSeekVLHFProcessor)
    AutoProcessor.register(DeepSeekVLHFOfficialConfig, VLChatProcessor)


# Module and name of each registry, and what fills it.
_REGISTRIES = {
    "transformers.models.auto.configuration_auto": {"CONFIG_MAPPING": _register_configurations},
    "transformers.models.auto.modeling_auto": {
        "MODEL_MAPPING": _register_models,
        "MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING": _register_models,
        "MODEL_FOR_MULTIMODAL_LM_MAPPING": _register_models,
    },
    "transformers.models.auto.image_processing_auto": {"IMAGE_PROCESSOR_MAPPING": _register_image_processors},
    "transformers.models.auto.processing_auto": {"PROCESSOR_MAPPING": _register_processors},
}
# `transformers serve` and pipelines know a model by its name in here alone.
_NAMES = {"transformers.models.auto.modeling_auto": "MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES"}
_LOCK, _DUE = RLock(), {register for kinds in _REGISTRIES.values() for register in kinds.values()}


class _Entries(dict):
    """What was registered from outside transformers; ours join when one of these is looked up."""

    def __init__(self, entries, register):
        super().__init__(entries)
        self.register = register

    def complete(self):
        with _LOCK:
            if self.register in _DUE:
                _DUE.remove(self.register)
                self.register()
        return super()

    def __contains__(self, key):
        return self.complete().__contains__(key)

    def __getitem__(self, key):
        return self.complete().__getitem__(key)

    def __iter__(self):
        return self.complete().__iter__()

    def __len__(self):
        return self.complete().__len__()

    def keys(self):
        return self.complete().keys()

    def values(self):
        return self.complete().values()

    def items(self):
        return self.complete().items()


def _await_lookups(module):
    for name, register in _REGISTRIES[module.__name__].items():
        registry = getattr(module, name)
        registry._extra_content = _Entries(registry._extra_content, register)
    if module.__name__ in _NAMES:
        getattr(module, _NAMES[module.__name__])["deepseek_vl_hf"] = "DeepSeekVLHFForConditionalGeneration"


class _AfterImport(MetaPathFinder):
    """Reaches a registry as soon as it exists. Nothing of ours is imported then, so import cycles cannot arise."""

    def find_spec(self, fullname, path=None, target=None):
        spec = PathFinder.find_spec(fullname, path) if fullname in _REGISTRIES else None
        if spec is not None:
            load = spec.loader.exec_module

            def exec_module(module):
                load(module)
                _await_lookups(module)

            spec.loader.exec_module = exec_module
        return spec


for _name in _REGISTRIES.keys() & sys.modules.keys():
    _await_lookups(sys.modules[_name])
sys.meta_path.insert(0, _AfterImport())


def __getattr__(name):
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_MODULE_OF[name]}", __name__), name)


def __dir__():
    return sorted({*globals(), *_MODULE_OF})


__all__ = [*_MODULE_OF, "nano"]
