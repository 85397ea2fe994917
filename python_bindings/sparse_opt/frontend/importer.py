"""From an exported program to linalg text for MLIR 22, weights left out of the text."""

from __future__ import annotations

import re

import torch
from torch.export import ExportedProgram
from torch.export.graph_signature import ConstantArgument, InputKind
from torch_mlir import ir
from torch_mlir.dialects import torch as torch_dialect
from torch_mlir.extras import fx_importer
from torch_mlir.passmanager import PassManager

from .errors import ExportError
from .signature import CallSignature, TensorInfo
from .views import LEGAL_OPS, lower_flattens, split_dynamic_views
from .weights import WeightTable, raw_bytes

# The two pipelines of torch-mlir itself.
_TO_BACKEND = (
    "builtin.module(func.func(torch-match-quantized-custom-ops),"
    "torchdynamo-export-to-torch-backend-pipeline{backend-legal-ops=LEGAL extra-library=})"
)
_TO_LINALG = "builtin.module(torch-backend-to-linalg-on-tensors-backend-pipeline)"

# Constants up to this many elements, if no parameter or buffer, stay in the text, where they fold.
_INLINE_LIMIT = 16

_HANDLE = re.compile(r'dense_resource<(?:"([^"]+)"|([^>"]+))>')

# MLIR's tensors of integers have no sign.
_UNSIGNED = {torch.uint8, torch.uint16, torch.uint32, torch.uint64}

# What the printer leaves of the resource section once no blob is printed.
_EMPTY_SECTION = re.compile(r"\n\{-#\s*#-\}\s*\Z")

# torch-mlir's own dialect, which MLIR 22 does not know. Only attention may remain, in generic form.
_FOREIGN = "tm_tensor."
_ATTENTION = "tm_tensor.attention"
_STAND_IN = "sparse_opt_import.attention"


class _NamedWeights(fx_importer.FxImporterHooks):
    """Imports parameters, buffers and constants as resources whose handles are their names.

    The name comes from the graph signature (`info.input_spec.target`); lifted constants have no
    hook argument that names them, so these are found by the tensor's identity."""

    def __init__(self, program: ExportedProgram, weights: WeightTable):
        self._weights = weights
        self._attributes: dict[str, ir.Attribute] = {}
        for spec in program.graph_signature.input_specs:
            if spec.kind is InputKind.CONSTANT_TENSOR:
                value = program.constants[spec.target]
                lifted = spec.target.rpartition(".")[2].startswith("lifted_tensor_")
                weights.handle_for(value, None if lifted else spec.target)

    def resolve_input(self, gni, value, info):
        # torch-mlir inlines single numbers: right for integers, which may become sizes, and for
        # constants, but a parameter keeps its name.
        is_named = info.input_spec.kind in (InputKind.PARAMETER, InputKind.BUFFER)
        if not _is_plain(value) and not (is_named and _is_single_float(value)):
            return None
        as_bool = value.dtype is torch.bool
        literal = self._literal(gni, value, info.input_spec.target, None if as_bool else info.ir_type)
        return gni._convert_type(literal, torch.Tensor, torch.bool, value.size()) if as_bool else literal

    def resolve_literal(self, gni, literal, info):
        if not isinstance(literal, torch.Tensor) or not _is_plain(literal):
            return None
        if info is None and literal.numel() <= _INLINE_LIMIT:
            return _emit(gni, _inline(literal), None)
        return self._literal(gni, literal, info and info.input_spec.target, None)

    def _literal(self, gni, value, name, result_type):
        handle = self._weights.handle_for(value, name)
        if handle not in self._attributes:  # Made twice, a resource would get another name.
            blob = self._weights.blob(handle, value)
            self._attributes[handle] = ir.DenseResourceElementsAttr.get_from_buffer(
                raw_bytes(blob), handle, fx_importer.create_mlir_tensor_type(blob)
            )
        return _emit(gni, self._attributes[handle], result_type)


class _ModulePaths(fx_importer.ContextCache):
    """Locations that name the submodule: loc("encoder.layer.0.attention"("model.py":12:0))."""

    def get_node_location(self, node):
        location = super().get_node_location(node)
        stack = node.meta.get("nn_module_stack")
        path = list(stack.values())[-1][0] if stack else ""
        return ir.Location.name(path, location, self._c) if path else location


def _is_plain(value: torch.Tensor) -> bool:
    """False for what torch-mlir's own path imports: scalars (inline) and sparse layouts."""
    return value.layout is torch.strided and value.numel() > 1


def _is_single_float(value: torch.Tensor) -> bool:
    return value.layout is torch.strided and value.numel() == 1 and value.is_floating_point()


