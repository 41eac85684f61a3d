"""Which models of a recorded set answer together."""

import pytest

from learning.backtest.records import EvaluationDataError
from learning.backtest.roles import Role, chosen, default_roles, parse_roles

A, B = Role("eggs", "eggs", ("a", "b", "c")), Role("eggs weak", "eggs", ("d", "e", "f"))


def test_a_row_is_a_set_and_three_models_and_a_set_may_have_several_rows():
    assert parse_roles("eggs: [a, b, c]\neggs weak: [d, e, f]", "it") == (A, B)


def test_a_row_may_say_its_set():
    (found,) = parse_roles("first: {set: eggs, models: [a, b, c]}", "it")
    assert found == Role("first", "eggs", ("a", "b", "c"))


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        pytest.param("", "one a row", id="empty"),
        pytest.param("- a", "one a row", id="a list"),
        pytest.param("eggs: [a, b", "not YAML", id="no YAML"),
        pytest.param("eggs: [a, b, c]\neggs: [d, e, f]", "twice", id="a name twice"),
        pytest.param("eggs: a", "list of names", id="no list"),
        pytest.param("eggs: [a, b, 4]", "list of names", id="a number for a name"),
        pytest.param("eggs: [a, b]", "3 different models", id="two models"),
        pytest.param("eggs: [a, b, a]", "3 different models", id="a model twice"),
        pytest.param("eggs: {models: [a, b, c], of: x}", "only `set`", id="an unknown key"),
        pytest.param("eggs: {set: 3, models: [a, b, c]}", "`set`", id="a set of no name"),
        pytest.param("!!python/object/apply:os.getcwd []", "not YAML", id="an object"),
    ],
)
def test_rows_of_another_form_are_refused(document, complaint):
    with pytest.raises(EvaluationDataError, match=complaint):
        parse_roles(document, "roles.yaml")


def test_a_wish_names_a_row_or_all_rows_of_a_set():
    assert chosen((A, B), ["eggs weak"]) == (B,)
    assert chosen((A, B), ["eggs"]) == (A, B)
    assert chosen((A, B), []) == (A, B)


def test_ten_rows_come_with_the_program():
    assert len(default_roles()) == 10
