"""Rows of unequal length as tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from consensus.entailment.train.corpus import Example


class Stack(NamedTuple):
    """tokens, segments: (rows, tokens). mask: (rows, 1, 1, tokens), not padding. allowed: (rows, 3)."""

    tokens: Tensor
    segments: Tensor
    mask: Tensor
    allowed: Tensor


def stack(batch: Sequence[Example], device: torch.device) -> Stack:
    """Pad ``batch`` to its longest row."""
    width = max(len(pair.row.tokens) for pair in batch)
    tokens = torch.zeros(len(batch), width, dtype=torch.long)
    segments = torch.zeros_like(tokens)
    mask = torch.zeros(len(batch), width, dtype=torch.bool)
    allowed = torch.zeros(len(batch), 3, dtype=torch.bool)
    for at, pair in enumerate(batch):
        length = len(pair.row.tokens)
        tokens[at, :length] = torch.tensor(pair.row.tokens)
        segments[at, :length] = torch.tensor(pair.row.segments)
        mask[at, :length] = True
        allowed[at, list(pair.allowed)] = True
    found = (tokens, segments, mask[:, None, None, :], allowed)
    return Stack(*(part.to(device) for part in found))
