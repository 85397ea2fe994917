"""Products of the same x are computed together, with the bits that each has alone."""

import numpy as np
import pytest

import sparse_opt as so
from programs import skip_without, with_zeros

pytest.importorskip("sparse_opt._sparse_opt")

TOKENS = (0, 1, 3, 17, 129, 300)
FORMATS = ("dense", "nm", "bsr", "stream")
#: Outputs, inputs.
SHAPES = ((1, 20), (33, 17), (96, 129), (400, 40))


def product(i, outputs, inputs, dtype, bias):
    x, y = f"tensor<?x{inputs}x{dtype}>", f"tensor<?x{outputs}x{dtype}>"
    w, b = f"tensor<{outputs}x{inputs}x{dtype}>", f"tensor<{outputs}x{dtype}>"
    constant = f"%b{i} = arith.constant dense_resource<b{i}> : {b}" if bias else ""
    return f"""
  %w{i} = arith.constant dense_resource<w{i}.weight> : {w}
  {constant}
  %e{i} = tensor.empty(%n) : {y}
  %y{i} = sparsity.matmul ins(%x, %w{i} : {x}, {w}) {f"bias(%b{i} : {b})" if bias else ""}
      outs(%e{i} : {y}) transpose_rhs -> {y}"""


def unequal_products(shapes, inputs, dtype="f32"):
    """A product of x for each pair of `shapes`: its outputs, and whether it has a bias."""
    x = f"tensor<?x{inputs}x{dtype}>"
    body = "".join(product(i, outputs, inputs, dtype, bias)
                   for i, (outputs, bias) in enumerate(shapes))
    results = ", ".join(f"%y{i}" for i in range(len(shapes)))
    types = ", ".join(f"tensor<?x{outputs}x{dtype}>" for outputs, _ in shapes)
    return f"""
func.func @f(%x: {x}) -> ({types}) {{
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : {x}{body}
  return {results} : {types}
}}"""


def products(outputs, inputs, count, dtype="f32"):
    """`count` products of x with weights and biases of their own."""
    return unequal_products([(outputs, True)] * count, inputs, dtype)


def weights(outputs, inputs, count, format, dtype=np.float32):
    values = {}
    for i in range(count):
        random = np.random.default_rng(i)
        values[f"w{i}.weight"] = with_zeros(random.standard_normal((outputs, inputs)).astype(dtype), format)
        values[f"b{i}"] = random.standard_normal(outputs).astype(dtype)
    return values


def renamed(values, i):
    return {"w0.weight": values[f"w{i}.weight"], "b0": values[f"b{i}"]}


def inputs_of(tokens, inputs, dtype=np.float32):
    return np.random.default_rng(tokens).standard_normal((tokens, inputs)).astype(dtype)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("outputs, inputs", SHAPES)
def test_bits_are_those_of_each_alone(format, outputs, inputs):
    values = weights(outputs, inputs, 3, format)
    together = so.compile_mlir(products(outputs, inputs, 3), values, format=format)
    alone = [so.compile_mlir(products(outputs, inputs, 1), renamed(values, i), format=format)
             for i in range(3)]
    for tokens in TOKENS:
        x = inputs_of(tokens, inputs)
        for threads in (1, 2, 7):
            for i, y in enumerate(together(x, threads=threads)):
                np.testing.assert_array_equal(y, alone[i](x, threads=1))
                exact = x.astype(np.float64) @ values[f"w{i}.weight"].T + values[f"b{i}"]
                np.testing.assert_allclose(y, exact, atol=2e-5)


#: Grouped queries, keys without bias, outputs of less than a unit and none.
UNEQUAL = (
    ((96, True), (32, True), (32, True)),
    ((64, True), (64, False), (64, True)),
    ((7, False), (400, True), (0, True), (33, False), (7, True)),
)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("shapes", UNEQUAL)
def test_unequal_bits_are_those_of_each_alone(format, shapes):
    if format != "dense":  # a weight without elements has no pattern
        shapes = [shape for shape in shapes if shape[0] > 0]
    values = {}
    for i, (outputs, _) in enumerate(shapes):
        one = weights(outputs, 72, i + 1, format)
        values |= {name: one[name] for name in (f"w{i}.weight", f"b{i}")}
    together = so.compile_mlir(unequal_products(shapes, 72), values, format=format)
    report = together.measure(inputs_of(17, 72))
    rows = [row for row in report["operations"] if "weights" in row]
    assert sum(len(row["weights"]) for row in rows) == len(shapes)
    for row in rows:
        own = [report["weights"][number] for number in row["weight_rows"]]
        for weight in own:
            share = weight["bytes"] / sum(other["bytes"] for other in own)
            assert weight["measured_us"] == pytest.approx(row["measured_us"] * share, abs=2e-3)
    assert len(rows) == 1 or len({row["format"] for row in rows}) > 1
    alone = [so.compile_mlir(unequal_products([shape], 72), renamed(values, i), format=format)
             for i, shape in enumerate(shapes)]
    for tokens in TOKENS:
        x = inputs_of(tokens, 72)
        for threads in (1, 2, 7):
            for i, y in enumerate(together(x, threads=threads)):
                np.testing.assert_array_equal(y, alone[i](x, threads=1))
                bias = values[f"b{i}"] if shapes[i][1] else 0
                exact = x.astype(np.float64) @ values[f"w{i}.weight"].T + bias
                np.testing.assert_allclose(y, exact, atol=2e-5)


