"""so.prune: pruned weights for torch, training with their masks, and back."""

import copy
import re

import numpy as np
import pytest
from safetensors.torch import load_file

import sparse_opt as so
from test_importances import best_mask

torch = pytest.importorskip("torch")
from torch.nn.utils import prune

RECIPE = "version: 1\nrules:\n  - {{match: '*.weight', pattern: '{}', importance: '{}'{}}}\n"


def recipe(pattern="2:4", importance="magnitude"):
    return RECIPE.format(pattern, importance, "" if ":" in pattern else ", target_sparsity: 0.5")


class Tied(torch.nn.Module):
    """The first and the last layer share their weight."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.first, self.middle, self.last = torch.nn.Linear(20, 20), torch.nn.Linear(20, 20), torch.nn.Linear(20, 20)
        self.last.weight = self.first.weight

    def forward(self, x):
        return self.last(torch.relu(self.middle(torch.relu(self.first(x)))))


@pytest.fixture
def net():
    return Tied().eval()


X = torch.randn(40, 20, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("pattern", ["2:4", "block 4x4", "unstructured"])
def test_weights_and_masks(net, pattern):
    before = {name: value.clone() for name, value in net.state_dict().items()}
    pruned = so.prune(net, recipe(pattern), [X])
    assert set(pruned.weights) == set(pruned.masks) == {"first.weight", "middle.weight", "last.weight"}
    for name, value in pruned.weights.items():
        mask = torch.from_numpy(best_mask(before[name].abs().numpy(), pattern, 0.5))
        assert torch.equal(value, before[name] * mask)
        assert torch.equal(pruned.masks[name], mask)
        assert pruned.patterns[name] == (pattern if ":" in pattern else f"{pattern} 0.5".replace("block 4x4 0.5", pruned.patterns[name]))
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_bfloat16():
    net = torch.nn.Sequential(torch.nn.Linear(20, 12)).eval().to(torch.bfloat16)
    pruned = so.prune(net, recipe(), [X.to(torch.bfloat16)])
    mask = torch.from_numpy(best_mask(net[0].weight.detach().float().abs().numpy(), "2:4"))
    assert pruned.weights["0.weight"].dtype == torch.bfloat16
    assert torch.equal(pruned.weights["0.weight"], net[0].weight * mask)


def test_statistics_are_a_profile_of_all_calls(net, tmp_path):
    calls = [X[:10], X[10:20], X[20:30]]
    so.calibrate(net, calls, tmp_path / "p", statistics=["gram"])
    collected = so.prune(net, recipe("2:4", "sparsegpt"), calls, statistics=["gram"])
    named = so.prune(net, recipe("2:4", f'sparsegpt profile "{tmp_path / "p"}"'), calls[:1])
    given = so.prune(net, recipe("2:4", "sparsegpt"), calls[:1], profile=tmp_path / "p")
    for name, value in collected.weights.items():
        assert torch.equal(value, named.weights[name]) and torch.equal(value, given.weights[name])
        assert not torch.equal(value, net.state_dict()[name] * pruned_mask(value))  # kept elements have new values


def pruned_mask(value):
    return value != 0


def test_training_and_back(net):
    """Prune, train with the masks, and give the values to the program without compiling again."""
    program = so.compile(net, (X,), recipe=recipe())
    pruned = so.prune(net, recipe(), [X])
    trained = copy.deepcopy(net).train()
    pruned.apply(trained)
    with torch.no_grad():
        np.testing.assert_allclose(program(X), trained(X), atol=1e-5)
    optimizer = torch.optim.SGD(trained.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        trained(X).square().mean().backward()
        optimizer.step()
    for name in ("first", "middle", "last"):
        prune.remove(getattr(trained, name), "weight")
    state = trained.state_dict()
    assert all((state[name] == 0)[~mask].all() for name, mask in pruned.masks.items())
    assert not torch.equal(state["first.weight"], pruned.weights["first.weight"])
    program.set_weights({name: value for name, value in state.items() if name != "last.weight"})
    with torch.no_grad():
        np.testing.assert_allclose(program(X), trained(X), atol=1e-5)


def test_files(net, tmp_path):
    pruned = so.prune(net, recipe("unstructured"), [X])
    pruned.save(tmp_path / "w.safetensors", tmp_path / "m.safetensors")
    assert all(torch.equal(value, pruned.weights[name]) for name, value in load_file(tmp_path / "w.safetensors").items())
    again = so.prune(net, f"version: 1\nrules:\n  - {{match: '*.weight', pattern: unstructured, mask: {tmp_path / 'm.safetensors'}}}\n", [X])
    for name, value in again.weights.items():
        assert torch.equal(value, pruned.weights[name])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.safetensors", "w.safetensors"]
    with pytest.raises(Exception):
        pruned.save(tmp_path / "none" / "w", tmp_path / "m.safetensors")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.safetensors", "w.safetensors"]


def test_a_pruned_parameter_still_has_its_profile(net, tmp_path):
    """The hash in `sparsity.original` is that of the elements which calibration saw."""
    so.calibrate(net, [X], tmp_path / "p")
    pruned = so.prune(net, recipe(), [X])
    text = """
