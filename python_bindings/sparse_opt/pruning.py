"""Pruned weights to go on training with."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _sparse_opt
from .calibration import calibrate, split_calls
from .compiler import Path_, is_text, request, result_of

if TYPE_CHECKING:
    import numpy as np
    import torch


@dataclass(frozen=True)
class PrunedWeights:
    """What a recipe made of weights, by name: arrays of torch, or of numpy after `prune_mlir`."""

    #: The new values; tied weights under each of their names.
    weights: Mapping[str, Any]
    #: bool: where `weights` is not 0.
    masks: Mapping[str, Any]
    #: The zero pattern of each, such as "2:4" or "unstructured 0.5".
    patterns: Mapping[str, str]
    #: The hash of what each was before, by which profiles know it.
    originals: Mapping[str, str]

    def apply(self, module: torch.nn.Module) -> None:
        """Gives a torch module these weights, and their masks as torch.nn.utils.prune does: training
        keeps zeros. `torch.nn.utils.prune.remove` makes them plain weights again."""
        import torch
        from torch.nn.utils import prune

        owners = {}
        for name, value in self.weights.items():
            path, _, leaf = name.rpartition(".")
            owner = owners[name] = module.get_submodule(path)
            old = getattr(owner, leaf, None)
            if not isinstance(old, torch.nn.Parameter) or old.shape != value.shape:
                raise ValueError(f"expected a module with a parameter '{name}' of shape "
                                 f"{tuple(value.shape)} that is not masked, found another")
        for name, value in self.weights.items():
            leaf = name.rpartition(".")[2]
            with torch.no_grad():
                getattr(owners[name], leaf).copy_(value)
            prune.custom_from_mask(owners[name], leaf, self.masks[name])

    def save(self, weights: Path_, masks: Path_) -> None:
        """Writes two safetensors files: the weights, and the masks under the weights' names and
        `_mask`, as rules with `mask:` read them."""
        metadata = {"sparse_opt_original": json.dumps(dict(self.originals), sort_keys=True)}
        named = {f"{name}_mask": mask for name, mask in self.masks.items()}
        for path, tensors in ((weights, self.weights), (masks, named)):
            beside = Path(f"{os.fspath(path)}.{os.getpid()}")
            try:
                _save(dict(tensors), beside, metadata)
                os.replace(beside, path)
            finally:
                beside.unlink(missing_ok=True)


def prune(
    module: Any,
    recipe: Path_,
    calls: Iterable[Any],
    *,
    profile: Path_ | None = None,
    statistics: Sequence[str] = (),
    dynamic_shapes: Any = None,
) -> PrunedWeights:
    """Carries out a recipe on the weights of a torch module, which stays as it is.

    The first of `calls` says what the module is called with, as in `calibrate`. Importances that
    read a profile and name none read `profile`; with `statistics` it is collected over all calls
    first: ["gram"] is what wanda and sparsegpt need."""
    from .frontend import export_torch

    first, rest = split_calls(calls)
    if statistics and profile is not None:
        raise ValueError("expected a profile or statistics to collect, got both")
    with tempfile.TemporaryDirectory() as folder:
        if statistics:
            profile = Path(folder) / "profile.safetensors"
            calibrate(module, chain([first], rest), profile, statistics=statistics,
                      dynamic_shapes=dynamic_shapes)
        imported = export_torch(module, first, None, dynamic_shapes)
        pruned = result_of(_sparse_opt.prune(
            **request(imported.text, "", imported.blobs, recipe, profile)))
    names: dict[str, list[str]] = {}
    for alias, stored in imported.aliases.items():
        names.setdefault(stored, []).append(alias)
    return _collect((name, pattern, original, _tensor(array))
                    for stored, pattern, original, array in pruned
                    for name in (stored, *names.get(stored, ())))


def prune_mlir(source: Path_, weights: Mapping[str, Any] | Path_ | None, recipe: Path_, *,
               profile: Path_ | None = None) -> PrunedWeights:
    """Carries out a recipe on the weights of linalg text, or of the file that has it; the arguments
    are those of `compile_mlir`. The arrays are numpy's, and nothing needs torch."""
    text, file = (source, "") if is_text(source) else ("", os.fspath(source))
    return _collect(result_of(_sparse_opt.prune(**request(text, file, weights, recipe, profile))))


def _collect(rows: Iterable[tuple[str, str, str, Any]]) -> PrunedWeights:
    pruned = PrunedWeights({}, {}, {}, {})
    for name, pattern, original, array in rows:
        pruned.weights[name], pruned.masks[name] = array, array != 0
        pruned.patterns[name], pruned.originals[name] = pattern, original
    return pruned


def _save(tensors: dict[str, Any], path: Path, metadata: dict[str, str]) -> None:
    torch = sys.modules.get("torch")
    if torch is not None and any(isinstance(value, torch.Tensor) for value in tensors.values()):
        from safetensors.torch import save_file

        # Tied weights share memory, which safetensors refuses.
        return save_file({name: value.clone() for name, value in tensors.items()}, path, metadata)
    from safetensors.numpy import save_file

    return save_file(tensors, path, metadata)


def _tensor(array: np.ndarray) -> torch.Tensor:
    """The same memory; torch does not know numpy's bfloat16."""
    import torch

    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view("int16")).view(torch.bfloat16)
    return torch.from_numpy(array)
