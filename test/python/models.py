"""Small torch models that tests compile: each names its inputs, dynamic shapes and tolerance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.export import Dim


@dataclass(frozen=True)
class Model:
    """A module with example arguments. `more_args` are other calls that must work as well (dynamic
    shapes); `tolerance` bounds the error relative to the largest value of the result."""

    name: str
    module: nn.Module
    args: tuple
    dynamic_shapes: Any = None
    tolerance: float = 2e-6
    attention: str = "decomposed"
    more_args: tuple = field(default=())

    def __iter__(self):
        """(name, module, args, dynamic_shapes, tolerance)"""
        return iter((self.name, self.module, self.args, self.dynamic_shapes, self.tolerance))


class Mlp(nn.Module):
    def __init__(self, width: int, hidden: int, out: int, approximate: str = "none"):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(width, hidden), nn.GELU(approximate), nn.Linear(hidden, out))

    def forward(self, x):
        return self.net(x)


class RmsNorm(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(width) + 0.5)

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight


class GatedFfn(nn.Module):
    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.norm = RmsNorm(width)
        self.gate_proj = nn.Linear(width, hidden, bias=False)
        self.up_proj = nn.Linear(width, hidden, bias=False)
        self.down_proj = nn.Linear(hidden, width, bias=False)

    def forward(self, x):
        h = self.norm(x)
        return x + self.down_proj(F.silu(self.gate_proj(h)) * self.up_proj(h))


class Attention(nn.Module):
    """Grouped-query attention with projections; `mask` is None, 'causal', 'padding' or a window."""

    def __init__(self, width: int, heads: int, kv_heads: int, mask: str | int | None = None):
        super().__init__()
        self.heads, self.kv_heads, self.mask = heads, kv_heads, mask
        head = width // heads
        self.q_proj = nn.Linear(width, heads * head)
        self.k_proj = nn.Linear(width, kv_heads * head, bias=False)
        self.v_proj = nn.Linear(width, kv_heads * head)
        self.o_proj = nn.Linear(width, width, bias=False)

    def forward(self, x, padding=None):
        split = lambda t, heads: t.unflatten(-1, (heads, -1)).transpose(1, 2)
        q, k = split(self.q_proj(x), self.heads), split(self.k_proj(x), self.kv_heads)
        v = split(self.v_proj(x), self.kv_heads)
        out = F.scaled_dot_product_attention(
            q, k, v, attn_mask=self._mask(x, padding), is_causal=self.mask == "causal",
            enable_gqa=self.heads != self.kv_heads,
        )
        return self.o_proj(out.transpose(1, 2).flatten(2))

    def _mask(self, x, padding):
        if self.mask == "padding":
            return (1.0 - padding[:, None, None, :].to(x.dtype)) * torch.finfo(x.dtype).min
        if isinstance(self.mask, int):
            at = torch.arange(x.shape[1])
            back = at[:, None] - at[None, :]
            return (back >= 0) & (back < self.mask)
        return None


class JoinedHeads(nn.Module):
    """Heads become rows by views of a contiguous copy, as GPT-2 writes it."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = (part.view(batch, length, self.heads, -1).transpose(1, 2) for part in self.qkv(x).split(width, -1))
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).contiguous()
        rows = self.proj(out.view(batch * length, width))
        return rows.view(batch, length, width) + out.view(batch, length, width)


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.bn = nn.BatchNorm2d(8)
        self.bn.running_mean.uniform_(-0.5, 0.5)
        self.bn.running_var.uniform_(0.5, 1.5)
        self.conv2 = nn.Conv2d(8, 17, 3, stride=2, bias=False)
        self.head = nn.Linear(17, 5)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn(self.conv1(x))), 2)
        x = F.avg_pool2d(F.relu(self.conv2(x)), 2)
        return self.head(x.mean((2, 3)))


class NormedConv(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 12, 3, padding=1)
        self.norm = nn.GroupNorm(4, 12)
        nn.init.normal_(self.norm.weight)
        nn.init.normal_(self.norm.bias)

    def forward(self, x):
        return F.silu(self.norm(self.conv(x)))


class DepthwiseConv(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.depthwise = nn.Conv1d(channels, channels, 5, padding=2, groups=channels)
        self.pointwise = nn.Conv1d(channels, 3, 1)

    def forward(self, x):
        return self.pointwise(F.silu(self.depthwise(x)))


class TiedLm(nn.Module):
    """An embedding whose matrix is the output head too."""

    def __init__(self, vocabulary: int, width: int):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.block = Mlp(width, 33, width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, ids):
        return self.head(self.block(self.embed(ids)))


class BothWays(nn.Module):
    """One weight, read as it is and transposed (an autoencoder with tied weights)."""

    def __init__(self, width: int, code: int):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(code, width) / width**0.5)

    def forward(self, x):
        return torch.tanh(x @ self.weight.t()) @ self.weight


