"""What report() says of weights and operations, one weight in several products included."""

import pytest
import torch

import sparse_opt as so

pytest.importorskip("sparse_opt._sparse_opt")


class BothWays(torch.nn.Module):
    """One weight, packed in two ways: its 2:4 groups lie along the sum of the first product only."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        weight = torch.randn(64, 256)
        weight.view(64, 64, 4)[:, :, 2:] = 0
        self.weight = torch.nn.Parameter(weight)

    def forward(self, x):
        return torch.tanh(x @ self.weight.t()) @ self.weight


class Twice(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Linear(64, 64, bias=False)

    def forward(self, x, y):
        return self.layer(x), self.layer(y)


def test_rows_of_one_weight_in_two_formats():
    x = torch.randn(8, 256)
    program = so.compile(BothWays(), (x,))
    report = program.measure(x)
    rows = {row["weight_rows"][0]: row for row in report["operations"] if "weights" in row}
    assert len(report["weights"]) == len(rows) == 2
    formats = set()
    for number, weight in enumerate(report["weights"]):
        product = rows[number]
        assert [weight["name"]] == product["weights"] == ["weight"]
        assert weight["format"] == product["format"] == weight["candidates"][0]["format"]
        assert weight["predicted_us"] == product["predicted_us"]
        assert weight["measured_us"] == product["measured_us"]
        formats.add(weight["format"].split("<")[0])
    assert formats == {"#sparsity.nm_format", "#sparsity.dense_format"}


def test_products_of_one_weight_add_up():
    x = torch.randn(3, 64)
    report = so.compile(Twice(), (x, x + 1)).measure(x, x + 1)
    weight, = report["weights"]
    products = [row for row in report["operations"] if "weights" in row]
    assert len(products) == 2 and products[0]["tokens"] == weight["tokens"] == [3]
    for key in ("predicted_us", "measured_us"):
        parts = [row[key][0] if key == "predicted_us" else row[key] for row in products]
        whole = weight[key][0] if key == "predicted_us" else weight[key]
        assert whole == pytest.approx(sum(parts), abs=2e-3)
    assert "predictions are for 3 tokens" in str(report)


def test_products_with_different_tokens_have_their_own_predictions():
    x, y = torch.randn(1, 64), torch.randn(129, 64)
    report = so.compile(Twice(), (x, y)).measure(x, y)
    weight, = report["weights"]
    assert "predicted_us" not in weight
    assert weight["why"] == "2 products with different numbers of tokens: see the operations"
    products = [row for row in report["operations"] if "weights" in row]
    assert sorted(row["tokens"] for row in products) == [[1], [129]]
    text = str(report)
    assert " at 1 " in text and " at 129 " in text and "predictions are for" not in text
