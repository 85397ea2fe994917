"""The cases of kernels.py: types, operands on guarded pages, expected numbers."""

import ctypes
import mmap
from dataclasses import dataclass

import numpy as np

import kernel_packing as packing

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]

# name -> (NumPy storage, relative error of one rounding)
TYPES = {
    "f32": (np.float32, 2.0**-23),
    "f64": (np.float64, 2.0**-52),
    "f16": (np.float16, 2.0**-10),
    "bf16": (np.uint16, 2.0**-7),
    "i8": (np.int8, 0.0),
    "i32": (np.int32, 0.0),
}


def store(values, kind):
    """An f64 array in the storage of `kind`."""
    if kind != "bf16":
        return values.astype(TYPES[kind][0])
    bits = values.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def numbers(stored, kind):
    """The stored values as f64."""
    if kind == "bf16":
        stored = (stored.astype(np.uint32) << 16).view(np.float32)
    return stored.astype(np.float64)


class Guarded:
    """A strided view whose memory ends at an unreadable page."""

    def __init__(self, shape, layout, kind):
        dtype = np.dtype(TYPES[kind][0] if isinstance(kind, str) else kind)
        strides, self.offset, count = make_strides(shape, layout)
        page = mmap.PAGESIZE
        length = packing.round_up(max(count * dtype.itemsize, 1), page)
        self.memory = mmap.mmap(-1, length + page)
        base = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        LIBC.mprotect(base + length, page, 0)
        start = length - count * dtype.itemsize
        self.flat = np.frombuffer(self.memory, dtype, count, start)
        self.pointer = base + start
        self.strides, self.shape = strides, shape
        self.view = np.lib.stride_tricks.as_strided(
            self.flat[self.offset :],
            shape,
            [s * dtype.itemsize for s in strides],
        )

    def descriptor(self):
        words = [self.pointer, self.pointer, self.offset]
        words += list(self.shape) + list(self.strides)
        return (ctypes.c_int64 * len(words))(*words)


def make_strides(shape, layout):
    """Strides, offset and element count of a layout."""
    order = list(range(len(shape)))
    if layout == "turned":
        order[-2:] = reversed(order[-2:])
    pad = 0 if layout == "tight" else 3
    strides, step = [0] * len(shape), 2 if layout == "any" else 1
    for dim in reversed(order):
        strides[dim] = step
        step = step * shape[dim] + pad
    offset = 0 if layout == "tight" else 5
    if 0 in shape:
        return strides, 0, 0
    last = sum((n - 1) * s for n, s in zip(shape, strides))
    return strides, offset, offset + last + 1


def memref_type(rank, layout, element, last=None):
    dims = ["?"] * rank
    if last is not None:
        dims[-1] = str(last)
    shape = "x".join(dims) + "x" + element
    if layout == "tight":
        return f"memref<{shape}>"
    strides = ["?"] * rank
    if layout == "pitch":
        strides[-1] = "1"
    if layout == "turned":
        strides[-2] = "1"
    return f"memref<{shape}, strided<[{', '.join(strides)}], offset: ?>>"


