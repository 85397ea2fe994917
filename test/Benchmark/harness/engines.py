"""The engines that run a network: ours and the peers, each behind the same three calls.

A model is a dictionary of places: `program` (ours), `onnx`, `openvino`, `vmfb`, or `torch`, a
function "module:name" that gives the module. Every engine computes in f32."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from importlib.metadata import version
from typing import Any

import numpy as np


class Engine(ABC):
    """One model with one set of inputs, bound when it is loaded; runs must not convert them."""

    def __init__(self, threads: int):
        self.threads = threads

    @abstractmethod
    def version(self) -> str: ...

    @abstractmethod
    def load(self, model: dict[str, str], inputs: dict[str, np.ndarray]) -> None: ...

    @abstractmethod
    def run(self) -> Any: ...

    def result(self) -> np.ndarray:
        return np.asarray(self.run())


class SparseOpt(Engine):
    def version(self) -> str:
        return "sparse-opt"

    def load(self, model, inputs):
        import sparse_opt

        self._program = sparse_opt.load(model["program"])
        self._inputs = list(inputs.values())

    def run(self):
        return self._program(*self._inputs, threads=self.threads)


class OpenVINO(Engine):
    def version(self) -> str:
        return f"OpenVINO {version('openvino')}"

    def load(self, model, inputs):
        import openvino
        import openvino.properties as properties
        import openvino.properties.hint as hint

        compiled = openvino.Core().compile_model(model["openvino"], "CPU", {
            hint.inference_precision: openvino.Type.f32,
            hint.performance_mode: hint.PerformanceMode.LATENCY,
            hint.execution_mode: hint.ExecutionMode.ACCURACY,
            properties.inference_num_threads: self.threads,
            hint.enable_cpu_pinning: False,
        })
        self._request = compiled.create_infer_request()
        for index, value in enumerate(inputs.values()):
            self._request.set_input_tensor(index, openvino.Tensor(value))

    def run(self):
        self._request.infer()

    def result(self):
        self.run()
        return self._request.get_output_tensor(0).data.copy()


class OnnxRuntime(Engine):
    def version(self) -> str:
        return f"onnxruntime {version('onnxruntime')}"

    def load(self, model, inputs):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        self._session = onnxruntime.InferenceSession(
            model["onnx"], options, providers=["CPUExecutionProvider"])
        names = [info.name for info in self._session.get_inputs()]
        self._inputs = dict(zip(names, inputs.values(), strict=True))

    def run(self):
        return self._session.run(None, self._inputs)[0]


class Iree(Engine):
    def version(self) -> str:
        return f"IREE {version('iree-base-runtime')}"

    def load(self, model, inputs):
        import iree.runtime

        iree.runtime.flags.parse_flags(f"--task_topology_max_group_count={self.threads}")
        config = iree.runtime.Config("local-task")
        module = iree.runtime.VmModule.mmap(config.vm_instance, model["vmfb"])
        context = iree.runtime.SystemContext(vm_modules=[
            iree.runtime.create_hal_module(config.vm_instance, config.device), module],
            config=config)
        self._function = context.modules.module["forward"]
        self._inputs = [iree.runtime.asdevicearray(config.device, value)
                        for value in inputs.values()]

    def run(self):
        # The call returns before the work is done; reading the result waits for it.
        return self._function(*self._inputs).to_host()


class TorchEager(Engine):
    def version(self) -> str:
        return f"torch {version('torch')}"

    def load(self, model, inputs):
        import torch

        torch.set_num_threads(self.threads)
        torch.set_float32_matmul_precision("highest")
        torch.backends.mkldnn.matmul.fp32_precision = "ieee"
        torch.set_grad_enabled(False)
        module, _, function = model["torch"].partition(":")
        self._module = getattr(importlib.import_module(module), function)()
        self._inputs = [torch.from_numpy(value) for value in inputs.values()]

    def run(self):
        return self._module(*self._inputs)


class TorchCompile(TorchEager):
    def version(self) -> str:
        return f"torch.compile {version('torch')}"

    def load(self, model, inputs):
        import torch._inductor.config

        super().load(model, inputs)
        torch._inductor.config.freezing = True
        self._module = torch.compile(self._module, dynamic=False)


class Bandwidth(TorchEager):
    """Not a network: reads an array of the first parameter's size once."""

    def version(self) -> str:
        return f"sum by torch {version('torch')}"

    def load(self, model, inputs):
        import torch

        super().load(model, inputs)
        size = next(self._module.parameters()).numel()
        # Sums over columns of a tall matrix: every thread streams rows.
        self._array = torch.ones(size // 1024, 1024)
        del self._module

    def run(self):
        return self._array.sum(dim=1)


ENGINES: dict[str, type[Engine]] = {
    "sparse-opt": SparseOpt, "openvino": OpenVINO, "onnxruntime": OnnxRuntime, "iree": Iree,
    "torch-compile": TorchCompile, "torch": TorchEager, "bandwidth": Bandwidth}
