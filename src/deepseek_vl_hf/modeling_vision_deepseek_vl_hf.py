"""The hybrid encoder: one picture, seen twice, becomes two feature maps on the same grid.

    pixel_values            (B, 3, 384, 384)    -> low_res  (SigLIP)                    -> (B, N, C_low)
    high_res_pixel_values   (B, 3, 1024, 1024)  -> high_res (SAM, necks, down-sampling) -> (B, N, C_high)

Shapes: B pictures, N visual tokens (576), D tower width, K neck width, H and W patches down and across a picture or
window, P = H * W, A attention heads, E width of a head, G side of the interpolated grid (96).

SAM's attention adds a bias that depends on the query and on how far a key is away, down and across. The sum of the two
is a (A, P, P) tensor, 805 MB in fp32 for one picture of 1024 pixels; nothing here builds it.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.attention.flex_attention import flex_attention as torch_flex_attention
from torch.utils.checkpoint import checkpoint
from transformers import initialization as init
from transformers.activations import ACT2FN
from transformers.modeling_layers import GradientCheckpointingLayer
from transformers.modeling_outputs import BaseModelOutput, BaseModelOutputWithPooling
from transformers.modeling_utils import PreTrainedModel
from transformers.models.siglip.modeling_siglip import SiglipVisionModel
from transformers.utils.generic import merge_with_config_defaults
from transformers.utils.import_utils import is_torchdynamo_compiling
from transformers.utils.output_capturing import capture_outputs

from .configuration_deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFSamConfig


# Elements of bias that the chunked form holds at a time: enough to keep a GPU busy; on a CPU 256 queries of SAM-B's
# global attention, from where on its kernel works in its largest blocks (examples/benchmarks/encoder.py).
CHUNK_ELEMENTS = {"cpu": 12 * 256 * 4096, "cuda": 2**27}


@dataclass
class DeepSeekVLHFVisionOutput(BaseModelOutputWithPooling):
    """What the encoder and `get_image_features` return.

    Args:
        last_hidden_state (`torch.Tensor` of shape `(num_images, num_visual_tokens, low_res_width)`):
            SigLIP's features after its last norm.
        pooler_output (`torch.Tensor` of shape `(num_images, num_visual_tokens, hidden_size)`):
            Visual tokens: both towers' features through the aligner. The encoder alone leaves it `None`.
        high_res_last_hidden_state (`torch.Tensor` of shape `(num_images, num_visual_tokens, high_res_width)`):
            SAM's features on SigLIP's grid; `None` without a high-resolution tower.
        high_res_hidden_states, high_res_attentions:
            Per layer of SAM, when asked for.
    """

    high_res_last_hidden_state: torch.Tensor | None = None
    high_res_hidden_states: tuple[torch.Tensor, ...] | None = None
    high_res_attentions: tuple[torch.Tensor, ...] | None = None


def eager_attention(module, query, key, value, rel_h, rel_w, scale, dropout):
    """Attention with its weights in the open: the scores are (B, A, P, P), the bias is added to them in place."""
    scores = (query * scale) @ key.transpose(-2, -1)  # (B, A, P, P)
    cells = scores.view(*scores.shape[:-1], rel_h.shape[-1], rel_w.shape[-1])  # (B, A, P, H, W)
    cells.add_(rel_h[..., :, None]).add_(rel_w[..., None, :])
    weights = F.softmax(scores, dim=-1, dtype=torch.float32).to(query.dtype)
    weights = F.dropout(weights, p=dropout, training=module.training)
    return weights @ value, weights


def _attend_to_chunk(query, key, value, rel_h, rel_w, scale, dropout, memory=None):
    bias = torch.add(rel_h[..., :, None], rel_w[..., None, :], out=memory).flatten(-2)  # (B, A, chunk, P)
    return F.scaled_dot_product_attention(query, key, value, attn_mask=bias, dropout_p=dropout, scale=scale)


def sdpa_attention(module, query, key, value, rel_h, rel_w, scale, dropout):
    """Attention over a few pictures and queries at a time, so that only a small part of the bias exists at once."""
    batch_size, num_heads, num_queries, _ = query.shape
    budget = CHUNK_ELEMENTS.get(query.device.type, CHUNK_ELEMENTS["cuda"])
    per_query = num_heads * key.shape[2]
    num_rows = max(1, min(batch_size, budget // (per_query * num_queries)))
    length = max(1, min(num_queries, budget // (per_query * num_rows)))
    dropout = dropout if module.training else 0.0
    whole = (num_rows, length) == (batch_size, num_queries)
    # Recomputing a chunk in the backward pass keeps the bias from piling up in the autograd graph.
    recompute = torch.is_grad_enabled() and query.requires_grad and not whole
    # Without gradients all chunks write their bias to the same place: fresh pages for each cost a CPU 40% more time.
    memory = None
    if not torch.is_grad_enabled() and not torch.compiler.is_compiling():
        memory = query.new_empty(num_rows, num_heads, length, rel_h.shape[-1], rel_w.shape[-1])

    def attend(row: int, start: int) -> torch.Tensor:
        rows, queries = slice(row, row + num_rows), slice(start, start + length)
        chunk = [tensor[rows, :, queries] for tensor in (query, rel_h, rel_w)]
        args = (chunk[0], key[rows], value[rows], *chunk[1:], scale, dropout)
        if recompute:
            return checkpoint(_attend_to_chunk, *args, use_reentrant=False)
        return _attend_to_chunk(
            *args, memory=None if memory is None else memory[: len(chunk[0]), :, : chunk[0].shape[2]]
        )

    rows = [
        torch.cat([attend(row, start) for start in range(0, num_queries, length)], dim=2)
        for row in range(0, batch_size, num_rows)
    ]
    return torch.cat(rows), None


@cache
def _compiled_flex_attention():
    return torch.compile(_flex_attention, dynamic=False)


def _flex_attention(query, key, value, rel_h, rel_w, scale):
    width = rel_w.shape[-1]

    def add_bias(score, batch, head, query_index, key_index):
        down = rel_h[batch, head, query_index, key_index // width]
        return score + down + rel_w[batch, head, query_index, key_index % width]

    return torch_flex_attention(query, key, value, score_mod=add_bias, scale=scale)


def flex_attention(module, query, key, value, rel_h, rel_w, scale, dropout):
    """Attention over the whole picture in one fused kernel that looks the bias up as it goes.

    Windows are small and go through `sdpa_attention`. One picture at a time keeps the shapes fixed: a number of pictures
    that changes would compile anew, and with shapes left open torch's CPU kernels do not compile at all.
    """
    if module.windowed:
        return sdpa_attention(module, query, key, value, rel_h, rel_w, scale, dropout)
    if dropout and module.training:
        raise ValueError(f"flex_attention has no dropout, found {dropout}; set attention_dropout=0 or use sdpa.")
    attend = _flex_attention if is_torchdynamo_compiling() else _compiled_flex_attention()
    pictures = zip(*(tensor.split(1) for tensor in (query, key, value, rel_h, rel_w)), strict=True)
    return torch.cat([attend(*picture, scale) for picture in pictures]), None


SAM_ATTENTION: dict[str, Callable] = {
    "eager": eager_attention,
    "sdpa": sdpa_attention,
    "flex_attention": flex_attention,
}


class DeepSeekVLHFSamAttention(nn.Module):
    """Multi-head attention with decomposed relative positions, in windows or (`window_size` 0) over the whole picture."""

    def __init__(self, config: DeepSeekVLHFSamConfig, window_size: int):
        super().__init__()
        side = window_size or config.grid_size
        self.config = config
        self.windowed = window_size > 0
        self.num_heads = config.num_attention_heads
        head_size = config.hidden_size // config.num_attention_heads
        self.scale = head_size**-0.5
        self.dropout = config.attention_dropout
        self.qkv = nn.Linear(config.hidden_size, 3 * config.hidden_size, bias=config.qkv_bias)
        self.proj = nn.Linear(config.hidden_size, config.hidden_size)
        self.rel_pos_h = nn.Parameter(torch.zeros(2 * side - 1, head_size))
        self.rel_pos_w = nn.Parameter(torch.zeros(2 * side - 1, head_size))

    def forward(self, hidden_states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Attend within (B, H, W, D); the weights come back too where the implementation has them."""
        batch_size, height, width, hidden_size = hidden_states.shape
        qkv = self.qkv(hidden_states).view(batch_size, height * width, 3, self.num_heads, -1)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind(0)  # each (B, A, P, E)

        def distances(size: int) -> torch.Tensor:
            cells = torch.arange(size, device=query.device)
            return cells[:, None] - cells[None, :] + size - 1  # row of the table for each query and key

        cells = query.unflatten(2, (height, width))  # (B, A, H, W, E)
        rel_h = cells @ self.rel_pos_h[distances(height)].transpose(-2, -1)  # (B, A, H, W, H)
        rel_w = cells.transpose(2, 3) @ self.rel_pos_w[distances(width)].transpose(-2, -1)  # (B, A, W, H, W)
        attend = SAM_ATTENTION[self.config._attn_implementation]
        output, weights = attend(
            self,
            query,
            key,
            value,
            rel_h.flatten(2, 3),
            rel_w.transpose(2, 3).flatten(2, 3),
            self.scale,
            self.dropout,
        )
        return self.proj(output.transpose(1, 2).reshape(batch_size, height, width, hidden_size)), weights