@dataclass
class Case:
    name: str
    format: str
    pack: object
    prune: object
    outputs: int
    inputs: int
    kind: str = "f32"
    out: str = "f32"
    bias: bool = False
    lhs_packed: bool = False
    turned: bool = False  # transpose_lhs or transpose_rhs
    batch: tuple = ()
    x_layout: str = "tight"
    y_layout: str = "tight"
    at: tuple = None  # first output and count
    inner: bool = False
    tile: tuple = None
    tokens: tuple = (0, 1, 3, 17, 129)
    symbol: str = ""
    rhs_turned: bool = False  # both dense: transpose_rhs
    rhs_layout: str = "tight"

    def pair_text(self):
        rank = 2 + len(self.batch)
        x_type = memref_type(rank, self.x_layout, self.kind)
        w_type = memref_type(rank, self.rhs_layout, self.kind)
        y_type = memref_type(rank, self.y_layout, self.out)
        bias_type = f"memref<?x{self.out}>"
        bias = f" bias(%bias : {bias_type})" if self.bias else ""
        argument = f"%bias: {bias_type}, " if self.bias else ""
        turns = " transpose_lhs" if self.turned else ""
        turns += " transpose_rhs" if self.rhs_turned else ""
        product = (
            f"sparsity.matmul ins(%x, %w : {x_type}, {w_type}){bias}"
            f" outs(%y : {y_type}){turns}"
        )
        if self.inner:
            product = f"scf.parallel (%i) = (%c0) to (%c1) step (%c1) {{ {product} }}"
        return f"""func.func @{self.symbol}(%x: {x_type}, %w: {w_type}, {argument}%y: {y_type})
    attributes {{llvm.emit_c_interface}} {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  {product}
  return
}}"""

    def packed_type(self):
        return (
            f"!sparsity.packed<{self.outputs}x{self.inputs}x{self.kind},"
            f" {self.format}>"
        )

    def text(self):
        if not self.format:
            return self.pair_text()
        rank = 2 + len(self.batch)
        buffers = self.pack(np.zeros((self.outputs, self.inputs), np.float32))
        kinds = [self.kind if b.dtype == np.float32 else f"i{b.itemsize * 8}"
                 for b in buffers]
        names = [f"%b{i}" for i in range(len(buffers))]
        types = [f"memref<?x{kind}>" for kind in kinds]
        x_type = memref_type(rank, self.x_layout, self.kind)
        y_type = memref_type(rank, self.y_layout, self.out)
        packed = self.packed_type()
        arguments = [f"%x: {x_type}"]
        arguments += [f"{n}: {t}" for n, t in zip(names, types)]
        bias_type = f"memref<?x{self.out}>"
        if self.bias:
            arguments.append(f"%bias: {bias_type}")
        arguments.append(f"%y: {y_type}")
        ins = f"ins(%x, %p : {x_type}, {packed})"
        if self.lhs_packed:
            ins = f"ins(%p, %x : {packed}, {x_type})"
        bias = f" bias(%bias : {bias_type})" if self.bias else ""
        start = " at(%at)" if self.at else ""
        turn = ""
        if self.turned:
            turn = " transpose_rhs" if self.lhs_packed else " transpose_lhs"
        kernel = ""
        if self.tile:
            kernel = (
                f" {{kernel = #sparsity.kernel<{self.format},"
                f" tile = [{self.tile[0]}, {self.tile[1]}]>}}"
            )
        product = (
            f"sparsity.matmul {ins}{bias}{start} outs(%y : {y_type})"
            f"{turn}{kernel}"
        )
        if self.inner:
            product = f"scf.parallel (%i) = (%c0) to (%c1) step (%c1) {{ {product} }}"
        at = self.at[0] if self.at else 0
        return f"""func.func @{self.symbol}({', '.join(arguments)})
    attributes {{llvm.emit_c_interface}} {{
  %at = arith.constant {at} : index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %p = sparsity.assemble {', '.join(names)} : {', '.join(types)} -> {packed}
  {product}
  return
}}"""


def fill(shape, kind, rng):
    if kind in ("i8", "i32"):
        return rng.integers(-9, 10, shape).astype(np.float64)
    return rng.uniform(-1, 1, shape)


def place(values, layout, kind):
    guarded = Guarded(values.shape, layout, kind)
    guarded.view[...] = values
    return guarded


@dataclass
class Operands:
    case: Case
    guarded: list
    y: Guarded
    before: np.ndarray
    expected: np.ndarray
    scale: np.ndarray

    def call(self, function):
        descriptors = [g.descriptor() for g in self.guarded + [self.y]]
        function(*[ctypes.byref(d) for d in descriptors])
        return numbers(self.y.view.copy(), self.case.out)

    def check(self, out):
        case = self.case
        untouched = self.y.flat.copy()
        view = np.lib.stride_tricks.as_strided(
            untouched[self.y.offset :], self.y.shape, self.y.view.strides
        )
        view[...] = np.lib.stride_tricks.as_strided(
            self.before[self.y.offset :], self.y.shape, self.y.view.strides
        )
        if not np.array_equal(
            untouched.view(np.uint8), self.before.view(np.uint8)
        ):
            return "wrote outside the destination"
        rounding = TYPES["f32" if case.kind in ("f16", "bf16") else case.kind][1]
        bound = self.scale * rounding * (8 + case.inputs**0.5)
        bound = bound + np.abs(self.expected) * TYPES[case.out][1]
        wrong = ~(np.abs(out - self.expected) <= bound)
        if not wrong.any():
            return None
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        return (
            f"{wrong.sum()} of {wrong.size} wrong, first at {where}:"
            f" expected {self.expected[where]}, got {out[where]}"
        )


