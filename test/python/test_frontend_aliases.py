"""Views become reshapes, but not those of memory that is written."""

import pytest
import torch
from sparse_opt.frontend.aliases import free_views
from torch import nn

import sparse_opt as so

pytest.importorskip("sparse_opt._sparse_opt")


class WritesBase(nn.Module):
    def forward(self, x):
        y = x.clone()
        z = y.view(6, 5)
        y.add_(1.0)
        return z * 2


class WritesView(nn.Module):
    def forward(self, x):
        y = 2 * x
        y.view(-1).mul_(y.view(-1))
        return y


class WritesPart(nn.Module):
    def forward(self, x):
        y = 2 * x
        first, rest = y.split([3, 7], 1)
        first.relu_()
        return y.view(6, 5), rest.sum()


class WritesNothing(nn.Module):
    def forward(self, x):
        return (x + 1).view(6, 5)


def views(module, x):
    program = torch.export.export(module, (x,), strict=False)
    before = sum(node.target is torch.ops.aten.view.default for node in program.graph.nodes)
    free_views(program)
    return before, sum(node.target is torch.ops.aten.view.default for node in program.graph.nodes)


@pytest.mark.parametrize("module", [WritesBase(), WritesView(), WritesPart(), WritesNothing()])
def test_written_memory(module):
    x = torch.randn(3, 10)
    before, after = views(module, x)
    assert before > 0 and after == (0 if isinstance(module, WritesNothing) else before)
    expected, got = module(x), so.compile(module, (x,))(x)
    torch.testing.assert_close(got, expected)
