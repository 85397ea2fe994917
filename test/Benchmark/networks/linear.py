"""One linear layer without bias for benchmarks: exports for every engine, and the oracle.

A case m128k384n1536 is x (128 x 384) times the transpose of a weight (1536 x 384). Run as
`python networks/linear.py STEP FOLDER CASE`; each step is a process of its own:
    data             CASE.npz (x), CASE.safetensors (the weight), CASE.npy (the product, in f64)
    pruned           CASE-nm2x4.npy, the product with two of four weights
    onnx, openvino   the layer for that peer, static shapes"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import numpy as np


def sizes(case: str) -> tuple[int, int, int]:
    """m128k384n1536 -> (128, 384, 1536)."""
    m, k, n = re.fullmatch(r"m(\d+)k(\d+)n(\d+)", case).groups()
    return int(m), int(k), int(n)


def arrays(case: str) -> tuple[np.ndarray, np.ndarray]:
    """x and the weight."""
    m, k, n = sizes(case)
    random = np.random.default_rng(0)
    return (random.standard_normal((m, k), dtype=np.float32),
            random.standard_normal((n, k), dtype=np.float32))


def module(case: str):
    import torch

    _, weight = arrays(case)
    layer = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    layer.weight = torch.nn.Parameter(torch.from_numpy(weight), requires_grad=False)
    return layer.eval()


def __getattr__(name: str):
    """`networks.linear:m128k384n1536` is a function that makes that layer."""
    if not re.fullmatch(r"m\d+k\d+n\d+", name):
        raise AttributeError(name)
    return lambda: module(name)


def text(case: str) -> str:
    """The layer as linalg on tensors; its weight is the resource `weight`."""
    m, k, n = sizes(case)
    return f"""func.func @forward(%x: tensor<{m}x{k}xf32>) -> tensor<{m}x{n}xf32> {{
  %w = arith.constant dense_resource<weight> : tensor<{n}x{k}xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<{m}x{n}xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<{m}x{n}xf32>) -> tensor<{m}x{n}xf32>
  %te = tensor.empty() : tensor<{k}x{n}xf32>
  %t = linalg.transpose ins(%w : tensor<{n}x{k}xf32>) outs(%te : tensor<{k}x{n}xf32>) permutation = [1, 0]
  %y = linalg.matmul ins(%x, %t : tensor<{m}x{k}xf32>, tensor<{k}x{n}xf32>)
      outs(%z : tensor<{m}x{n}xf32>) -> tensor<{m}x{n}xf32>
  return %y : tensor<{m}x{n}xf32>
}}
"""


def data(folder: Path, case: str) -> None:
    from safetensors.numpy import save_file

    x, weight = arrays(case)
    np.savez(folder / f"{case}.npz", x=x)
    save_file({"weight": weight}, folder / f"{case}.safetensors")
    (folder / f"{case}.mlir").write_text(text(case))
    np.save(folder / f"{case}.npy", x.astype(np.float64) @ weight.T)


def pruned(folder: Path, case: str) -> None:
    x, weight = arrays(case)
    groups = weight.reshape(weight.shape[0], -1, 4)
    smallest = np.argsort(np.abs(groups), axis=-1, kind="stable")[..., :2]
    np.put_along_axis(groups, smallest, 0, axis=-1)
    np.save(folder / f"{case}-nm2x4.npy", x.astype(np.float64) @ weight.T)


def onnx(folder: Path, case: str) -> None:
    import torch

    x, _ = arrays(case)
    torch.onnx.export(module(case), (torch.from_numpy(x),), folder / f"{case}.onnx", dynamo=True,
                      external_data=False, input_names=["x"], verbose=False)


def openvino(folder: Path, case: str) -> None:
    import openvino
    import torch

    x, _ = arrays(case)
    model = openvino.convert_model(module(case), example_input=(torch.from_numpy(x),),
                                   input=[list(x.shape)])
    openvino.save_model(model, folder / f"{case}.xml", compress_to_fp16=False)


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    globals()[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
