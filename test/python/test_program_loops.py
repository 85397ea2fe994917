"""Programs with loops of their own: numbers, and memory that does not grow with the iterations."""

from pathlib import Path

import numpy as np
import pytest

import sparse_opt as so

pytest.importorskip("sparse_opt._sparse_opt")

SIZE = 100_000


def peak_after(call):
    """KB that the process has at most during a call more than before it."""
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()
    call()
    return peak() - before


def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def compile_loop(body, carried=1, extent=SIZE, loop="for"):
    """A loop over %a0, %a1, ... of %n iterations; the body defines %r0, %r1, ... from them."""
    tensor = f"tensor<{extent}xf32>"
    types = ", ".join([tensor] * carried)
    start = ", ".join(f"%a{i} = %x{i}" for i in range(carried))
    made = ", ".join(f"%r{i}" for i in range(carried))
    arguments = ", ".join(f"%x{i}: {tensor}" for i in range(carried))
    if loop == "for":
        head = f"%y:{carried} = scf.for %i = %c0 to %n step %c1 iter_args({start}) -> ({types}) {{"
        tail = f"scf.yield {made} : {types} }}"
    else:
        blocks = ", ".join(f"%a{i}: {tensor}" for i in range(carried))
        passed = ", ".join(f"%p{i}" for i in range(carried))
        before = ", ".join(f"%p{i} = %x{i}" for i in range(carried))
        head = (f"%y:{carried + 1} = scf.while ({before}, %k = %c0) : ({types}, index) -> ({types}, index) {{"
                f" %go = arith.cmpi slt, %k, %n : index"
                f" scf.condition(%go) {passed}, %k : {types}, index }} do {{ ^bb0({blocks}, %i: index):")
        tail = f"%next = arith.addi %i, %c1 : index scf.yield {made}, %next : {types}, index }}"
    results = ", ".join(f"%y#{i}" for i in range(carried))
    return so.compile_mlir(f"""
func.func @main({arguments}, %count: tensor<i64>) -> ({types}) {{
  %value = tensor.extract %count[] : tensor<i64>
  %n = arith.index_cast %value : i64 to index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  {head}
  {body}
  {tail}
  return {results} : {types}
}}
""".replace("TENSOR", tensor))


def add(result, a, b, empty="%e"):
    return f"{result} = linalg.add ins({a}, {b} : TENSOR, TENSOR) outs({empty} : TENSOR) -> TENSOR\n"


EMPTY = "%e = tensor.empty() : TENSOR\n"
REVERSE = """%last = arith.constant LAST : index
  %r0 = linalg.generic {indexing_maps = [affine_map<(d) -> (d)>], iterator_types = ["parallel"]}
      outs(%e : TENSOR) {
  ^bb0(%old: f32):
    %d = linalg.index 0 : index
    %from = arith.subi %last, %d : index
    %v = tensor.extract %a0[%from] : TENSOR
    linalg.yield %v : f32
  } -> TENSOR
""".replace("LAST", str(SIZE - 1))
BRANCHES = EMPTY + """%odd = arith.remui %i, %c2 : index
  %is = arith.cmpi eq, %odd, %c0 : index
  %t = scf.if %is -> TENSOR {
    """ + add("%s", "%a0", "%a0") + """
    scf.yield %s : TENSOR
  } else {
    scf.yield %x0 : TENSOR
  }
  %r0 = scf.if %is -> TENSOR {
    """ + add("%u", "%a0", "%t") + """
    scf.yield %u : TENSOR
  } else {
    %v = tensor.insert_slice %t into %a0[0] [SIZE] [1] : TENSOR into TENSOR
    scf.yield %v : TENSOR
  }
""".replace("SIZE", str(SIZE))


def branches(n, a):
    x = a
    for i in range(n):
        a = a + (a + a) if i % 2 == 0 else x
    return a


def fibonacci(n, a, b):
    for _ in range(n):
        a, b = b, a + b
    return a, b


def nested(n, a, b):
    for _ in range(n):
        a, b = a + b + b, a + b
    return a, b


CASES = {
    "double": (EMPTY + add("%r0", "%a0", "%a0"), lambda n, a: a * 2.0**n, 1),
    "reverse": (EMPTY + REVERSE, lambda n, a: a[::-1] if n % 2 else a, 1),
    "swap": ("%r0 = tensor.cast %a1 : TENSOR to TENSOR\n%r1 = tensor.cast %a0 : TENSOR to TENSOR\n",
             lambda n, a, b: (b, a) if n % 2 else (a, b), 2),
    "fibonacci": ("%r0 = tensor.cast %a1 : TENSOR to TENSOR\n" + EMPTY + add("%r1", "%a0", "%a1"), fibonacci, 2),
    "backwards": (EMPTY + add("%r0", "%a0", "%a1") + "%r1 = tensor.cast %a0 : TENSOR to TENSOR\n",
                  lambda n, a, b: fibonacci(n, b, a)[::-1], 2),
    "nested": (EMPTY + """%r0 = scf.for %j = %c0 to %c2 step %c1 iter_args(%b = %a0) -> TENSOR {
    """ + add("%s", "%b", "%a1") + """
    scf.yield %s : TENSOR
  }
  """ + add("%r1", "%a0", "%a1"), nested, 2),
    "branches": (BRANCHES, branches, 1),
}