def make_weights(case, rng):
    """Placed buffers, and the numbers as [batch..] x outputs x inputs."""
    batch = () if case.format else case.batch
    shape = batch + (case.outputs, case.inputs)
    stored = store(case.prune(fill(shape, case.kind, rng), rng), case.kind)
    w = numbers(stored, case.kind)
    if case.format:
        return [place(b, "tight", b.dtype) for b in case.pack(stored)], w
    if not case.rhs_turned:
        stored = np.swapaxes(stored, -1, -2)
    return [place(stored, case.rhs_layout, case.kind)], w


def make_operands(case, tokens, rng):
    buffers, w = make_weights(case, rng)
    if case.at:
        w = w[case.at[0] : case.at[0] + case.at[1]]
    wt = np.swapaxes(w, -1, -2)
    x = store(fill(case.batch + (tokens, case.inputs), case.kind, rng), case.kind)
    xs = numbers(x, case.kind)
    expected = xs @ wt
    scale = np.abs(xs) @ np.abs(wt)
    guarded = []
    if case.bias:
        bias = store(fill((w.shape[-2],), case.out, rng), case.out)
        guarded = [place(bias, "tight", case.out)]
        expected = expected + numbers(bias, case.out)
        scale = scale + np.abs(numbers(bias, case.out))
    if case.turned != case.lhs_packed:
        x = np.swapaxes(x, -1, -2)
    if case.lhs_packed:
        expected, scale = np.swapaxes(expected, -1, -2), np.swapaxes(scale, -1, -2)
    guarded = [place(x, case.x_layout, case.kind)] + buffers + guarded
    y = Guarded(expected.shape, case.y_layout, case.out)
    y.flat.view(np.uint8)[...] = 0xFF  # NaN in every float type
    return Operands(case, guarded, y, y.flat.copy(), expected, scale)


def formats():
    """name -> (attribute, pack, prune)"""
    table = {}
    for panel in (16, 48, 64):
        table[f"dense{panel}"] = (
            f"#sparsity.dense_format<panel = {panel}>",
            lambda w, p=panel: packing.pack_dense(w, p),
            lambda w, rng: w,
        )
    for n, m in ((2, 4), (1, 4), (1, 3), (3, 5), (2, 8), (1, 8), (4, 16), (1, 1)):
        table[f"nm{n}:{m}"] = (
            f"#sparsity.nm_format<{n}:{m}>",
            lambda w, n=n, m=m: packing.pack_nm(w, n, m),
            lambda w, rng, n=n, m=m: packing.prune_nm(w, n, m, rng),
        )
    for rows, cols in ((16, 16), (3, 5), (1, 8), (4, 1), (70, 2)):
        table[f"bsr{rows}x{cols}"] = (
            f"#sparsity.bsr_format<[{rows}, {cols}]>",
            lambda w, r=rows, c=cols: packing.pack_bsr(w, r, c),
            lambda w, rng, r=rows, c=cols: packing.prune_blocks(w, r, c, 0.4, rng),
        )
    table["stream"] = (
        "#sparsity.stream_format",
        packing.pack_stream,
        lambda w, rng: w * (rng.random(w.shape) < 0.3),
    )
    return table


def shapes(quick):
    if quick:
        return [(17, 33), (129, 520)]
    return [
        (0, 5), (1, 1), (3, 0), (3, 17), (17, 3), (16, 4), (33, 129),
        (64, 64), (129, 31), (70, 520), (300, 100),
    ]


# Formats that go through every layout and type; the others take the same paths.
THOROUGH = ("dense64", "nm2:4", "nm2:8", "bsr3x5", "stream")


