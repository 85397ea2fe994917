"""MiniLM for benchmarks: exports for every engine, and the oracle.

Run as `python networks/minilm.py STEP FOLDER [ARGUMENTS]`; each step is a process of its own, so
that none sees the memory or the threads of another:
    program                   minilm.mlir and minilm.safetensors, dynamic shapes
    inputs CASE               CASE.npz
    oracle PROGRAM CASE       PROGRAM-CASE.npy, in double precision
    onnx|openvino|vmfb CASE   the network for that peer, static shapes
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[3]
RECIPES = Path(__file__).resolve().parents[1] / "recipes"


def _network():
    """The sentence encoder of the Python tests."""
    spec = importlib.util.spec_from_file_location(
        "minilm_network", ROOT / "test" / "python" / "minilm.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_eager():
    return _network().load("eager")


def load():
    """With torch's fused attention, the fastest form for torch and its exports."""
    return _network().load("sdpa")


def shape(case: str) -> tuple[int, int]:
    """b8s128 -> (8, 128)."""
    batch, length = case.removeprefix("b").split("s")
    return int(batch), int(length)


def _example(case: str):
    return _network().example(*shape(case))


def program(folder: Path) -> None:
    from sparse_opt.frontend import export_torch

    network = _network()
    imported = export_torch(load_eager(), network.example(2, 7), None, network.DYNAMIC_SHAPES)
    imported.save(folder / "minilm.mlir", folder / "minilm.safetensors")


def inputs(folder: Path, case: str) -> None:
    ids, mask = _example(case)
    np.savez(folder / f"{case}.npz", ids=ids.numpy(), mask=mask.numpy())


def oracle(folder: Path, name: str, case: str) -> None:
    """torch's own result with the weights that the recipe leaves, in f64."""
    from networks.pruning import prune

    module = load_eager()
    if name != "dense":
        prune(module, RECIPES / f"{name}.yaml")
    ids, mask = _example(case)
    with torch.no_grad():
        result = module.double()(ids, mask)
    np.save(folder / f"{name}-{case}.npy", result.numpy())


def onnx(folder: Path, case: str) -> None:
    torch.onnx.export(load(), _example(case), folder / f"{case}.onnx", dynamo=True,
                      external_data=False, input_names=["ids", "mask"], verbose=False)


def openvino(folder: Path, case: str) -> None:
    import openvino

    ids, mask = _example(case)
    model = openvino.convert_model(load(), example_input=(ids, mask),
                                   input=[list(ids.shape), list(mask.shape)])
    openvino.save_model(model, folder / f"{case}.xml", compress_to_fp16=False)


def vmfb(folder: Path, case: str) -> None:
    """For IREE. Static linalg text with its weights in it, through IREE's own compiler."""
    from iree.compiler import compile_file
    from sparse_opt.frontend import export_torch

    imported = export_torch(load_eager(), _example(case))
    text = folder / f"{case}.mlir"
    with text.open("w") as file:
        file.write(imported.text)
        file.write("\n{-#\n  dialect_resources: {\n    builtin: {\n")
        entries = (f'      "{name}": "0x40000000{blob.contiguous().numpy().tobytes().hex()}"'
                   for name, blob in imported.blobs.items())
        for index, entry in enumerate(entries):
            file.write((",\n" if index else "") + entry)
        file.write("\n    }\n  }\n#-}\n")
    compile_file(str(text), output_file=str(folder / f"{case}.vmfb"), input_type="auto",
                 target_backends=["llvm-cpu"],
                 extra_args=["--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3",
                             f"--iree-llvmcpu-stack-allocation-limit={1 << 20}"])
    text.unlink()


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    step, place, *arguments = sys.argv[1:]
    globals()[step](Path(place), *arguments)
