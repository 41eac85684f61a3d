"""The training run: seeded, resumable, on a GPU where there is one, else one worker a CPU core.

Workers train on their own data and average their weights every few steps (local SGD, Stich 2019,
arXiv 1805.09767): on a few shared cores that is faster than threads, which wait for each other in
every operation.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch import distributed
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from consensus.entailment.train.corpus import batches, epoch
from consensus.entailment.train.measure import measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from torch import Tensor

    from consensus.entailment.train.corpus import Example
    from consensus.entailment.train.network import CrossEncoder

WARM_UP: Final = 0.05
WEIGHT_DECAY: Final = 0.01
CLIP: Final = 1.0
NEW_PARTS_FACTOR: Final = 6.0
"""New rows and the head start from nothing: they learn faster than what is pretrained."""

SMOOTHING: Final = 0.05
MEET_EVERY: Final = 8
"""Steps after which workers average their weights."""

EMA_DECAY: Final = 0.97
"""The shipped weights are an exponential mean over training (Polyak averaging), a term a meeting."""

SAY_EVERY: Final = 48


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is made of.

    Attributes:
        tokens: Tokens to train on in all, padding included.
        batch_tokens: Tokens of a batch of one worker, padding included.
        rate: Peak learning rate of pretrained weights.
        seed: Of drawing, shuffling and dropout.
        worker: This worker's number.
        workers: How many there are; they have joined a process group where there are several.
        checks: Times the dev split is measured and a checkpoint kept.
    """

    tokens: int
    batch_tokens: int
    rate: float
    seed: int
    checks: int
    worker: int = 0
    workers: int = 1

    @property
    def steps(self) -> int:
        """Steps of each worker."""
        return max(1, self.tokens // (self.batch_tokens * self.workers))


def stack(batch: Sequence[Example], device: torch.device) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Pad ``batch``: tokens, segments (rows, tokens), mask (rows, 1, 1, tokens), allowed (rows, 3)."""
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
    return tuple(part.to(device) for part in found)  # type: ignore[return-value]


def loss(logits: Tensor, allowed: Tensor) -> Tensor:
    """Negative log of the probability that the label allows, a little smoothed over all classes."""
    logs = functional.log_softmax(logits.float(), dim=-1)
    hit = -torch.logsumexp(logs.masked_fill(~allowed, float("-inf")), dim=-1)
    return ((1 - SMOOTHING) * hit - SMOOTHING * logs.mean(-1)).mean()


def _endless(pairs: Sequence[Example], plan: Plan, rng: random.Random) -> Iterator[list[Example]]:
    while True:
        yield from batches(epoch(pairs, rng), plan.batch_tokens, rng)


def train(
    network: CrossEncoder,
    pairs: Sequence[Example],
    dev: Sequence[Example],
    plan: Plan,
    folder: Path,
    say: Callable[[str], None],
) -> CrossEncoder:
    """Train ``network`` and return its averaged weights; resumes from ``folder``'s checkpoint."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network.to(device)
    new = {"added", "head.weight", "head.bias"}
    groups = [
        {"params": [p for n, p in network.named_parameters() if n not in new], "factor": 1.0},
        {
            "params": [p for n, p in network.named_parameters() if n in new],
            "factor": NEW_PARTS_FACTOR,
        },
    ]
    optimiser = torch.optim.AdamW(groups, lr=plan.rate, weight_decay=WEIGHT_DECAY, fused=True)
    averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(EMA_DECAY))
    file = folder / "checkpoint.pt"
    step = 0
    if file.exists():
        state = torch.load(file, map_location=device, weights_only=True)
        network.load_state_dict(state["network"])
        averaged.load_state_dict(state["averaged"])
        optimiser.load_state_dict(state["optimiser"])
        step = int(state["step"])
        say(f"resumed at step {step}")
    # A resumed run draws its data anew from the step it is at: the same seed and step, the same data.
    seed = plan.seed + plan.workers * step + plan.worker
    rng = random.Random(seed)
    torch.manual_seed(seed)
    started, from_step = time.monotonic(), step
    check_every = -(-plan.steps // plan.checks)
    network.train()
    recent: list[Tensor] = []
    for batch in _endless(pairs, plan, rng):
        part = step / plan.steps
        rate = plan.rate * min(part / WARM_UP, (1 - part) / (1 - WARM_UP))
        for group in optimiser.param_groups:
            group["lr"] = rate * group["factor"]
        tokens, segments, mask, allowed = stack(batch, device)
        with torch.autocast(device.type, torch.bfloat16):
            logits = network(tokens, segments, mask)
        value = loss(logits, allowed)
        value.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        recent.append(value.detach())
        step += 1
        if step % MEET_EVERY == 0 or step >= plan.steps:
            _meet(network, plan.workers)
            averaged.update_parameters(network)
        if step % SAY_EVERY == 0:
            seconds = (time.monotonic() - started) / (step - from_step)
            speed = plan.batch_tokens * plan.workers / seconds
            left = (plan.steps - step) * seconds / 60
            mean = float(torch.stack(recent).mean())
            recent.clear()
            say(f"step {step}/{plan.steps} loss {mean:.4f} {speed:.0f} tok/s {left:.1f} min left")
        if step % check_every == 0 or step >= plan.steps:
            if plan.worker == 0:
                _keep(folder, step, network, averaged, optimiser)
                say(measure(averaged.module, dev, device).table())
            network.train()
        if step >= plan.steps:
            break
    best: CrossEncoder = averaged.module
    return best


def _meet(network: CrossEncoder, workers: int) -> None:
    if workers > 1:
        flat = torch.nn.utils.parameters_to_vector(network.parameters()).detach()
        distributed.all_reduce(flat)
        torch.nn.utils.vector_to_parameters(flat / workers, network.parameters())


def _keep(
    folder: Path,
    step: int,
    network: CrossEncoder,
    averaged: AveragedModel,
    optimiser: torch.optim.Optimizer,
) -> None:
    state = {
        "step": step,
        "network": network.state_dict(),
        "averaged": averaged.state_dict(),
        "optimiser": optimiser.state_dict(),
    }
    # Written aside and renamed: a run stopped meanwhile leaves the older one whole.
    aside = folder / "checkpoint.new"
    torch.save(state, aside)
    aside.replace(folder / "checkpoint.pt")
    torch.save(averaged.module.state_dict(), folder / "averaged.pt")