class DeepSeekVLHFSamMLP(nn.Module):
    """Two linear layers with an activation between."""

    def __init__(self, config: DeepSeekVLHFSamConfig):
        super().__init__()
        self.lin1 = nn.Linear(config.hidden_size, config.mlp_dim)
        self.lin2 = nn.Linear(config.mlp_dim, config.hidden_size)
        self.act = ACT2FN[config.hidden_act]

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        """Map (..., D) to (..., D)."""
        return self.lin2(self.act(self.lin1(hidden_states)))


class DeepSeekVLHFSamLayer(GradientCheckpointingLayer):
    """One transformer block; `window_size` 0 attends to the whole picture."""

    def __init__(self, config: DeepSeekVLHFSamConfig, window_size: int):
        super().__init__()
        self.window_size = window_size
        self.layer_norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.attn = DeepSeekVLHFSamAttention(config, window_size)
        self.layer_norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = DeepSeekVLHFSamMLP(config)

    def _attend_in_windows(self, hidden_states: torch.Tensor) -> torch.Tensor:
        # Zeros fill the last windows and are attended to like any cell, as in SAM.
        size = self.window_size
        batch_size, height, width, hidden_size = hidden_states.shape
        padded = F.pad(hidden_states, (0, 0, 0, -width % size, 0, -height % size))
        rows, columns = padded.shape[1] // size, padded.shape[2] // size
        windows = padded.view(batch_size, rows, size, columns, size, hidden_size).transpose(2, 3)
        windows, _ = self.attn(windows.reshape(-1, size, size, hidden_size))  # (B * rows * columns, size, size, D)
        windows = windows.view(batch_size, rows, columns, size, size, hidden_size).transpose(2, 3)
        return windows.reshape(batch_size, rows * size, columns * size, hidden_size)[:, :height, :width]

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        """Map (B, H, W, D) to (B, H, W, D)."""
        normed = self.layer_norm1(hidden_states)
        attended = self._attend_in_windows(normed) if self.window_size else self.attn(normed)[0]
        hidden_states = hidden_states + attended
        return hidden_states + self.mlp(self.layer_norm2(hidden_states))


