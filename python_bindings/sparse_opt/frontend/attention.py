"""The forms in which attention may reach linalg, as torch decomposition tables."""

from __future__ import annotations

import math
from typing import Literal, get_args

import torch
from torch.export import ExportedProgram
from torch_mlir.extras.fx_decomp_util import get_decomposition_table

from .decompositions import EXTRA
from .errors import ExportError

#: decomposed  torch's own form: rows without any key give zeros, both operands are scaled
#: plain       scores, one scale, mask, softmax, values: what a textbook writes; rows without any
#:             key give NaN
#: opaque      one `tm_tensor.attention` op, in generic form
AttentionForm = Literal["decomposed", "plain", "opaque"]

_ATTENTION = torch.ops.aten.scaled_dot_product_attention.default


def decomposition_table(form: AttentionForm) -> dict:
    """The table to decompose an exported program with, so that attention arrives in `form`."""
    if form not in get_args(AttentionForm):
        raise ExportError(f"expected attention form {' | '.join(get_args(AttentionForm))}, got {form!r}")
    table = {**get_decomposition_table(), **EXTRA}
    if form == "plain":
        table[_ATTENTION] = _plain
    elif form == "opaque":
        del table[_ATTENTION]
    return table


def legal_ops(form: AttentionForm) -> tuple[str, ...]:
    """The torch ops that torch-mlir must not decompose."""
    return ("aten.scaled_dot_product_attention",) if form == "opaque" else ()


def is_undropped(node: torch.fx.Node) -> bool:
    """True for an attention node whose dropout is off: torch tags the op as random regardless."""
    if node.target is not _ATTENTION:
        return False
    dropout = node.args[4] if len(node.args) > 4 else node.kwargs.get("dropout_p", 0.0)
    return dropout == 0.0


def widen_masks(program: ExportedProgram) -> None:
    """Gives each attention mask the rank of its queries: torch-mlir aborts on a narrower mask."""
    graph = program.graph
    for node in graph.find_nodes(op="call_function", target=_ATTENTION):
        mask = node.args[3] if len(node.args) > 3 else node.kwargs.get("attn_mask")
        if mask is None:
            continue
        with graph.inserting_before(node):
            wide = mask
            for _ in range(node.args[0].meta["val"].dim() - mask.meta["val"].dim()):
                value = wide.meta["val"].unsqueeze(0)
                wide = graph.call_function(torch.ops.aten.unsqueeze.default, (wide, 0))
                wide.meta["val"] = value
        node.replace_input_with(mask, wide)


def _plain(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, *, scale=None, enable_gqa=False):
    if enable_gqa:
        groups = query.shape[-3] // key.shape[-3]
        key, value = (t.repeat_interleave(groups, -3) for t in (key, value))
    scale = 1.0 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = torch.matmul(query, key.transpose(-2, -1)) * scale
    if is_causal:
        attn_mask = _causal_mask(query, key)
    if attn_mask is not None and attn_mask.dtype is torch.bool:
        scores = torch.where(attn_mask, scores, float("-inf"))
    elif attn_mask is not None:
        scores = scores + attn_mask
    return torch.matmul(torch.softmax(scores, -1), value)


def _causal_mask(query, key):
    rows = torch.arange(query.shape[-2], device=query.device)
    columns = torch.arange(key.shape[-2], device=query.device)
    return columns[None, :] <= rows[:, None]
