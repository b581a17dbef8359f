"""SAM's attention with relative positions, folded into one product, which makes training it on a CPU faster.

The bias of a query on a key is one number for how far it is down and one for how far across. Both are products of what the query has
for each row and column with a one at the key's own: so they are written behind query and key, and the scores come out of the
same product as without them, without another pass over as many numbers as there are pairs of patches.
"""

import torch
from torch.nn import functional as F

from deepseek_vl_hf.modeling_vision_deepseek_vl_hf import SAM_ATTENTION


def folded_attention(module, query, key, value, rel_h, rel_w, scale, dropout):
    """The same numbers as the other forms, as `SAM_ATTENTION` has them; query, key and value are (B, A, P, E)."""
    rows, columns = rel_h.shape[-1], rel_w.shape[-1]
    place = torch.arange(rows * columns, device=key.device)
    ones = torch.cat([F.one_hot(place // columns, rows), F.one_hot(place % columns, columns)], -1)
    query = torch.cat([query * scale, rel_h.to(query.dtype), rel_w.to(query.dtype)], -1)
    key = torch.cat([key, ones.to(key.dtype).expand(*key.shape[:2], -1, -1)], -1)
    # Plain matrices: their backward pass is faster than a fused one's.
    weights = torch.softmax(query @ key.transpose(-2, -1), -1)
    return F.dropout(weights, dropout, module.training).to(value.dtype) @ value, weights


SAM_ATTENTION["folded"] = folded_attention