def all_cases(quick, portable):
    cases = []
    for name, (attr, pack, prune) in formats().items():
        if portable and not name.startswith("nm"):
            continue  # only these have instructions of the target
        base = dict(format=attr, pack=pack, prune=prune)
        for outputs, inputs in shapes(quick):
            label = f"{name} {outputs}x{inputs}"
            cases.append(
                Case(label, outputs=outputs, inputs=inputs, **base)
            )
            cases.append(
                Case(label + " bias", outputs=outputs, inputs=inputs,
                     bias=True, x_layout="pitch", y_layout="pitch", **base)
            )
        if name in THOROUGH and not portable:
            cases += variants(name, base)
        if name == "stream" and not portable:
            cases += uneven_cases(base)
    if not portable:
        cases += pair_cases(quick)
    for number, case in enumerate(cases):
        case.symbol = f"case{number}"
    return cases


def variants(name, base):
    """One shape through every other dimension of the space."""
    few = (0, 1, 5, 37)
    size = dict(outputs=83, inputs=45, tokens=few)
    cases = []

    def case(label, **fields):
        cases.append(Case(f"{name} {label}", **{**base, **size, **fields}))

    for layout in ("pitch", "turned", "any"):
        case(f"x {layout}", x_layout=layout)
        case(f"y {layout}", y_layout=layout, bias=True)
    case("transpose_lhs", turned=True)
    case("lhs packed", lhs_packed=True, bias=True)
    case("lhs packed transpose_rhs", lhs_packed=True, turned=True)
    case("lhs packed pitch", lhs_packed=True, x_layout="pitch", y_layout="pitch")
    case("batch", batch=(2, 3), bias=True)
    case("batch pitch", batch=(2, 3), x_layout="pitch", y_layout="pitch")
    case("batch lhs packed", batch=(2,), lhs_packed=True, bias=True)
    case("inner", inner=True, bias=True)
    case("tile 3x1", tile=(3, 1))
    case("tile 5x4", tile=(5, 4))
    for kind, out in (
        ("f64", "f64"), ("f16", "f16"), ("f16", "f32"), ("bf16", "bf16"),
        ("bf16", "f32"), ("i8", "i32"),
    ):
        case(f"{kind} to {out}", kind=kind, out=out, bias=True)
    case("f16 turned", kind="f16", out="f16", x_layout="turned", bias=True)
    case("at 16", at=(16, 32), bias=True)
    case("at 5", at=(5, 70), bias=True)
    case("at end", at=(81, 2), lhs_packed=True)
    return cases


def uneven_cases(base):
    """Rows whose entries lie in no, one, some and all tiles of the inputs."""

    def prune(w, rng):
        kept = rng.random(w.shape) < 0.3
        kept[0::4] = False
        kept[1::4, 20:] = False
        kept[2::4, :-20] = False
        return w * kept

    base = {**base, "prune": prune}
    size = dict(outputs=37, inputs=1100, tokens=(16, 33, 129), bias=True)
    kinds = (("f32", "f32"), ("f64", "f64"), ("bf16", "f32"), ("i8", "i32"))
    return [
        Case(f"stream uneven {kind}", kind=kind, out=out, **size, **base)
        for kind, out in kinds
    ]


def pair_cases(quick):
    """Two dense operands: format is empty and `rhs` says how the right one lies."""
    cases = []
    sizes = [(17, 33), (129, 520)]
    if not quick:
        sizes += [(1, 1), (3, 0), (0, 4), (64, 64), (65, 7)]

    def case(label, outputs, inputs, **fields):
        cases.append(
            Case(f"pair {label} {outputs}x{inputs}", "", None,
                 lambda w, rng: w, outputs, inputs, **fields)
        )

    for outputs, inputs in sizes:
        for rhs_turned in (False, True):
            case(f"rhs_turned={rhs_turned}", outputs, inputs,
                 rhs_turned=rhs_turned, bias=rhs_turned)
    case("batch", 64, 45, batch=(2, 3), rhs_turned=True)
    case("batch pitch", 37, 64, batch=(2, 3), x_layout="pitch",
         rhs_layout="pitch", y_layout="pitch")
    case("any", 37, 19, batch=(2,), x_layout="any", rhs_layout="any",
         y_layout="any")
    case("turned", 70, 19, batch=(2,), turned=True, rhs_layout="turned",
         y_layout="turned", bias=True)
    case("f16", 70, 19, kind="f16", out="f16", bias=True)
    case("bf16", 70, 19, kind="bf16", out="f32", rhs_turned=True)
    case("f64", 70, 19, kind="f64", out="f64")
    case("i8", 70, 19, kind="i8", out="i32")
    case("inner", 70, 19, inner=True)
    return cases
