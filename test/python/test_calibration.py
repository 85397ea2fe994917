"""Statistics of what meets weights, against NumPy on the same values."""

import os
import re

import numpy as np
import pytest

import sparse_opt as so
from calibration import product, read_profile

pytest.importorskip("sparse_opt._sparse_opt")

KINDS = ("gram", "magnitudes", "squares", "zeros")
RNG = np.random.default_rng(5)
INPUTS = 20
W = RNG.standard_normal((7, INPUTS)).astype(np.float32)


def program(**options):
    options = {"statistics": KINDS, "weights": {"fc.weight": W}} | options
    return so.compile_mlir(options.pop("source", product()), **options)


def collected(program, calls, path, **options):
    calibration = program.calibration()
    for call in calls:
        calibration.add(*call if isinstance(call, tuple) else (call,), **options)
    calibration.save(path)
    return read_profile(path)[0]


def check(statistics, name, rows, tolerance=1e-5):
    """`rows` is what met the weight: rows x inputs."""
    rows = np.asarray(rows, np.float64)
    assert statistics["rows", name].tolist() == [len(rows)]
    wanted = {"gram": rows.T @ rows, "magnitudes": np.abs(rows).sum(0), "squares": (rows ** 2).sum(0),
              "zeros": (rows == 0).sum(0)}
    for kind, expected in wanted.items():
        found = statistics[kind, name].astype(np.float64)
        assert found.shape == expected.shape, kind
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * np.abs(expected).max(initial=0), err_msg=kind)


def sample(rows, inputs=INPUTS, dtype=np.float32):
    x = RNG.standard_normal((rows, inputs)).astype(dtype)
    x[RNG.random(x.shape) < 0.25] = 0
    return x


@pytest.mark.parametrize("rows", [1, 3, 17, 129])
@pytest.mark.parametrize("inputs", [1, 3, 20, 129])
@pytest.mark.parametrize("transposed", [True, False])
def test_one_product(rows, inputs, transposed, tmp_path):
    weight = RNG.standard_normal((7, inputs) if transposed else (inputs, 7)).astype(np.float32)
    x = sample(rows, inputs)
    source = product(weight=weight.shape, transposed=transposed)
    check(collected(program(source=source, weights={"fc.weight": weight}), [x], tmp_path / "p"), "fc.weight", x)


@pytest.mark.parametrize("dtype", ["f64", "f16", "bf16"])
def test_types(dtype, tmp_path):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    kind = {"f64": np.float64, "f16": np.float16, "bf16": ml_dtypes.bfloat16}[dtype]
    x = sample(33).astype(kind)
    statistics = collected(program(source=product(dtype=dtype), weights={"fc.weight": W.astype(kind)}), [x], tmp_path / "p")
    assert statistics["gram", "fc.weight"].dtype == (np.float64 if dtype == "f64" else np.float32)
    check(statistics, "fc.weight", x.astype(np.float64), 1e-13 if dtype == "f64" else 1e-5)


def test_many_calls_and_static_extents(tmp_path):
    calls = [sample(6) for _ in range(5)]
    for source in (product(), product(rows=6)):
        check(collected(program(source=source), calls, tmp_path / "p"), "fc.weight", np.concatenate(calls))


def test_statistics_grow_after_a_save(tmp_path):
    calibration = program().calibration()
    first, second = sample(4), sample(9)
    calibration.add(first)
    calibration.save(tmp_path / "a")
    calibration.add(x=second)
    calibration.save(tmp_path / "b")
    check(read_profile(tmp_path / "a")[0], "fc.weight", first)
    check(read_profile(tmp_path / "b")[0], "fc.weight", np.concatenate([first, second]))


def test_any_number_of_threads_gives_the_same_bits(tmp_path):
    x, prog = sample(700, 129), program(source=product(weight=(7, 129)), weights={"fc.weight": sample(7, 129)})
    one, two = (collected(prog, [x], tmp_path / str(n), threads=n) for n in (1, 2))
    for key, value in one.items():
        np.testing.assert_array_equal(value, two[key])


def test_oracle_and_saved_program(tmp_path):
    x = sample(17)
    check(collected(program(oracle=True), [x], tmp_path / "p"), "fc.weight", x)
    program().save(tmp_path / "m.so")
    loaded = so.load(tmp_path / "m.so")
    assert [(i.name, i.statistic, i.updated) for i in loaded.inputs] == [("x", "", False)] + [
        (f"fc.weight.{kind}", kind, True) for kind in ("rows", *KINDS)]
    assert loaded.results == ()
    check(collected(loaded, [x], tmp_path / "p"), "fc.weight", x)


