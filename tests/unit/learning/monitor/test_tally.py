"""Sums that may be kept, added up in any order, and read back as they were."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.monitor.bins import bin_of, quantile
from learning.monitor.counting import Said, count
from learning.monitor.figures import figures_of
from learning.monitor.intervals import upper_bound, wilson
from learning.monitor.tally import Tally, tallies_as_json, tallies_from_json, together
from tests.support.ballots import ballot
from tests.support.daily import MIDNIGHT, decided
from tests.support.records import answered, failed, filtered, impatient, vote


def counted(*pairs):
    tallies = {}
    for record, said in pairs:
        count(tallies, record, said)
    return tallies


RECORDS = st.lists(
    st.tuples(
        st.one_of(
            st.builds(
                lambda n, groups, c, ms: decided(n, MIDNIGHT, *groups, confidence=c, latency_ms=ms),
                st.integers(0, 99),
                st.sampled_from([("gpt claude", "gemini"), ("gemini",), ("gpt", "claude gemini")]),
                st.none() | st.floats(0, 1),
                st.floats(1, 60_000),
            ),
            st.sampled_from([failed(), filtered(), impatient(), answered(arm="legacy")]),
        ),
        st.builds(Said, st.none() | st.booleans(), st.none() | st.integers(1, 5)),
    ),
    max_size=12,
)


@given(RECORDS, st.integers(0, 12))
def test_parts_added_up_are_the_whole(pairs, cut):
    whole = counted(*pairs)
    parts = together([counted(*pairs[:cut]), counted(*pairs[cut:])])
    assert parts.keys() == whole.keys()
    for key, tally in whole.items():
        exact = {n: v for n, v in tally.as_json().items() if isinstance(v, int)}
        assert {n: parts[key].as_json()[n] for n in exact} == exact
        for name in ("confidence", "agreement", "cost_usd"):
            assert getattr(parts[key], name) == pytest.approx(getattr(tally, name))
        assert (parts[key].latency, parts[key].codes) == (tally.latency, tally.codes)


@given(RECORDS)
def test_what_is_kept_as_json_is_read_back_the_same(pairs):
    tallies = counted(*pairs)
    assert tallies_from_json(json.loads(json.dumps(tallies_as_json(tallies)))) == tallies


def test_what_a_later_version_counts_too_is_left_out():
    assert Tally.from_json({"count": 3, "moods": 7}) == Tally(count=3)


@pytest.mark.parametrize(
    ("correct", "right", "wrong"),
    [
        pytest.param(True, {"gpt", "claude"}, {"gemini"}, id="right: who said another is wrong"),
        pytest.param(False, set(), {"gpt", "claude"}, id="wrong: of who said another nobody knows"),
        pytest.param(None, set(), set(), id="without a label nothing"),
    ],
)
def test_a_label_tells_of_each_vendor_by_what_it_said(correct, right, wrong):
    tallies = counted((decided(1, MIDNIGHT), Said(correct)))
    of = {name: tally for (kind, name), tally in tallies.items() if kind == "provider"}
    assert {name for name, tally in of.items() if tally.right} == right
    assert {name for name, tally in of.items() if tally.wrong} == wrong


def test_where_the_returned_answer_is_no_group_s_labels_tell_of_no_vendor():
    tallies = counted((decided(1, MIDNIGHT, returned=None), Said(correct=True)))
    assert tallies["arm", "wall_bounce"].right == 1
    gpt = tallies["provider", "gpt"]
    assert (gpt.right, gpt.wrong, gpt.compared, gpt.read) == (0, 0, 0, 1)


def test_refusals_are_answers_that_decline_and_the_vendors_own_filter():
    refusing = replace(ballot("gpt claude", "gemini"), refuses=(False, True))
    tallies = counted(
        (decided(1, MIDNIGHT, ballot=refusing), Said()), (filtered(request_id="f"), Said())
    )
    assert figures_of(tallies["provider", "gemini"]).refusal_rate.value == 1
    gpt = tallies["provider", "gpt"]
    assert (gpt.read, gpt.refusals) == (2, 1)
    assert (gpt.measured, gpt.errors) == (1, 0)
    assert tallies["arm", "wall_bounce"].refusals == 0


def test_calls_that_ended_by_our_doing_are_no_failures_of_a_vendor():
    votes = tuple(vote(code) for code in ("cut_off", "truncated", "rejected", "server_error"))
    gpt = counted((answered(votes=votes), Said()))["provider", "gpt"]
    assert (gpt.count, gpt.measured, gpt.errors) == (4, 1, 1)
    assert counted((impatient(), Said()))["provider", "gpt"].measured == 0


def test_the_calibration_error_is_the_mean_distance_over_bins():
    pairs = [
        (decided(n, MIDNIGHT, confidence=c), Said(correct))
        for n, (c, correct) in enumerate([(0.95, True), (0.91, False), (0.3, False), (1.0, True)])
    ]
    # Bin 0.9 to 1: |0.95 + 0.91 + 1.0 - 2| = 0.86; bin 0.3: 0.3; of four.
    found = figures_of(counted(*pairs)["arm", "wall_bounce"])
    assert found.calibration_error == pytest.approx((0.86 + 0.3) / 4)


def test_a_figure_without_data_is_unknown():
    figures = figures_of(Tally())
    assert figures.error_rate is figures.accuracy is figures.latency_p95_ms is None
    assert figures.cost_usd is figures.confidence is figures.calibration_error is None


@given(st.lists(st.floats(0.2, 1e6), min_size=1, max_size=200), st.sampled_from([0.5, 0.95]))
def test_a_quantile_of_bins_is_within_bounds_of_the_one_of_values(values, part):
    ordered = sorted(values)
    exact = ordered[-(-round(part * 100) * len(values) // 100) - 1]
    found = quantile(Counter(map(bin_of, values)), part)
    assert found == pytest.approx(exact, rel=0.022)


@pytest.mark.parametrize(
    ("successes", "count", "lower", "upper"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_s_interval_is_the_textbook_s(successes, count, lower, upper):
    # Newcombe 1998, table I, for 81 of 263.
    share = wilson(successes, count)
    assert (share.lower, share.upper) == pytest.approx((lower, upper), abs=5e-5)


@pytest.mark.parametrize(
    ("successes", "count", "alpha", "bound"),
    # 1 - alpha ** (1 / n) for none; Clopper & Pearson's for others, as R's binom.test gives them.
    [(0, 10, 0.05, 0.25887), (0, 1_000, 0.01, 0.0045946), (5, 10, 0.025, 0.81291), (3, 3, 0.05, 1)],
)
def test_the_exact_bound_is_clopper_and_pearson_s(successes, count, alpha, bound):
    assert upper_bound(successes, count, alpha) == pytest.approx(bound, rel=1e-4)


@pytest.mark.parametrize("latency_ms", [float("nan"), float("inf"), -1.0, 0.0])
def test_a_latency_that_makes_no_sense_does_not_keep_its_day_from_being_counted(latency_ms):
    tallies = counted((decided(1, MIDNIGHT, latency_ms=latency_ms), Said()))
    assert figures_of(tallies["provider", "gpt"]).latency_p50_ms is not None
    assert json.loads(json.dumps(tallies_as_json(tallies)))["provider"]["gpt"]["count"] == 1
