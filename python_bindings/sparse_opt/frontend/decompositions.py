"""Decompositions of ops that torch-mlir would leave in a form that MLIR 22 lacks, or lower to
more than they need: a variance in f64, the position of a maximum that nobody reads, a weight
repeated for each batch because its input happens to be a transposed view."""

from __future__ import annotations

import math

import torch
from torch._decomp import get_decompositions
from torch._decomp.decompositions import matmul as torch_matmul

# A larger k repeats too much; `sort` is the op for that.
_LARGEST_K = 32
# Running sums of more are no longer those of positions, and take too long this way.
_LONGEST_SCAN = 8192


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


def _cumsum(x, dim, dtype=None):
    """A sum for each end, in one loop nest without a temporary: quadratic in the length."""
    if dtype is None:
        dtype = x.dtype if x.dtype.is_floating_point else torch.int64
    if x.dim() == 0:
        return x.to(dtype)
    if isinstance(x.shape[dim], int) and x.shape[dim] > _LONGEST_SCAN:
        return NotImplemented
    x = _widened(x.to(dtype)).movedim(dim, -1)
    at = torch.arange(x.shape[-1], device=x.device)
    ends = torch.where(at <= at[:, None], x.unsqueeze(-2), 0).sum(-1, dtype=x.dtype)
    return ends.movedim(-1, dim).to(dtype)


def _softmax(x, dim, half_to_float):
    result = torch.float32 if half_to_float else x.dtype
    x = _widened(x)
    exponents = torch.exp(x - torch.amax(x, dim, keepdim=True))
    return (exponents / exponents.sum(dim, keepdim=True)).to(result)


def _gelu(x, approximate="none"):
    """torch-mlir's own form has sqrt(2 / pi) with three digits only."""
    if approximate != "tanh":
        return NotImplemented
    wide = _widened(x)
    inner = math.sqrt(2 / math.pi) * (wide + 0.044715 * wide * wide * wide)
    return (0.5 * wide * (1 + torch.tanh(inner))).to(x.dtype)


def _layer_norm(x, normalized_shape, weight, bias, eps):
    dims = list(range(x.dim() - len(normalized_shape), x.dim()))
    wide = _widened(x)
    mean = wide.mean(dims, keepdim=True)
    centred = wide - mean
    scale = torch.rsqrt((centred * centred).mean(dims, keepdim=True) + eps)
    out = centred * scale
    out = out if weight is None else out * weight
    out = out if bias is None else out + bias
    return out.to(x.dtype), mean, scale


def _group_norm(x, weight, bias, n, c, hxw, group, eps):
    groups = _widened(x).unflatten(1, (group, c // group))
    dims = list(range(2, groups.dim()))
    mean = groups.mean(dims, keepdim=True)
    centred = groups - mean
    scale = torch.rsqrt((centred * centred).mean(dims, keepdim=True) + eps)
    out = (centred * scale).flatten(1, 2)
    channels = (c,) + (1,) * (x.dim() - 2)
    out = out if weight is None else out * weight.view(channels)
    out = out if bias is None else out + bias.view(channels)
    return out.to(x.dtype), mean.view(n, group), scale.view(n, group)


def _widened(x):
    """torch computes half-precision softmax, norms, GELU and running sums in f32 as well."""
    return x.to(torch.float32) if x.dtype in (torch.float16, torch.bfloat16) else x


def _reciprocal(x):
    """torch-mlir's own form refuses 0."""
    return torch.ones((), dtype=x.dtype if x.is_floating_point() else torch.float32) / x


def _is_finite(x):
    return x - x == 0


def _pad(x, pad, value=0):
    """Cuts where padding is negative; torch-mlir would give slices a negative offset."""
    if all(isinstance(size, int) and size >= 0 for size in pad):
        return NotImplemented
    for index in range(len(pad) // 2):
        dim = x.dim() - 1 - index
        before, after = (max(-size, 0) for size in pad[2 * index:2 * index + 2])
        x = x.narrow(dim, before, x.shape[dim] - before - after)
    return torch.constant_pad_nd(x, [max(size, 0) for size in pad], value)


def _linear(x, weight, bias=None):
    return _rows_times(x, weight.t(), bias)


def _matmul(a, b):
    if a.dim() > 2 and b.dim() == 2:
        return _rows_times(a, b)
    return torch_matmul(a, b)


def _rows_times(x, matrix, bias=None):
    """One product of two matrices, whatever the number of batch dimensions and their strides; the
    bias is added next to it, before the rows become a batch again."""
    rows = x if x.dim() == 2 else x.reshape(-1, x.shape[-1])
    out = torch.mm(rows, matrix)
    out = out if bias is None else out + bias
    return out if x.dim() == 2 else out.reshape(*x.shape[:-1], matrix.shape[-1])


# torch's own, of ops that torch-mlir does not know.
_TORCHS = (torch.ops.aten.addmv, torch.ops.aten.heaviside)

EXTRA = {
    **get_decompositions(_TORCHS),
    torch.ops.aten.constant_pad_nd.default: _pad,
    torch.ops.aten.isfinite.default: _is_finite,
    torch.ops.aten.reciprocal.default: _reciprocal,
    torch.ops.aten.linear.default: _linear,
    torch.ops.aten.matmul.default: _matmul,
    torch.ops.aten.topk.default: _top_k,
    torch.ops.aten.cumsum.default: _cumsum,
    torch.ops.aten._softmax.default: _softmax,
    torch.ops.aten.gelu.default: _gelu,
    torch.ops.aten.native_layer_norm.default: _layer_norm,
    torch.ops.aten.native_group_norm.default: _group_norm,
}
