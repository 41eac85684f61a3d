"""From trained weights to the shipped files: int8 ONNX with calibrated probabilities."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional

from consensus.entailment.shipped import MODEL_FILE, VOCABULARY_FILE
from consensus.entailment.train.measure import softmax
from consensus.entailment.train.network import HIDDEN, attend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from consensus.entailment.train.corpus import Example
    from consensus.entailment.train.network import CrossEncoder, Layer

OPSET: Final = 17
INT8_MAX: Final = 127
TEMPERATURES: Final = np.geomspace(0.5, 4.0, 200)


class _Layer(nn.Module):
    """A layer with one product for query, key and value: its input is quantised once."""

    def __init__(self, layer: Layer, *, only_first: bool) -> None:
        super().__init__()
        self.layer = layer
        parts = (layer.key, layer.value) if only_first else (layer.query, layer.key, layer.value)
        self.joined = nn.Linear(HIDDEN, len(parts) * HIDDEN)
        self.joined.weight.data = torch.cat([part.weight.detach() for part in parts])
        self.joined.bias.data = torch.cat([part.bias.detach() for part in parts])
        self.only_first = only_first

    def forward(self, states: Tensor) -> Tensor:
        *asked, key, value = self.joined(states).split(HIDDEN, dim=2)
        if self.only_first:
            states = states[:, :1]
            asked = [self.layer.query(states)]
        return self.layer.lift(states, attend(asked[0], key, value, None))


class _Shipped(nn.Module):
    """One pair in, three probabilities out; token rows as int8 with a scale each."""

    def __init__(self, network: CrossEncoder, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature
        last = len(network.layers)
        self.layers = nn.ModuleList(
            _Layer(layer, only_first=number == last)
            for number, layer in enumerate(network.layers, start=1)
        )
        rows = torch.cat([network.known, network.added.detach()])
        scales = rows.abs().amax(1, keepdim=True).clamp(min=1e-8) / INT8_MAX
        self.register_buffer("rows", torch.round(rows / scales).to(torch.int8))
        self.register_buffer("scales", scales)

    def forward(self, tokens: Tensor, segments: Tensor) -> Tensor:
        words = self.rows[tokens].float() * self.scales[tokens]
        states = self.network.place(words, segments)
        for layer in self.layers:
            states = layer(states)
        return functional.softmax(self.network.head(states[:, 0]) / self.temperature, dim=-1)


def temperature(logits: NDArray[np.float64], pairs: Sequence[Example]) -> float:
    """Find the temperature that makes the labels likeliest (Guo et al. 2017, arXiv 1706.04599).

    Every source counts the same: pairs of the field's answers come from none of them.
    """
    allowed = np.array([[label in pair.allowed for label in range(3)] for pair in pairs])
    sources = np.array([pair.source for pair in pairs])
    names, places = np.unique(sources, return_inverse=True)
    weights = 1.0 / np.bincount(places, minlength=len(names))[places]

    def cost(by: float) -> float:
        likely = (softmax(logits / by) * allowed).sum(1)
        return float(-(weights * np.log(likely + 1e-12)).sum())

    return float(min(TEMPERATURES, key=cost))


def ship(network: CrossEncoder, tokens: Sequence[str], by: float, folder: Path) -> None:
    """Write ``model.onnx`` (int8) and ``vocab.txt`` into ``folder``.

    Weights keep seven bits (``reduce_range``): without VNNI, x86 sums int8 products with 16 bits,
    which eight-bit weights overflow.
    """
    network.eval().cpu().float()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as aside:
        exact = Path(aside) / "exact.onnx"
        sample = torch.zeros(1, 16, dtype=torch.long)
        torch.onnx.export(
            _Shipped(network, by).eval(),
            (sample, sample),
            exact,
            input_names=["tokens", "segments"],
            output_names=["shares"],
            dynamic_axes={"tokens": {1: "length"}, "segments": {1: "length"}},
            opset_version=OPSET,
            dynamo=False,
        )
        quantize_dynamic(
            exact,
            folder / MODEL_FILE,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
        )
    onnx.checker.check_model(str(folder / MODEL_FILE))
    (folder / VOCABULARY_FILE).write_text("\n".join(tokens), encoding="utf-8")
