"""What a recipe leaves of a torch module's weights: magnitude pruning in NumPy, written from the
definitions alone, as the oracle of the compiler's own."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import yaml


def mask_nm(weight: np.ndarray, n: int, m: int) -> np.ndarray:
    """Keeps the n largest of every m inputs; the first of equals."""
    rows, cols = weight.shape
    padded = np.full((rows, -(-cols // m) * m), -1.0)
    padded[:, :cols] = np.abs(weight)
    groups = padded.reshape(rows, -1, m)
    order = np.argsort(-groups, axis=-1, kind="stable")[..., :n]
    mask = np.zeros(groups.shape, bool)
    np.put_along_axis(mask, order, True, axis=-1)
    return mask.reshape(rows, -1)[:, :cols]


def _keep_largest(scores: np.ndarray, sparsity: float) -> np.ndarray:
    kept = int(np.floor((1 - sparsity) * scores.size + 0.5))
    mask = np.zeros(scores.size, bool)
    mask[np.argsort(-scores.ravel(), kind="stable")[:kept]] = True
    return mask.reshape(scores.shape)


def mask_block(weight: np.ndarray, height: int, width: int, sparsity: float) -> np.ndarray:
    rows, cols = weight.shape
    padded = np.zeros((-(-rows // height) * height, -(-cols // width) * width))
    padded[:rows, :cols] = np.abs(weight)
    sums = padded.reshape(-(-rows // height), height, -(-cols // width), width).sum((1, 3))
    blocks = _keep_largest(sums, sparsity)
    return np.kron(blocks, np.ones((height, width), bool))[:rows, :cols].astype(bool)


def mask_for(weight: np.ndarray, rule: dict) -> np.ndarray:
    pattern = rule["pattern"]
    if ":" in pattern:
        return mask_nm(weight, *map(int, pattern.split(":")))
    if pattern.startswith("block "):
        height, width = map(int, pattern.removeprefix("block ").split("x"))
        return mask_block(weight, height, width, rule["target_sparsity"])
    return _keep_largest(np.abs(weight).astype(np.float64), rule["target_sparsity"])


def prune(module, recipe: Path) -> None:
    """Clears what the last matching rule of the recipe asks for, in the module's own weights."""
    rules = yaml.safe_load(recipe.read_text())["rules"]
    for name, parameter in module.named_parameters():
        matching = [rule for rule in rules if fnmatchcase(name, rule["match"])]
        if not matching or matching[-1]["pattern"] == "dense":
            continue
        weight = parameter.data.numpy()
        weight[~mask_for(weight, matching[-1])] = 0
