"""Elements and matrices of small integers, written as MLIR attributes."""

import random
import struct

Matrix = list[list[int]]

_STRUCT = {"f64": "<d", "f32": "<f", "f16": "<e"}


def element_bytes(kind: str, value: int) -> bytes:
    """One element, rounded to nearest even where the type is narrow; integers
    wrap."""
    if kind[0] == "i":
        size = int(kind[1:]) // 8
        return (value % (1 << 8 * size)).to_bytes(size, "little")
    if kind != "bf16":
        return struct.pack(_STRUCT[kind], value)
    bits = struct.unpack("<I", struct.pack("<f", value))[0]
    bits += 0x7FFF + (bits >> 16 & 1)
    return struct.pack("<H", bits >> 16)


def dense_attr(kind: str, shape: list[int], values: list[int]) -> str:
    """The elements as `dense<"0x..."> : tensor<...>`."""
    text = ""
    if values:
        text = '"0x' + b"".join(element_bytes(kind, v) for v in values).hex() + '"'
    return f"dense<{text}> : {tensor(kind, shape)}"


def tensor(kind: str, shape: list) -> str:
    return f"tensor<{''.join(f'{extent}x' for extent in shape)}{kind}>"


def flatten(matrix: Matrix) -> list[int]:
    return [value for row in matrix for value in row]


def transpose(matrix: Matrix, cols: int) -> Matrix:
    return [[row[col] for row in matrix] for col in range(cols)]


def product(lhs: Matrix, rhs_rows: Matrix) -> Matrix:
    """lhs times the transpose of rhs_rows."""
    return [[sum(a * b for a, b in zip(x, w)) for w in rhs_rows] for x in lhs]


def random_matrix(rng: random.Random, rows: int, cols: int) -> Matrix:
    return [[rng.choice([-3, -2, -1, 1, 2, 3]) for _ in range(cols)]
            for _ in range(rows)]


def masked(matrix: Matrix, keep) -> Matrix:
    """The matrix with zeros wherever not keep(row, col)."""
    return [[value if keep(r, c) else 0 for c, value in enumerate(row)]
            for r, row in enumerate(matrix)]
