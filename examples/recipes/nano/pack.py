"""Write a trained nano as it ships: fp16 on disk, fp32 once loaded, with its processor.

python examples/recipes/nano/pack.py --model WORK/stage3 --output src/deepseek_vl_hf/nano
"""

import argparse
import json
from pathlib import Path

import torch

import deepseek_vl_hf
from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration, DeepSeekVLHFProcessor


MODEL_FILES = [path.name for path in Path(deepseek_vl_hf.__file__).parent.glob("*_deepseek_vl_hf.py")]
LIMIT = 16_000_000  # bytes; the folder travels in the wheel


def main() -> None:
    """Convert, save, check the size."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True, help="files of the same names are overwritten")
    args = parser.parse_args()

    model = DeepSeekVLHFForConditionalGeneration.from_pretrained(args.model, dtype=torch.float16)
    model.save_pretrained(args.output)
    DeepSeekVLHFProcessor.from_pretrained(args.model).save_pretrained(args.output)
    # The code is in the package already, so the folder needs no copy of it and no reference to one.
    for name in MODEL_FILES:
        (args.output / name).unlink(missing_ok=True)
    for path in args.output.glob("*.json"):
        fields = json.loads(path.read_text(encoding="utf-8"))
        for part in (fields, *(value for value in fields.values() if isinstance(value, dict))):
            part.pop("auto_map", None)
            # Halves on disk are for size only: a CPU computes faster, and the scores were measured, in fp32.
            if part.get("dtype") == "float16":
                part["dtype"] = "float32"
        if path.name != "tokenizer.json":
            path.write_text(json.dumps(fields, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    size = sum(file.stat().st_size for file in args.output.iterdir() if file.is_file())
    print(f"{args.output}: {size / 1e6:.2f} MB")
    if size > LIMIT:
        raise SystemExit(f"found {size} bytes, expected at most {LIMIT}: make the model smaller")


if __name__ == "__main__":
    main()
