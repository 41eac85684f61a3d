"""Readings of recorded texts against a benchmark's own extraction, pair by pair."""

import math

from learning.backtest.extraction import extraction_rate

MODELS = ("a", "b", "c")


def record(*answers, prompt="How many apples are left?", **more):
    return {
        "id": "r1",
        "prompt": prompt,
        "answers": [
            {"model": model, "text": text, "extracted": extracted}
            for model, (text, extracted) in zip(MODELS, answers, strict=False)
        ],
        **more,
    }


def test_answers_that_compare_as_the_benchmark_says_agree():
    found = extraction_rate(
        [record(("It is 4.", "4"), ("Answer: four", "4"), ("There are 5 apples.", "5"))], MODELS
    )
    assert (found.records, found.pairs, found.rate, found.record_rate) == (1, 3, 1.0, 1.0)


def test_a_disagreement_names_both_readings_and_both_extractions():
    found = extraction_rate([record(("4 or 6", "4"), ("4", "4"))], MODELS)
    (disagreement,) = found.disagreements
    assert disagreement.record == "r1"
    assert disagreement.models == ("a", "b")
    assert disagreement.extracted == ("4", "4")
    assert disagreement.read == ("list: 4, 6", "number: 4")
    assert disagreement.verdict == "different"


def test_an_undecided_pair_agrees_with_nothing():
    for extracted in ("x", "y"):
        found = extraction_rate(
            [
                record(
                    ("The moon pulls the sea.", "x"),
                    ("Gravity of the moon.", extracted),
                    prompt="Explain tides.",
                )
            ],
            MODELS,
        )
        assert (found.rate, found.record_rate) == (0.0, 0.0)
        assert found.disagreements[0].verdict == "undecided"


def test_what_was_not_extracted_and_what_needs_an_image_is_not_judged():
    found = extraction_rate(
        [
            record(("4", "4"), ("5", None)),
            record(("4", "4"), ("5", "5"), requires_image=True),
            record(("4", "4"), ("5", "5"), ("6", None)),
        ],
        MODELS,
    )
    assert (found.records, found.pairs) == (1, 1)


def test_only_the_models_named_are_compared():
    found = extraction_rate([record(("4", "4"), ("5", "5"), ("6", "6"))], ("a", "c"))
    assert found.pairs == 1


def test_nothing_judged_has_no_rate():
    assert math.isnan(extraction_rate([], MODELS).rate)
