"""What `tm_tensor.attention` means, written in linalg: softmax(scale * Q K^T + mask) V.

Static shapes only: enough to run the opaque form of the models with the upstream tools."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

_OP = re.compile(
    r'^ *(%\w+) = "tm_tensor\.attention"\(([^)]*)\) \{([^}]*)\} : \(([^)]*)\) -> (tensor<\S+>)\n', re.MULTILINE
)
_SCALE = re.compile(r"scale = (\S+) : f64")
_MAPS = {"bmk": "b, m, k", "bnk": "b, n, k", "bmn": "b, m, n", "bm": "b, m", "bnd": "b, n, d", "bmd": "b, m, d"}


def expand(text: str) -> str:
    """Replaces each attention op by generics."""
    return _OP.sub(lambda match: "".join(f"    {line}\n" for line in _expand(match)), text)


def _expand(match: re.Match) -> Iterator[str]:
    result, operands, attributes, types, out_type = match.groups()
    operands, types = operands.split(", "), re.findall(r"tensor<\S+?>", types)
    batch, rows, depth = (int(size) for size in types[0][7:].split("x")[:3])
    columns = types[1][7:].split("x")[1]
    scale = _SCALE.search(attributes)
    scores, row = f"tensor<{batch}x{rows}x{columns}xf32>", f"tensor<{batch}x{rows}xf32>"
    part = lambda name: f"%attention{result[1:]}_{name}"

    yield f"{part('zero')} = arith.constant 0.0 : f32"
    yield f"{part('never')} = arith.constant 0xFF800000 : f32"
    yield f"{part('scale')} = arith.constant {float(scale[1]) if scale else 1 / math.sqrt(depth):.17e} : f32"
    for name, value, type_ in (("s", "zero", scores), ("low", "never", row), ("none", "zero", row), ("o", "zero", out_type)):
        yield f"{part(name)}_empty = tensor.empty() : {type_}"
        yield f"{part(name)} = linalg.fill ins({part(value)} : f32) outs({part(name)}_empty : {type_}) -> {type_}"

    query, key, value = zip(operands[:3], types[:3])
    product = ("%p = arith.mulf %a, %b : f32", "%y = arith.addf %p, %z : f32")
    yield from _generic(part("qk"), ["bmk", "bnk", "bmn"], "bmnk", [query, key], (part("s"), scores), product)
    mask, body = [], [f"%y = arith.mulf %a, {part('scale')} : f32"]
    if len(operands) == 5:
        mask = [(operands[3], types[3])]
        body = [body[0].replace("%y", "%t"), "%y = arith.addf %t, %b : f32"]
        if "xi1>" in types[3]:
            body[1] = f"%y = arith.select %b, %t, {part('never')} : f32"
    yield from _generic(part("x"), ["bmn"] * (len(mask) + 2), "bmn", [(part("qk"), scores), *mask], (part("s"), scores), body)
    largest = ["%y = arith.maximumf %a, %z : f32"]
    yield from _generic(part("max"), ["bmn", "bm"], "bmn", [(part("x"), scores)], (part("low"), row), largest)
    exponent = ("%t = arith.subf %a, %b : f32", "%y = math.exp %t : f32")
    yield from _generic(part("e"), ["bmn", "bm", "bmn"], "bmn", [(part("x"), scores), (part("max"), row)], (part("s"), scores), exponent)
    add = ["%y = arith.addf %a, %z : f32"]
    yield from _generic(part("sum"), ["bmn", "bm"], "bmn", [(part("e"), scores)], (part("none"), row), add)
    divide = ["%y = arith.divf %a, %b : f32"]
    yield from _generic(part("p"), ["bmn", "bm", "bmn"], "bmn", [(part("e"), scores), (part("sum"), row)], (part("s"), scores), divide)
    yield from _generic(result, ["bmn", "bnd", "bmd"], "bmnd", [(part("p"), scores), value], (part("o"), out_type), product)


def _generic(result: str, maps: list[str], loops: str, ins: list, out: tuple[str, str], body) -> Iterator[str]:
    """A generic over `loops`; loops missing from the output's map are reductions."""
    kinds = ['"parallel"' if loop in maps[-1] else '"reduction"' for loop in loops]
    affine = [f"affine_map<({', '.join(loops)}) -> ({_MAPS[name]})>" for name in maps]
    values, types = ", ".join(v for v, _ in ins), ", ".join(t for _, t in ins)
    arguments = [f"%{name}: {'i1' if 'xi1>' in type_ else 'f32'}" for name, (_, type_) in zip("ab", ins)]
    yield f"{result} = linalg.generic {{indexing_maps = [{', '.join(affine)}], iterator_types = [{', '.join(kinds)}]}}"
    yield f"  ins({values} : {types}) outs({out[0]} : {out[1]}) {{"
    yield f"^bb0({', '.join(arguments)}, %z: f32):"
    yield from (f"  {line}" for line in body)
    yield "  linalg.yield %y : f32"
    yield f"}} -> {out[1]}"
