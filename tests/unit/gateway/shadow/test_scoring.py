"""What a shadow's answer is worth beside the returned one."""

import pytest

from gateway.shadow.scoring import agreement, end_of, notes
from tests.support.records import failed, filtered, impatient, shadowed


@pytest.mark.parametrize(
    ("question", "returned", "shadow", "agrees"),
    [
        pytest.param("What is 17 + 25?", "It is 42.", "17 + 25 = 42", True, id="a number"),
        pytest.param("What is 17 + 25?", "42", "43", False, id="another number"),
        pytest.param("Is 91 a prime number?", "No, 7 x 13.", "Yes.", False, id="yes or no"),
        pytest.param(
            "Why is the sky blue?",
            "Because short waves scatter most.",
            "Air scatters blue light.",
            None,
            id="free text that only a reader could compare",
        ),
        pytest.param(
            "What is 17 + 25?", "42", "I cannot help with that.", False, id="a refusal is no answer"
        ),
    ],
)
def test_answers_agree_where_their_final_answers_are_the_same(question, returned, shadow, agrees):
    assert agreement(question, returned, shadow) is agrees


@pytest.mark.parametrize("agrees", [True, False, None])
def test_a_record_gives_back_what_was_noted(agrees):
    record = shadowed(metadata=notes("r-1", agrees))
    assert record.metadata["shadow_of"] == "r-1"
    assert record.agrees is agrees


@pytest.mark.parametrize(
    ("record", "end"),
    [
        pytest.param(shadowed(), "answered", id="answered"),
        pytest.param(failed(arm="shadow"), "failed", id="vendors failed it"),
        pytest.param(shadowed(status=500, code="internal"), "failed", id="a crash of ours"),
        pytest.param(
            shadowed(status=503, code="shutting_down"), "cut_short", id="the process ended"
        ),
        pytest.param(impatient(arm="shadow"), "unmeasured", id="a deadline nobody could keep"),
        pytest.param(filtered(arm="shadow"), "unmeasured", id="a prompt no vendor takes"),
        pytest.param(
            shadowed(status=422, code="budget_too_small", votes=()), "unmeasured", id="no budget"
        ),
    ],
)
def test_a_shadow_ends_in_one_of_five_ways(record, end):
    assert end_of(record) == end