def test_what_the_profile_says(tmp_path):
    collected(program(statistics=["squares"]), [sample(3)], tmp_path / "p")
    _, profile = read_profile(tmp_path / "p")
    hashes = {of.pop("hash") for statistic in profile["statistics"] for of in statistic["of"]}
    of = [{"parameter": "fc.weight", "dtype": "f32", "shape": [7, INPUTS], "axis": 1}]
    assert profile == {"version": 1, "statistics": [
        {"tensor": f"fc.weight.{kind}", "kind": kind, "of": of} for kind in ("rows", "squares")]}
    other = program(statistics=["squares"], weights={"fc.weight": W + 1})
    collected(other, [sample(3)], tmp_path / "q")
    hashes |= {of["hash"] for statistic in read_profile(tmp_path / "q")[1]["statistics"] for of in statistic["of"]}
    assert len(hashes) == 2 and all(re.fullmatch("xxh64:[0-9a-f]{16}", text) for text in hashes)


torch = pytest.importorskip("torch")


class Network(torch.nn.Module):
    """q and k meet the same rows, `twice` meets two tensors, `table` is no matrix of a product."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.table = torch.nn.Embedding(50, 20)
        self.q, self.k = torch.nn.Linear(20, 12), torch.nn.Linear(20, 33, bias=False)
        self.twice = torch.nn.Linear(12, 12)
        self.out = torch.nn.Linear(33, 3)

    def forward(self, ids):
        x = self.table(ids)
        h = self.twice(torch.nn.functional.gelu(self.twice(self.q(x))))
        return self.out(torch.relu(self.k(x))), h


def seen_by_hooks(net, calls):
    """name -> the rows that met the layer's weight."""
    seen = {}
    hooks = [layer.register_forward_pre_hook(
        lambda _, args, name=f"{name}.weight": seen.setdefault(name, []).append(args[0].flatten(0, -2)))
        for name, layer in net.named_modules() if isinstance(layer, torch.nn.Linear)]
    with torch.no_grad():
        for ids in calls:
            net(ids)
    for hook in hooks:
        hook.remove()
    return {name: torch.cat(rows).double().numpy() for name, rows in seen.items()}


@pytest.mark.parametrize("batch", [None, 1, 3])
def test_network(batch, tmp_path):
    net = Network().eval()
    calls = [torch.randint(50, (batch or size, 7)) for size in (2, 1, 5)]
    shapes = None if batch else ({0: torch.export.Dim("batch", min=1, max=64)},)
    so.calibrate(net, calls, tmp_path / "p", statistics=KINDS, dynamic_shapes=shapes)
    statistics, profile = read_profile(tmp_path / "p")
    wanted = seen_by_hooks(net, calls)
    assert {name for _, name in statistics} == set(wanted)
    for name, rows in wanted.items():
        check(statistics, name, rows, 2e-5)
    grams = [[of["parameter"] for of in one["of"]] for one in profile["statistics"] if one["kind"] == "gram"]
    assert ["q.weight", "k.weight"] in grams and len(grams) == 3


def test_observed_weights(tmp_path):
    net = Network().eval()
    so.calibrate(net, [(torch.randint(50, (2, 7)),)], tmp_path / "p", observe="[qo]*")
    assert set(read_profile(tmp_path / "p")[0]) == {(kind, f"{name}.weight") for kind in ("rows", "squares") for name in "q out".split()}


def test_batched_products_of_convolutions(tmp_path):
    """What torch-mlir writes for a linear layer of images: x is 4-D."""
    net = torch.nn.Linear(20, 6).eval()
    x = torch.randn(2, 3, 4, 20)
    so.calibrate(net, [x], tmp_path / "p", statistics=KINDS)
    check(read_profile(tmp_path / "p")[0], "weight", x.flatten(0, -2))


def raises(message, kind=ValueError):
    return pytest.raises(kind, match=re.escape(message))


def test_nan_adds_nothing(tmp_path):
    calibration, good, bad = program().calibration(), sample(5), sample(5)
    bad[2, 3] = np.nan
    calibration.add(good)
    with raises("expected numbers in input 'x' of a calibration, found NaN at element 43"):
        calibration.add(bad)
    calibration.save(tmp_path / "p")
    check(read_profile(tmp_path / "p")[0], "fc.weight", good)


@pytest.mark.parametrize("value, kinds, found", [(1e30, ["gram"], "Inf at element 0 of 'fc.weight.gram'"),
                                                 (np.inf, ["squares"], "Inf at element 0 of 'fc.weight.squares'")])
def test_statistics_beyond_range(value, kinds, found, tmp_path):
    calibration = program(statistics=kinds).calibration()
    calibration.add(np.full((3, INPUTS), value, np.float32))
    (tmp_path / "p").write_text("old")
    with raises(f"expected finite statistics, found {found}"):
        calibration.save(tmp_path / "p")
    assert (tmp_path / "p").read_text() == "old"


def test_no_data(tmp_path):
    calibration = program().calibration()
    calibration.add(np.zeros((0, INPUTS), np.float32))
    with raises("expected calibration data, found no rows in 'fc.weight.rows'"):
        calibration.save(tmp_path / "p")
    assert not (tmp_path / "p").exists()
    with raises("expected statistics to collect, got none"):
        so.calibrate(Network(), [torch.zeros(2, 3)], tmp_path / "p", statistics=[])
    with raises("expected at least one call, got none"):
        so.calibrate(Network(), [], tmp_path / "p")


