"""What a program, and the oracle, checks of sizes and indices that only its data decide."""

import functools
import sys

import numpy as np
import pytest

import sparse_opt as so

pytest.importorskip("sparse_opt._sparse_opt")

ARANGE = np.arange(8, dtype=np.float32)
SLICE = "expected a slice inside of the tensor"
INDEX = "expected an index inside of the tensor"
ELEMENTS = "to keep the number of elements"


@pytest.fixture(autouse=True, params=[False, True], ids=["program", "oracle"])
def compiler(request, monkeypatch):
    """Every test runs with both pipelines."""
    monkeypatch.setattr(sys.modules[__name__], "compile_mlir",
                        functools.partial(so.compile_mlir, oracle=request.param))


compile_mlir = so.compile_mlir


def compile_body(arguments, result, body):
    """A program whose %i and %j are the elements of its last argument, two int64 as indices."""
    return compile_mlir(f"""
        func.func @main({arguments}, %s: tensor<2xi64>) -> {result} {{
          %c0 = arith.constant 0 : index
          %c1 = arith.constant 1 : index
          %si = tensor.extract %s[%c0] : tensor<2xi64>
          %sj = tensor.extract %s[%c1] : tensor<2xi64>
          %i = arith.index_cast %si : i64 to index
          %j = arith.index_cast %sj : i64 to index
          {body}
          return %r : {result}
        }}""")


def indices(*values):
    return np.array(values, np.int64)


def check(program, args, values, expected):
    before = [arg.copy() for arg in args]
    try:
        compare(program, args, values, expected)
    finally:
        for arg, old in zip(args, before):
            np.testing.assert_array_equal(arg, old)


def compare(program, args, values, expected):
    if isinstance(expected, str):
        with pytest.raises(RuntimeError, match=expected):
            program(*args, indices(*values))
    else:
        np.testing.assert_array_equal(program(*args, indices(*values)), np.float32(expected))


def test_elements():
    program = compile_body("%x: tensor<?xf32>", "tensor<?xf32>", """
        %v = tensor.extract %x[%i] : tensor<?xf32>
        %r = tensor.insert %v into %x[%j] : tensor<?xf32>""")
    check(program, [ARANGE[:3]], (2, 0), [2, 1, 2])
    for values in ((3, 0), (0, 3), (-1, 0), (0, -1), (2**62, 0), (0, -2**63)):
        check(program, [ARANGE[:3]], values, INDEX)
    check(program, [ARANGE[:0]], (0, 0), INDEX)


def test_slices_that_are_read():
    program = compile_body("%x: tensor<?xf32>", "tensor<?xf32>", """
        %v = tensor.extract_slice %x[%i] [%j] [2] : tensor<?xf32> to tensor<?xf32>
        %e = tensor.empty(%j) : tensor<?xf32>
        %r = linalg.abs ins(%v : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>""")
    check(program, [ARANGE], (1, 3), [1, 3, 5])
    check(program, [ARANGE], (1, 4), [1, 3, 5, 7])
    check(program, [ARANGE], (8, 0), [])
    check(program, [ARANGE[:1]], (0, 1), [0])
    for values in ((2, 4), (9, 0), (-1, 2), (0, -1), (8, 1), (2**63 - 1, 2), (1, 2**62)):
        check(program, [ARANGE], values, SLICE)


def test_slices_that_are_written():
    program = compile_body("%x: tensor<?xf32>, %v: tensor<2xf32>", "tensor<?xf32>", """
        %r = tensor.insert_slice %v into %x[%i] [2] [%j] : tensor<2xf32> into tensor<?xf32>""")
    check(program, [ARANGE[:4], ARANGE[6:]], (1, 2), [0, 6, 2, 7])
    for values in ((2, 2), (3, 1), (-1, 1), (0, 2**62), (0, -1)):
        check(program, [ARANGE[:4], ARANGE[6:]], values, SLICE)


def test_reshapes():
    program = compile_body("%x: tensor<?xf32>", "tensor<?x4xf32>", """
        %v = tensor.expand_shape %x [[0, 1]] output_shape [%i, 4]
            : tensor<?xf32> into tensor<?x4xf32>
        %e = tensor.empty(%i) : tensor<?x4xf32>
        %r = linalg.abs ins(%v : tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>""")
    check(program, [ARANGE], (2, 0), ARANGE.reshape(2, 4))
    check(program, [ARANGE[:0]], (0, 0), np.zeros((0, 4)))
    for rows in (1, 3, -2):
        check(program, [ARANGE], (rows, 0), ELEMENTS)


