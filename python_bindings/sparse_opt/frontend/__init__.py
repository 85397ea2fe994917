"""From a torch module to linalg on tensors: text without weights, and the weights by name."""

from .errors import ExportError
from .export import export_torch
from .program import ImportedProgram
from .signature import CallSignature, TensorInfo

__all__ = ["CallSignature", "ExportError", "ImportedProgram", "TensorInfo", "export_torch"]
