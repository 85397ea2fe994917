"""Attention as torch spells it becomes the fused op, with torch's numbers."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("torch_mlir")
pytest.importorskip("sparse_opt._sparse_opt")

import torch.nn.functional as F  # noqa: E402

import sparse_opt as so  # noqa: E402


class Scaled(torch.nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.options = options

    def forward(self, q, k, v, mask=None):
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, **self.options)


class SpelledOut(torch.nn.Module):
    def forward(self, q, k, v):
        return torch.softmax(q @ k.transpose(-1, -2) / 32 ** 0.5, -1) @ v


def compile_and_check(module, *inputs, fused=True, **options):
    torch.manual_seed(0)
    program = so.compile(module.eval(), inputs, **options)
    with torch.no_grad():
        torch.testing.assert_close(program(*inputs), module(*inputs), rtol=0, atol=5e-6, equal_nan=True)
    kinds = [row["op"] for row in program.report()["operations"]]
    assert kinds.count("attention") == fused, kinds
    return program


def heads(*shape, others=None):
    torch.manual_seed(1)
    return torch.randn(shape), torch.randn(others or shape), torch.randn(others or shape)


@pytest.mark.parametrize("shape", [(2, 3, 17, 32), (1, 3, 17, 32), (1, 1, 17, 32), (2, 1, 129, 8), (6, 17, 64),
                                   (1, 33, 16), (2, 3, 3, 1)])
@pytest.mark.parametrize("module", [Scaled(), Scaled(scale=0.3), SpelledOut()], ids=["default", "scale", "spelled-out"])
def test_shapes(module, shape):
    compile_and_check(module, *heads(*shape))


def test_cross_attention():
    compile_and_check(Scaled(), *heads(2, 3, 5, 32, others=(2, 3, 150, 32)))


def test_run_time_lengths():
    length = torch.export.Dim("length", min=2, max=4096)
    program = compile_and_check(Scaled(), *heads(2, 3, 17, 32), dynamic_shapes=({2: length},) * 3)
    for tokens in (2, 64, 300):
        inputs = heads(2, 3, tokens, 32)
        torch.testing.assert_close(program(*inputs), Scaled()(*inputs), rtol=0, atol=5e-6)


@pytest.mark.parametrize("batch", [1, 2])
def test_masks(batch):
    q, k, v = heads(batch, 3, 17, 32)
    torch.manual_seed(2)
    compile_and_check(Scaled(), q, k, v, torch.randn(batch, 1, 1, 17))
    # The third query may look at nothing: torch gives it 0.
    bits = torch.rand(17, 17) > 0.3
    bits[2] = False
    program = compile_and_check(Scaled(), q, k, v, bits)
    assert not program(q, k, v, bits)[..., 2, :].any()


def test_causal():
    compile_and_check(Scaled(is_causal=True), *heads(2, 3, 33, 32))


def test_encoder_layer():
    torch.manual_seed(0)
    layer = torch.nn.TransformerEncoderLayer(48, 3, 96, batch_first=True, activation="gelu")
    compile_and_check(layer, torch.randn(2, 17, 48))


def test_f64():
    inputs = [x.double() for x in heads(2, 3, 17, 32)]
    compile_and_check(Scaled(), *inputs)


@pytest.mark.parametrize("tokens", [1, 17])
def test_weights_that_somebody_reads(tokens):
    """Both results need the weights in memory."""
    class Both(torch.nn.Module):
        def forward(self, q, k, v):
            weights = torch.softmax(q @ k.transpose(-1, -2), -1)
            return weights @ v, weights

    inputs = heads(2, 3, tokens, 8)
    program = so.compile(Both(), inputs)
    for y, expected in zip(program(*inputs), Both()(*inputs)):
        torch.testing.assert_close(y, expected, rtol=0, atol=5e-6)


def test_layers_that_share_masks():
    """Constants that several layers read stay tensors; every layer is fused all the same."""
    class Layers(torch.nn.Module):
        def forward(self, q, k, v, mask):
            q = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            q = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)

    batch, length = torch.export.Dim("batch"), torch.export.Dim("length")
    mask = torch.zeros(2, 1, 17, 17)
    mask[:, :, :, 9:] = -torch.inf
    mask[1, :, 3] = -torch.inf
    shape = {0: batch, 2: length}
    compile_and_check(Layers(), *heads(2, 3, 17, 16), mask, fused=3,
                      dynamic_shapes=(shape, shape, shape, {0: batch, 2: length, 3: length}))
