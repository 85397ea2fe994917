"""The storage formats once more, straight from the drawings in Format/*.h, so
that the compiler's encoders and decoders have an independent witness."""

import random
from dataclasses import dataclass
from typing import Callable

from elements import Matrix, masked, random_matrix

LANES = 16
Buffer = tuple[str, list[int]]  # element type ("" = the matrix's own), elements


@dataclass
class Format:
    attr: str
    encode: Callable[[Matrix, int], list[Buffer]]
    sample: Callable[[random.Random, int, int], Matrix]


def at(matrix: Matrix, cols: int, row: int, col: int) -> int:
    return matrix[row][col] if row < len(matrix) and col < cols else 0


def dense(panel: int) -> Format:
    def encode(matrix, cols):
        rows, values = -(-len(matrix) // LANES) * LANES, []
        for start in range(0, rows, panel):
            width = min(panel, rows - start)
            values += [at(matrix, cols, start + lane, col)
                       for col in range(cols) for lane in range(width)]
        return [("", values)]

    return Format(f"#sparsity.dense_format<panel = {panel}>", encode,
                  random_matrix)


def nm_slots(group: list[int], n: int) -> list[tuple[int, int]]:
    """(position, value) of the n slots of one group of one row."""
    kept = [p for p, value in enumerate(group) if value]
    free = [p for p, value in enumerate(group) if not value]
    kept = sorted(kept + free[:max(0, n - len(kept))])
    surplus = [(len(group) - 1, 0)] * (n - len(kept))
    return [(p, group[p]) for p in kept] + surplus


def nm(n: int, m: int) -> Format:
    bits, word = (2, "i32") if m <= 4 else (4, "i64")

    def encode(matrix, cols):
        values, codes = [], []
        for panel in range(0, len(matrix), LANES):
            for first in range(0, cols, m):
                extent = range(first, min(first + m, cols))
                lanes = [nm_slots([at(matrix, cols, panel + lane, col)
                                   for col in extent], n)
                         for lane in range(LANES)]
                for slot in range(n):
                    values += [lane[slot][1] for lane in lanes]
                    codes.append(sum(lane[slot][0] << bits * index
                                     for index, lane in enumerate(lanes)))
        return [("", values), (word, codes)]

    def sample(rng, rows, cols):
        kept = {(r, g): set(rng.sample(range(m), rng.choice([0, n, n])))
                for r in range(rows) for g in range(-(-cols // m))}
        return masked(random_matrix(rng, rows, cols),
                      lambda r, c: c % m in kept[r, c // m])

    return Format(f"#sparsity.nm_format<{n}:{m}>", encode, sample)


def bsr(height: int, width: int) -> Format:
    def encode(matrix, cols):
        positions, columns, values = [0], [], []
        for top in range(0, len(matrix), height):
            for left in range(0, cols, width):
                block = [at(matrix, cols, top + p, left + q)
                         for q in range(width) for p in range(height)]
                if any(block):
                    columns.append(left // width)
                    values += block
            positions.append(len(columns))
        return [("i32", positions), ("i32", columns), ("", values)]

    def sample(rng, rows, cols):
        kept = {(r, c): rng.random() < 0.4
                for r in range(-(-rows // height))
                for c in range(-(-cols // width))}
        return masked(random_matrix(rng, rows, cols),
                      lambda r, c: kept[r // height, c // width])

    return Format(f"#sparsity.bsr_format<[{height}, {width}]>", encode, sample)


def stream() -> Format:
    def encode(matrix, cols):
        positions, columns, values = [0], [], []
        for row in matrix:
            entries = [col for col in range(cols) if row[col]]
            columns += entries
            values += [row[col] for col in entries]
            positions.append(len(columns))
        narrow = "i16" if cols <= 65536 else "i32"
        return [("i32", positions), (narrow, columns), ("", values)]

    def sample(rng, rows, cols):
        return masked(random_matrix(rng, rows, cols),
                      lambda r, c: rng.random() < 0.2)

    return Format("#sparsity.stream_format", encode, sample)
