"""A network run over labelled pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from consensus.entailment.train.figures import Figures, figures
from consensus.entailment.train.stacking import stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from consensus.entailment.train.corpus import Example
    from consensus.entailment.train.network import CrossEncoder

BATCH_ROWS: Final = 64


def logits(
    network: CrossEncoder, pairs: Sequence[Example], device: torch.device
) -> NDArray[np.float64]:
    """(pairs, 3), in the order of ``pairs``."""
    order = sorted(range(len(pairs)), key=lambda at: len(pairs[at].row.tokens))
    found = np.zeros((len(pairs), 3))
    network.eval()
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16):
        for start in range(0, len(order), BATCH_ROWS):
            places = order[start : start + BATCH_ROWS]
            rows = stack([pairs[at] for at in places], device)
            logs = network(rows.tokens, rows.segments, rows.mask)
            found[places] = logs.float().cpu().numpy()
    return found


def softmax(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn logits (pairs, 3) into probabilities."""
    shifted = np.exp(logs - logs.max(1, keepdims=True))
    shares: NDArray[np.float64] = shifted / shifted.sum(1, keepdims=True)
    return shares


def measure(network: CrossEncoder, pairs: Sequence[Example], device: torch.device) -> Figures:
    """Run ``network`` over ``pairs`` and read its figures."""
    shares = softmax(logits(network, pairs, device))
    return figures(shares, [pair.source for pair in pairs], [pair.allowed for pair in pairs])
