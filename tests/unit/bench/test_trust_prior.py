"""The shipped prior is fitted on recorded answers: which are taken, and what is made of them."""

import gzip
import json
import math
import random

import pytest

from bench.trust_prior import COMPUTED, Case, ballots, fit, held_out, load, panels
from consensus.trust.model import LogitTrust
from consensus.trust.parameters import GENERAL
from consensus.trust.topics import Topics
from tests.support.ballots import plain
from tests.support.panels import EMBEDDER

VENDORS = ("north", "east", "south")


def answer(vendor, text, correct, model="m"):
    return {"vendor": vendor, "model": f"{vendor}-{model}", "text": text, "correct": correct}


def record(n, *values, gold="42"):
    """A sum that three vendors answered."""
    answers = [answer(v, f"It is {x}.", x == gold) for v, x in zip(VENDORS, values, strict=True)]
    return {"prompt": f"What is {n} plus {42 - n}?", "language": "en", "answers": answers}


def kept(folder, name, records):
    with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in records)


def test_sets_without_a_judged_panel_are_left_out(tmp_path):
    kept(tmp_path, "sums", [record(1, "42", "42", "41"), record(2, "42", "42", "42")])
    kept(tmp_path, "images", [record(3, "42", "42", "42") | {"requires_image": True}])
    kept(tmp_path, "pairs", [{"question": "?", "a": "1", "b": "2", "label": "agree"}])
    unjudged = record(4, "42", "42", "42")
    unjudged["answers"][0]["correct"] = None
    kept(tmp_path, "unjudged", [unjudged])
    assert {name: len(rows) for name, rows in load(tmp_path).items()} == {"sums": 2}


def test_a_panel_is_one_model_of_each_vendor_first_ones_then_second_ones():
    first = [answer(vendor, "1", True) for vendor in VENDORS]
    second = [answer(vendor, "2", False, model="n") for vendor in VENDORS]
    seated = panels({"answers": [*first, *second[:2]]})
    assert seated == [tuple(first)]
    assert panels({"answers": [*first, *second]}) == [tuple(first), tuple(second)]


def test_every_subset_of_a_panel_is_a_ballot_and_each_size_counts_the_same():
    cases = list(ballots({"sums": [record(1, "42", "42", "41")]}, Topics(EMBEDDER)))
    weights = {n: [c.weight for c in cases if len(c.ballot.voters) == n] for n in (1, 2, 3)}
    assert [len(each) for each in weights.values()] == [3, 3, 1]
    assert all(math.fsum(each) == pytest.approx(1.0) for each in weights.values())


def test_what_was_right_is_a_group_or_none_of_them():
    whole = [
        next(c for c in ballots({"sums": [row]}, Topics(EMBEDDER)) if len(c.ballot.voters) == 3)
        for row in (
            record(1, "42", "42", "41"),
            record(1, "41", "41", "42"),
            record(1, "40", "41", "40"),
        )
    ]
    assert [case.right for case in whole] == [0, 1, 2]


def made_up(rate, count=200, name="set"):
    """Three alike, right at this rate; a pair against one, the pair right two times of three."""
    drawn = random.Random(7)
    alike, split = plain("a b c"), plain("a b", "c")
    return [
        case
        for n in range(count)
        for case in (
            Case(name, alike, 0 if drawn.random() < rate else 1, 1.0),
            Case(name, split, (0, 0, 1)[n % 3], 1.0),
        )
    ]


def test_the_fit_states_how_often_patterns_were_right():
    model = LogitTrust(fit(made_up(0.9)))
    assert model.probabilities(plain("a b c"), {})[0] == pytest.approx(0.9, abs=0.05)
    pair, alone = model.probabilities(plain("a b", "c"), {})
    assert (pair, alone) == pytest.approx((2 / 3, 1 / 3), abs=0.05)


def test_the_prior_has_no_parameter_of_a_provider_a_kind_or_a_set():
    found = fit([*made_up(0.95, name="easy"), *made_up(0.6, name="hard")])
    assert not (dict(found.providers) | dict(found.providers_by_kind) | dict(found.kinds))
    assert len(found.general) == len(GENERAL)


def test_a_set_counts_the_same_however_large_it_is():
    even = fit([*made_up(0.95, name="easy"), *made_up(0.6, name="hard")])
    uneven = fit([*made_up(0.95, name="easy"), *made_up(0.6, name="hard") * 5])
    assert uneven.general == pytest.approx(even.general, abs=1e-6)


def test_what_a_computed_answer_is_worth_is_set_and_not_fitted():
    assert fit(made_up(0.9)).signs[-1] == pytest.approx(COMPUTED, abs=1e-3)


def test_each_set_is_judged_by_the_prior_of_the_others(capsys):
    held_out([*made_up(0.95, name="easy"), *made_up(0.6, name="hard")])
    told = capsys.readouterr().out
    assert [name for name in ("easy", "hard", "mean") if f"\n{name} " in told] == [
        "easy",
        "hard",
        "mean",
    ]