@pytest.mark.parametrize("loop", ["for", "while"])
@pytest.mark.parametrize("name", CASES)
def test_numbers_and_memory(name, loop):
    body, expected, carried = CASES[name]
    program = compile_loop(body, carried, loop=loop)
    inputs = [np.random.default_rng(i).integers(-3, 4, SIZE).astype(np.float32) for i in range(carried)]
    copies = [x.copy() for x in inputs]
    for n in (0, 1, 2, 5):
        got = program(*inputs, np.array(n))
        for y, z in zip(got if carried > 1 else [got], expected(n, *inputs) if carried > 1 else [expected(n, *inputs)]):
            np.testing.assert_array_equal(y, z)
    grown = peak_after(lambda: program(*inputs, np.array(1000)))
    assert grown < 50_000, f"{grown} KB more for 1000 iterations over {SIZE * 4 // 1000} KB"
    for x, copy in zip(inputs, copies):
        np.testing.assert_array_equal(x, copy)


def test_dynamic_extents():
    dynamic = "%d = tensor.dim %a0, %c0 : tensor<?xf32>\n%e = tensor.empty(%d) : tensor<?xf32>\n"
    program = compile_loop(dynamic + add("%r0", "%a0", "%a0"), extent="?")
    for size in (0, 1, 17, SIZE):
        x = np.ones(size, np.float32)
        np.testing.assert_array_equal(program(x, np.array(3)), 8 * x)
    assert peak_after(lambda: program(np.zeros(SIZE, np.float32), np.array(1000))) < 50_000


def test_extents_that_grow():
    more = "%r0 = tensor.concat dim(0) %a0, %a0 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>\n"
    program = compile_loop(more, extent="?")
    x = np.arange(3, dtype=np.float32)
    np.testing.assert_array_equal(program(x, np.array(4)), np.tile(x, 16))


CELL = """
func.func private @step(%h: tensor<?x3xf32>, %x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %w = arith.constant dense_resource<w> : tensor<3x3xf32>
  %n = tensor.dim %h, %c0 : tensor<?x3xf32>
  %e = tensor.empty(%n) : tensor<?x3xf32>
  %sum = linalg.matmul ins(%h, %w : tensor<?x3xf32>, tensor<3x3xf32>)
      outs(%x : tensor<?x3xf32>) -> tensor<?x3xf32>
  %y = linalg.tanh ins(%sum : tensor<?x3xf32>) outs(%e : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
func.func @main(%h: tensor<?x3xf32>, %x: tensor<?x?x3xf32>, %which: tensor<?xi64>) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %steps = tensor.dim %which, %c0 : tensor<?xi64>
  %n = tensor.dim %h, %c0 : tensor<?x3xf32>
  %last = scf.for %i = %c0 to %steps step %c1 iter_args(%a = %h) -> tensor<?x3xf32> {
    %at = tensor.extract %which[%i] : tensor<?xi64>
    %from = arith.index_cast %at : i64 to index
    %part = tensor.extract_slice %x[%from, 0, 0] [1, %n, 3] [1, 1, 1]
        : tensor<?x?x3xf32> to tensor<?x3xf32>
    %next = func.call @step(%a, %part) : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
    scf.yield %next : tensor<?x3xf32>
  }
  return %last : tensor<?x3xf32>
}
"""


def test_recurrent_cell():
    random = np.random.default_rng(0)
    weight = random.standard_normal((3, 3)).astype(np.float32)
    program = so.compile_mlir(CELL, {"w": weight})
    for rows in (0, 1, 17):
        state = random.standard_normal((rows, 3)).astype(np.float32)
        x = random.standard_normal((5, rows, 3)).astype(np.float32)
        which = random.integers(0, 5, 9)
        expected = state
        for i in which:
            expected = np.tanh(expected @ weight + x[i])
        np.testing.assert_allclose(program(state, x, which), expected, atol=1e-5)
        with pytest.raises(RuntimeError):
            program(state, x, np.array([0, 5]))
    rows = SIZE // 3
    state, x = np.zeros((rows, 3), np.float32), np.ones((2, rows, 3), np.float32)
    which = np.zeros(1000, np.int64)
    assert peak_after(lambda: program(state, x, which)) < 50_000
