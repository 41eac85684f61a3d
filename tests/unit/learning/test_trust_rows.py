"""Ballots as rows of figures: what is fitted is the model that answers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.trust.model import LogitTrust
from consensus.trust.parameters import GENERAL, general_parameters, shipped_prior
from learning.trust_rows import VoteFloor, keys_of, rows_of
from tests.support.ballots import any_ballot, ballot, plain

NEAR = st.lists(st.floats(-0.4, 0.4), min_size=len(GENERAL), max_size=len(GENERAL))


def served(parameters, keys):
    """The model that answers with these parameters."""
    own = dict(zip(keys, parameters[len(GENERAL) :].tolist(), strict=True))
    return LogitTrust(
        replace(
            general_parameters(parameters[: len(GENERAL)].tolist()),
            providers={k[1]: v for k, v in own.items() if k[0] == "provider"},
            providers_by_kind={k[1:]: v for k, v in own.items() if k[0] == "provider in kind"},
            kinds={k[1]: v for k, v in own.items() if k[0] == "kind"},
        )
    )


def independent(drawn):
    """Each voter of a vendor of its own, each group sound, no figure of the texts: up to three votes."""
    voters = tuple(replace(v, vendor=v.provider) for v in drawn.voters)
    easy = tuple(x / 100.0 for x in drawn.difficulty)
    return replace(drawn, voters=voters, soundness=(), difficulty=easy)


@given(
    st.lists(any_ballot(voters=3).map(independent), min_size=1, max_size=4),
    NEAR,
    st.data(),
)
def test_shares_are_what_the_model_answers_whatever_was_learned_of_providers(ballots, near, data):
    keys = keys_of(ballots)
    learned = st.lists(st.floats(-4.0, 4.0), min_size=len(keys), max_size=len(keys))
    parameters = np.array([*shipped_prior().general, *data.draw(learned)])
    parameters[: len(GENERAL)] += near
    shares = rows_of(ballots, keys).shares(VoteFloor(keys).applied(parameters))
    model = served(parameters, keys)
    for n, cast in enumerate(ballots):
        answers = model.probabilities(cast, {})
        assert shares[n, : len(cast.groups)] == pytest.approx(answers, abs=1e-9)


@given(st.lists(any_ballot(), min_size=1, max_size=4))
def test_shares_sum_to_1_and_none_goes_to_what_is_not_there(ballots):
    shares = rows_of(ballots, []).shares(np.array(shipped_prior().general))
    assert shares.sum(axis=1) == pytest.approx(1.0)
    for n, cast in enumerate(ballots):
        assert not shares[n, len(cast.groups) + 1 :].any()


@given(any_ballot(voters=8, independence=False))
def test_a_large_panel_is_fitted_as_it_is_judged_while_all_count_the_same(drawn):
    cast = independent(drawn)
    shares = rows_of([cast], []).shares(np.array(shipped_prior().general))[0]
    answers = LogitTrust(shipped_prior()).probabilities(cast, {})
    assert shares[: len(cast.groups)] == pytest.approx(answers, abs=1e-9)


@given(any_ballot().map(lambda cast: replace(cast, soundness=(), voters=independent(cast).voters)))
def test_difficulty_beyond_its_bound_is_fitted_as_it_is_judged(cast):
    prior = shipped_prior()
    rows = rows_of([cast], []).bounded(prior.difficulty)
    answers = LogitTrust(prior).probabilities(cast, {})
    shares = rows.shares(np.array(prior.general))[0]
    assert shares[: len(cast.groups)] == pytest.approx(answers, abs=1e-9)


def test_each_kind_provider_and_provider_in_a_kind_has_a_parameter_in_the_order_first_seen():
    assert keys_of([plain("gpt"), plain("gpt", kind="date"), plain("gpt")]) == [
        ("kind", "number"),
        ("provider", "gpt"),
        ("provider in kind", "gpt", "number"),
        ("kind", "date"),
        ("provider in kind", "gpt", "date"),
    ]


def test_what_is_handed_out_can_be_changed_without_changing_what_is_remembered():
    cast = ballot("gpt", "claude")
    rows = rows_of([cast], [])
    before = rows.figures.copy()
    rows.figures[:] = 7.0
    assert (rows_of([cast], []).figures == before).all()


def test_a_vote_above_its_floor_stays_what_it_is():
    keys = keys_of([plain("gpt claude")])
    parameters = np.array([*shipped_prior().general, *([0.1] * len(keys))])
    assert (VoteFloor(keys).applied(parameters) == parameters).all()
