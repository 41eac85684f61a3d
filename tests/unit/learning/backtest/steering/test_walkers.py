"""Policies walked side by side."""

import pytest

from learning.backtest.checkpoints import NothingKept
from learning.backtest.steering import walkers
from learning.backtest.steering.policies import Engine, PlainVote, Steered
from learning.backtest.steering.walkers import walked_apart
from learning.backtest.steering.words import Options
from tests.unit.learning.backtest.steering.test_walking import case

STREAM = [
    case(n, *(("claude gemini", "gpt") if n % 3 else ("gpt claude gemini",))) for n in range(120)
]


def policies():
    return {
        "vote": PlainVote(),
        "engine": Steered(Engine()),
        "fewer": Steered(Engine(escalate=True)),
    }


def steps(found):
    return {
        name: [(w.case.order, sorted(w.answered.asked), w.right, w.window) for w in walked]
        for name, walked in found.items()
    }


def test_processes_of_their_own_find_what_one_process_finds(monkeypatch):
    monkeypatch.setattr(walkers, "APART", 100)
    heard = []
    apart = walked_apart(STREAM, policies(), Options(workers=2), lambda *told: heard.append(told))
    here = walked_apart(STREAM, policies(), Options(workers=1), lambda *_: None)
    assert steps(apart) == steps(here)
    assert sorted(heard) == [(name, 120, 120) for name in sorted(policies())]


class Full(NothingKept):
    """Keeps nothing more."""

    def part(self, name, compute):
        compute()
        raise OSError(f"no room for {name}")


def test_what_cannot_be_kept_ends_the_run(monkeypatch):
    monkeypatch.setattr(walkers, "APART", 100)
    with pytest.raises(OSError, match="no room"):
        walked_apart(STREAM, policies(), Options(workers=2, kept=Full()), lambda *_: None)
