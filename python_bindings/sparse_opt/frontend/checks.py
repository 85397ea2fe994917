"""What a program asks of its arguments' sizes, written into the program itself, so that it holds
however the program is called: from Python, from C, after saving and loading."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

import sympy

from .errors import ExportError
from .signature import CallSignature, SizeSource

_ARGUMENT = re.compile(r"%arg(\d+): (tensor<[^>]*>)")


def add_checks(text: str, signature: CallSignature, function: str) -> str:
    """Adds assertions at the entry of `function`: sizes with one name agree and lie in its range.

    The verifier of MLIR sees to sizes that are numbers, the runtime to ranks and dtypes."""
    start = text.index(f"func.func @{function}(")
    end = text.index("\n", start) + 1
    types = {int(number): type_ for number, type_ in _ARGUMENT.findall(text[start:end])}
    checks = _Checks(types)
    values: dict[sympy.Symbol, str] = {}
    for symbol, source in signature.sources.items():
        place = _place(signature, source.index, source.axis)
        values[symbol] = checks.solve(source)
        low, high = signature.ranges.get(str(symbol), (0, None))
        if low > 0:
            checks.compare("sge", values[symbol], checks.constant(low),
                           f"expected {place} to be at least {source.extent(low)}")
        if high is not None:
            checks.compare("sle", values[symbol], checks.constant(high),
                           f"expected {place} to be at most {source.extent(high)}")
    for number, info in enumerate(signature.inputs):
        for axis, size in enumerate(info.shape):
            if isinstance(size, int) or "?" not in types.get(number, ""):
                continue
            source = signature.sources.get(size)
            if source and (source.index, source.axis) == (number, axis):
                continue
            wanted = _place(signature, source.index, source.axis) if source else f"'{size}'"
            checks.compare("eq", checks.extent(number, axis), checks.expression(size, values),
                           f"expected {_place(signature, number, axis)} to be {wanted}")
    return text[:end] + "".join(f"    {line}\n" for line in checks.lines) + text[end:]


def _place(signature: CallSignature, number: int, axis: int) -> str:
    return f"extent {axis} of input '{signature.inputs[number].name}'"


class _Checks:
    """Lines of a function's text; names begin with %check."""

    def __init__(self, types: dict[int, str]):
        self.lines: list[str] = []
        self._types = types

    def constant(self, value: int) -> str:
        return self._add(f"arith.constant {value} : index")

    def extent(self, number: int, dim: int) -> str:
        return self._add(f"tensor.dim %arg{number}, {self.constant(dim)} : {self._types[number]}")

    def solve(self, source: SizeSource) -> str:
        value = self.extent(source.index, source.axis)
        if source.offset != 0:
            value = self._binary("arith.subi", value, self.constant(source.offset))
        if source.scale != 1:
            value = self._binary("arith.floordivsi", value, self.constant(source.scale))
        return value

    def expression(self, size: sympy.Expr, values: Mapping[sympy.Symbol, str]) -> str:
        """The value of a size; torch's own functions of sizes are known by their names."""
        if size.is_Symbol:
            return values[size]
        if size.is_Integer:
            return self.constant(int(size))
        ops = {"Add": "arith.addi", "Mul": "arith.muli", "FloorDiv": "arith.floordivsi",
               "CleanDiv": "arith.floordivsi", "Mod": "arith.remsi", "PythonMod": "arith.remsi",
               "Max": "arith.maxsi", "Min": "arith.minsi"}
        op = ops.get(type(size).__name__)
        parts = size.args
        if size.is_Pow and size.exp.is_Integer and 0 < size.exp <= 8:
            op, parts = "arith.muli", (size.base,) * int(size.exp)
        if op is None:
            raise ExportError(f"expected sums, products and quotients of sizes, got '{size}'")
        operands = [self.expression(part, values) for part in parts]
        return functools.reduce(lambda left, right: self._binary(op, left, right), operands)

    def compare(self, predicate: str, left: str, right: str, message: str) -> None:
        condition = self._add(f"arith.cmpi {predicate}, {left}, {right} : index")
        self.lines.append(f'cf.assert {condition}, "{message}"')

    def _binary(self, op: str, left: str, right: str) -> str:
        return self._add(f"{op} {left}, {right} : index")

    def _add(self, op: str) -> str:
        name = f"%check{len(self.lines)}"
        self.lines.append(f"{name} = {op}")
        return name
