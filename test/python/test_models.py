"""Every model of the zoo, compiled by sparse-opt, computes torch's numbers: as it is, and with
zeros in its linear weights, which the compiler finds by itself."""

from __future__ import annotations

import copy

import models
import pytest
import torch
from sparse_opt.frontend import export_torch
from torch import nn
from torch.utils import _pytree as pytree

import sparse_opt as so

pytest.importorskip("sparse_opt._sparse_opt")

def keep_two_of_four(weight):
    groups = torch.arange(weight.shape[1]) // 4
    for group in range(int(groups[-1]) + 1):
        part = weight[:, groups == group]
        small = part.abs().argsort(1)[:, : max(part.shape[1] - 2, 0)]
        weight[:, groups == group] = part.scatter(1, small, 0.0)


def keep_some_blocks(weight):
    for row in range(0, weight.shape[0], 16):
        for column in range(0, weight.shape[1], 16):
            if (row + column) // 16 % 4 != 1:
                weight[row:row + 16, column:column + 16] = 0.0


def keep_every_fifth(weight):
    weight[torch.rand(weight.shape) > 0.2] = 0.0


PATTERNS = {"dense": None, "2:4": keep_two_of_four, "block": keep_some_blocks,
            "unstructured": keep_every_fifth}


CASES = [pytest.param(model, pattern, id=f"{model.name}-{pattern}")
         for model in models.all_models() for pattern in PATTERNS
         if pattern == "dense" or any(isinstance(m, nn.Linear) for m in model.module.modules())]


def make_sparse(module, prune):
    module = copy.deepcopy(module)
    if prune is not None:
        with torch.no_grad():
            for part in module.modules():
                if isinstance(part, nn.Linear):
                    prune(part.weight)
    return module


@pytest.mark.parametrize("model, pattern", CASES)
def test_numbers(model, pattern):
    module = make_sparse(model.module, PATTERNS[pattern])
    imported = export_torch(module, model.args, dynamic_shapes=model.dynamic_shapes,
                            attention=model.attention)
    program = so.compile_mlir(imported.text, imported.blobs)
    for args in (model.args, *model.more_args):
        with torch.no_grad():
            expected = pytree.tree_leaves(module(*args))
        found = program(*imported.signature.flatten(args))
        found = pytree.tree_leaves(
            imported.signature.unflatten(found if isinstance(found, tuple) else (found,)))
        assert len(found) == len(expected)
        for y, exact in zip(found, expected):
            if exact is None:
                assert y is None
                continue
            assert y.shape == exact.shape and y.dtype == exact.dtype
            limit = model.tolerance * exact.double().abs().max()
            assert (y.double() - exact.double()).abs().max() <= limit
