"""What a program asks of its arguments' sizes, written into the program itself, so that it holds
however the program is called: from Python, from C, after saving and loading."""

from __future__ import annotations

import re

import sympy

from .signature import CallSignature

_ARGUMENT = re.compile(r"%arg(\d+): (tensor<[^>]*>)")


def add_checks(text: str, signature: CallSignature, function: str) -> str:
    """Adds assertions at the entry of `function`: sizes with one name agree and lie in its range.

    The verifier of MLIR sees to sizes that are numbers, the runtime to ranks and dtypes."""
    start = text.index(f"func.func @{function}(")
    end = text.index("\n", start) + 1
    types = {int(number): type_ for number, type_ in _ARGUMENT.findall(text[start:end])}
    checks = _Checks(types)
    first: dict[sympy.Symbol, tuple[str, str]] = {}
    for number, info in enumerate(signature.inputs):
        for dim, size in enumerate(info.shape or ()):
            if not isinstance(size, sympy.Symbol) or "?" not in types.get(number, ""):
                continue
            place = f"extent {dim} of input '{info.name}'"
            if size in first:
                value, other = first[size]
                checks.compare("eq", checks.extent(number, dim), value,
                               f"expected {place} to be {other}")
                continue
            value = checks.extent(number, dim)
            first[size] = value, place
            low, high = signature.ranges.get(str(size), (0, None))
            if low > 0:
                checks.compare("sge", value, checks.constant(low),
                               f"expected {place} to be at least {low}")
            if high is not None:
                checks.compare("sle", value, checks.constant(high),
                               f"expected {place} to be at most {high}")
    return text[:end] + "".join(f"    {line}\n" for line in checks.lines) + text[end:]


class _Checks:
    """Lines of a function's text; names begin with %check."""

    def __init__(self, types: dict[int, str]):
        self.lines: list[str] = []
        self._types = types

    def constant(self, value: int) -> str:
        return self._add(f"arith.constant {value} : index")

    def extent(self, number: int, dim: int) -> str:
        return self._add(f"tensor.dim %arg{number}, {self.constant(dim)} : {self._types[number]}")

    def compare(self, predicate: str, left: str, right: str, message: str) -> None:
        condition = self._add(f"arith.cmpi {predicate}, {left}, {right} : index")
        self.lines.append(f'cf.assert {condition}, "{message}"')

    def _add(self, op: str) -> str:
        name = f"%check{len(self.lines)}"
        self.lines.append(f"{name} = {op}")
        return name
