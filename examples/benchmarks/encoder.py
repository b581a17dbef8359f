"""Our encoder beside transformers' own, at the 7B's tower sizes: time, peak memory, largest difference.

Both hold the same random weights and read the same random pictures, in one process and in turn. On a CPU, peak memory is
the growth of the resident set while a pass runs; on a GPU, what torch's allocator counted. Both are beyond the weights, and
with `--backward`, which runs forward and backward, they hold the gradients. TF32 is off.

    python examples/benchmarks/encoder.py [--runs 3] [--batch-size 1] [--device cuda --dtype bfloat16] [--backward]
"""

import argparse
import gc
import statistics
import threading
import time
from pathlib import Path

import torch
from transformers import DeepseekVLHybridConfig, DeepseekVLHybridModel

from deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFModel
from deepseek_vl_hf.layouts_deepseek_vl_hf import config_for


TINY_TEXT = {  # the language model takes no part
    "model_type": "llama",
    "vocab_size": 512,
    "hidden_size": 64,
    "intermediate_size": 64,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
}


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


class Peak:
    """Watches how far memory rises above where it was."""

    def __init__(self, device: str):
        self.cuda = device == "cuda"

    def __enter__(self):
        gc.collect()
        if self.cuda:
            torch.cuda.synchronize()
            torch.cuda.reset_peak_memory_stats()
            self.start = torch.cuda.memory_allocated()
            return self
        self.start = self.highest = resident()
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def _watch(self):
        while not self.done.wait(0.002):
            self.highest = max(self.highest, resident())

    def __exit__(self, *_):
        if self.cuda:
            torch.cuda.synchronize()
            self.bytes = torch.cuda.max_memory_allocated() - self.start
        else:
            self.done.set()
            self.thread.join()
            self.bytes = self.highest - self.start


def make_models(dtype: torch.dtype) -> dict[str, torch.nn.Module]:
    """The same weights, on torch's default device, in our class and in transformers' with each of its attentions."""
    torch.manual_seed(0)
    ours = DeepSeekVLHFModel(DeepSeekVLHFConfig.from_preset("7b", text_config=TINY_TEXT, image_token_id=511))
    with torch.no_grad():
        for parameter in ours.parameters():  # zeros, as alpha and relative positions start, would hide a difference
            parameter.add_(torch.randn_like(parameter) * 0.02)
    stock_config = DeepseekVLHybridConfig.from_dict(config_for("native", ours.config.to_dict()))
    models = {"ours": ours}
    for attention in ("sdpa", "eager"):
        stock_config._attn_implementation = attention
        stock = DeepseekVLHybridModel._from_config(stock_config, attn_implementation=attention)
        weights = ours.vision_model.state_dict()
        stock.vision_model.load_state_dict(
            {key.removeprefix("low_res."): value for key, value in weights.items() if key.startswith("low_res.")}
        )
        high = {key.removeprefix("high_res."): value for key, value in weights.items() if key.startswith("high_res.")}
        body = ("pos_embed", "layers.", "neck.")
        encoder = {key: value for key, value in high.items() if key.startswith(body)}
        for kind in ("weight", "bias"):
            encoder[f"patch_embed.projection.{kind}"] = high[f"patch_embed.{kind}"]
        stock.high_res_vision_model.vision_encoder.load_state_dict(encoder)
        stock.high_res_vision_neck.load_state_dict(
            {key.removeprefix("global_neck."): value for key, value in high.items() if key.startswith("global_neck.")}
        )
        stock.high_res_vision_proj.conv1.weight.data.copy_(high["downsample.0.weight"])
        stock.high_res_vision_proj.conv2.weight.data.copy_(high["downsample.1.weight"])
        stock.high_res_vision_alpha.data.copy_(high["alpha"])
        stock.aligner.vision_proj.load_state_dict(ours.aligner.low_res_proj.state_dict())
        stock.aligner.high_res_vision_proj.load_state_dict(ours.aligner.high_res_proj.state_dict())
        stock.aligner.proj.load_state_dict(ours.aligner.proj.state_dict())
        models[f"transformers, {attention}"] = stock
    return {name: model.eval().to(dtype) for name, model in models.items()}


@torch.no_grad()
def compare(models: dict[str, torch.nn.Module], pixels: list[torch.Tensor], runs: int, backward: bool) -> None:
    """Measure in turn and print a table."""
    device = pixels[0].device.type
    seconds, peaks, features = ({name: [] for name in models} for _ in range(3))
    for run in range(runs + 1):  # the first warms up
        for name, model in models.items():
            model.zero_grad()
            with Peak(device) as peak, torch.set_grad_enabled(backward):
                start = time.perf_counter()
                output = model.get_image_features(*pixels).pooler_output
                if backward:
                    output.float().square().mean().backward()
                if device == "cuda":
                    torch.cuda.synchronize()
                elapsed = time.perf_counter() - start
            if run:
                seconds[name].append(elapsed)
                peaks[name].append(peak.bytes)
            features[name] = output.detach().float().cpu()
            del output
    print("| encoder | seconds | time / ours | peak memory | peak / ours | largest difference |")
    print("|---|---|---|---|---|---|")
    for name in models:
        ratio = statistics.median(theirs / ours for theirs, ours in zip(seconds[name], seconds["ours"], strict=True))
        memory, mine = statistics.median(peaks[name]), statistics.median(peaks["ours"])
        difference = (features[name] - features["ours"]).abs().max().item()
        print(
            f"| {name} | {statistics.median(seconds[name]):.4g} | {ratio:.2f} | {memory / 2**20:.0f} MiB | "
            f"{memory / mine:.2f} | {difference:.1e} |"
        )


def main() -> None:
    """Make models and pictures, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=1, help="pictures")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--backward", action="store_true", help="run forward and backward")
    args = parser.parse_args()

    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    dtype, generator = getattr(torch, args.dtype), torch.Generator().manual_seed(1)
    with torch.device(args.device):
        models = make_models(dtype)
    shapes = [(args.batch_size, 3, size, size) for size in (384, 1024)]
    pixels = [torch.randn(shape, generator=generator).to(args.device, dtype) for shape in shapes]
    where = f"{torch.get_num_threads()} threads" if args.device == "cpu" else torch.cuda.get_device_name()
    print(f"{args.batch_size} picture(s), {args.dtype}{', with backward pass' * args.backward}, {where}")
    compare(models, pixels, args.runs, args.backward)


if __name__ == "__main__":
    main()
