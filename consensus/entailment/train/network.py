"""The cross-encoder in torch: BERT's layers (Devlin et al. 2019, arXiv 1810.04805), read at [CLS]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Mapping

HIDDEN: Final = 384
HEADS: Final = 12
INNER: Final = 1536
POSITIONS: Final = 128
CLASSES: Final = 3
SCALE: Final = (HIDDEN // HEADS) ** -0.5
FAR: Final = -1e4
NORM_EPSILON: Final = 1e-12


class Layer(nn.Module):
    """Self-attention and feed-forward; ``only_first`` computes the first token's output alone."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(HIDDEN, HIDDEN)
        self.key = nn.Linear(HIDDEN, HIDDEN)
        self.value = nn.Linear(HIDDEN, HIDDEN)
        self.attended = nn.Linear(HIDDEN, HIDDEN)
        self.attended_norm = nn.LayerNorm(HIDDEN, eps=NORM_EPSILON)
        self.inner = nn.Linear(HIDDEN, INNER)
        self.outer = nn.Linear(INNER, HIDDEN)
        self.outer_norm = nn.LayerNorm(HIDDEN, eps=NORM_EPSILON)

    def forward(self, states: Tensor, mask: Tensor | None, *, only_first: bool) -> Tensor:
        """(rows, tokens, hidden) in and out; out is (rows, 1, hidden) with ``only_first``."""
        asking = states[:, :1] if only_first else states
        return self.lift(
            asking, attend(self.query(asking), self.key(states), self.value(states), mask)
        )

    def lift(self, asking: Tensor, mixed: Tensor) -> Tensor:
        """Add what attention found to ``asking``, and the feed-forward to that."""
        asking = self.attended_norm(asking + self.attended(mixed))
        lifted = self.outer(functional.gelu(self.inner(asking)))
        normed: Tensor = self.outer_norm(asking + lifted)
        return normed


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Attention of several heads over (rows, tokens, hidden)."""
    # Spelled out: on a CPU the backward pass of torch's fused attention takes twice as long.
    near = _heads(query) @ _heads(key).transpose(2, 3)
    if mask is not None:
        near = near.masked_fill(~mask, FAR)
    shares = functional.softmax(near * SCALE, dim=-1)
    mixed = shares.to(near.dtype) @ _heads(value)
    return mixed.transpose(1, 2).reshape(query.shape[0], -1, HIDDEN)


def _heads(states: Tensor) -> Tensor:
    return states.reshape(states.shape[0], -1, HEADS, HIDDEN // HEADS).transpose(1, 2)


class CrossEncoder(nn.Module):
    """Token numbers to the logits of agree, neutral, conflict. No dropout: it learns too little, not too much.

    The rows of BERT's own tokens stay as they are (``known``); those of new tokens are trained
    (``added``).
    """

    def __init__(self, known: int, added: int, layers: int) -> None:
        super().__init__()
        self.register_buffer("known", torch.zeros(known, HIDDEN))
        self.added = nn.Parameter(torch.zeros(added, HIDDEN))
        self.positions = nn.Parameter(torch.zeros(POSITIONS, HIDDEN))
        self.segments = nn.Parameter(torch.zeros(2, HIDDEN))
        self.norm = nn.LayerNorm(HIDDEN, eps=NORM_EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.head = nn.Linear(HIDDEN, CLASSES)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def words(self, tokens: Tensor) -> Tensor:
        """Look up token rows: those of ``known``, then those of ``added``."""
        first = self.known.shape[0]
        new = tokens >= first
        old_rows = functional.embedding(tokens.masked_fill(new, 0), self.known)
        new_rows = functional.embedding((tokens - first).clamp(min=0), self.added)
        return torch.where(new[..., None], new_rows, old_rows)

    def forward(self, tokens: Tensor, segments: Tensor, mask: Tensor | None = None) -> Tensor:
        """(rows, tokens) integers, mask (rows, 1, 1, tokens) of what is not padding: (rows, 3)."""
        states = self.place(self.words(tokens), segments)
        for number, layer in enumerate(self.layers, start=1):
            states = layer(states, mask, only_first=number == len(self.layers))
        logits: Tensor = self.head(states[:, 0])
        return logits

    def place(self, words: Tensor, segments: Tensor) -> Tensor:
        """Add positions and segments to token rows (rows, tokens, hidden)."""
        placed: Tensor = self.norm(
            words + self.positions[: words.shape[1]] + self.segments[segments]
        )
        return placed


def load_bert(network: CrossEncoder, weights: Mapping[str, Tensor], rows: Tensor) -> None:
    """Start from BERT ``weights`` (its own layers in order); ``rows`` are all tokens' rows."""
    first = network.known.shape[0]
    with torch.no_grad():
        network.known.copy_(rows[:first])
        network.added.copy_(rows[first:])
        network.positions.copy_(weights["embeddings.position_embeddings.weight"][:POSITIONS])
        network.segments.copy_(weights["embeddings.token_type_embeddings.weight"])
    _copy(network.norm, weights, "embeddings.LayerNorm")
    names = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attended": "attention.output.dense",
        "attended_norm": "attention.output.LayerNorm",
        "inner": "intermediate.dense",
        "outer": "output.dense",
        "outer_norm": "output.LayerNorm",
    }
    for number, layer in enumerate(network.layers):
        for ours, theirs in names.items():
            _copy(getattr(layer, ours), weights, f"encoder.layer.{number}.{theirs}")


def _copy(module: nn.Module, weights: Mapping[str, Tensor], name: str) -> None:
    module.load_state_dict({part: weights[f"{name}.{part}"] for part in ("weight", "bias")})


def first_rows(
    tokens: list[str], base: list[str], rows: Tensor, *, known: int, seed: int
) -> Tensor:
    """Rows to start from: BERT's own; for new tokens the mean of their characters', with noise.

    A character BERT has not gets a random row with the spread of its kana and kanji: two answers
    can still be seen to share it.
    """
    numbers = {token: number for number, token in enumerate(base)}
    generator = torch.Generator().manual_seed(seed)
    japanese = rows[[numbers[token] for token in tokens[:known] if "぀" <= token[-1] <= "鿿"]]
    centre, spread = japanese.mean(0), japanese.std(0)
    made: dict[str, Tensor] = {}
    for number, token in enumerate(tokens):
        noise = torch.randn(rows.shape[1], generator=generator) * spread
        if number < known:
            made[token] = rows[numbers[token]]
        elif len(token) == 1:
            made[token] = centre + noise
        else:
            made[token] = (
                torch.stack([made[char] for char in token if char in made] or [centre]).mean(0)
                + 0.3 * noise
            )
    return torch.stack([made[token] for token in tokens])
