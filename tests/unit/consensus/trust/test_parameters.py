"""What the model of trust was fitted to."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.ballot import BALLOT_VERSION, DIFFICULTY, SIGNS
from consensus.trust.parameters import (
    GENERAL,
    PRIOR_FILE,
    general_parameters,
    parameters_from,
    shipped_prior,
)

SHIPPED = json.loads(PRIOR_FILE.read_text(encoding="utf-8"))


def test_the_shipped_prior_has_every_parameter_and_no_other():
    assert set(SHIPPED["parameters"]) == set(GENERAL)
    assert shipped_prior().general == tuple(SHIPPED["parameters"][name] for name in GENERAL)


def test_the_shipped_prior_says_what_it_was_fitted_on_and_how():
    about = SHIPPED["about"]
    assert about["command"] == "python -m bench.trust_prior --write"
    assert about["ballot_version"] == BALLOT_VERSION
    assert about["fitted_on"]
    assert about["ballots"] > about["questions"] > 0


def test_the_shipped_prior_favours_no_provider_and_no_kind():
    prior = shipped_prior()
    assert prior.providers == prior.providers_by_kind == prior.kinds == prior.lessons == {}


def test_every_figure_of_a_ballot_has_a_parameter():
    prior = shipped_prior()
    assert (len(prior.signs), len(prior.difficulty)) == (len(SIGNS), len(DIFFICULTY))
    assert len(set(GENERAL)) == len(GENERAL) == len(prior.general)


figures = st.lists(st.floats(-9, 9), min_size=len(GENERAL), max_size=len(GENERAL))


@given(figures)
def test_parameters_are_read_in_the_order_they_are_told(values):
    assert general_parameters(values).general == tuple(values)
    assert parameters_from(dict(zip(GENERAL, values, strict=True))).general == tuple(values)


@pytest.mark.parametrize("name", ["support", GENERAL[-1]])
def test_a_prior_that_lacks_a_parameter_is_refused_by_name(name):
    kept = {key: 0.0 for key in GENERAL if key != name}
    with pytest.raises(ValueError, match=f"the prior lacks {name}"):
        parameters_from(kept)
