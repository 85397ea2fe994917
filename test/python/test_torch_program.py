"""torch in and out: modules, their call forms, tensors without copies."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from programs import LINEAR, elementwise, generic
from sparse_opt.frontend import ExportError
from torch.export import Dim

import sparse_opt as so

pytest.importorskip("sparse_opt._sparse_opt")


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(8, 4)

    def forward(self, x):
        return torch.relu(self.fc(x))


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return Net().eval()


@pytest.fixture(scope="module")
def program(net):
    batch = torch.export.Dim("batch", min=0, max=64)
    return so.compile(net, (torch.ones(2, 8),), dynamic_shapes=({0: batch},))


@pytest.mark.parametrize("rows", [1, 2, 17])
def test_matches_the_module(net, program, rows):
    x = torch.randn(rows, 8)
    y = program(x)
    assert isinstance(y, torch.Tensor)
    torch.testing.assert_close(y, net(x).detach())
    torch.testing.assert_close(program(x=x), net(x).detach())


def test_transposed_and_differentiable_inputs(net, program):
    x = torch.randn(8, 3).T
    torch.testing.assert_close(program(x), net(x).detach())
    x = torch.randn(3, 8, requires_grad=True)
    torch.testing.assert_close(program(x), net(x).detach())


def test_wrong_calls(program):
    with pytest.raises(ValueError, match="dimension 1"):
        program(torch.ones(2, 9))
    with pytest.raises(ValueError, match="float64"):
        program(torch.ones(2, 8, dtype=torch.float64))
    with pytest.raises(ValueError, match="'x' in dimension 0 to be at most 64, got 65"):
        program(torch.ones(65, 8))
    with pytest.raises(TypeError, match="expected a tensor for 'x', got float"):
        program(3.0)


def test_structured_calls():
    class Pair(torch.nn.Module):
        def forward(self, pair, scale):
            return {"sum": pair[0] + pair[1], "scaled": pair[0] * scale}

    x = torch.ones(3, 4)
    result = so.compile(Pair(), ((x, x), 2))((x, x * 3), 2)
    assert set(result) == {"sum", "scaled"}
    assert (result["sum"] == 4).all() and (result["scaled"] == 2).all()


def test_weights_are_borrowed_and_replaced(net):
    program = so.compile(net, (torch.ones(2, 8),))
    x = torch.randn(2, 8)
    weight = torch.randn(4, 8)
    program.set_weights({"fc.weight": weight})
    expected = torch.relu(x @ weight.T + net.fc.bias).detach()
    torch.testing.assert_close(program(x), expected)


def test_a_loaded_program_takes_tensors(net, program, tmp_path):
    program.save(tmp_path / "net.so")
    x = torch.randn(5, 8)
    torch.testing.assert_close(so.load(tmp_path / "net.so")(x), net(x).detach())


def test_results_share_no_memory():
    add = so.compile_mlir(elementwise("f32"))
    x = torch.ones(2, 2)
    y = add(x, x)
    y += 5
    assert (x == 1).all() and (add(x, x) == 2).all()


def test_bfloat16():
    add = so.compile_mlir(elementwise("bf16"))
    x = torch.ones(2, 2, dtype=torch.bfloat16)
    y = add(x, x)
    assert y.dtype is torch.bfloat16 and (y == 2).all()


@pytest.mark.parametrize("target", ["x86-64", "x86-64-v3", "host"])
def test_bfloat16_and_doubles(target):
    """Halfway between two bf16 and a little beside it, where a first rounding to f32 would go."""
    low = torch.randn(1029).to(torch.bfloat16)
    high = (low.view(torch.int16) + 1).view(torch.bfloat16)
    half = (low.double() + high.double()) / 2
    even = torch.where(low.view(torch.int16) % 2 == 0, low, high)
    narrow = so.compile_mlir(
        generic("%q = arith.truncf %a0 : f64 to bf16", "f64", result="bf16"), target=target)
    for values, expected in ((half, even), (half * (1 - 1e-12), low), (half * (1 + 1e-12), high)):
        assert torch.equal(narrow(values), expected)
    special = torch.tensor([0.0, -0.0, torch.inf, -torch.inf, 1e300], dtype=torch.float64)
    assert narrow(special).tolist() == [0.0, -0.0, torch.inf, -torch.inf, torch.inf]
    assert narrow(special * torch.nan).isnan().all()
    wide = so.compile_mlir(
        generic("%q = arith.extf %a0 : bf16 to f64", "bf16", result="f64"), target=target)
    assert torch.equal(wide(low), low.double())


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.float16, torch.float64])
def test_clamps(kind):
    name = {torch.float32: "f32", torch.bfloat16: "bf16", torch.float16: "f16"}.get(kind, "f64")
    clamp = so.compile_mlir(generic(f"""
        %low = arith.constant -0.5 : {name}
        %high = arith.constant 0.25 : {name}
        %q = math.clampf %a0 to [%low, %high] : {name}""", name))
    x = torch.randn(129).to(kind)
    assert torch.equal(clamp(x), x.clamp(-0.5, 0.25))
    assert clamp(x * torch.nan).isnan().all()


def test_torch_weights():
    weight = torch.arange(6, dtype=torch.float32).reshape(3, 2)
    program = so.compile_mlir(LINEAR, {"fc.weight": weight})
    x = torch.ones(1, 3)
    torch.testing.assert_close(program(x), x @ weight)


def test_sizes_without_bounds():
    class Doubles(torch.nn.Module):
        def forward(self, x):
            return 2 * x

    for dim in (Dim.DYNAMIC, Dim.AUTO):
        program = so.compile(Doubles(), (torch.ones(5),), dynamic_shapes=({0: dim},))
        for size in (0, 1, 2, 129):
            assert torch.equal(program(torch.ones(size)), torch.full((size,), 2.0))


def test_tensors_without_memory_to_share():
    program = so.compile(torch.nn.Linear(3, 2), (torch.ones(1, 3),))
    for tensor, what in ((torch.ones(1, 3, device="meta"), "one on meta"),
                         (torch.ones(1, 3).to_sparse(), "with layout torch.sparse_coo")):
        with pytest.raises(TypeError, match=f"expected a numpy array or torch tensor for input 'input', got .*{what}"):
            program(tensor)


def test_inputs_may_have_names_of_options():
    class Sum(torch.nn.Module):
        def forward(self, x, calls):
            return x + calls

    program = so.compile(Sum(), (torch.ones(3),), {"calls": torch.ones(3)})
    assert torch.equal(program(torch.ones(3), calls=torch.ones(3)), torch.full((3,), 2.0))


class Repeated(torch.nn.Module):
    def forward(self, x, y):
        return x.repeat(2) + y


class Folded(torch.nn.Module):
    def forward(self, y):
        return y.reshape(2, -1).sum(0)


def test_sizes_computed_from_sizes(tmp_path):
    half = Dim("half", min=2, max=1000)
    program = so.compile(Repeated(), (torch.ones(3), torch.ones(6)),
                         dynamic_shapes=({0: half}, {0: 2 * half}))
    program.save(tmp_path / "m.so")
    for each in (program, so.load(tmp_path / "m.so")):
        assert each(torch.ones(5), torch.ones(10)).tolist() == [2.0] * 10
        for sizes in ((900, 6), (3, 5), (1, 2), (1001, 2002)):
            with pytest.raises((ValueError, RuntimeError), match="expected"):
                each(*(torch.ones(size) for size in sizes))


def test_sizes_that_are_multiples_only(tmp_path):
    program = so.compile(Folded(), (torch.ones(6),),
                         dynamic_shapes=({0: 2 * Dim("half", min=2, max=1000)},))
    program.save(tmp_path / "m.so")
    for each in (program, so.load(tmp_path / "m.so")):
        assert each(torch.ones(10)).tolist() == [2.0] * 5
        for size in (7, 2, 2002):
            with pytest.raises((ValueError, RuntimeError), match="expected"):
                each(torch.ones(size))


def test_unsigned_results(tmp_path):
    class Next(torch.nn.Module):
        def forward(self, count):
            return count + 1, count.float()

    x = torch.arange(256, dtype=torch.uint8)
    program = so.compile(Next(), (x,))
    program.save(tmp_path / "m.so")
    for each in (program, so.load(tmp_path / "m.so")):
        assert each.inputs[0].name == "count"
        y, z = each(count=x)
        assert y.dtype is torch.uint8 and torch.equal(y, x + 1)
        assert torch.equal(z, x.float())
        assert each(x.numpy())[0].dtype == np.uint8


def test_numpy_arrays_in_and_out():
    class Scale(torch.nn.Module):
        def forward(self, x, y):
            return {"sum": x + y, "byte": y.to(torch.uint8)}

    program = so.compile(Scale(), (torch.ones(3), torch.ones(3)))
    x, y = np.arange(3, dtype=np.float32), np.full(3, 200, np.float32)
    x.flags.writeable = False
    result = program(x, y)
    assert isinstance(result["sum"], np.ndarray) and result["sum"].tolist() == [200, 201, 202]
    assert result["byte"].dtype == np.uint8 and result["byte"].tolist() == [200] * 3
    assert isinstance(program(torch.tensor(x), y)["sum"], torch.Tensor)
    with pytest.raises(ValueError, match="expected x: 3 float32, got"):
        program(x.astype(np.float64), y)


class Scaled(torch.nn.Module):
    def forward(self, x, *, scale):
        return x * scale


def test_arguments_by_place_and_name(program):
    x = torch.ones(3)
    scaled = so.compile(Scaled(), (x,), {"scale": x})
    for call, message in (
        (lambda: program(), "expected 1 arguments by position (x), got 0"),
        (lambda: program(x, x), "expected 1 arguments by position (x), got 2"),
        (lambda: program(foo=x), "the module was compiled without an argument 'foo', with x"),
        (lambda: scaled(x), "expected a value for argument 'scale', got none"),
        (lambda: scaled(scale=x), "expected 1 arguments by position (x), got 0"),
        (lambda: so.compile(Scaled(), x), "expected the example's arguments as a tuple, got Tensor"),
        (lambda: so.compile(Scaled(), (x,)), "the example does not fit the module's forward: missing"),
        (lambda: so.compile(Scaled(), (x,), {"scale": x}, dynamic_shapes=5), "expected dynamic_shapes as a mapping"),
        (lambda: program.set_weights([1]), "expected weights by name, got list"),
    ):
        with pytest.raises(TypeError, match=re.escape(message)):
            call()


def test_arrays_that_torch_cannot_look_at():
    linear = torch.nn.Linear(4, 3)
    program = so.compile(linear, (torch.ones(5, 4),))
    x = np.arange(20, dtype=np.float32).reshape(5, 4)
    for array in (x[::-1], x[:, ::-1], x.astype(">f4")):
        expected = linear(torch.tensor(array.astype(np.float32))).detach().numpy()
        np.testing.assert_allclose(program(array), expected, atol=1e-5)


def test_negated_views():
    """Torch negates them when they are read."""
    class Twice(torch.nn.Module):
        def forward(self, x):
            return 2 * x

    x = torch.randn(5)
    program = so.compile(Twice(), (x,))
    assert torch.equal(program(torch._neg_view(x)), -2 * x)
    program = so.compile_mlir(LINEAR, {"fc.weight": torch._neg_view(torch.ones(3, 2))})
    assert (program(torch.ones(1, 3)) == -3).all()


def test_names_of_weights_are_text():
    program = so.compile_mlir(LINEAR, {"fc.weight": torch.ones(3, 2)})
    with pytest.raises(TypeError, match="expected the names of weights to be str, got 0"):
        program.set_weights({0: torch.ones(3, 2)})


def test_pruned_and_dense_has_a_reason():
    module = torch.nn.Conv1d(8, 8, 3)
    recipe = "version: 1\nrules:\n  - {match: weight, pattern: '2:4'}\n"
    program = so.compile(module, (torch.ones(2, 8, 9),), recipe=recipe)
    row = next(row for row in program.report()["weights"] if row["name"] == "weight")
    assert row["format"] == "" and row["bytes"] == row["bytes_dense"]
    assert row["why"] == "kept dense: other ops than products of matrices read it"


class Call(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *args):
        return self.function(*args)


NUMBERS = torch.tensor([1.0, float("inf"), -float("inf"), float("nan"), -0.0, 3e38, -2.5])


@pytest.mark.parametrize("function, args", [
    (torch.isfinite, (NUMBERS,)),
    (lambda x: (1 / x, torch.reciprocal(x), 3.0 / x), (torch.tensor([0.0, -0.0, 2.0, float("inf")]),)),
    (torch.reciprocal, (torch.tensor([1, 2, 5]),)),
    (torch.reciprocal, (torch.tensor([0.0, 3.0], dtype=torch.float16),)),
    (lambda x: torch.heaviside(x, torch.full_like(x, 0.5)), (torch.tensor([-1.0, 0.0, 2.0]),)),
    (lambda x, a, b: torch.addmv(x, a, b, beta=0.5, alpha=2.0), (torch.ones(3), torch.eye(3, 4), torch.ones(4))),
    (lambda x: F.pad(x, (-1, 2)), (torch.randn(3, 5),)),
    (lambda x: F.pad(x, (1, -2, -1, -1), value=2.0), (torch.randn(3, 5),)),
    (lambda x: F.pad(x, (0, 0, -3, 0)), (torch.randn(3, 5),))])
def test_operations_that_torch_mlir_lacks(function, args):
    torch.testing.assert_close(so.compile(Call(function), args)(*args), function(*args), rtol=0, atol=0)


@pytest.mark.parametrize("function, name", [
    (lambda x: x[x > 0], "aten.index.Tensor"), (lambda x: (x > 0).nonzero(), "aten.nonzero.default"),
    (torch.unique, "aten._unique2.default")])
def test_sizes_that_depend_on_data(function, name):
    with pytest.raises(ExportError, match=f"the size of the result of '{name}' depends on data"):
        so.compile(Call(function), (torch.randn(3, 5),))


class OneOutput(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.head = torch.nn.Linear(3, 1)
        self.scale = torch.nn.Parameter(torch.tensor(2.5))
        self.register_buffer("shift", torch.tensor([0.5]))

    def forward(self, x):
        return self.head(x) * self.scale.exp() + self.shift


def test_parameters_of_one_element(tmp_path):
    module, other = OneOutput(), OneOutput()
    x = torch.randn(5, 3)
    program = so.compile(module, (x,))
    assert sorted(p.name for p in program.parameters) == ["head.bias", "head.weight", "scale", "shift"]
    program.save(tmp_path / "m.so")
    for each in (program, so.load(tmp_path / "m.so")):
        torch.testing.assert_close(each(x), module(x))
        each.set_weights(other.state_dict())
        torch.testing.assert_close(each(x), other(x))


class Twice(torch.nn.Module):
    """Two layers that share memory, not a tensor."""

    def __init__(self, tie):
        super().__init__()
        self.a, self.b = torch.nn.Linear(8, 8), torch.nn.Linear(8, 8)
        tie(self.a, self.b)

    def forward(self, x):
        return self.b(torch.relu(self.a(x)))


def tie_data(a, b):
    b.weight.data = a.weight.data


def tie_parameter(a, b):
    b.weight = torch.nn.Parameter(a.weight.data)


def tie_tensor(a, b):
    b.weight = a.weight


@pytest.mark.parametrize("tie", [tie_data, tie_parameter, tie_tensor])
def test_tied_weights(tie):
    module, x = Twice(tie), torch.randn(3, 8)
    program = so.compile(module, (x,))
    torch.testing.assert_close(program(x), module(x))
    assert sorted(p.name for p in program.parameters) == ["a.bias", "a.weight", "b.bias"]
    program.set_weights({"b.weight": torch.zeros(8, 8)})
    torch.testing.assert_close(program(x), module.b.bias.expand(3, 8))


def test_layers_that_are_no_part_of_the_module():
    layer, x = torch.nn.Linear(8, 8), torch.randn(3, 8)
    torch.testing.assert_close(so.compile(Call(lambda x: layer(layer(x))), (x,))(x), layer(layer(x)))
