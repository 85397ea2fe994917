"""Microseconds of a call from Python to a program that does next to nothing, with the inputs of
MiniLM at (1, 1): as a torch module with torch tensors, and loaded from a file with arrays."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import sparse_opt
import torch


class Nothing(torch.nn.Module):
    def forward(self, ids, mask):
        return ids + mask


def microseconds(call, *arguments) -> float:
    """The best mean of 50 batches of 200 calls."""
    best = float("inf")
    for _ in range(50):
        start = time.perf_counter()
        for _ in range(200):
            call(*arguments)
        best = min(best, time.perf_counter() - start)
    return best / 200 * 1e6


def main() -> None:
    arguments = (torch.ones((1, 1), dtype=torch.int64),) * 2
    program = sparse_opt.compile(Nothing(), arguments)
    torch_us = microseconds(program, *arguments)
    with tempfile.TemporaryDirectory() as folder:
        program.save(Path(folder) / "nothing.so")
        loaded = sparse_opt.load(Path(folder) / "nothing.so")
        numpy_us = microseconds(loaded, *[np.ones((1, 1), np.int64)] * 2)
    print(f"{torch_us:.2f} {numpy_us:.2f}")


if __name__ == "__main__":
    main()
