"""Exploration never costs more a day than it may, whatever is not known."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.patterns.purse import STALE, UNSEEN, Purse, day_of
from gateway.storage.exploration_cost import explored_cost_usd
from gateway.storage.journal_tables import JournalTables
from tests.support.records import NOON
from tests.support.storage import record

SECOND = timedelta(seconds=1)


@pytest.fixture
def purse():
    purse = Purse()
    purse.looked(NOON, 0.0)
    return purse


def test_it_pays_until_the_day_s_money_is_spent(purse):
    assert [purse.pays(0.4, 1.0, NOON) for _ in range(3)] == [True, True, False]


def test_what_others_and_earlier_processes_spent_is_spent(purse):
    purse.looked(NOON, 0.7)
    assert not purse.pays(0.4, 1.0, NOON)
    assert purse.pays(0.3, 1.0, NOON)


def test_before_the_first_look_nothing_is_explored():
    assert not Purse().pays(0.01, 100.0, NOON)


def test_without_a_newer_look_the_purse_shuts(purse):
    assert purse.pays(0.1, 1.0, NOON + STALE)
    assert not purse.pays(0.1, 1.0, NOON + STALE + SECOND)


def test_a_new_day_waits_for_a_look_of_its_own():
    purse, midnight = Purse(), day_of(NOON) + timedelta(days=1)
    purse.looked(midnight - SECOND, 0.0)
    assert not purse.pays(0.1, 1.0, midnight)
    purse.looked(midnight, 0.0)
    assert purse.pays(0.1, 1.0, midnight)


def test_a_clock_that_was_set_back_opens_no_purse(purse):
    assert not purse.pays(0.1, 1.0, NOON - SECOND)


@pytest.mark.parametrize("cost", [None, -0.1, float("nan")])
def test_what_nobody_knows_the_price_of_is_not_explored(purse, cost):
    assert not purse.pays(cost, 100.0, NOON)


def test_what_was_just_paid_counts_until_the_journal_surely_has_it(purse):
    assert purse.pays(0.6, 1.0, NOON + SECOND)
    purse.looked(NOON + UNSEEN, 0.0)
    assert not purse.pays(0.6, 1.0, NOON + UNSEEN)
    purse.looked(NOON + SECOND + UNSEEN, 0.6)
    assert not purse.pays(0.6, 1.0, NOON + SECOND + UNSEEN)
    assert purse.pays(0.4, 1.0, NOON + SECOND + UNSEEN)


@given(st.lists(st.tuples(st.floats(0, 2), st.booleans()), max_size=40), st.floats(0, 5))
def test_one_process_never_overdraws_whatever_the_order_of_looks_and_payments(steps, budget):
    purse, spent, now = Purse(), 0.0, NOON
    purse.looked(now, 0.0)
    for cost, looks in steps:
        now += SECOND
        if looks:
            purse.looked(now, spent)
        if purse.pays(cost, budget, now):
            spent += cost
    assert spent <= budget + 1e-9


async def test_the_journal_knows_what_drawn_choices_cost(database):
    drawn, known = {"explored": True, "propensity": 0.1}, {"explored": False, "propensity": 0.9}
    await JournalTables(database).add(
        [
            record("r-1", cost_usd=0.5, advice=drawn),
            record("r-2", cost_usd=0.25, advice=drawn, after_s=60.0),
            record("r-3", cost_usd=8.0, advice=known),
            record("r-4", cost_usd=8.0),
            record("r-5", cost_usd=None, advice=drawn),
        ]
    )
    first = record("r-1").at
    assert await explored_cost_usd(database, first) == pytest.approx(0.75)
    assert await explored_cost_usd(database, first + SECOND) == pytest.approx(0.25)
    assert await explored_cost_usd(database, first + timedelta(days=1)) == 0.0
