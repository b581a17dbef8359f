"""Put together what stage 1 starts from: two towers that see, a language model that reads, a fresh aligner.

WORK/low_res.pt, high_res.pt, language_model  ->  WORK/start: model and processor

python examples/recipes/nano/assemble.py --work WORK
"""

import argparse
from pathlib import Path

import torch
from transformers import AutoTokenizer, LlamaForCausalLM

from deepseek_vl_hf import (
    DeepSeekVLHFConfig,
    DeepSeekVLHFForConditionalGeneration,
    DeepSeekVLHFImageProcessor,
    DeepSeekVLHFProcessor,
)


def main() -> None:
    """Assemble and save."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0, help="for the aligner")
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    config = DeepSeekVLHFConfig.from_preset("nano")
    model = DeepSeekVLHFForConditionalGeneration(config)
    for name in ("low_res", "high_res"):
        learned = torch.load(args.work / f"{name}.pt", weights_only=True)["model"]
        tower = {key.removeprefix("tower."): value for key, value in learned.items() if key.startswith("tower.")}
        model.model.vision_model.get_submodule(name).load_state_dict(tower)
    language_model = LlamaForCausalLM.from_pretrained(args.work / "language_model")
    model.model.language_model.load_state_dict(language_model.model.state_dict())
    model.lm_head.load_state_dict(language_model.lm_head.state_dict())
    model.save_pretrained(args.work / "start")
    processor = DeepSeekVLHFProcessor(
        DeepSeekVLHFImageProcessor.from_config(config),
        AutoTokenizer.from_pretrained(args.work / "language_model"),
        num_image_tokens=config.num_visual_tokens,
    )
    processor.save_pretrained(args.work / "start")


if __name__ == "__main__":
    main()
