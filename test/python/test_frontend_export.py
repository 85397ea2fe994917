"""Names, ties, call signatures, files and errors of the export."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

import pytest
import sympy
import torch
from safetensors import safe_open
from sparse_opt.frontend import ExportError, export_torch
from sparse_opt.frontend.checks import _Checks
from sparse_opt.frontend.importer import _check_handles
from sparse_opt.frontend.weights import WeightTable
from torch import nn
from torch._higher_order_ops import while_loop
from torch.export import Dim

BATCH = Dim("batch", min=1, max=64)


class Everything(nn.Module):
    """Tied weights, a non-persistent and a boolean buffer, a plain tensor, a literal, a tree."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(17, 8)
        self.head = nn.Linear(8, 17, bias=False)
        self.head.weight = self.embed.weight
        self.unused = nn.Linear(3, 3)
        self.register_buffer("offset", torch.arange(8.0), persistent=False)
        self.register_buffer("kept", torch.tensor([True] * 5 + [False] * 3))
        self.table = torch.arange(24.0).reshape(3, 8)

    def forward(self, ids, *, scale=2):
        literal = torch.tensor([1.0] * 8 + [2.0] * 12)
        h = self.embed(ids) + self.offset + self.table[1] + literal[4:12]
        h = torch.where(self.kept, h, 0.0)
        return {"logits": self.head(h), "hidden": (h, None), "scale": scale}


@pytest.fixture(scope="module")
def everything():
    torch.manual_seed(1)
    module = Everything().eval()
    ids = torch.randint(0, 17, (3, 5))
    return module, export_torch(module, (ids,), {"scale": 3}, ({0: BATCH}, None))


def test_handles_are_names(everything):
    module, program = everything
    assert set(program.blobs) == {"embed.weight", "offset", "kept", "table", "constant.0"}
    assert program.aliases == {"head.weight": "embed.weight"}
    assert program.text.count("dense_resource<embed.weight>") == 1
    assert program.text.count("func.func @forward") == 1
    assert torch.equal(program.blobs["kept"].bool(), module.kept)
    assert torch.equal(program.blobs["constant.0"], torch.tensor([1.0] * 8 + [2.0] * 12))


def test_blobs_share_memory(everything):
    module, program = everything
    for name in ("embed.weight", "offset", "kept", "table"):
        assert program.blobs[name].data_ptr() == attrgetter(name)(module).data_ptr()


def test_non_persistent_buffer_stays_so(everything):
    module, _ = everything
    assert "offset" not in module.state_dict()


def test_names_that_need_quotes():
    module = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2)).eval()
    program = export_torch(module, (torch.randn(2, 3),))
    assert 'dense_resource<"0.weight">' in program.text
    assert set(program.blobs) == {"0.weight", "0.bias", "2.weight", "2.bias"}


def test_two_equal_shapes_are_not_confused():
    class Twins(nn.Module):
        def __init__(self):
            super().__init__()
            self.b, self.a = nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False)

        def forward(self, x):
            return self.a(x), self.b(x)

    module = Twins().eval()
    program = export_torch(module, (torch.randn(2, 4),))
    for name in ("a", "b"):
        assert torch.equal(program.blobs[f"{name}.weight"], getattr(module, name).weight)


def test_a_transposed_parameter_is_stored_as_read():
    module = nn.Linear(3, 5, bias=False).eval()
    module.weight = nn.Parameter(torch.randn(3, 5).t())
    program = export_torch(module, (torch.randn(2, 3),))
    blob = program.blobs["weight"]
    assert blob.is_contiguous() and torch.equal(blob, module.weight)


