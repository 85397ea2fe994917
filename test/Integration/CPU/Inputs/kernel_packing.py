"""Storage layouts in NumPy, written from the drawings in include/sparse-opt/Format.

Each function returns the storage buffers of a matrix in ABI order.
"""

import numpy as np

LANES = 16


def round_up(value, multiple):
    return -(-value // multiple) * multiple


def pack_dense(matrix, panel):
    rows, cols = matrix.shape
    parts = []
    for first in range(0, rows, panel):
        part = matrix[first : first + panel]
        width = round_up(len(part), LANES)
        padded = np.zeros((width, cols), matrix.dtype)
        padded[: len(part)] = part
        parts.append(padded.T.reshape(-1))
    return [np.concatenate(parts) if parts else np.zeros(0, matrix.dtype)]


def nm_slots(group, n):
    """Positions and values of one lane's group, as NMFormat.h defines them."""
    count = len(group)
    chosen = [c for c in range(count) if group[c] != 0]
    assert len(chosen) <= n
    for c in range(count):
        if len(chosen) == min(n, count):
            break
        if c not in chosen:
            chosen.append(c)
    chosen.sort()
    values = [group[c] for c in chosen] + [0] * (n - len(chosen))
    return chosen + [count - 1] * (n - len(chosen)), values


def pack_nm(matrix, n, m):
    rows, cols = matrix.shape
    panels, groups = -(-rows // LANES), -(-cols // m)
    bits, kind = (2, np.uint32) if m <= 4 else (4, np.uint64)
    values = np.zeros((panels, groups, n, LANES), matrix.dtype)
    codes = np.zeros((panels, groups, n), kind)
    padded = np.zeros((panels * LANES, cols), matrix.dtype)
    padded[:rows] = matrix
    for row in range(panels * LANES):
        panel, lane = divmod(row, LANES)
        for group in range(groups):
            part = padded[row, group * m : (group + 1) * m]
            positions, stored = nm_slots(part, n)
            for slot in range(n):
                values[panel, group, slot, lane] = stored[slot]
                codes[panel, group, slot] |= kind(positions[slot] << (bits * lane))
    signed = np.int32 if m <= 4 else np.int64
    return [values.reshape(-1), codes.reshape(-1).view(signed)]


def pack_bsr(matrix, block_rows, block_cols):
    rows, cols = matrix.shape
    height, width = -(-rows // block_rows), -(-cols // block_cols)
    padded = np.zeros((height * block_rows, width * block_cols), matrix.dtype)
    padded[:rows, :cols] = matrix
    positions, columns, values = [0], [], []
    for i in range(height):
        for j in range(width):
            block = padded[
                i * block_rows : (i + 1) * block_rows,
                j * block_cols : (j + 1) * block_cols,
            ]
            if np.any(block != 0):
                columns.append(j)
                values.append(block.T.reshape(-1))
        positions.append(len(columns))
    stored = np.concatenate(values) if values else np.zeros(0, matrix.dtype)
    return [
        np.array(positions, np.int32),
        np.array(columns, np.int32),
        stored.astype(matrix.dtype),
    ]


def pack_stream(matrix):
    rows, cols = matrix.shape
    kind = np.uint16 if cols <= 65536 else np.uint32
    positions, columns, values = [0], [], []
    for row in range(rows):
        nonzero = np.flatnonzero(matrix[row])
        columns.append(nonzero.astype(kind))
        values.append(matrix[row, nonzero])
        positions.append(positions[-1] + len(nonzero))
    columns = np.concatenate(columns) if columns else np.zeros(0, kind)
    values = np.concatenate(values) if values else np.zeros(0, matrix.dtype)
    signed = np.int16 if kind == np.uint16 else np.int32
    return [np.array(positions, np.int32), columns.view(signed), values]


def prune_nm(matrix, n, m, rng):
    """Keeps at most n of each m, sometimes fewer."""
    rows, cols = matrix.shape
    for row in range(rows):
        for first in range(0, cols, m):
            count = min(m, cols - first)
            keep = rng.permutation(count)[: rng.integers(n // 2, n + 1)]
            mask = np.ones(count, bool)
            mask[keep] = False
            matrix[row, first : first + count][mask] = 0
    return matrix


def prune_blocks(matrix, block_rows, block_cols, density, rng):
    for i in range(0, matrix.shape[0], block_rows):
        for j in range(0, matrix.shape[1], block_cols):
            if rng.random() >= density:
                matrix[i : i + block_rows, j : j + block_cols] = 0
    return matrix
