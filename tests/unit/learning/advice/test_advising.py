"""From what is known of like questions to advice."""

import numpy as np
import pytest

from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from learning.advice.advising import CRITICAL, Asking, Like, Terms, advise
from learning.advice.locality import LocalFit
from learning.lessons import Lesson
from tests.support.ballots import plain

MODELS = {name: f"{name}-1" for name in ("gpt", "claude", "gemini")}
ASKING = Asking("premium", MODELS)
AGREED = Lesson(plain("gpt claude gemini"), 0, correct=True)
OUTVOTED = Lesson(plain("claude gemini", "gpt"), 0, correct=False)
GPT_KNOWS = Like(([AGREED] * 3 + [OUTVOTED]) * 25)
ALIKE = Like([AGREED] * 100, patterns=(4, 7), family=3, costs_usd=[0.01] * 9)
ALL = Terms(escalate=True, alone=True, order=True)


def advised(like=ALIKE, terms=ALL, asking=ASKING):
    return advise(asking, like, LocalFit(LogitTrust(shipped_prior())), terms)


def test_without_a_like_question_votes_are_left_to_the_table():
    assert advised(Like(), Terms()) is None


def test_who_knows_such_questions_counts_more_and_is_asked_first():
    advice = advised(GPT_KNOWS)
    assert advice.providers[0] == "gpt"
    assert advice.offsets["gpt"] > 0.0 > advice.offsets["claude"]
    assert "gpt's more" in advice.why


def test_critical_always_asks_all_at_once():
    advice = advised(asking=Asking(CRITICAL, MODELS))
    assert advice.opening == 0


def test_an_opening_is_advised_only_where_it_may():
    assert advised(terms=Terms(order=True)).opening == 0
    assert advised().opening in {1, 2}


def test_at_least_two_are_asked_where_one_alone_is_not_allowed():
    assert advised(terms=Terms(escalate=True)).opening == 2


def test_cold_the_tables_first_two_open():
    advice = advised(Like())
    assert (advice.providers, advice.opening) == (tuple(MODELS), 2)
    assert advice.accuracy is None


def test_it_says_what_it_rests_on_and_expects():
    advice = advised()
    assert (advice.neighbours, advice.family) == ((4, 7), 3)
    assert advice.cost_usd.value == pytest.approx(0.01)
    assert advice.accuracy.low < advice.accuracy.value < advice.accuracy.high
    assert advice.latency_ms is None


def test_what_was_drawn_says_so_and_how_likely_it_was():
    draws = np.random.default_rng(1).standard_normal((256, 3))
    advice = advised(terms=Terms(escalate=True, alone=True, order=True, draws=draws))
    assert advice.explored
    assert 0.0 < advice.propensity < 1.0
    assert not advised().explored
    assert advised().propensity == 1.0


def test_without_leave_to_choose_advice_is_of_votes_alone():
    advice = advised(GPT_KNOWS, Terms())
    assert advice.providers == ()
    assert advice.offsets["gpt"] > 0.0