class BatchProduct(nn.Module):
    def forward(self, a, b):
        return torch.bmm(a, b)


class TokenEmbedding(nn.Module):
    """Token and position embeddings and a layer norm; the positions are no part of the state."""

    def __init__(self, vocabulary: int, length: int, width: int):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(length, width)
        self.norm = nn.LayerNorm(width)
        self.register_buffer("position_ids", torch.arange(length)[None], persistent=False)

    def forward(self, ids):
        where = self.position_ids[:, : ids.shape[1]]
        return self.norm(self.tokens(ids) + self.positions(where))


class Block(nn.Module):
    """A pre-norm transformer block."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.attention = Attention(width, heads, heads, "padding")
        self.ffn = GatedFfn(width, 3 * width - 1)

    def forward(self, x, padding):
        return self.ffn(x + self.attention(self.norm(x), padding))


class Positions(nn.Module):
    """Positions of tokens that are no padding, as RoBERTa counts them."""

    def __init__(self, length, dim, out):
        super().__init__()
        self.embedding = nn.Embedding(length + 2, dim, padding_idx=1)
        self.head = nn.Linear(dim, out)

    def forward(self, ids):
        mask = ids.ne(1).int()
        return self.head(self.embedding((torch.cumsum(mask, dim=1) * mask).long() + 1))


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Linear(17, 32)
        self.label = nn.Linear(32, 3)
        self.box = nn.Linear(32, 4)

    def forward(self, x):
        h = F.relu(self.trunk(x))
        return {"label": self.label(h), "boxes": (torch.sigmoid(self.box(h)), None)}


class IntFeatures(nn.Module):
    """Integer and boolean inputs and buffers: a table, a mask, a count."""

    def __init__(self):
        super().__init__()
        self.register_buffer("table", torch.randint(-9, 9, (5, 129)))
        self.register_buffer("kept", torch.rand(129) > 0.5)

    def forward(self, rows, chosen):
        picked = torch.where(self.kept, self.table[rows], 0)
        return (picked * chosen.to(torch.int64)).sum(-1)


class GatedCell(nn.Module):
    """One step of an LSTM cell, written out."""

    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.from_input = nn.Linear(width, 4 * hidden)
        self.from_hidden = nn.Linear(hidden, 4 * hidden, bias=False)

    def forward(self, x, state):
        hidden, cell = state
        i, f, g, o = (self.from_input(x) + self.from_hidden(hidden)).chunk(4, -1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cell), cell


class TopExperts(nn.Module):
    """A mixture of experts, each computed for all tokens and weighted by a top-k router."""

    def __init__(self, width: int, hidden: int, experts: int, top: int):
        super().__init__()
        self.top, self.experts = top, experts
        self.router = nn.Linear(width, experts, bias=False)
        self.up = nn.Parameter(torch.randn(experts, width, hidden) / width**0.5)
        self.down = nn.Parameter(torch.randn(experts, hidden, width) / hidden**0.5)

    def forward(self, x):
        weights, chosen = torch.topk(torch.softmax(self.router(x), -1), self.top, -1)
        weights = weights / weights.sum(-1, keepdim=True)
        gates = (F.one_hot(chosen, self.experts).to(x.dtype) * weights[..., None]).sum(-2)
        each = torch.bmm(F.silu(torch.bmm(x.expand(self.experts, -1, -1), self.up)), self.down)
        return (each * gates.t()[..., None]).sum(0)


def _padding(batch: int, length: int) -> torch.Tensor:
    lengths = torch.randint(1, length + 1, (batch, 1))
    return (torch.arange(length)[None] < lengths).to(torch.int64)


def _dense() -> list[Model]:
    batch = Dim("batch", min=1, max=64)
    x = torch.randn(3, 129)
    return [
        Model("mlp_f32", Mlp(129, 65, 17), (x,)),
        Model("mlp_tanh", Mlp(129, 65, 17, "tanh"), (x,)),
        Model("mlp_f16", Mlp(129, 65, 17).half(), (x.half(),), tolerance=4e-3),
        Model("mlp_bf16", Mlp(129, 65, 17).bfloat16(), (x.bfloat16(),), tolerance=3e-2),
        Model("mlp_dynamic_batch", Mlp(129, 65, 17), (x,), ({0: batch},),
              more_args=((torch.randn(1, 129),), (torch.randn(64, 129),))),
        Model("rmsnorm_gated_ffn", GatedFfn(96, 257), (torch.randn(2, 5, 96),)),
        Model("tied_weight", TiedLm(129, 32), (torch.randint(0, 129, (2, 7)),)),
        Model("moe_top_experts", TopExperts(33, 17, 8, 2), (torch.randn(5, 33),)),
        Model("both_ways", BothWays(129, 33), (x,)),
        Model("batch_matmul", BatchProduct(), (torch.randn(3, 17, 5), torch.randn(3, 5, 129))),
        Model("embedding_layernorm", TokenEmbedding(129, 32, 48), (torch.randint(0, 129, (2, 17)),)),
        Model("positions", Positions(129, 33, 17), (torch.randint(0, 4, (2, 17)),), ({0: batch, 1: Dim("length")},),
              more_args=tuple((torch.randint(0, 4, shape),) for shape in ((1, 1), (3, 129)))),
        Model("two_outputs", TwoHeads(), (torch.randn(3, 17),)),
        Model("int_inputs", IntFeatures(), (torch.tensor([4, 0, 2]), torch.rand(3, 129) > 0.3), tolerance=0),
        Model("gated_cell", GatedCell(17, 33), (torch.randn(3, 17), (torch.randn(3, 33), torch.randn(3, 33)))),
    ]


def _attention() -> list[Model]:
    batch, length = Dim("batch", min=1, max=64), Dim("length", min=1, max=512)
    both = {0: batch, 1: length}
    x = torch.randn(2, 17, 48)
    call = lambda b, t: (torch.randn(b, t, 48), _padding(b, t))
    grouped = Attention(48, 6, 2)
    models = [
        Model(f"gqa_{form}", grouped, (x,), attention=form) for form in ("decomposed", "plain", "opaque")
    ]
    models += [
        Model(f"gqa_dynamic_{form}", grouped, (torch.randn(3, 17, 48),), (both,), attention=form,
              more_args=tuple((torch.randn(b, t, 48),) for b, t in ((1, 1), (1, 9), (5, 1), (4, 129))))
        for form in ("decomposed", "plain")
    ]
    return models + [
        Model("joined_heads", JoinedHeads(48, 3), (x,), ({0: batch, 1: length},),
              more_args=((torch.randn(1, 1, 48),), (torch.randn(3, 129, 48),))),
        Model("joined_heads_plain", JoinedHeads(48, 3), (x,), attention="plain"),
        Model("joined_heads_opaque", JoinedHeads(48, 3), (x,), attention="opaque"),
        Model("attention_causal", Attention(48, 3, 3, "causal"), (x,)),
        Model("attention_causal_opaque", Attention(48, 3, 3, "causal"), (x,), attention="opaque"),
        Model("attention_padded", Attention(48, 3, 3, "padding"), (x, _padding(2, 17))),
        Model("attention_sliding_window", Attention(48, 6, 2, 4), (x,)),
        Model("attention_window_plain", Attention(48, 6, 2, 4), (x,), attention="plain"),
        Model("attention_padded_opaque", Attention(48, 3, 3, "padding"), (x, _padding(2, 17)), attention="opaque"),
        Model("attention_window_opaque", Attention(48, 6, 2, 4), (x,), attention="opaque"),
        Model("block_dynamic", Block(48, 3), call(3, 17), (both, both),
              more_args=(call(1, 1), call(1, 9), call(5, 1), call(4, 129))),
    ]


def _convolution() -> list[Model]:
    batch, height = Dim("batch", min=1, max=64), Dim("height", min=3, max=999)
    return [
        Model("group_norm", NormedConv(), (torch.randn(2, 3, 9, 11),), ({0: batch, 2: height},),
              more_args=((torch.randn(1, 3, 17, 11),), (torch.randn(5, 3, 3, 11),))),
        Model("conv_net", ConvNet(), (torch.randn(2, 3, 17, 19),)),
        Model("conv1d_depthwise", DepthwiseConv(17), (torch.randn(2, 17, 129),)),
    ]


def all_models() -> list[Model]:
    """Every model, in evaluation mode, the same numbers in each process."""
    makers: tuple[Callable[[], list[Model]], ...] = (_dense, _attention, _convolution)
    models = []
    with torch.random.fork_rng():
        torch.manual_seed(20)
        for make in makers:
            models += make()
    for model in models:
        model.module.eval()
    return models
