"""Decompositions of ops that torch-mlir would leave in a form that MLIR 22 lacks."""

from __future__ import annotations

import torch

# A larger k repeats too much; `sort` is the op for that.
_LARGEST_K = 32


def _top_k(x, k, dim=-1, largest=True, sorted=True):
    """k rounds of "the best that is not taken yet". Of equal values the first is taken, and
    infinities are values like any other, so no index comes twice."""
    if k > _LARGEST_K or not x.dtype.is_floating_point:
        return NotImplemented
    x = x.movedim(dim, -1)
    last = x.shape[-1] - 1
    at = torch.arange(x.shape[-1], device=x.device)
    never = float("-inf" if largest else "inf")
    taken = torch.zeros_like(x, dtype=torch.bool)
    values, indices = [], []
    for _ in range(k):
        left = torch.where(taken, never, x)
        best = left.amax(-1, keepdim=True) if largest else left.amin(-1, keepdim=True)
        # If there is a NaN, no value equals the best; any index in range will do.
        index = torch.where((x == best) & ~taken, at, last).amin(-1, keepdim=True)
        taken = taken | (at == index)
        values.append(best)
        indices.append(index)
    return tuple(torch.cat(parts, -1).movedim(-1, dim) for parts in (values, indices))


EXTRA = {torch.ops.aten.topk.default: _top_k}
