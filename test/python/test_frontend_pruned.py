"""Weights that torch.nn.utils.prune masks are the masked weights, and the module stays as it was."""

import pytest
import torch
from torch import nn
from torch.nn.utils import prune

import sparse_opt as so

pytest.importorskip("sparse_opt._sparse_opt")


def state(module):
    return [(name, value.clone(), value.data_ptr()) for name, value in module.state_dict().items()]


def check_unchanged(module, before):
    after = state(module)
    assert [name for name, _, _ in after] == [name for name, _, _ in before]
    for (_, old, old_at), (_, new, new_at) in zip(before, after):
        assert torch.equal(old, new) and old_at == new_at


def test_masked_linear():
    module = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 17)).eval()
    for layer, name in ((module[0], "weight"), (module[2], "weight"), (module[2], "bias")):
        prune.l1_unstructured(layer, name, amount=0.9)
    with torch.no_grad():  # The mask is applied to what the weight is now.
        module[0].weight_orig.mul_(2.0)
    before = state(module)
    x = torch.randn(5, 64)
    program = so.compile(module, (x,))
    check_unchanged(module, before)
    torch.testing.assert_close(program(x), module(x))
    weights = {p.name: p for p in program.parameters}
    assert sorted(weights) == ["0.bias", "0.weight", "2.bias", "2.weight"]
    assert weights["0.weight"].format == "#sparsity.stream_format"
    prune.remove(module[0], "weight")


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_masked_recurrent_layer(kind):
    module = kind(8, 16).eval()
    prune.random_unstructured(module, "weight_hh_l0", amount=0.5)
    with torch.no_grad():
        module.weight_hh_l0_orig.mul_(2.0)
    x = torch.randn(3, 2, 8)
    before = state(module)
    program = so.compile(module, (x,))
    check_unchanged(module, before)
    for got, expected in zip(torch.utils._pytree.tree_leaves(program(x)), torch.utils._pytree.tree_leaves(module(x))):
        torch.testing.assert_close(got, expected)


def test_modules_that_fail_are_unchanged_too():
    class Fails(nn.Linear):
        def forward(self, x):
            raise RuntimeError("no")

    module = Fails(3, 3)
    prune.l1_unstructured(module, "weight", amount=0.5)
    before = state(module)
    with pytest.raises(ValueError, match="cannot trace the module: no"):
        so.compile(module, (torch.ones(1, 3),))
    check_unchanged(module, before)
    assert len(module._forward_pre_hooks) == 1 and not isinstance(module.weight, nn.Parameter)
