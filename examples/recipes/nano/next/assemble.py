"""Put together what stage 1 starts from: towers and aligner that see, a language model that reads.

WORK/together.pt, WORK/language_model  ->  WORK/start: model and processor

python examples/recipes/nano/next/assemble.py --work WORK
"""

import argparse
from pathlib import Path

import torch
from shape import make_config
from transformers import AutoConfig, AutoTokenizer

from deepseek_vl_hf import (
    DeepSeekVLHFForConditionalGeneration,
    DeepSeekVLHFImageProcessor,
    DeepSeekVLHFProcessor,
)


def assemble(together: Path, language_model: Path, output: Path) -> None:
    """Save the whole model with its processor."""
    tokenizer = AutoTokenizer.from_pretrained(language_model)
    config = make_config(vocab_size=AutoConfig.from_pretrained(language_model).vocab_size)
    model = DeepSeekVLHFForConditionalGeneration(config)
    state = torch.load(together, weights_only=True)["model"]
    for name, module in (
        ("eyes.vision_model", model.model.vision_model),
        ("reader.aligner", model.model.aligner),
        ("reader.language_model.model", model.model.language_model),
        ("reader.language_model.lm_head", model.lm_head),
    ):
        prefix = f"{name}."
        module.load_state_dict(
            {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
        )
    model.save_pretrained(output)
    processor = DeepSeekVLHFProcessor(
        DeepSeekVLHFImageProcessor.from_config(config),
        tokenizer,
        num_image_tokens=config.num_visual_tokens,
    )
    processor.save_pretrained(output)


def main() -> None:
    """Assemble and save."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()
    assemble(args.work / "together.pt", args.work / "language_model", args.work / "start")


if __name__ == "__main__":
    main()
