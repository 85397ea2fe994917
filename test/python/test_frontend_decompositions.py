"""Our own decompositions compute what the torch ops compute."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from sparse_opt.frontend.attention import _plain
from sparse_opt.frontend.decompositions import _cumsum, _gelu, _group_norm, _layer_norm, _softmax, _top_k


@pytest.mark.parametrize("dim", [-1, 1, 0])
@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_top_k(k, largest, dim):
    x = torch.randperm(3 * 5 * 7).reshape(3, 5, 7).float()
    for found, expected in zip(_top_k(x, k, dim, largest), torch.topk(x, k, dim, largest)):
        assert torch.equal(found, expected)


def test_top_k_takes_no_index_twice():
    infinite = torch.full((1, 4), float("-inf"))
    assert _top_k(infinite, 3)[1].tolist() == [[0, 1, 2]]
    assert _top_k(torch.ones(1, 4), 4)[1].tolist() == [[0, 1, 2, 3]]
    assert _top_k(torch.tensor([[1.0, float("nan")]]), 1)[1].max() < 2


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_gelu(dtype):
    x = torch.linspace(-9, 9, 999).to(dtype)
    torch.testing.assert_close(_gelu(x, "tanh"), F.gelu(x, approximate="tanh"))
    assert _gelu(x) is NotImplemented


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int32, torch.bool])
def test_cumsum(dtype, dim):
    x = torch.randint(0, 3, (3, 17, 5)).to(dtype)
    torch.testing.assert_close(_cumsum(x, dim), x.cumsum(dim))
    torch.testing.assert_close(_cumsum(x, dim, torch.float64), x.cumsum(dim, dtype=torch.float64))


def test_cumsum_of_infinities_and_scalars():
    x = torch.tensor([1.0, float("inf"), 2.0, float("nan"), 3.0])
    torch.testing.assert_close(_cumsum(x, 0), x.cumsum(0), equal_nan=True)
    assert _cumsum(torch.tensor(3), 0) == 3


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_softmax_and_layer_norm(dtype):
    x = torch.randn(3, 5, 129).to(dtype)
    torch.testing.assert_close(_softmax(x, 1, False), torch.softmax(x, 1))
    weight, bias = torch.randn(2, 129).to(dtype)
    expected = torch.native_layer_norm(x, (129,), weight, bias, 1e-5)
    found = _layer_norm(x, (129,), weight, bias, 1e-5)
    torch.testing.assert_close(found[0], expected[0])
    torch.testing.assert_close(found[2].float(), expected[2].float(), atol=1e-2, rtol=1e-2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("shape, groups", [((2, 6, 5), 3), ((1, 6, 4, 5), 2), ((3, 6, 17), 1)])
def test_group_norm(shape, groups, dtype):
    x = torch.randn(shape).to(dtype)
    weight, bias = torch.randn(2, 6).to(dtype)
    arguments = (weight, bias, shape[0], 6, x[0, 0].numel(), groups, 1e-5)
    expected = torch.native_group_norm(x, *arguments)
    found = _group_norm(x, *arguments)
    torch.testing.assert_close(found[0], expected[0])
    torch.testing.assert_close(found[2].float(), expected[2].float(), atol=1e-2, rtol=1e-2)


@pytest.mark.parametrize(
    "heads, options",
    [
        (6, {}),
        (6, {"is_causal": True}),
        (6, {"scale": 0.5}),
        (2, {"enable_gqa": True}),
        (6, {"attn_mask": torch.ones(17, 17, dtype=torch.bool).tril()}),
        (6, {"attn_mask": torch.linspace(-1, 1, 17 * 17).reshape(1, 1, 17, 17)}),
    ],
)
def test_plain_attention(heads, options):
    torch.manual_seed(5)
    query = torch.randn(2, 6, 17, 8)
    key, value = torch.randn(2, 2, heads, 17, 8)
    expected = F.scaled_dot_product_attention(query, key, value, **options)
    torch.testing.assert_close(_plain(query, key, value, **options), expected)
