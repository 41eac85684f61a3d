"""How policies are walked through the stream: what each may know when it decides."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from learning.backtest.steering.cases import Case, Polled, interleaved
from learning.backtest.steering.policies import Answered, Engine, PlainVote, Single, Steered
from learning.backtest.steering.walking import walk
from learning.backtest.steering.words import Options
from tests.support.ballots import plain

NAMES = ("gpt", "claude", "gemini")
MODELS = {name: f"{name}-1" for name in NAMES}
ALL = frozenset(NAMES)


def polled(*groups):
    """What came of every panel where these said the same."""
    found = {}
    for bits in range(1, 8):
        panel = [name for n, name in enumerate(NAMES) if bits >> n & 1]
        there = [" ".join(n for n in group.split() if n in panel) for group in groups]
        cast = plain(*sorted((g for g in there if g), key=lambda g: -len(g.split())))
        found[frozenset(panel)] = Polled(cast, tuple(v.provider for v in cast.voters))
    return found


def case(order, *groups, right="gpt claude gemini", at=0, row="eggs"):
    """A request; ``at`` is where its question lies."""
    correct = {name: name in right.split() for name in NAMES}
    return Case(
        row=row,
        order=order,
        embedding=np.eye(4, dtype=np.float32)[at],
        kind="number",
        language="en",
        models=MODELS,
        correct=correct,
        vote=float(correct[groups[0].split()[0]]),
        polled=polled(*groups),
        cost_usd={"gpt": 0.02, "claude": 0.03, "gemini": 0.01},
    )


@dataclass
class Watching:
    """Asks all, and notes what it was taught before each request."""

    asks: frozenset = ALL
    known: list = field(default_factory=list)
    seen: list = field(default_factory=list)

    def learn(self, labelled):
        self.known = list(labelled)

    def answer(self, case):
        self.seen.append([known.case.order for known in self.known])
        given = case.polled[self.asks].given(LogitTrust(shipped_prior()))
        return Answered(self.asks, given)


STREAM = [case(n, "gpt claude gemini") for n in range(12)]


def test_a_label_is_known_from_delay_requests_later_on_and_not_before():
    watching = Watching()
    walk(STREAM, watching, Options(test=1, delay=3))
    assert watching.seen[2] == []
    assert watching.seen[3] == [0]
    assert watching.seen[11] == list(range(9))


def test_requests_in_the_purged_gap_teach_nothing():
    watching = Watching()
    walk(STREAM, watching, Options(test=1, delay=1, purge=4))
    assert watching.seen[11] == list(range(7))


def test_a_train_window_holds_the_newest_labels():
    watching = Watching()
    walk(STREAM, watching, Options(test=1, delay=1, train=2))
    assert watching.seen[11] == [9, 10]


def test_within_a_test_window_nothing_is_learned():
    watching = Watching()
    walk(STREAM, watching, Options(test=4, delay=1))
    assert watching.seen[4:8] == [list(range(4))] * 4


def test_a_step_beyond_the_test_window_leaves_requests_out():
    done = walk(STREAM, Watching(), Options(test=2, step=4, delay=1))
    assert [w.case.order for w in done] == [0, 1, 4, 5, 8, 9]


def test_who_was_not_asked_teaches_nothing():
    watching = Watching(frozenset({"gpt", "claude"}))
    walk(STREAM, watching, Options(test=1, delay=1))
    voters = {v.provider for known in watching.known for v in known.lesson.ballot.voters}
    assert voters == {"gpt", "claude"}


def test_a_label_tells_of_the_answer_given_out():
    watching = Watching()
    stream = [case(n, "claude gemini", "gpt", right="gpt") for n in range(3)]
    done = walk(stream, watching, Options(test=1, delay=1))
    assert [w.right for w in done] == [0.0, 0.0, 0.0]
    assert not any(known.lesson.correct for known in watching.known)


def test_calls_cost_what_those_asked_cost():
    done = walk(STREAM, Watching(frozenset({"gpt", "claude"})), Options())
    assert done[0].cost_usd == pytest.approx(0.05)


def test_the_plain_vote_is_as_right_as_its_ties_could_fall():
    done = walk(STREAM, PlainVote(), Options())
    assert [w.right for w in done] == [1.0] * 12
    assert done[0].answered.asked == ALL


def test_the_best_single_comes_to_ask_who_is_right():
    stream = [case(n, "gpt", "claude", "gemini", right="claude") for n in range(200)]
    done = walk(stream, Single(), Options(test=1, delay=1))
    assert {next(iter(w.answered.asked)) for w in done[150:]} == {"claude"}


def test_the_engine_learns_where_one_is_right_against_two_and_leaves_the_rest_as_it_was():
    known = [case(n, "claude gemini", "gpt", right="gpt", at=0) for n in range(0, 240, 2)]
    rest = [case(n, "claude gemini", "gpt", right="claude gemini", at=1) for n in range(1, 240, 2)]
    done = walk(interleaved([*known, *rest]), Steered(Engine(neighbours=40)), Options(test=20))
    late = done[160:]
    assert np.mean([w.right for w in late if w.case.embedding[0]]) == 1.0
    assert np.mean([w.right for w in late if w.case.embedding[1]]) == 1.0


def test_without_neighbours_it_cannot_tell_the_two_apart():
    known = [case(n, "claude gemini", "gpt", right="gpt", at=0) for n in range(0, 240, 2)]
    rest = [case(n, "claude gemini", "gpt", right="claude gemini", at=1) for n in range(1, 240, 2)]
    done = walk(interleaved([*known, *rest]), Steered(Engine(neighbours=0)), Options(test=20))
    assert np.mean([w.right for w in done[160:]]) < 0.7


def test_agreement_of_two_is_enough_and_dissent_asks_the_third():
    engine = Engine(escalate=True, alone=False)
    agreed = walk([case(0, "gpt claude gemini")], Steered(engine), Options())
    split = walk([case(0, "gpt gemini", "claude")], Steered(engine), Options())
    assert len(agreed[0].answered.asked) == 2
    assert len(split[0].answered.asked) == 3


def test_rows_are_interleaved_by_order_and_then_by_name():
    stream = interleaved(
        [case(1, "gpt", row="b"), case(0, "gpt", row="b"), case(1, "gpt", row="a")]
    )
    assert [(c.order, c.row) for c in stream] == [(0, "b"), (1, "a"), (1, "b")]


@pytest.mark.parametrize(
    "wrong", [{"test": 0}, {"delay": 0}, {"train": -1}, {"purge": -1}, {"test": 4, "step": 2}]
)
def test_windows_that_cannot_be_walked_are_refused(wrong):
    with pytest.raises(ValueError, match=r"at least|judges requests twice"):
        Options(**wrong)
