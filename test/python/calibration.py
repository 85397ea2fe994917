"""What tests of calibration share: a product as text, profiles as they are read."""

import json
import struct

from safetensors.numpy import load_file


def product(rows="?", weight=(7, 20), dtype="f32", transposed=True):
    """y = x W^T, or x W."""
    n, k = weight if transposed else weight[::-1]
    shape = "x".join(map(str, weight))
    maps = "(d0, d2)", "(d1, d2)" if transposed else "(d2, d1)", "(d0, d1)"
    maps = ", ".join(f"affine_map<(d0, d1, d2) -> {text}>" for text in maps)
    return f"""
func.func @main(%x: tensor<{rows}x{k}x{dtype}> {{sparsity.name = "x"}}) -> tensor<{rows}x{n}x{dtype}> {{
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : {dtype}
  %w = arith.constant dense_resource<fc.weight> : tensor<{shape}x{dtype}>
  %d = tensor.dim %x, %c0 : tensor<{rows}x{k}x{dtype}>
  %e = tensor.empty({'%d' if rows == '?' else ''}) : tensor<{rows}x{n}x{dtype}>
  %f = linalg.fill ins(%zero : {dtype}) outs(%e : tensor<{rows}x{n}x{dtype}>) -> tensor<{rows}x{n}x{dtype}>
  %y = linalg.generic {{indexing_maps = [{maps}], iterator_types = ["parallel", "parallel", "reduction"]}}
      ins(%x, %w : tensor<{rows}x{k}x{dtype}>, tensor<{shape}x{dtype}>) outs(%f : tensor<{rows}x{n}x{dtype}>) {{
  ^bb0(%a: {dtype}, %b: {dtype}, %c: {dtype}):
    %m = arith.mulf %a, %b : {dtype}
    %s = arith.addf %c, %m : {dtype}
    linalg.yield %s : {dtype}
  }} -> tensor<{rows}x{n}x{dtype}>
  return %y : tensor<{rows}x{n}x{dtype}>
}}"""


def read_profile(path):
    """(kind, parameter) -> the statistic, and the profile's JSON."""
    data = path.read_bytes()
    header = json.loads(data[8:8 + struct.unpack("<Q", data[:8])[0]])
    profile = json.loads(header["__metadata__"]["sparse_opt_profile"])
    tensors = load_file(path)
    return {(statistic["kind"], of["parameter"]): tensors[statistic["tensor"]]
            for statistic in profile["statistics"] for of in statistic["of"]}, profile
