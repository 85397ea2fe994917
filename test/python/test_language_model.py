"""A whole language model: prefill as one program, and its calibration."""

import numpy as np
import pytest

import sparse_opt as so
from calibration import read_profile

torch = pytest.importorskip("torch")
pytest.importorskip("gguf")
import smollm2


@pytest.fixture(scope="module")
def model():
    return smollm2.load()


@pytest.fixture(scope="module")
def program(model):
    return so.compile(model, (smollm2.example(2, 5),), dynamic_shapes=smollm2.DYNAMIC_SHAPES)


@pytest.mark.parametrize("batch, length", [(1, 2), (1, 17), (3, 7), (2, 129)])
def test_logits(model, program, batch, length):
    ids = smollm2.example(batch, length)
    with torch.no_grad():
        wanted = model(ids)
    assert (program(ids) - wanted).abs().max() <= 1e-4 * wanted.abs().max()


def test_next_word(program):
    ids = smollm2.tokenizer()("The capital of France is", return_tensors="pt")["input_ids"]
    assert smollm2.tokenizer().decode(program(ids)[0, -1].argmax()).strip() == "Paris"


def test_names(model, program):
    """Every matrix of the checkpoint is a row of the report, under its own name; the head is tied."""
    names = {row["name"] for row in program.report()["weights"]}
    matrices = {name for name, value in model.named_parameters() if value.ndim == 2}
    assert matrices <= names and len(matrices) == 211
    assert "lm_head.weight" not in names


def test_calibration(model, tmp_path):
    ids = smollm2.example(2, 33)
    so.calibrate(model, [ids], tmp_path / "p", observe="model.layers.*")
    statistics, _ = read_profile(tmp_path / "p")
    wanted, hooks = {}, []
    for name, layer in model.named_modules():
        if name.startswith("model.layers.") and isinstance(layer, torch.nn.Linear):
            hooks.append(layer.register_forward_pre_hook(lambda _, args, name=name: wanted.__setitem__(
                f"{name}.weight", args[0].flatten(0, -2).double().square().sum(0).numpy())))
    with torch.no_grad():
        model(ids)
    for hook in hooks:
        hook.remove()
    assert len(wanted) == 210
    assert {name for _, name in statistics} == set(wanted)
    for name, squares in wanted.items():
        assert statistics["rows", name] == [66]
        np.testing.assert_allclose(statistics["squares", name], squares, rtol=1e-4, atol=1e-5 * squares.max(), err_msg=name)