def _inline(literal: torch.Tensor) -> ir.DenseElementsAttr:
    data = raw_bytes(literal.detach().cpu().contiguous())
    return ir.DenseElementsAttr.get(data, type=fx_importer.create_mlir_tensor_type(literal))


def _emit(gni, attribute: ir.Attribute, result_type: ir.Type | None) -> ir.Value:
    if result_type is None:
        shape = ",".join(str(size) for size in attribute.type.shape)
        result_type = ir.Type.parse(f"!torch.vtensor<[{shape}],{attribute.type.element_type}>")
    return ir.Operation.create(
        "torch.vtensor.literal", results=[result_type], attributes={"value": attribute}
    ).result


def import_text(
    program: ExportedProgram,
    weights: WeightTable,
    signature: CallSignature,
    function: str,
    legal_ops: tuple[str, ...],
    locations: bool,
) -> str:
    """Lowers `program` to linalg on tensors and prints it; the weights go into `weights`.

    Constant results (None, numbers) are dropped from `program`: the call signature has them."""
    outputs = program.graph_signature.output_specs
    outputs[:] = [spec for spec in outputs if not isinstance(spec.arg, ConstantArgument)]
    split_dynamic_views(program)
    context = ir.Context()
    torch_dialect.register_dialect(context)
    importer = fx_importer.FxImporter(context=context, hooks=_NamedWeights(program, weights))
    importer._cc = _ModulePaths(context, py_attr_tracker=importer._py_attr_tracker)
    try:
        importer.import_program(program, func_name=function)
        with context:
            _run(importer.module, _TO_BACKEND.replace("LEGAL", ",".join(legal_ops + LEGAL_OPS)))
            # Passes load the dialects they produce; `lower_flattens` needs torch_c before that.
            _run(ir.Module.parse("module {}"), _TO_LINALG)
            lower_flattens(importer.module)
            _run(importer.module, _TO_LINALG)
    except ExportError:
        raise
    except (NotImplementedError, TypeError, ValueError, ir.MLIRError) as error:
        raise ExportError(f"torch-mlir cannot lower the program: {error}") from error
    _make_attention_generic(importer.module, context)
    _describe_boundary(importer.module, signature, function)
    # A limit of 0 leaves every blob out. Dense attributes are never elided: that loses numbers.
    text = importer.module.operation.get_asm(
        large_resource_limit=0, enable_debug_info=locations
    )
    text = _EMPTY_SECTION.sub("", text).replace(f'"{_STAND_IN}"', f'"{_ATTENTION}"')
    _check_handles(text, weights)
    return text


def _describe_boundary(module: ir.Module, signature: CallSignature, function: str) -> None:
    """What MLIR's types do not say of inputs and results: names, and that integers have no sign."""
    def attributes(info: TensorInfo) -> ir.DictAttr:
        said = {"sparsity.name": ir.StringAttr.get(info.name)}
        if info.dtype in _UNSIGNED:
            said["sparsity.unsigned"] = ir.UnitAttr.get()
        return ir.DictAttr.get(said)

    with module.context:
        main = next(op for op in module.body.operations if ir.StringAttr(op.attributes["sym_name"]).value == function)
        for key, infos in (("arg_attrs", signature.inputs), ("res_attrs", signature.outputs)):
            if infos:
                main.attributes[key] = ir.ArrayAttr.get([attributes(info) for info in infos])


def _run(module: ir.Module, pipeline: str) -> None:
    PassManager.parse(pipeline).run(module.operation)


def _make_attention_generic(module: ir.Module, context: ir.Context) -> None:
    """Gives attention ops a name that no dialect claims, so that they alone print in generic form."""
    context.allow_unregistered_dialects = True
    # Outermost first: the terminator of a foreign op's body is no news.
    for op in reversed(_operations_of(module, _FOREIGN)):
        if op.name != _ATTENTION:
            raise ExportError(f"operation '{op.name}' has no form in MLIR 22 ({op.location})")
        with op.location, ir.InsertionPoint(op):
            stand_in = ir.Operation.create(
                _STAND_IN,
                results=[result.type for result in op.results],
                operands=list(op.operands),
                attributes={name: op.attributes[name] for name in op.attributes},
            )
        for old, new in zip(op.results, stand_in.results):
            old.replace_all_uses_with(new)
        op.erase()


def _operations_of(module: ir.Module, prefix: str) -> list[ir.Operation]:
    found: list[ir.Operation] = []

    def visit(op):
        if op.name.startswith(prefix):
            found.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    return found


def _check_handles(text: str, weights: WeightTable) -> None:
    used = {quoted or plain for quoted, plain in _HANDLE.findall(text)}
    unknown = sorted(used - weights.blobs.keys())
    if unknown:
        raise ExportError(f"the program reads resources that are no weights: {', '.join(unknown)}")
    weights.keep_only(used)
