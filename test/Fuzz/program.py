"""From a case to MLIR text, the values of its weights, and the same in NumPy."""

from dataclasses import dataclass, field

import numpy as np

from emitter import FLOATS, Dim, Emitter, Tensor, spell

LOWEST = {"f32": "0xFF800000", "f16": "0xFC00", "bf16": "0xFF80",
          "f64": "0xFFF0000000000000", "i32": "-2147483648"}
ARRAYS = {"f64": np.float64, "f32": np.float32, "f16": np.float16, "bf16": np.float32,
          "i32": np.int32}


@dataclass
class Weight:
    name: str
    values: np.ndarray  # as stored
    text: str           # the pattern, or nothing when it is not said


def mask_of(pattern: dict, shape, axis: int, rng) -> np.ndarray:
    """True where a weight of this shape may be other than zero."""
    mask = np.ones(shape, bool)
    if pattern["kind"] == "nm":
        groups = np.moveaxis(mask, axis, -1)
        for start in range(0, groups.shape[-1], pattern["m"]):
            part = groups[..., start:start + pattern["m"]]
            order = np.argsort(rng.random(part.shape), axis=-1)
            part[...] = order < pattern["n"]
    elif pattern["kind"] == "block":
        rows, cols = pattern["rows"], pattern["cols"]
        kept = rng.random((-(-shape[0] // rows), -(-shape[1] // cols))) < pattern["density"]
        mask = np.repeat(np.repeat(kept, rows, 0), cols, 1)[:shape[0], :shape[1]]
    elif pattern["kind"] == "unstructured":
        mask = rng.random(shape) < pattern["density"]
    return mask


def pattern_text(pattern: dict, axis: int) -> str:
    if not pattern.get("said"):
        return ""
    return {"nm": lambda: f"#sparsity.nm<{pattern['n']}:{pattern['m']}, axis = {axis}>",
            "block": lambda: f"#sparsity.block<[{pattern['rows']}, {pattern['cols']}]>",
            "unstructured": lambda: "#sparsity.unstructured"}[pattern["kind"]]()


@dataclass
class Program:
    """`text` with its weights; `evaluate` is what it means."""

    case: dict
    emitter: Emitter = field(default_factory=Emitter)
    weights: list = field(default_factory=list)
    recipe: list = field(default_factory=list)
    bounds: dict = field(default_factory=dict)

    def __post_init__(self):
        self.kind = self.case["kind"]
        self.rng = np.random.default_rng([self.case["seed"], 1])
        self.limit = 2 ** FLOATS.get(self.kind, 31)
        self.small = self.kind in ("f16", "bf16")
        self.build()

    def note(self, x: Tensor, bound: int, function) -> Tensor:
        """Remembers what `x` is in NumPy and how large it may be."""
        self.recipe.append((x.name, function))
        self.bounds[x.name] = bound
        return x

    def view(self, x: Tensor, of: Tensor, function) -> Tensor:
        return self.note(x, self.bounds[of.name], lambda env: function(env[of.name]))

    # --- weights --------------------------------------------------------------

    def resource(self, values: np.ndarray, text: str = "", name: str = "") -> Tensor:
        """A load of new values, or of those called `name`."""
        e = self.emitter
        if not name:
            name = f"w{len(self.weights)}"
            self.weights.append(Weight(name, values, text))
        x = Tensor("", self.kind, [Dim(n) for n in values.shape])
        x.name = e.op(f"sparsity.load @{name} : {x.type}" if text else
                      f"arith.constant dense_resource<{name}> : {x.type}")
        return self.note(x, int(np.abs(values).max(initial=0)), lambda env: values)

    def weight(self, step: dict, inputs: int) -> tuple:
        """The weight as it is stored, and whether that is [inputs, outputs]."""
        outputs = step["outputs"]
        for old in self.weights if step["tied"] else []:
            if old.values.shape == (outputs, inputs):
                return self.resource(old.values, old.text, old.name), False
            if old.values.shape == (inputs, outputs) and self.case["format"] != "nm":
                return self.resource(old.values, old.text, old.name), True
        turned = step["stored"] == "inputs-outputs"
        shape = (inputs, outputs) if turned else (outputs, inputs)
        along = 0 if step["pattern"].get("along") == "outputs" else 1
        axis = 1 - along if turned else along
        largest = 1 if self.small else 2
        values = self.rng.integers(1, largest + 1, shape) * self.rng.choice([-1, 1], shape)
        values = values * mask_of(step["pattern"], shape, axis, self.rng)
        # Integers are no weights, and nothing is said of them.
        said = "" if self.kind == "i32" else pattern_text(step["pattern"], axis)
        return self.resource(values, said), turned

    # --- steps ----------------------------------------------------------------

    def clamp(self, x: Tensor, limit: int) -> Tensor:
        return self.note(self.emitter.clamp(x, limit), limit,
                         lambda env: np.clip(env[x.name], -limit, limit))

    def keep_exact(self, x: Tensor, factor: int, more: int = 2) -> Tensor:
        """`x`, small enough for `factor` of it to be added up exactly."""
        if self.bounds[x.name] * factor + more <= self.limit:
            return x
        return self.clamp(x, max(1, min(3, (self.limit - more) // max(1, factor))))

    def matmul(self, op: str, a: Tensor, b: Tensor, dims, init=None) -> Tensor:
        """As torch-mlir writes it: f16 adds up in f32, bf16 is extended before."""
        e, wide = self.emitter, "f32" if self.small else self.kind
        if self.kind == "bf16":
            x, y = e.convert(a, wide), e.convert(b, wide)
        else:
            x, y = a, b
        out = e.product(op, x, y, init or e.fill(wide, dims))
        bound = self.bounds[a.name] * self.bounds[b.name] * a.dims[-1].size
        return self.note(e.convert(out, self.kind), bound,
                         lambda env: env[a.name] @ env[b.name])

    def turn(self, x: Tensor) -> Tensor:
        order = [*range(len(x.dims) - 2), len(x.dims) - 1, len(x.dims) - 2]
        return self.view(self.emitter.transpose(x, order), x, lambda v: np.swapaxes(v, -1, -2))

    def add_bias(self, x: Tensor, bias: Tensor, how: str) -> Tensor:
        e, last = self.emitter, len(x.dims) - 1
        if how in ("broadcast", "before"):
            wide = e.broadcast(bias, x.dims, named=False)
            out = e.arith("add", *((wide, x) if how == "before" else (x, wide)))
        elif how == "named-broadcast":
            wide = e.broadcast(bias, x.dims, named=True)
            out = e.product("add", x, wide, e.empty(x.kind, x.dims))
        else:
            out = e.generic([(x, range(last + 1)), (bias, [last])], x.kind, x.dims,
                            lambda a: e.op(f"{spell('add', x.kind)} {a[0]}, {a[1]} : {x.kind}"))
        return self.note(out, self.bounds[x.name] + self.bounds[bias.name],
                         lambda env: env[x.name] + env[bias.name])

    def linear(self, step: dict, x: Tensor) -> Tensor:
        e, leading = self.emitter, x.dims[:-1]
        inputs, outputs = x.dims[-1].size, Dim(step["outputs"])
        x = self.keep_exact(x, inputs * (1 if self.small else 2))
        w, turned = self.weight(step, inputs)
        bias = None
        if step["bias"]:
            bias = self.resource(self.rng.integers(-1, 2, step["outputs"]))
        if len(leading) == 2 and step["batch"] == "broadcast":
            w = w if turned else self.turn(w)
            dims = [leading[0], *w.dims]
            w = self.view(e.generic([(w, [1, 2])], w.kind, dims, lambda a: a[0]), w, lambda v: v)
            y = self.matmul("batch_matmul", x, w, [*leading, outputs])
        else:
            y, bias = self.flat_linear(step, x, w, turned, bias)
        return self.add_bias(y, bias, step["bias"]) if bias else y

    def flat_linear(self, step, x, w, turned, bias):
        """The product of matrices, and the bias unless it is in already."""
        e, leading, outputs = self.emitter, x.dims[:-1], Dim(step["outputs"])
        whole = x
        if len(leading) == 2:
            x = self.view(e.collapse(x, [[0, 1], [2]]), x,
                          lambda v: v.reshape(v.shape[0] * v.shape[1], v.shape[2]))
        rows = x.dims[0]
        if step["side"] == "left":
            w = self.turn(w) if turned else w
            y = self.turn(self.matmul("matmul", w, self.turn(x), [outputs, rows]))
        else:
            w = w if turned else self.turn(w)
            init = None
            if step["bias"] == "into-init" and bias and not self.small:
                init = e.broadcast(bias, [rows, outputs], named=False)
            y = self.matmul("matmul", x, w, [rows, outputs], init)
            if init:
                product, added = self.recipe.pop()[1], bias
                self.note(y, self.bounds[y.name] + 1, lambda env: product(env) + env[added.name])
                bias = None
        if step["bias"] == "before" and bias:
            y, bias = self.add_bias(y, bias, "before"), None
        if len(leading) == 2:
            flat = y
            y = self.note(e.expand(y, [[0, 1], [2]], [*leading, outputs]), self.bounds[y.name],
                          lambda env: env[flat.name].reshape(
                              *env[whole.name].shape[:-1], outputs.size))
        return y, bias

    def simple(self, action: str, x: Tensor) -> Tensor:
        e, kind = self.emitter, x.kind
        if action == "relu":
            zero = e.scalar(kind, 0)
            out = e.elementwise([x], kind, lambda a: e.op(
                f"{spell('max', kind)} {a[0]}, {zero} : {kind}"))
            return self.view(out, x, lambda v: np.maximum(v, 0))
        if action == "subtract":
            x = self.keep_exact(x, 1)
            one = e.scalar(kind, 1)
            out = e.elementwise([x], kind, lambda a: e.op(
                f"{spell('sub', kind)} {a[0]}, {one} : {kind}"))
            return self.note(out, self.bounds[x.name] + 1, lambda env: env[x.name] - 1)
        if action == "scale":
            return self.scale(x)
        if action == "transpose" and not x.dims[-2].value:
            return self.turn(x)
        if action == "reshape" and x.dims[-1].size % 2 == 0:
            return self.split_and_merge(x)
        x = self.keep_exact(x, 2)
        return self.note(e.arith("add", x, x), 2 * self.bounds[x.name],
                         lambda env: env[x.name] * 2)

    def scale(self, x: Tensor) -> Tensor:
        e, last = self.emitter, len(x.dims) - 1
        signs = self.resource(self.rng.choice([-1, 1], x.dims[-1].size))
        out = e.generic([(signs, [last]), (x, range(last + 1))], x.kind, x.dims, lambda a: e.op(
            f"{spell('mul', x.kind)} {a[0]}, {a[1]} : {x.kind}"))
        return self.note(out, self.bounds[x.name], lambda env: env[x.name] * env[signs.name])

    def split_and_merge(self, x: Tensor) -> Tensor:
        """Heads apart, something for each of them, and together again."""
        e, rank = self.emitter, len(x.dims)
        groups = [[i] for i in range(rank - 1)] + [[rank - 1, rank]]
        split = e.expand(x, groups, [*x.dims[:-1], Dim(2), Dim(x.dims[-1].size // 2)])
        zero = e.scalar(x.kind, 0)
        negated = e.elementwise([split], x.kind, lambda a: e.op(
            f"{spell('sub', x.kind)} {zero}, {a[0]} : {x.kind}"))
        out = Tensor(e.op(f"tensor.collapse_shape {negated.name} {groups} : {negated.type} into "
                          f"{x.type}"), x.kind, x.dims)
        return self.view(out, x, lambda v: -v)

    # --- ends -----------------------------------------------------------------

    def reduce(self, x: Tensor, how: str) -> Tensor:
        e, rank = self.emitter, len(x.dims)
        axis = 0 if how == "sum-first" else rank - 1
        op = "max" if how == "max-last" else "add"
        if op == "add":
            x = self.keep_exact(x, 129)
        dims = [dim for i, dim in enumerate(x.dims) if i != axis]
        start = e.fill(x.kind, dims, LOWEST[x.kind] if op == "max" else 0)
        out = e.generic([(x, range(rank))], x.kind, dims, lambda a: e.op(
            f"{spell(op, x.kind)} {a[0]}, {a[1]} : {x.kind}"), start, [axis])
        lowest = -2.0**31 if x.kind == "i32" else -np.inf
        return self.note(out, self.bounds[x.name] * 129, lambda env: (
            env[x.name].max(axis, initial=lowest) if op == "max" else env[x.name].sum(axis)))

    def self_product(self, x: Tensor) -> Tensor:
        x = self.keep_exact(x, 1)
        if self.bounds[x.name] ** 2 * x.dims[-1].size > self.limit:
            x = self.clamp(x, 1)
        other = self.turn(x)
        dims = [*x.dims[:-1], x.dims[-2]]
        return self.matmul("batch_matmul" if len(x.dims) == 3 else "matmul", x, other, dims)

    # --- the whole ------------------------------------------------------------

    def build(self) -> None:
        e, case = self.emitter, self.case
        dims = [Dim(n, "?") if dynamic else Dim(n)
                for n, dynamic in zip(case["shape"], [*case["dynamic"], False])]
        outside = "f32" if self.kind == "bf16" else self.kind
        argument = Tensor("%x", outside, dims)
        self.argument = argument.type
        known = [e.dynamic(argument, i, dim.size) if dim.value else dim
                 for i, dim in enumerate(dims)]
        x = e.convert(Tensor("%x", outside, known), self.kind)
        self.note(x, 3, lambda env: env["%x"])
        seen = [x]
        for step in case["steps"]:
            x = self.step(step, x, seen)
            seen.append(x)
        if case["end"]:
            x = self.self_product(x) if case["end"] == "self-product" else \
                self.reduce(x, case["end"])
        self.results = [x] + ([seen[len(seen) // 2]] if case["two_results"] else [])
        returned = [e.convert(r, outside) for r in self.results]
        types = ", ".join(r.type for r in returned)
        e.line(f"return {', '.join(r.name for r in returned)} : {types}")
        self.types = types

    def step(self, step: dict, x: Tensor, seen: list) -> Tensor:
        if step["action"] == "linear":
            return self.linear(step, x)
        if step["action"] == "residual":
            for old in seen[:-1]:
                if old.type == x.type:
                    a, b = self.keep_exact(x, 2), self.keep_exact(old, 2)
                    return self.note(self.emitter.arith("add", a, b),
                                     self.bounds[a.name] + self.bounds[b.name],
                                     lambda env: env[a.name] + env[b.name])
        return self.simple(step["action"], x)

    def text(self) -> str:
        module, blobs = [], []
        for weight in self.weights:
            extents = "".join(f"{n}x" for n in weight.values.shape)
            type_ = f"tensor<{extents}{self.kind}>"
            if weight.text:
                module.append(f'sparsity.parameter "private" @{weight.name} : {type_} = '
                              f"dense_resource<{weight.name}> : {type_} "
                              f"{{pattern = {weight.text}}}")
            if self.kind == "bf16":
                upper = weight.values.astype(np.float32).view(np.uint32) >> 16
                data = "02000000" + upper.astype("<u2").tobytes().hex()
                blobs.append(f'{weight.name}: "0x{data}"')
        module += [f"func.func @f(%x: {self.argument}) -> ({self.types}) {{",
                   *self.emitter.lines, "}"]
        if blobs:
            module.append("{-# dialect_resources: {builtin: {" + ", ".join(blobs) + "}} #-}")
        return "\n".join(module) + "\n"

    def arrays(self) -> dict:
        if self.kind == "bf16":
            return {}
        return {w.name: w.values.astype(ARRAYS[self.kind]) for w in self.weights}

    def inputs(self):
        """Values of the argument: the case's shape, then others where it may vary."""
        shapes = [list(self.case["shape"])]
        for extent in (1, 0, 5):
            shape = [extent if dynamic else n for n, dynamic in
                     zip(self.case["shape"], [*self.case["dynamic"], False])]
            if shape not in shapes:
                shapes.append(shape)
        for shape in shapes:
            yield self.rng.integers(-3, 4, shape).astype(ARRAYS[self.kind])

    def evaluate(self, x: np.ndarray) -> list:
        env = {"%x": x.astype(np.float64)}
        for name, function in self.recipe:
            env[name] = function(env)
        return [env[result.name] for result in self.results]