@pytest.mark.parametrize("format", FORMATS)
def test_f64_and_two(format):
    values = weights(48, 64, 2, format, np.float64)
    program = so.compile_mlir(products(48, 64, 2, "f64"), values, format=format)
    for tokens in TOKENS:
        x = inputs_of(tokens, 64, np.float64)
        for i, y in enumerate(program(x)):
            np.testing.assert_allclose(y, x @ values[f"w{i}.weight"].T + values[f"b{i}"], atol=1e-12)


@pytest.mark.parametrize("target", ["x86-64", "x86-64-v3", "x86-64-v4"])
def test_targets(target):
    skip_without(target)
    values = weights(96, 72, 3, "nm")
    program = so.compile_mlir(products(96, 72, 3), values, format="nm", target=target)
    for tokens in TOKENS:
        x = inputs_of(tokens, 72)
        for i, y in enumerate(program(x)):
            np.testing.assert_allclose(y, x @ values[f"w{i}.weight"].T + values[f"b{i}"], atol=2e-5)


def test_report_names_all_weights():
    values = weights(96, 64, 3, "dense")
    program = so.compile_mlir(products(96, 64, 3), values)
    report = program.measure(inputs_of(17, 64))
    product, = [row for row in report["operations"] if "weights" in row]
    names = [report["weights"][row]["name"] for row in product["weight_rows"]]
    assert names == product["weights"] == ["w0.weight", "w1.weight", "w2.weight"]
    assert "{w0,w1,w2}.weight" in str(report)
    for row in product["weight_rows"]:
        assert report["weights"][row]["measured_us"] == pytest.approx(product["measured_us"] / 3, abs=2e-3)
    operations = 2 * 17 * 96 * 64 * 3
    assert product["gflops"] == pytest.approx(operations / product["measured_us"] / 1e3, rel=0.01, abs=1e-3)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("count", [1, 3])
def test_report_counts_stored_weights(format, count):
    values = weights(96, 64, count, format)
    program = so.compile_mlir(products(96, 64, count), values, format=format)
    row, = [row for row in program.measure(inputs_of(257, 64))["operations"] if "weights" in row]
    assert format in row["format"]
    matrices = [values[f"w{i}.weight"] for i in range(count)]
    stored = sum(matrix.size // 2 if format == "nm" else np.count_nonzero(matrix) for matrix in matrices)
    assert 0 < stored and (format == "dense" or stored < 96 * 64 * count)
    assert row["gflops"] == pytest.approx(2 * 257 * stored / row["measured_us"] / 1e3, rel=0.01, abs=1e-3)


def test_weights_without_entries_compute_nothing():
    values = weights(64, 64, 2, "dense")
    for i in range(2):
        values[f"w{i}.weight"][:] = 0
    program = so.compile_mlir(products(64, 64, 2), values, format="stream")
    x = inputs_of(100, 64)
    for i, y in enumerate(program(x)):
        np.testing.assert_array_equal(y, np.broadcast_to(values[f"b{i}"], y.shape))
    row, = [row for row in program.measure(x)["operations"] if "weights" in row]
    assert row.get("gflops", 0) == 0


def test_shared_weight_counts_for_each_product():
    text = unequal_products([(64, True)] * 2, 64).replace("dense_resource<w1.weight>", "dense_resource<w0.weight>")
    values = weights(64, 64, 2, "dense")
    del values["w1.weight"]
    program = so.compile_mlir(text, values)
    x = inputs_of(1700, 64)
    for i, y in enumerate(program(x)):
        np.testing.assert_allclose(y, x @ values["w0.weight"].T + values[f"b{i}"], atol=2e-5)
    report = program.measure(x)
    row, = [row for row in report["operations"] if "weights" in row]
    assert row["weights"] == ["w0.weight"] * 2
    weight, again = [report["weights"][number] for number in row["weight_rows"]]
    assert weight == again and weight["name"] == "w0.weight"
    assert weight["measured_us"] == pytest.approx(row["measured_us"], abs=2e-3)
    operations = 2 * 2 * 1700 * 64 * 64
    assert row["gflops"] == pytest.approx(operations / row["measured_us"] / 1e3, rel=0.01, abs=1e-3)
    moved = 4 * (1700 * 64 * 3 + 64 * 64 + 2 * 64)
    assert row["gbytes_per_second"] == pytest.approx(moved / row["measured_us"] / 1e3, rel=0.01, abs=1e-3)