def test_a_weight_is_never_repeated_for_a_batch():
    class Transposed(nn.Linear):
        def forward(self, x):
            return super().forward(x.transpose(0, 1)) + x.transpose(0, 1) @ self.weight

    shapes = ({0: BATCH, 1: Dim("length", min=1, max=64)},)
    for dynamic_shapes in (None, shapes):
        text = export_torch(Transposed(6, 6).eval(), (torch.randn(3, 4, 6),), None, dynamic_shapes).text
        assert text.count("linalg.matmul") == 2 and "linalg.batch_matmul" not in text


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.int32, torch.bool])
def test_buffers_of_every_type(dtype):
    class Pick(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("table", torch.tensor([[1, 0, 3], [0, 5, 6]]).to(dtype))

        def forward(self, rows):
            return self.table[rows]

    program = export_torch(Pick().eval(), (torch.tensor([1, 0, 1]),))
    assert program.outputs[0].dtype is dtype
    expected = torch.uint8 if dtype is torch.bool else dtype
    assert program.blobs["table"].dtype is expected


def test_signature(everything):
    _, program = everything
    assert [str(info) for info in program.inputs] == ["ids: batchx5 int64"]
    assert [info.shape[1:] for info in program.outputs] == [(5, 17), (5, 8)]
    assert program.signature.ranges == {"batch": (1, 64)}
    logits, hidden = torch.zeros(1), torch.ones(1)
    result = program.signature.unflatten([logits, hidden])
    assert result == {"logits": logits, "hidden": (hidden, None), "scale": 3}


@pytest.mark.parametrize(
    "args, kwargs, message",
    [
        ((torch.zeros(65, 5, dtype=torch.int64),), {"scale": 3}, "expected size of 'ids' in dimension 0 to be at most 64, got 65"),
        ((torch.zeros(2, 4, dtype=torch.int64),), {"scale": 3}, "expected size 5 of 'ids' in dimension 1, got 4"),
        ((torch.zeros(2, 5),), {"scale": 3}, "expected ids: batchx5 int64"),
        ((torch.zeros(2, 5, dtype=torch.int64),), {"scale": 4}, "expected 3, fixed at export, got 4"),
        ((torch.zeros(2, 5, dtype=torch.int64),), {}, "expected a value for argument 'scale', got none"),
        ((torch.zeros(2, 5, dtype=torch.int64),) * 2, {"scale": 3}, "expected 1 arguments by position"),
        (([torch.zeros(2, 5, dtype=torch.int64)],), {"scale": 3}, "expected arguments like the example's"),
    ],
)
def test_calls_of_another_form(everything, args, kwargs, message):
    with pytest.raises((TypeError, ValueError), match=message):
        everything[1].signature.flatten(args, kwargs)


def test_save(everything, tmp_path):
    _, program = everything
    program.save(tmp_path / "p.mlir", tmp_path / "p.safetensors")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.mlir", "p.safetensors"]
    assert (tmp_path / "p.mlir").read_text() == program.text
    with safe_open(tmp_path / "p.safetensors", "pt") as file:
        assert set(file.keys()) == set(program.blobs)
        assert json.loads(file.metadata()["aliases"]) == program.aliases
        assert all(torch.equal(file.get_tensor(name), blob) for name, blob in program.blobs.items())


def test_locations_name_submodules():
    module = nn.Sequential(nn.Linear(3, 5), nn.ReLU()).eval()
    with_locations = export_torch(module, (torch.randn(2, 3),), locations=True).text
    assert 'loc("0"(' in with_locations and 'loc("1"(' in with_locations
    assert "loc(" not in export_torch(module, (torch.randn(2, 3),)).text


def test_guards_are_counted(everything):
    assert everything[1].guards == {
        "index must be smaller than dim size": 1,
        "index must be larger or equal to 0": 1,
        "expected extent 0 of input 'ids' to be at least 1": 1,
        "expected extent 0 of input 'ids' to be at most 64": 1,
    }


class Doubles(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros(2))

    def forward(self, x):
        self.calls += 1
        return 2 * x


class Product(nn.Module):
    def forward(self, x):
        return x @ x


class Turned(nn.Module):
    def forward(self, x, y):
        return x @ y.transpose(-1, -2)


class Length(nn.Module):
    def forward(self, x):
        return x.shape[0]


class SparseWeight(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.eye(3).to_sparse_csr(), requires_grad=False)

    def forward(self, x):
        return self.w @ x


class Loops(nn.Module):
    def forward(self, x):
        return while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2), (torch.tensor(0), x))[1]


