"""A simulated vendor asked whether two answers say the same replies with one word."""

import pytest

from providers.simulator.mind import Mind
from providers.simulator.question_data import shipped
from providers.simulator.vendors import Turn, Vendor

LIBRARY = shipped()
MIND = Mind(LIBRARY, seed=0)
BY_ID = {q.id: q for q in LIBRARY.questions}


def compares(name, first, second, judge=Vendor.GPT):
    question = BY_ID[name]
    shown = "\n".join(f"<answer>\n{question.voices[v].says}\n</answer>" for v in (first, second))
    asked = f"{question.prompt}\n\n{shown}\n\nReply with one word alone: SAME or DIFFERENT."
    return MIND.reply(judge, (Turn("user", asked),)).text


@pytest.mark.parametrize("judge", Vendor)
def test_answers_that_come_down_to_the_same_are_the_same(judge):
    assert compares("open-tests-first", Vendor.GPT, Vendor.CLAUDE, judge) == "SAME"
    assert compares("open-tests-first", Vendor.GEMINI, Vendor.CLAUDE, judge) == "DIFFERENT"


def test_the_order_does_not_matter():
    assert compares("is-91-prime", Vendor.GPT, Vendor.CLAUDE) == compares(
        "is-91-prime", Vendor.CLAUDE, Vendor.GPT
    )
