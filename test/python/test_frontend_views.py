"""Views with dynamic sizes become collapses and expansions with the numbers of torch."""

from __future__ import annotations

import pytest
import sympy
import torch
import upstream
from sparse_opt.frontend import ExportError, export_torch
from sparse_opt.frontend.views import lower_flattens, reassociate
from torch import nn
from torch.export import Dim
from torch_mlir import ir
from torch_mlir.dialects import torch as torch_dialect

B, T = sympy.symbols("b t", integer=True, positive=True)


@pytest.mark.parametrize(
    "before, after, groups",
    [
        ([B, T, 48], [B * T, 48], [((0, 1), (0,)), ((2,), (1,))]),
        ([B * T, 48], [B, T, 6, 8], [((0,), (0, 1)), ((1,), (2, 3))]),
        ([B, T, 6, 8], [B, T, 48], [((0,), (0,)), ((1,), (1,)), ((2, 3), (2,))]),
        ([B, 1, T], [B, T], [((0,), (0,)), ((1, 2), (1,))]),
        ([B], [B, 1, 1], [((0,), (0, 1, 2))]),
        ([3 * B, T], [B, 3 * T], [((0, 1), (0, 1))]),
        ([B, 6, T], [2 * B, 3, T], [((0, 1), (0, 1)), ((2,), (2,))]),
        ([B, T], [T, B], [((0, 1), (0, 1))]),
    ],
)
def test_reassociate(before, after, groups):
    found = [(tuple(left), tuple(right)) for left, right in reassociate(before, after)]
    assert found == groups


class Apply(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function
        self.linear = nn.Linear(12, 7)

    def forward(self, x):
        return self.function(self, x)


VIEWS = {
    "merge-first": lambda m, x: (2 * x).view(-1, 12),
    "merge-last": lambda m, x: x.reshape(x.shape[0], -1) + 1,
    "flatten": lambda m, x: x.flatten(),
    "heads": lambda m, x: x.view(x.shape[0], x.shape[1], 3, 4).transpose(1, 2).reshape(-1, x.shape[1], 4),
    "there-and-back": lambda m, x: (2 * x).view(-1, 12).unflatten(0, (x.shape[0], -1)) + 1,
    "linear": lambda m, x: m.linear(x),
    "unaligned": lambda m, x: torch.cat([x, x + 1], 1).view(2 * x.shape[0], x.shape[1], 12),
    "repeat": lambda m, x: x.repeat_interleave(3, 1),
    "unit": lambda m, x: x[:, :, :1].squeeze(-1).view(x.shape[0], 1, 1, x.shape[1]) * 2,
}


@pytest.mark.parametrize("name", VIEWS)
def test_numbers(name, tmp_path, upstream_tools):
    torch.manual_seed(3)
    module = Apply(VIEWS[name]).eval()
    shapes = ({0: Dim("b", min=1, max=64), 1: Dim("t", min=1, max=64)},)
    program = export_torch(module, (torch.randn(3, 5, 12),), dynamic_shapes=shapes)
    assert "tensor.reshape" not in program.text
    compiled = upstream.UpstreamProgram(program, tmp_path)
    for batch, length in ((3, 5), (4, 9), (1, 3), (2, 1), (1, 1)):
        x = torch.randn(batch, length, 12)
        with torch.no_grad():
            torch.testing.assert_close(compiled(x), module(x), atol=1e-6, rtol=1e-6)


def test_views_that_torch_mlir_made():
    with ir.Context() as context:
        torch_dialect.register_dialect(context)
        module = ir.Module.parse("""
            func.func @main(%x: !torch.vtensor<[?,12],f32>, %sizes: !torch.list<int>) -> !torch.vtensor<[?],f32> {
              %y = torch.aten.view %x, %sizes : !torch.vtensor<[?,12],f32>, !torch.list<int> -> !torch.vtensor<[?],f32>
              return %y : !torch.vtensor<[?],f32>
            }""")
        with pytest.raises(ExportError, match="made a view with dynamic sizes, which it gets wrong: .*aten.view"):
            lower_flattens(module)