def test_reshapes_to_what_a_tensor_says():
    program = compile_mlir("""
        func.func @main(%x: tensor<?xf32>, %s: tensor<2xi64>) -> tensor<?x?xf32> {
          %r = tensor.reshape %x(%s) : (tensor<?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
          return %r : tensor<?x?xf32>
        }""")
    check(program, [ARANGE], (2, 4), ARANGE.reshape(2, 4))
    check(program, [ARANGE], (3, 4), ELEMENTS)


def test_windows():
    program = compile_mlir("""
        func.func @main(%x: tensor<?xf32>, %k: tensor<?xf32>, %e: tensor<?xf32>) -> tensor<?xf32> {
          %r = linalg.conv_1d ins(%x, %k : tensor<?xf32>, tensor<?xf32>)
              outs(%e : tensor<?xf32>) -> tensor<?xf32>
          return %r : tensor<?xf32>
        }""")
    kernel = np.ones(2, np.float32)
    assert program(ARANGE, kernel, np.zeros(7, np.float32)).tolist() == [1, 3, 5, 7, 9, 11, 13]
    with pytest.raises(RuntimeError, match="'linalg.conv_1d' to agree in extents"):
        program(ARANGE, kernel, np.zeros(8, np.float32))


def test_lookups_that_read_nothing():
    program = compile_mlir("""
        func.func @main(%t: tensor<?x?xf32>, %ids: tensor<?xi64>) -> tensor<?x?xf32> {
          %c0 = arith.constant 0 : index
          %c1 = arith.constant 1 : index
          %n = tensor.dim %ids, %c0 : tensor<?xi64>
          %d = tensor.dim %t, %c1 : tensor<?x?xf32>
          %e = tensor.empty(%n, %d) : tensor<?x?xf32>
          %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>,
                                                affine_map<(i, j) -> (i, j)>],
                               iterator_types = ["parallel", "parallel"]}
              ins(%ids : tensor<?xi64>) outs(%e : tensor<?x?xf32>) {
          ^bb0(%id: i64, %old: f32):
            %i = arith.index_cast %id : i64 to index
            %j = linalg.index 1 : index
            %v = tensor.extract %t[%i, %j] : tensor<?x?xf32>
            linalg.yield %v : f32
          } -> tensor<?x?xf32>
          return %r : tensor<?x?xf32>
        }""")
    check(program, [np.zeros((3, 0), np.float32)], (7, -1), np.zeros((2, 0)))
    check(program, [ARANGE[:6].reshape(3, 2)], (2, 1), [[4, 5], [2, 3]])
    check(program, [ARANGE[:6].reshape(3, 2)], (2, 3), INDEX)


def test_extents_of_new_tensors():
    program = compile_body("%x: tensor<1xf32>", "tensor<?x?xf32>", """
        %v = tensor.extract %x[%c0] : tensor<1xf32>
        %e = tensor.empty(%i, %j) : tensor<?x?xf32>
        %r = linalg.fill ins(%v : f32) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>""")
    check(program, [ARANGE[3:4]], (2, 3), np.full((2, 3), 3))
    check(program, [ARANGE[3:4]], (0, 3), np.zeros((0, 3)))
    for extents in ((-3, 1), (2**62, 1), (2**40, 2**40), (-1, -1), (0, -1)):
        check(program, [ARANGE[3:4]], extents, "'tensor.empty' to have extents")


def test_padding():
    program = compile_body("%x: tensor<?xf32>", "tensor<?xf32>", """
        %one = arith.constant 1.0 : f32
        %r = tensor.pad %x low[%i] high[%j] {
        ^bb0(%at: index):
          tensor.yield %one : f32
        } : tensor<?xf32> to tensor<?xf32>""")
    check(program, [ARANGE[2:4]], (1, 2), [1, 2, 3, 1, 1])
    for widths in ((-9, 2), (0, -1), (2**62, 0), (2**62, 2**62)):
        check(program, [ARANGE[2:4]], widths, "'tensor.pad' to have extents")


def test_loops_that_carry_tensors():
    program = compile_body("%x: tensor<?xf32>", "tensor<?xf32>", """
        %n = tensor.dim %x, %c0 : tensor<?xf32>
        %e = tensor.empty(%n) : tensor<?xf32>
        %r = scf.for %k = %c0 to %i step %c1 iter_args(%t = %x) -> tensor<?xf32> {
          %sum = linalg.add ins(%t, %x : tensor<?xf32>, tensor<?xf32>)
              outs(%e : tensor<?xf32>) -> tensor<?xf32>
          scf.yield %sum : tensor<?xf32>
        }""")
    for size in (0, 1, 3, 8):
        for steps in (0, 1, 2, 7):
            check(program, [ARANGE[:size]], (steps, 0), ARANGE[:size] * (steps + 1))