class Raises(nn.Module):
    def forward(self, x):
        return x.no_such_method()


@pytest.mark.parametrize(
    "module, args, options, message",
    [
        (Length(), (torch.ones(3),), {"dynamic_shapes": ({0: BATCH},)},
         "expected tensors as arguments and results, got the number"),
        (Product(), (torch.ones(3, 3, dtype=torch.int8),), {}, "convert them, for example to int32"),
        (Turned(), (torch.ones(0, 4, 3), torch.ones(0, 5, 3)), {}, "tensors without elements: give an example"),
        (Doubles(), (torch.ones(2),), {}, "writes 'calls'"),
        (nn.Dropout(), (torch.ones(2, 3),), {}, "draws random numbers"),
        (nn.Linear(3, 3), (torch.ones(1, 3),), {"dynamic_shapes": ({0: BATCH},)},
         "dimension 0 of argument 'input' is dynamic, expected an example size of 2 or more, got 1"),
        (nn.Linear(3, 3), (torch.ones(2, 3),), {"attention": "flash"}, "expected attention form"),
        (nn.Linear(3, 3), (torch.ones(2, 4),), {}, "torch.export cannot trace the module"),
        (Loops(), (torch.ones(2),), {}, "torch.while_loop: torch-mlir drops its condition"),
        (Raises(), (torch.ones(2),), {}, "cannot trace the module: AttributeError: .*no_such_method"),
        (SparseWeight(), (torch.ones(3, 3),), {}, "expected 'w' as a dense tensor, got layout torch.sparse_csr"),
        (nn.Linear(3, 3, device="meta"), (torch.ones(2, 3),), {}, "expected 'weight' with values, got a meta tensor"),
    ],
)
def test_errors(module, args, options, message):
    with pytest.raises(ExportError, match=message):
        export_torch(module, args, **options)


def test_ops_without_a_form_in_mlir_22():
    class Scan(nn.Module):
        def forward(self, x):
            return x.cumsum(1)

    with pytest.raises(ExportError, match="'tm_tensor.scan' has no form in MLIR 22"):
        export_torch(Scan(), (torch.ones(2, 8193),))


def test_importing_the_package_does_not_import_torch():
    root = Path(__file__).resolve().parents[2] / "python_bindings"
    code = f"import sys; sys.path.insert(0, {str(root)!r}); import sparse_opt; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_sizes_that_cannot_be_checked():
    n = sympy.Symbol("n")
    with pytest.raises(ExportError, match=re.escape("expected sums, products and quotients of sizes, got 'sin(n)'")):
        _Checks({}).expression(sympy.sin(n), {n: "%n"})


def test_resources_that_are_no_weights():
    with pytest.raises(ExportError, match="the program reads resources that are no weights: other"):
        _check_handles("dense_resource<other> : tensor<1xf32>", WeightTable(nn.Linear(1, 1)))


def test_saving_is_all_or_nothing(tmp_path):
    weights = tmp_path / "w.safetensors"
    export_torch(nn.Linear(4, 3), (torch.ones(2, 4),)).save(tmp_path / "m.mlir", weights)
    before = weights.read_bytes()
    assert weights.stat().st_mode == (tmp_path / "m.mlir").stat().st_mode
    other = export_torch(nn.Linear(4, 3), (torch.ones(2, 4),))
    for path, error in ((tmp_path / "none" / "m.mlir", FileNotFoundError), (tmp_path, IsADirectoryError)):
        with pytest.raises(error, match=re.escape(f"'{path}'")):
            other.save(path, weights)
    assert weights.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.mlir", "w.safetensors"]
