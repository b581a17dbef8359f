"""Put together what stage 1 starts from: towers and aligner that see, a language model that reads.

WORK/eyes.pt, WORK/language_model  ->  WORK/start: model and processor

python examples/recipes/nano/next/assemble.py --work WORK
"""

import argparse
from pathlib import Path

from see import load_eyes
from shape import make_config
from transformers import AutoTokenizer, LlamaForCausalLM

from deepseek_vl_hf import (
    DeepSeekVLHFForConditionalGeneration,
    DeepSeekVLHFImageProcessor,
    DeepSeekVLHFProcessor,
)


def assemble(work: Path, language_model: Path, output: Path) -> None:
    """Save the whole model with its processor."""
    learned = LlamaForCausalLM.from_pretrained(language_model)
    config = make_config(vocab_size=learned.config.vocab_size)
    model = DeepSeekVLHFForConditionalGeneration(config)
    eyes = load_eyes(work)
    model.model.vision_model.load_state_dict(eyes.vision_model.state_dict())
    model.model.aligner.load_state_dict(eyes.aligner.state_dict())
    model.model.language_model.load_state_dict(learned.model.state_dict())
    model.lm_head.load_state_dict(learned.lm_head.state_dict())
    model.save_pretrained(output)
    processor = DeepSeekVLHFProcessor(
        DeepSeekVLHFImageProcessor.from_config(config),
        AutoTokenizer.from_pretrained(language_model),
        num_image_tokens=config.num_visual_tokens,
    )
    processor.save_pretrained(output)


def main() -> None:
    """Assemble and save."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True)
    args = parser.parse_args()
    assemble(args.work, args.work / "language_model", args.work / "start")


if __name__ == "__main__":
    main()