class DeepSeekVLHFSamNeck(nn.Module):
    """Two bias-free convolutions, each followed by a norm over channels."""

    def __init__(self, config: DeepSeekVLHFSamConfig):
        super().__init__()
        self.conv1 = nn.Conv2d(config.hidden_size, config.output_channels, kernel_size=1, bias=False)
        self.layer_norm1 = nn.LayerNorm(config.output_channels, eps=1e-6)
        self.conv2 = nn.Conv2d(config.output_channels, config.output_channels, kernel_size=3, padding=1, bias=False)
        self.layer_norm2 = nn.LayerNorm(config.output_channels, eps=1e-6)

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        """Map (B, H, W, D) to (B, K, H, W)."""
        hidden_states = self.conv1(hidden_states.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        hidden_states = self.conv2(self.layer_norm1(hidden_states).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return self.layer_norm2(hidden_states).permute(0, 3, 1, 2)


class DeepSeekVLHFSamModel(PreTrainedModel):
    """SAM's image encoder, its second neck and the path down to the low-resolution tower's grid.

    The second neck reads the first global layer's output (a branch that the released code has and the paper does not
    describe) and is added with weight `alpha`.

    Args:
        config (`DeepSeekVLHFSamConfig`): Sizes of the tower.
        interpolated_grid (`int`): Side of the grid that the down-sampling convolutions start from.
    """

    config_class = DeepSeekVLHFSamConfig
    config: DeepSeekVLHFSamConfig
    base_model_prefix = "high_res"
    main_input_name = "pixel_values"
    input_modalities = ("image",)
    supports_gradient_checkpointing = True
    _no_split_modules = ["DeepSeekVLHFSamLayer"]
    _supports_sdpa = True
    _supports_flex_attn = True
    _supports_attention_backend = True
    _can_compile_fullgraph = True
    _can_record_outputs = {"hidden_states": DeepSeekVLHFSamLayer, "attentions": DeepSeekVLHFSamAttention}

    def __init__(self, config: DeepSeekVLHFSamConfig, interpolated_grid: int):
        super().__init__(config)
        self.interpolated_grid = interpolated_grid
        self.patch_embed = nn.Conv2d(
            config.num_channels, config.hidden_size, kernel_size=config.patch_size, stride=config.patch_size
        )
        self.pos_embed = nn.Parameter(torch.zeros(1, config.grid_size, config.grid_size, config.hidden_size))
        self.layers = nn.ModuleList(
            DeepSeekVLHFSamLayer(config, 0 if index in config.global_attn_indexes else config.window_size)
            for index in range(config.num_hidden_layers)
        )
        self.neck = DeepSeekVLHFSamNeck(config)
        self.global_neck = DeepSeekVLHFSamNeck(config)
        widths = [config.output_channels, *config.downsample_channels]
        self.downsample = nn.ModuleList(
            nn.Conv2d(narrow, wide, kernel_size=3, stride=2, padding=1, bias=False)
            for narrow, wide in itertools.pairwise(widths)
        )
        self.alpha = nn.Parameter(torch.zeros(1))
        self.gradient_checkpointing = False
        self.post_init()

    @torch.no_grad()
    def _init_weights(self, module: nn.Module):
        super()._init_weights(module)
        if isinstance(module, DeepSeekVLHFSamAttention):
            init.zeros_(module.rel_pos_h)
            init.zeros_(module.rel_pos_w)
        elif isinstance(module, DeepSeekVLHFSamModel):
            init.zeros_(module.pos_embed)
            init.zeros_(module.alpha)

    def get_input_embeddings(self) -> nn.Module:
        """The patch embedding."""
        return self.patch_embed

    @classmethod
    def _can_set_attn_implementation(cls) -> bool:
        return True  # transformers would look for its own table in the source text

    def get_correct_attn_implementation(self, requested_attention: str | None, is_init_check: bool = False) -> str:
        """Refuse what cannot add relative positions; `None` is sdpa."""
        if (requested_attention or "sdpa") not in SAM_ATTENTION:
            raise ValueError(
                f"Found attn_implementation={requested_attention!r} for SAM, expected one of {', '.join(SAM_ATTENTION)}, "
                "which add its relative positions. Ask for it part by part, as in "
                f'attn_implementation={{"text_config": {requested_attention!r}, "high_res_vision_config": "sdpa"}}.'
            )
        return requested_attention or "sdpa"

    def body(self, pixel_values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Run SAM itself, which no stage trains: everything before the necks.

        Args:
            pixel_values (`torch.Tensor` of shape `(num_images, 3, image_size, image_size)`): Normalised for SAM.

        Returns:
            What the last layer and the first global one leave, both of shape `(num_images, grid_size, grid_size, hidden_size)`.
        """
        hidden_states = self.patch_embed(pixel_values.to(self.patch_embed.weight.dtype)).permute(0, 2, 3, 1)
        hidden_states = hidden_states + self.pos_embed  # (B, H, W, D)
        for index, layer in enumerate(self.layers):
            hidden_states = layer(hidden_states)
            if index == self.config.first_global_layer:
                global_states = hidden_states
        return hidden_states, global_states

    @merge_with_config_defaults
    @capture_outputs(tie_last_hidden_states=False)
    def forward(
        self, pixel_values: torch.Tensor | None = None, body_states: torch.Tensor | None = None, **kwargs
    ) -> BaseModelOutput:
        """Encode pictures.

        Args:
            pixel_values (`torch.Tensor` of shape `(num_images, 3, image_size, image_size)`): Normalised for SAM.
            body_states (`torch.Tensor` of shape `(num_images, 2, grid_size, grid_size, hidden_size)`, *optional*): What `body`
                has made of them, instead.

        Returns:
            `BaseModelOutput` with `last_hidden_state` of shape `(num_images, num_visual_tokens, high_res_width)`.
        """
        hidden_states, global_states = self.body(pixel_values) if body_states is None else body_states.unbind(1)
        # Interpolation and convolutions are linear, so the branches are added before them and both run once.
        features = self.neck(hidden_states) + self.alpha * self.global_neck(global_states)  # (B, K, H, W)
        grid = (self.interpolated_grid, self.interpolated_grid)
        dtype = features.dtype
        features = F.interpolate(features.float(), size=grid, mode="bilinear", align_corners=False).to(dtype)
        for convolution in self.downsample:
            features = convolution(features)
        return BaseModelOutput(last_hidden_state=features.flatten(2).transpose(1, 2))  # (B, N, C_high)


class DeepSeekVLHFVisionModel(nn.Module):
    """SigLIP for objects and scenes and, in the hybrid, SAM for strokes and small print."""

    def __init__(self, config: DeepSeekVLHFConfig):
        super().__init__()
        self.low_res = SiglipVisionModel._from_config(config.vision_config)
        self.high_res = None
        if config.high_res_vision_config is not None:
            self.high_res = DeepSeekVLHFSamModel._from_config(
                config.high_res_vision_config, interpolated_grid=config.interpolated_grid
            )

    def bodies(
        self, pixel_values: torch.Tensor, high_res_pixel_values: torch.Tensor | None = None
    ) -> dict[str, torch.Tensor]:
        """Run what is frozen while the towers are: SigLIP, and SAM before its necks. `forward` takes it as `body_states`."""
        states = {"low_res": self.low_res(pixel_values, return_dict=True).last_hidden_state}
        if self.high_res is not None:
            states["high_res"] = torch.stack(self.high_res.body(high_res_pixel_values), dim=1)
        return states

    def forward(
        self,
        pixel_values: torch.Tensor | None = None,
        high_res_pixel_values: torch.Tensor | None = None,
        body_states: dict[str, torch.Tensor] | None = None,
        **kwargs,
    ) -> DeepSeekVLHFVisionOutput:
        """Encode both views, or go on from what `bodies` has made of them; shapes as in the module's table."""
        if body_states is not None:
            output = DeepSeekVLHFVisionOutput(last_hidden_state=body_states["low_res"])
            if self.high_res is not None:
                high_res = self.high_res(body_states=body_states["high_res"], return_dict=True)
                output.high_res_last_hidden_state = high_res.last_hidden_state
            return output
        low_res = self.low_res(pixel_values, return_dict=True, **kwargs)
        output = DeepSeekVLHFVisionOutput(
            last_hidden_state=low_res.last_hidden_state,
            hidden_states=low_res.hidden_states,
            attentions=low_res.attentions,
        )
        if self.high_res is not None:
            high_res = self.high_res(high_res_pixel_values, return_dict=True, **kwargs)
            output.high_res_last_hidden_state = high_res.last_hidden_state
            output.high_res_hidden_states = high_res.hidden_states
            output.high_res_attentions = high_res.attentions
        return output


__all__ = ["DeepSeekVLHFSamModel", "DeepSeekVLHFVisionModel", "DeepSeekVLHFVisionOutput"]