sparsity.parameter @middle.weight : tensor<20x20xf32> = dense_resource<middle.weight> : tensor<20x20xf32>{}
func.func @f(%x: tensor<?x20xf32>, %e: tensor<?x20xf32>) -> tensor<?x20xf32> {{
  %w = sparsity.load @middle.weight : tensor<20x20xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<?x20xf32>, tensor<20x20xf32>) outs(%e : tensor<?x20xf32>) transpose_rhs -> tensor<?x20xf32>
  return %y : tensor<?x20xf32>
}}"""
    weights = {"middle.weight": pruned.weights["middle.weight"]}
    options = {"recipe": recipe("2:4", "wanda"), "profile": tmp_path / "p", "oracle": True}
    with pytest.raises(so.CompileError, match="expected statistics of these elements"):
        so.compile_mlir(text.format(""), weights, **options)
    original = f' {{sparsity.original = "{pruned.originals["middle.weight"]}"}}'
    so.compile_mlir(text.format(original), weights, **options)


def raises(message, kind=ValueError):
    return pytest.raises(kind, match=re.escape(message))


def test_what_is_refused(net, tmp_path):
    with raises("expected at least one call, got none"):
        so.prune(net, recipe(), [])
    with raises("expected a profile or statistics to collect, got both"):
        so.prune(net, recipe(), [X], profile=tmp_path, statistics=["gram"])
    with raises("expected one of the importances", so.CompileError):
        so.prune(net, recipe(importance="none"), [X])
    with raises("expected option 'profile' of importance 'wanda'", so.CompileError):
        so.prune(net, recipe(importance="wanda"), [X])
    with raises("expected a file, found none", FileNotFoundError):
        so.prune(net, recipe(importance="wanda"), [X], profile=tmp_path / "none")
    pruned = so.prune(net, recipe(), [X])
    with raises("expected a module with a parameter 'middle.weight' of shape (20, 20) that is not masked, found another"):
        pruned.apply(torch.nn.ModuleDict({"first": torch.nn.Linear(3, 3), "middle": torch.nn.Linear(3, 3), "last": torch.nn.Linear(3, 3)}))
    pruned.apply(net)
    with raises("that is not masked, found another"):
        pruned.apply(net)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_without_torch(dtype, tmp_path):
    """From files to files, with numpy alone."""
    import ml_dtypes
    from safetensors.numpy import load_file as load_arrays

    from calibration import product
    kind = np.dtype(getattr(ml_dtypes, dtype, dtype))
    weight = np.random.default_rng(1).standard_normal((7, 20)).astype(kind)
    (tmp_path / "m.mlir").write_text(product(dtype="f32" if dtype == "float32" else "bf16"))
    weights = {"fc.weight": weight}
    for source in (tmp_path / "m.mlir", (tmp_path / "m.mlir").read_text()):
        pruned = so.prune_mlir(source, weights, recipe())
        mask = best_mask(np.abs(weight.astype(np.float32)), "2:4")
        np.testing.assert_array_equal(pruned.weights["fc.weight"], np.where(mask, weight, 0).astype(kind))
        np.testing.assert_array_equal(pruned.masks["fc.weight"], mask)
    pruned.save(tmp_path / "w", tmp_path / "k")
    np.testing.assert_array_equal(load_arrays(tmp_path / "k")["fc.weight_mask"], mask)
    again = so.prune_mlir(tmp_path / "m.mlir", weights, f"version: 1\nrules:\n  - {{match: '*', pattern: '2:4', mask: {tmp_path / 'k'}}}\n")
    np.testing.assert_array_equal(again.weights["fc.weight"], pruned.weights["fc.weight"])
