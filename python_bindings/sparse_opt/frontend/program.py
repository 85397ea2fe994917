"""What the import of a torch module gives: text, weights by name, and the form of the call."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from .signature import CallSignature, TensorInfo

_ASSERT = re.compile(r'\bcf\.assert [^,]+, "([^"]*)"')


@dataclass(frozen=True)
class ImportedProgram:
    """A linalg program without weights in it, and its weights.

    Each `dense_resource<name>` of `text` is the tensor `blobs[name]`; the blobs share memory with
    the module, so the module must not be trained while they are in use. `aliases` maps the other
    names of tied weights to the name in `blobs`."""

    text: str
    blobs: dict[str, torch.Tensor]
    aliases: dict[str, str]
    signature: CallSignature
    function: str

    @property
    def inputs(self) -> tuple[TensorInfo, ...]:
        """The arguments of the function, in order."""
        return self.signature.inputs

    @property
    def outputs(self) -> tuple[TensorInfo, ...]:
        """The results of the function, in order; `signature.unflatten` rebuilds the Python value."""
        return self.signature.outputs

    @property
    def guards(self) -> Counter[str]:
        """The run-time checks that remain in the program: message -> number of `cf.assert` ops."""
        return Counter(_ASSERT.findall(self.text))

    def save(self, text_path: str | os.PathLike, weights_path: str | os.PathLike) -> None:
        """Writes the text and a safetensors file whose tensor names are the handles: both beside
        their places, then both renamed."""
        from safetensors.torch import save_file

        metadata = {"aliases": json.dumps(self.aliases, sort_keys=True)}
        blobs = _without_shared_storage(self.blobs)
        with _beside(weights_path) as weights, _beside(text_path) as text:
            mode = weights.stat().st_mode
            save_file(blobs, weights, metadata)
            weights.chmod(mode)
            text.write_text(self.text, encoding="utf-8")


def _without_shared_storage(blobs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """safetensors refuses tensors that overlap in memory, such as two views of one weight."""
    seen: set[int] = set()
    result = {}
    for name, blob in blobs.items():
        storage = blob.untyped_storage().data_ptr()
        result[name] = blob.clone() if storage in seen else blob
        seen.add(storage)
    return result


@contextlib.contextmanager
def _beside(path: str | os.PathLike) -> Iterator[Path]:
    """A new file that takes the place of `path` when the block succeeds."""
    target = Path(path).absolute()
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        try:
            beside.touch(exist_ok=False)
        except OSError as error:
            raise type(error)(error.errno, error.strerror, str(path)) from None
        yield beside
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)
