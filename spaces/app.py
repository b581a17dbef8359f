"""The Space: `model.txt` or the variable DEEPSEEK_VL_MODEL names a model, and visitors talk with it.

Beside this file lies the package `deepseek_vl_hf`, which `deepseek-vl push-space` puts there.
"""

import os
from pathlib import Path

import spaces  # noqa: F401  before torch: on ZeroGPU it stands in for CUDA
import torch

from deepseek_vl_hf.demo import build, launch_options
from deepseek_vl_hf.loading import load


name = os.environ.get("DEEPSEEK_VL_MODEL") or Path(__file__).with_name("model.txt").read_text().strip()
model, processor = load(name)
model.eval()
if torch.cuda.is_available():
    model.to("cuda")
demo = build(model, processor, name)

if __name__ == "__main__":
    demo.launch(**launch_options())
