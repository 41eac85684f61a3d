"""The training run: seeded, resumable, on a GPU where there is one, else one worker a CPU core.

Workers train on their own data and average their weights every few steps (local SGD, Stich 2019,
arXiv 1805.09767): on a few shared cores that is faster than threads, which wait for each other in
every operation.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import torch
from torch import distributed
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from consensus.entailment.train.corpus import batches, epoch
from consensus.entailment.train.measure import measure
from consensus.entailment.train.stacking import stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from torch import Tensor

    from consensus.entailment.train.corpus import Example
    from consensus.entailment.train.network import CrossEncoder

CHECKPOINT: Final = "checkpoint.pt"
AVERAGED: Final = "averaged.pt"

WARM_UP: Final = 0.05
WEIGHT_DECAY: Final = 0.01
CLIP: Final = 1.0
NEW_PARTS: Final = frozenset({"added", "head.weight", "head.bias"})
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
        seed: Of drawing and shuffling.
        checks: Times the dev split is measured and a checkpoint kept.
        worker: This worker's number.
        workers: How many there are; they have joined a process group where there are several.
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

    def rate_at(self, step: int) -> float:
        """Learning rate of a step: up over `WARM_UP` of the run, then down to 0."""
        part = step / self.steps
        return self.rate * min(part / WARM_UP, (1 - part) / (1 - WARM_UP))


class Splits(NamedTuple):
    """What is learned from, and what is measured on."""

    train: Sequence[Example]
    dev: Sequence[Example]


def loss(logits: Tensor, allowed: Tensor) -> Tensor:
    """Negative log of the probability that the label allows, a little smoothed over all classes."""
    logs = functional.log_softmax(logits.float(), dim=-1)
    hit = -torch.logsumexp(logs.masked_fill(~allowed, float("-inf")), dim=-1)
    return ((1 - SMOOTHING) * hit - SMOOTHING * logs.mean(-1)).mean()


class _State:
    """Everything a run changes, and its checkpoint."""

    def __init__(self, network: CrossEncoder, rate: float, device: torch.device) -> None:
        self.network = network.to(device)
        named = list(network.named_parameters())
        groups = [
            {"params": [p for name, p in named if name not in NEW_PARTS], "factor": 1.0},
            {"params": [p for name, p in named if name in NEW_PARTS], "factor": NEW_PARTS_FACTOR},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=rate, weight_decay=WEIGHT_DECAY, fused=True)
        self.averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(EMA_DECAY))
        self.step = 0

    def resume(self, file: Path, device: torch.device) -> None:
        state = torch.load(file, map_location=device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = int(state["step"])

    def keep(self, folder: Path) -> None:
        state = {
            "step": self.step,
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        # Written aside and renamed: a run stopped meanwhile leaves the older one whole.
        aside = folder / f"{CHECKPOINT}.new"
        torch.save(state, aside)
        aside.replace(folder / CHECKPOINT)
        torch.save(self.averaged.module.state_dict(), folder / AVERAGED)

    def learn(self, batch: Sequence[Example], rate: float, device: torch.device) -> Tensor:
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["factor"]
        rows = stack(batch, device)
        with torch.autocast(device.type, torch.bfloat16):
            logits = self.network(rows.tokens, rows.segments, rows.mask)
        value = loss(logits, rows.allowed)
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), CLIP)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1
        return value.detach()

    def meet(self, workers: int) -> None:
        if workers > 1:
            flat = torch.nn.utils.parameters_to_vector(self.network.parameters()).detach()
            distributed.all_reduce(flat)
            torch.nn.utils.vector_to_parameters(flat / workers, self.network.parameters())
        self.averaged.update_parameters(self.network)


@dataclass(slots=True)
class _Progress:
    """Loss, speed and time left of a run, every few steps."""

    plan: Plan
    first: int
    say: Callable[[str], None]
    recent: list[Tensor] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def note(self, step: int, value: Tensor) -> None:
        self.recent.append(value)
        if step % SAY_EVERY == 0:
            seconds = (time.monotonic() - self.began) / (step - self.first)
            speed = self.plan.batch_tokens * self.plan.workers / seconds
            left = (self.plan.steps - step) * seconds / 60
            mean = float(torch.stack(self.recent).mean())
            self.recent.clear()
            self.say(
                f"step {step}/{self.plan.steps} loss {mean:.4f} {speed:.0f} tok/s {left:.1f} min left"
            )


def _endless(pairs: Sequence[Example], plan: Plan, rng: random.Random) -> Iterator[list[Example]]:
    while True:
        yield from batches(epoch(pairs, rng), plan.batch_tokens, rng)


def train(
    network: CrossEncoder, splits: Splits, plan: Plan, folder: Path, say: Callable[[str], None]
) -> None:
    """Train ``network``; its averaged weights are left in ``folder`` as `AVERAGED`.

    Resumes from the checkpoint in ``folder``; ``plan.tokens`` may have changed meanwhile.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    state = _State(network, plan.rate, device)
    if (folder / CHECKPOINT).exists():
        state.resume(folder / CHECKPOINT, device)
        say(f"resumed at step {state.step}")
    # A resumed run draws its data anew from the step it is at: the same seed and step, the same data.
    seed = plan.seed + plan.workers * state.step + plan.worker
    rng = random.Random(seed)
    torch.manual_seed(seed)
    progress = _Progress(plan, state.step, say)
    check_every = -(-plan.steps // plan.checks)
    network.train()
    for batch in _endless(splits.train, plan, rng):
        if state.step >= plan.steps:
            break
        progress.note(state.step + 1, state.learn(batch, plan.rate_at(state.step), device))
        last = state.step >= plan.steps
        if last or state.step % MEET_EVERY == 0:
            state.meet(plan.workers)
        if plan.worker == 0 and (last or state.step % check_every == 0):
            state.keep(folder)
            say(measure(state.averaged.module, splits.dev, device).table())
            network.train()
