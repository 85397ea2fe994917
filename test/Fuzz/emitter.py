"""Writes small tensor programs as MLIR text, in the spellings of torch-mlir."""

from dataclasses import dataclass

FLOATS = {"f64": 53, "f32": 24, "f16": 11, "bf16": 8}  # bits that are exact


@dataclass(frozen=True)
class Dim:
    """An extent: what it is in this case and, when dynamic, the name of its value."""

    size: int
    value: str = ""


@dataclass
class Tensor:
    name: str
    kind: str
    dims: list

    @property
    def type(self) -> str:
        extents = "".join("?x" if dim.value else f"{dim.size}x" for dim in self.dims)
        return f"tensor<{extents}{self.kind}>"


def affine_map(rank: int, results) -> str:
    loops = ", ".join(f"d{dim}" for dim in range(rank))
    return f"affine_map<({loops}) -> ({', '.join(f'd{dim}' for dim in results)})>"


class Emitter:
    """Builds one function, line by line."""

    def __init__(self):
        self.lines, self.count = [], 0

    def name(self) -> str:
        self.count += 1
        return f"%{self.count}"

    def op(self, text: str) -> str:
        name = self.name()
        self.lines.append(f"  {name} = {text}")
        return name

    def line(self, text: str) -> None:
        self.lines.append(f"  {text}")

    # --- extents --------------------------------------------------------------

    def index(self, value: int) -> str:
        return self.op(f"arith.constant {value} : index")

    def dynamic(self, x: Tensor, position: int, size: int) -> Dim:
        at = self.index(position)
        return Dim(size, self.op(f"tensor.dim {x.name}, {at} : {x.type}"))

    def times(self, a: Dim, b: Dim) -> Dim:
        if not a.value and not b.value:
            return Dim(a.size * b.size)
        names = [dim.value or self.index(dim.size) for dim in (a, b)]
        return Dim(a.size * b.size, self.op(f"arith.muli {names[0]}, {names[1]} : index"))

    # --- tensors --------------------------------------------------------------

    def scalar(self, kind: str, value) -> str:
        text = str(value) if kind[0] == "i" or "0x" in str(value) else f"{value}.0"
        return self.op(f"arith.constant {text} : {kind}")

    def empty(self, kind: str, dims) -> Tensor:
        out = Tensor("", kind, list(dims))
        sizes = ", ".join(dim.value for dim in dims if dim.value)
        out.name = self.op(f"tensor.empty({sizes}) : {out.type}")
        return out

    def fill(self, kind: str, dims, value=0) -> Tensor:
        out = self.empty(kind, dims)
        scalar = self.scalar(kind, value)
        return Tensor(self.op(f"linalg.fill ins({scalar} : {kind}) outs({out.name} : {out.type})"
                              f" -> {out.type}"), kind, out.dims)

    def generic(self, ins, kind: str, dims, body, out=None, reduced=()) -> Tensor:
        """`ins` is (tensor, its dimensions) each; `body` gets the arguments' names."""
        rank = len(dims) + len(reduced)
        kept = [dim for dim in range(rank) if dim not in reduced]
        out = out or self.empty(kind, dims)
        maps = ", ".join(affine_map(rank, m) for m in [m for _, m in ins] + [kept])
        loops = ", ".join('"reduction"' if dim in reduced else '"parallel"' for dim in range(rank))
        result = self.name()
        names = [f"%a{self.count}_{i}" for i in range(len(ins) + 1)]
        kinds = [x.kind for x, _ in ins] + [kind]
        operands = ", ".join(x.name for x, _ in ins)
        types = ", ".join(x.type for x, _ in ins)
        inputs = f" ins({operands} : {types})" if ins else ""
        self.line(f"{result} = linalg.generic {{indexing_maps = [{maps}], iterator_types = "
                  f"[{loops}]}}{inputs} outs({out.name} : {out.type}) {{")
        self.line("^bb0(" + ", ".join(f"{n}: {k}" for n, k in zip(names, kinds)) + "):")
        value = body(names)
        self.line(f"  linalg.yield {value} : {kind}")
        self.line(f"}} -> {out.type}")
        return Tensor(result, kind, list(dims))

    def elementwise(self, ins, kind: str, body) -> Tensor:
        same = range(len(ins[0].dims))
        return self.generic([(x, same) for x in ins], kind, ins[0].dims, body)

    def arith(self, op: str, x: Tensor, y: Tensor) -> Tensor:
        return self.elementwise([x, y], x.kind, lambda a: self.op(
            f"{spell(op, x.kind)} {a[0]}, {a[1]} : {x.kind}"))

    def clamp(self, x: Tensor, limit: int) -> Tensor:
        low, high = self.scalar(x.kind, -limit), self.scalar(x.kind, limit)

        def body(a):
            top = self.op(f"{spell('min', x.kind)} {a[0]}, {high} : {x.kind}")
            return self.op(f"{spell('max', x.kind)} {top}, {low} : {x.kind}")

        return self.elementwise([x], x.kind, body)

    def convert(self, x: Tensor, kind: str) -> Tensor:
        if x.kind == kind:
            return x
        op = "arith.extf" if FLOATS[kind] > FLOATS[x.kind] else "arith.truncf"
        return self.elementwise([x], kind, lambda a: self.op(f"{op} {a[0]} : {x.kind} to {kind}"))

    def transpose(self, x: Tensor, permutation) -> Tensor:
        out = self.empty(x.kind, [x.dims[dim] for dim in permutation])
        self.line(f"%t{out.name[1:]} = linalg.transpose ins({x.name} : {x.type}) outs({out.name}"
                  f" : {out.type}) permutation = {list(permutation)}")
        return Tensor(f"%t{out.name[1:]}", x.kind, out.dims)

    def broadcast(self, x: Tensor, dims, named: bool) -> Tensor:
        """A vector along all but the last dimension."""
        if not named:
            return self.generic([(x, [len(dims) - 1])], x.kind, dims, lambda a: a[0])
        out = self.empty(x.kind, dims)
        self.line(f"%b{out.name[1:]} = linalg.broadcast ins({x.name} : {x.type}) outs({out.name}"
                  f" : {out.type}) dimensions = {list(range(len(dims) - 1))}")
        return Tensor(f"%b{out.name[1:]}", x.kind, out.dims)

    def collapse(self, x: Tensor, groups) -> Tensor:
        dims = []
        for group in groups:
            dim = x.dims[group[0]]
            for other in group[1:]:
                dim = self.times(dim, x.dims[other])
            dims.append(dim)
        out = Tensor("", x.kind, dims)
        out.name = self.op(f"tensor.collapse_shape {x.name} {list(map(list, groups))} : {x.type}"
                           f" into {out.type}")
        return out

    def expand(self, x: Tensor, groups, dims) -> Tensor:
        out = Tensor("", x.kind, list(dims))
        shape = ", ".join(dim.value or str(dim.size) for dim in dims)
        out.name = self.op(f"tensor.expand_shape {x.name} {list(map(list, groups))} output_shape "
                           f"[{shape}] : {x.type} into {out.type}")
        return out

    def product(self, op: str, a: Tensor, b: Tensor, out: Tensor) -> Tensor:
        return Tensor(self.op(f"linalg.{op} ins({a.name}, {b.name} : {a.type}, {b.type}) "
                              f"outs({out.name} : {out.type}) -> {out.type}"), out.kind, out.dims)


def spell(op: str, kind: str) -> str:
    if kind[0] == "i":
        return {"add": "arith.addi", "max": "arith.maxsi", "min": "arith.minsi",
                "sub": "arith.subi", "mul": "arith.muli"}[op]
    return {"add": "arith.addf", "max": "arith.maximumf", "min": "arith.minimumf",
            "sub": "arith.subf", "mul": "arith.mulf"}[op]