def test_bad_calls():
    calibration = program().calibration()
    with raises("expected 1 inputs for 'main', got 2"):
        calibration.add(sample(2), sample(2))
    with raises("input 'x'", TypeError):
        calibration.add(np.zeros((2, INPUTS)))
    with raises("expected 6 inputs for 'main', got 1; statistics among them are what a calibration gives"):
        program()(sample(2))
    with raises("expected a program that is compiled to collect statistics, found none in 'main'"):
        program(statistics=()).calibration()
    with raises("the program has no input 'y', only x", TypeError):
        calibration.add(y=sample(2))


@pytest.mark.parametrize("options, message", [
    ({"statistics": ["grams"]}, "expected the statistics 'gram', 'magnitudes', 'squares', 'zeros', got 'grams'"),
    ({"observe": "a*"}, "expected products with parameters whose names match 'a*', found none"),
    ({"observe": "[a"}, "expected a glob on names of parameters"),
    ({"recipe": "version: 1\nrules: []\n"}, "expected a recipe or statistics to collect, got both"),
])
def test_bad_options(options, message):
    with raises(message, so.CompileError):
        program(**options)
    with raises("expected statistics as a list of str, got 'gram'", TypeError):
        program(statistics="gram")
    with raises("expected observe as a str, got int", TypeError):
        program(observe=3)


def test_refused_arguments_add_nothing(tmp_path):
    calibration, x = program().calibration(), sample(5)
    with raises("threads"):
        calibration.add(x, threads=-1)
    calibration.add(x)
    calibration.save(tmp_path / "p")
    check(read_profile(tmp_path / "p")[0], "fc.weight", x)


#: x meets @w, which may happen %n times, and then @v; an element that may not exist is read between them.
LOOP = """
sparsity.parameter @w : tensor<4x4xf32> = dense_resource<w> : tensor<4x4xf32>
sparsity.parameter @v : tensor<4x4xf32> = dense_resource<v> : tensor<4x4xf32>
func.func @main(%x: tensor<?x4xf32> {sparsity.name = "x"}, %n: tensor<2xi64> {sparsity.name = "n"}) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %w = sparsity.load @w : tensor<4x4xf32>
  %v = sparsity.load @v : tensor<4x4xf32>
  %d = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%d) : tensor<?x4xf32>
  %t64 = tensor.extract %n[%c0] : tensor<2xi64>
  %times = arith.index_cast %t64 : i64 to index
  %y = scf.for %i = %c0 to %times step %c1 iter_args(%o = %x) -> tensor<?x4xf32> {
    %p = sparsity.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
    scf.yield %p : tensor<?x4xf32>
  }
  %a64 = tensor.extract %n[%c1] : tensor<2xi64>
  %at = arith.index_cast %a64 : i64 to index
  %read = tensor.extract %x[%at, %c0] : tensor<?x4xf32>
  %s = linalg.fill ins(%read : f32) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %z = sparsity.matmul ins(%s, %v : tensor<?x4xf32>, tensor<4x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y, %z : tensor<?x4xf32>, tensor<?x4xf32>
}
"""


@pytest.fixture(scope="module")
def loop():
    return so.compile_mlir(LOOP, {name: np.eye(4, dtype=np.float32) for name in "wv"}, statistics=["squares"])


@pytest.mark.parametrize("times", [0, 1, 3])
def test_loops(loop, times, tmp_path):
    """A weight that no row has met is left out."""
    x = sample(5, 4)
    statistics = collected(loop, [(x, np.array([times, 2]))], tmp_path / "p")
    assert statistics["rows", "v"] == [5]
    assert (("rows", "w") in statistics) == (times > 0)
    if times:
        assert statistics["rows", "w"] == [5 * times]
        np.testing.assert_allclose(statistics["squares", "w"], times * (x.astype(np.float64) ** 2).sum(0), rtol=1e-6)


def test_calls_that_fail(loop, tmp_path):
    calibration, x = loop.calibration(), sample(5, 4)
    calibration.add(x, np.array([1, 2]))
    with pytest.raises(RuntimeError):
        calibration.add(x, np.array([1, 9]))
    for use in (lambda: calibration.add(x, np.array([1, 2])), lambda: calibration.save(tmp_path / "p")):
        with raises("expected a new calibration: a call of this one has failed"):
            use()
    assert not (tmp_path / "p").exists()


def test_weights_stay(loop):
    with raises("expected a program that computes results, got one that collects statistics of the weights it has"):
        loop.set_weights({"w": np.zeros((4, 4), np.float32)})


def test_forked_children_begin_their_own(tmp_path):
    prog, x = program(), sample(5)
    calibration = prog.calibration()
    calibration.add(x)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            calibration.add(x)
        except ValueError as error:
            own = prog.calibration()
            own.add(x)
            os.write(write, str(error).encode())
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert os.read(read, 1000) == b"expected a calibration of this process, got one that its parent has begun"
    os.close(read), os.close(write)
