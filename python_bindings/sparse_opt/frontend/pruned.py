"""Weights that torch.nn.utils.prune has masked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch.nn.utils.prune import BasePruningMethod


@contextlib.contextmanager
def masked_weights(module: torch.nn.Module) -> Iterator[None]:
    """Inside, the module has the masked weights themselves, under their own names, where torch
    computes `weight_orig * weight_mask` before each call: the zeros are constants then, which the
    compiler can see. Modules that read the mask itself cannot be compiled. Afterwards the module
    is as it was."""
    with contextlib.ExitStack() as undo:
        for part in module.modules():
            hooks = {key: hook for key, hook in part._forward_pre_hooks.items()
                     if isinstance(hook, BasePruningMethod)}
            if hooks:
                for table in (part._parameters, part._buffers, part._forward_pre_hooks, part.__dict__):
                    undo.callback(_restore, table, dict(table))
            for key, hook in hooks.items():
                name = hook._tensor_name
                weight = hook.apply_mask(part).detach()
                del part._forward_pre_hooks[key]
                del part._parameters[name + "_orig"], part._buffers[name + "_mask"]
                setattr(part, name, torch.nn.Parameter(weight, requires_grad=False))
        yield


def _restore(table: dict, entries: dict) -> None:
    table.clear()
    table.update(entries)
