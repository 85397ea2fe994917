"""Which name a weight has, and its bytes: one handle for each distinct tensor of a module."""

from __future__ import annotations

import torch

Key = tuple[int, tuple[int, ...], tuple[int, ...], torch.dtype]


def _key(tensor: torch.Tensor) -> Key:
    """Two tensors with the same key are the same bytes read the same way."""
    return (tensor.data_ptr(), tuple(tensor.shape), tuple(tensor.stride()), tensor.dtype)


class WeightTable:
    """Hands out handles. A handle is the first name that the module itself lists for a tensor,
    parameters before buffers, so tied weights share one handle; every other name is an alias."""

    def __init__(self, module: torch.nn.Module):
        self.blobs: dict[str, torch.Tensor] = {}
        self.aliases: dict[str, str] = {}
        self._handle_of: dict[Key, str] = {}
        # A key holds an address, so every tensor that has one must stay alive.
        self._alive: list[torch.Tensor] = []
        self._constants = 0
        for named in (module.named_parameters, module.named_buffers):
            for name, tensor in named(remove_duplicate=False):
                self._add_name(name, tensor)

    def _add_name(self, name: str, tensor: torch.Tensor) -> None:
        if tensor.layout is not torch.strided or tensor.numel() == 0:
            return
        handle = self._handle_of.setdefault(_key(tensor), name)
        self._alive.append(tensor)
        if handle != name:
            self.aliases[name] = handle

    def handle_for(self, tensor: torch.Tensor, name: str | None) -> str:
        """The handle of `tensor`, which the exported program calls `name` (None: it has no name)."""
        key = _key(tensor)
        if key not in self._handle_of:
            self._handle_of[key] = name or self._new_constant()
            self._alive.append(tensor)
        return self._handle_of[key]

    def _new_constant(self) -> str:
        self._constants += 1
        return f"constant.{self._constants - 1}"

    def blob(self, handle: str, tensor: torch.Tensor) -> torch.Tensor:
        """The contiguous CPU tensor stored under `handle`; it shares memory with `tensor` if that
        is contiguous on the CPU already. Booleans are stored as bytes."""
        if handle not in self.blobs:
            data = tensor.detach().cpu().contiguous()
            self.blobs[handle] = data.view(torch.uint8) if data.dtype is torch.bool else data
        return self.blobs[handle]

    def keep_only(self, handles: set[str]) -> None:
        """Drops the weights that the program does not read."""
        self.blobs = {name: blob for name, blob in self.blobs.items() if name in handles}
        self.aliases = {name: to for name, to in self.aliases.items() if to in self.blobs}


def raw_bytes(blob: torch.Tensor):
    """The bytes of a blob as a one-dimensional numpy array that shares its memory."""
    return blob.reshape(-1).view(torch.uint8).numpy()
