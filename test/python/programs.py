"""Small programs as text, for tests of the package around the compiler, and weights for them."""

from pathlib import Path

import numpy as np
import pytest

LINEAR = """
func.func @main(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %w = arith.constant dense_resource<fc.weight> : tensor<3x2xf32>
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %empty = tensor.empty(%n) : tensor<?x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x2xf32>) -> tensor<?x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x3xf32>, tensor<3x2xf32>) outs(%init : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
"""


def elementwise(dtype: str, op: str = "arith.addf", name: str = "main") -> str:
    """x op y on matrices of any shape."""
    t = f"tensor<?x?x{dtype}>"
    return f"""
func.func @{name}(%x: {t}, %y: {t}) -> {t} {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %x, %c0 : {t}
  %n = tensor.dim %x, %c1 : {t}
  %empty = tensor.empty(%m, %n) : {t}
  %z = linalg.generic {{
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>,
                       affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}}
      ins(%x, %y : {t}, {t}) outs(%empty : {t}) {{
    ^bb0(%a: {dtype}, %b: {dtype}, %out: {dtype}):
      %0 = {op} %a, %b : {dtype}
      linalg.yield %0 : {dtype}
  }} -> {t}
  return %z : {t}
}}
"""


def generic(body: str, *kinds: str, result: str = "") -> str:
    """A function of vectors %x0, %x1, ... of `kinds`: `body` computes %q from the elements %a0,
    %a1, ...; its type is `result`, or the first of `kinds`."""
    result = result or kinds[0]
    types = [f"tensor<?x{kind}>" for kind in kinds]
    names = [f"%x{i}" for i in range(len(kinds))]
    arguments = ", ".join(f"{name}: {type_}" for name, type_ in zip(names, types))
    elements = ", ".join(f"%a{i}: {kind}" for i, kind in enumerate(kinds))
    maps = ", ".join(["affine_map<(i) -> (i)>"] * (len(kinds) + 1))
    return f"""
func.func @main({arguments}) -> tensor<?x{result}> {{
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x0, %c0 : {types[0]}
  %e = tensor.empty(%n) : tensor<?x{result}>
  %r = linalg.generic {{indexing_maps = [{maps}], iterator_types = ["parallel"]}}
      ins({", ".join(names)} : {", ".join(types)}) outs(%e : tensor<?x{result}>) {{
  ^bb0({elements}, %out: {result}):
    {body}
    linalg.yield %q : {result}
  }} -> tensor<?x{result}>
  return %r : tensor<?x{result}>
}}
"""


IDENTITY = """
func.func @main(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}
"""

TWO_RESULTS = """
func.func @main(%x: tensor<4xf32>, %i: tensor<2xi64>) -> (tensor<2xi64>, tensor<4xf32>) {
  return %i, %x : tensor<2xi64>, tensor<4xf32>
}
"""

# Names its argument as the place for the sum: the caller's memory must stay as it is.
IN_PLACE = """
func.func @main(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %z = linalg.add ins(%x, %y : tensor<?xf32>, tensor<?xf32>)
      outs(%x : tensor<?xf32>) -> tensor<?xf32>
  return %z : tensor<?xf32>
}
"""


def with_zeros(values: np.ndarray, format: str) -> np.ndarray:
    """A weight with the zeros that a format is for: none, two of four, every other block of 16x16,
    or four of five in no order."""
    rows, columns = np.ogrid[:values.shape[0], :values.shape[1]]
    zero = {"dense": rows < 0, "nm": columns % 4 >= 2, "bsr": (rows // 16 + columns // 16) % 2 == 1,
            "stream": (rows * 7 + columns * 3) % 5 > 0}[format]
    return np.where(zero, np.float32(0), values)


def skip_without(target):
    """Skips the test where this machine does not run code for `target`."""
    if target == "x86-64-v4" and "avx512bw" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("this machine has no AVX-512")
