"""From a ballot to probabilities: what holds of every model of trust, and what the shipped one reads."""

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from consensus.ballot import DIFFICULTY, BallotVoter, ConfidenceSource
from consensus.trust.model import (
    ENOUGH_LESSONS,
    MAX_DIFFICULTY,
    LogitTrust,
    MixedTrust,
    group_support,
    panel_terms,
    scaled,
    strengths,
)
from consensus.trust.parameters import shipped_prior
from tests.support.ballots import any_ballot, plain

PRIOR = LogitTrust(shipped_prior())
NEWCOMER = "newcomer"

weight = st.floats(0.0, 1.0)


@st.composite
def models(draw, reach=3.0):
    """The prior after feedback of whatever kind."""
    near, far = st.floats(-1.5, 1.5), st.floats(-reach, reach)
    prior = shipped_prior()
    names = [*(f"p{i}" for i in range(6)), NEWCOMER]
    moved = {name: getattr(prior, name) + draw(near) for name in ("support", "none", "dissent")}
    moved |= {name: getattr(prior, name) + draw(near) for name in ("lone", "pair", "scattered")}
    providers = {name: draw(far) for name in names}
    in_kind = {(name, "number"): draw(far) for name in names}
    return LogitTrust(
        replace(prior, **moved, providers=providers, providers_by_kind=in_kind, kinds={})
    )


def joined(ballot, g, vendor, independence=1.0):
    """The ballot where one more says the same as group ``g``."""
    newcomer = BallotVoter(NEWCOMER, vendor, f"{vendor}-new")
    place = len(ballot.voters)
    groups = tuple((*m, place) if n == g else m for n, m in enumerate(ballot.groups))
    return replace(
        ballot,
        voters=(*ballot.voters, newcomer),
        groups=groups,
        independence=(*ballot.independence, independence),
    )


@pytest.mark.parametrize(
    ("groups", "low", "high"),
    [
        pytest.param(("gpt claude gemini",), 0.90, 0.97, id="three alike"),
        pytest.param(("gpt claude",), 0.83, 0.94, id="two alike"),
        pytest.param(("gpt",), 0.70, 0.83, id="one alone"),
        pytest.param(("gpt claude", "gemini"), 0.55, 0.75, id="two to one"),
        pytest.param(("gpt", "claude"), 0.30, 0.45, id="one to one"),
        pytest.param(("gpt", "claude", "gemini"), 0.15, 0.30, id="three ways"),
    ],
)
def test_the_shipped_prior_reads_the_plain_patterns_as_recorded_answers_fell(groups, low, high):
    assert low < PRIOR.probabilities(plain(*groups), {})[0] < high


def test_more_that_agree_are_right_more_often_and_more_that_disagree_less():
    patterns = ("gpt claude gemini",), ("gpt claude",), ("gpt",), ("gpt claude", "gemini")
    patterns += ("gpt", "claude"), ("gpt", "claude", "gemini")
    read = [PRIOR.probabilities(plain(*groups), {})[0] for groups in patterns]
    assert read == sorted(read, reverse=True)


@pytest.mark.parametrize("groups", [("gpt claude gemini",), ("gpt claude",), ("gpt",)])
def test_agreement_by_wording_alone_tells_less(groups):
    typed = PRIOR.probabilities(plain(*groups), {})[0]
    assert 0.5 < PRIOR.probabilities(plain(*groups, typed=False), {})[0] < typed


def test_a_provider_or_a_kind_never_seen_counts_as_the_prior_has_it():
    known = LogitTrust(replace(shipped_prior(), providers={"gpt": 2.0}, kinds={"choice": 2.0}))
    unheard = plain("claude gemini", "mistral", kind="date")
    assert known.probabilities(unheard, {}) == PRIOR.probabilities(unheard, {})
    assert known.provider_weights("date", ["claude"]) == {"claude": 1.0}


@given(any_ballot(), models(reach=1e3), st.dictionaries(st.sampled_from(["p0", "p1"]), weight))
def test_probabilities_are_shares_that_leave_room_for_none_of_them(ballot, model, weights):
    read = model.probabilities(ballot, weights)
    assert len(read) == len(ballot.groups)
    assert all(0.0 <= p <= 1.0 for p in read)
    assert math.fsum(read) <= 1.0 + 1e-9


@given(any_ballot(), models())
def test_who_declines_is_not_believed_while_an_answer_stands(ballot, model):
    read = model.probabilities(ballot, {})
    if not all(ballot.refuses):
        assert all(p == 0.0 for p, declines in zip(read, ballot.refuses, strict=True) if declines)


@given(models())
def test_who_declines_takes_nothing_from_those_who_answer(model):
    declining = replace(plain("p0 p1", "p2"), refuses=(False, True))
    assert model.probabilities(declining, {})[0] == pytest.approx(
        model.probabilities(plain("p0 p1"), {})[0]
    )


@given(any_ballot(independence=False), models(), st.data())
def test_one_more_agreeing_answer_never_lowers_a_probability(ballot, model, data):
    g = data.draw(st.integers(0, len(ballot.groups) - 1))
    vendor = data.draw(st.sampled_from("abcdefg"))
    before = model.probabilities(ballot, {})
    after = model.probabilities(joined(ballot, g, vendor), {})
    assert after[g] >= before[g] - 1e-9


@given(any_ballot(vendors="a"), models(), st.data())
def test_a_voter_who_only_conformed_adds_no_more_than_one_who_did_not(ballot, model, data):
    homes = tuple(replace(v, vendor=v.provider) for v in ballot.voters)
    ballot = replace(ballot, voters=homes)
    g = data.draw(st.integers(0, len(ballot.groups) - 1))
    less, more = sorted((data.draw(weight), data.draw(weight)))
    conforming = model.probabilities(joined(ballot, g, "new", less), {})[g]
    assert conforming <= model.probabilities(joined(ballot, g, "new", more), {})[g] + 1e-9


@given(any_ballot(independence=False), models(), st.data())
def test_a_vendors_second_model_adds_no_more_than_another_vendors(ballot, model, data):
    g = data.draw(st.integers(0, len(ballot.groups) - 1))
    there = ballot.voters[ballot.groups[g][0]].vendor
    sibling = model.probabilities(joined(ballot, g, there), {})[g]
    assert sibling <= model.probabilities(joined(ballot, g, "stranger"), {})[g] + 1e-9


def test_a_second_model_of_one_vendor_counts_half():
    alone, siblings, strangers = (
        sum(strengths(cast))
        for cast in (plain("gpt"), joined(plain("gpt"), 0, "openai"), plain("gpt claude"))
    )
    assert (alone, siblings, strangers) == (1.0, 1.5, 2.0)


def test_a_vendors_heaviest_model_counts_in_full_wherever_it_stands():
    siblings = joined(plain("gpt"), 0, "openai")
    conforming = [replace(siblings, independence=own) for own in ((0.25, 1.0), (1.0, 0.25))]
    assert [sum(strengths(cast)) for cast in conforming] == [1.125, 1.125]
    believed = LogitTrust(replace(shipped_prior(), providers={NEWCOMER: 2.0}))
    swapped = replace(siblings, voters=siblings.voters[::-1])
    assert believed.probabilities(siblings, {}) == believed.probabilities(swapped, {})


@given(any_ballot(vendors="ab"), models(), st.randoms(use_true_random=False))
def test_the_order_of_voters_and_groups_decides_nothing(ballot, model, random):
    order = list(range(len(ballot.voters)))
    random.shuffle(order)
    places = list(range(len(ballot.groups)))
    random.shuffle(places)
    shuffled = replace(
        ballot,
        voters=tuple(ballot.voters[i] for i in order),
        independence=tuple(ballot.independence[i] for i in order),
        groups=tuple(tuple(sorted(order.index(i) for i in ballot.groups[g])) for g in places),
        refuses=tuple(ballot.refuses[g] for g in places),
        signs=tuple(ballot.signs[g] for g in places),
        soundness=tuple(ballot.soundness[g] for g in places),
    )
    read = model.probabilities(ballot, {"p0": 0.5, "p1": 0.25})
    again = model.probabilities(shuffled, {"p0": 0.5, "p1": 0.25})
    assert again == pytest.approx([read[g] for g in places], abs=1e-9)


@given(any_ballot(), models(), st.lists(st.floats(-1e6, 1e6), min_size=17, max_size=17))
def test_difficulty_corrects_a_vote_and_no_more(ballot, model, figures):
    sound = replace(ballot, soundness=(), typed=True, difficulty=(0.0,) * len(DIFFICULTY))
    hard = replace(sound, difficulty=tuple(figures))
    none = [1.0 - math.fsum(model.probabilities(b, {})) for b in (sound, hard)]
    assume(min(none) > 1e-6 and max(none) < 1.0 - 1e-6)
    shift = math.log(none[1] / (1.0 - none[1])) - math.log(none[0] / (1.0 - none[0]))
    assert abs(shift) <= MAX_DIFFICULTY + 1e-6


def test_a_computed_answer_outweighs_a_majority_that_it_refutes():
    cast = replace(plain("gpt claude", "gemini"), signs=((0.0, -1.0), (0.0, 1.0)))
    refuted, confirmed = PRIOR.probabilities(cast, {})
    assert confirmed > 0.95
    assert refuted < 0.05


def test_an_unsound_group_is_believed_by_so_much_less():
    cast = plain("gpt claude", "gemini")
    read = PRIOR.probabilities(cast, {})
    assert PRIOR.probabilities(replace(cast, soundness=(0.5, 1.0)), {}) == pytest.approx(
        (read[0] / 2.0, read[1])
    )


@given(any_ballot(independence=False), models(), weight, weight)
def test_the_operator_can_only_take_from_a_vote(ballot, model, a, b):
    homes = tuple(replace(v, vendor=v.provider) for v in ballot.voters)
    ballot = replace(ballot, voters=homes)
    g = ballot.group_of("p0")
    less, more = sorted((a, b))
    # Weights that are all 0 count all the same: of a lone voter a weight of 0 says nothing.
    assume(less > 0.0 or len(ballot.voters) > 1)
    low, high = (
        model.probabilities(ballot, {"p0": own, "heaviest": 1.0})[g] for own in (less, more)
    )
    assert low <= high + 1e-9


@given(st.lists(st.floats(1e-3, 1e3), min_size=3, max_size=3), st.floats(1e-6, 1e6))
def test_an_operators_weights_may_come_on_any_scale(raw, factor):
    names = ["gpt", "claude", "gemini"]
    once = scaled(dict(zip(names, raw, strict=True)), names)
    assert max(once) == 1.0
    assert scaled({n: w * factor for n, w in zip(names, raw, strict=True)}, names) == pytest.approx(
        once
    )


def test_weights_that_are_all_0_count_all_the_same():
    assert scaled({"gpt": 0.0, "claude": 0.0}, ["gpt", "claude"]) == [1.0, 1.0]


@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf])
@pytest.mark.parametrize("name", ["gpt", "absent"])
def test_a_weight_that_is_none_is_refused_whoever_has_it(bad, name):
    with pytest.raises(ValueError, match=f"the weight of {name} must be finite"):
        PRIOR.probabilities(plain("gpt claude"), {name: bad})


@given(models())
def test_learned_weights_are_finite_and_never_negative(model):
    read = model.provider_weights("number", ["p0", "p1", "unheard"])
    assert all(math.isfinite(w) and w >= 0.0 for w in read.values())


@given(models())
def test_no_vote_counts_so_little_that_agreeing_makes_less_sure(model):
    one, two, three = (
        model.probabilities(plain(agreeing), {})[0] for agreeing in ("p0", "p0 p1", "p0 p1 p2")
    )
    assert one <= two + 1e-9
    assert two <= three + 1e-9


@pytest.mark.parametrize(
    ("votes", "lone", "pair"),
    [
        pytest.param(0.5, 1.0, 0.0, id="half a vote is a lone answer"),
        pytest.param(1.0, 1.0, 0.0, id="one"),
        pytest.param(1.5, 0.5, 0.5, id="half way from one to two"),
        pytest.param(2.0, 0.0, 1.0, id="two"),
        pytest.param(2.5, 0.0, 0.5, id="half way from two to three"),
        pytest.param(3.0, 0.0, 0.0, id="three"),
        pytest.param(8.0, 0.0, 0.0, id="more are as three"),
    ],
)
def test_between_one_two_and_three_votes_the_panel_is_read_in_proportion(votes, lone, pair):
    assert panel_terms(votes) == (lone, pair)


@pytest.mark.parametrize(
    ("votes", "others", "expected"),
    [
        pytest.param([1.0, 2.0], 1.0, 3.0, id="a full panel adds up"),
        pytest.param([1.0] * 6, 0.0, 3.0, id="six alike are as three"),
        pytest.param([1.0] * 4, 2.0, 2.0, id="four of six are as two of three"),
        pytest.param([2.0, 2.0, 2.0, 0.5], 0.0, 6.0, id="a weak fourth dilutes nothing"),
    ],
)
def test_beyond_three_votes_support_does_not_add_up(votes, others, expected):
    assert group_support(votes, [1.0] * len(votes), others) == pytest.approx(expected)


def test_confidence_is_calibrated_from_enough_lessons_of_the_kind_on():
    lessons = {"number": ENOUGH_LESSONS, "choice": ENOUGH_LESSONS - 1}
    model = LogitTrust(replace(shipped_prior(), lessons=lessons))
    sources = [model.source(kind) for kind in ("number", "choice", "date")]
    assert sources == [ConfidenceSource.CALIBRATED, ConfidenceSource.PRIOR, ConfidenceSource.PRIOR]


@given(any_ballot(), models(), models(), weight)
def test_a_mixture_lies_between_its_models(ballot, a, b, share):
    mixed = MixedTrust((a, b), (share, 1.0 - share))
    each = zip(a.probabilities(ballot, {}), b.probabilities(ballot, {}), strict=True)
    for read, ends in zip(mixed.probabilities(ballot, {}), each, strict=True):
        assert min(ends) - 1e-9 <= read <= max(ends) + 1e-9
    names = ["p0", "p1"]
    told = mixed.provider_weights("number", names)
    for name in names:
        ends = [m.provider_weights("number", names)[name] for m in (a, b)]
        assert min(ends) - 1e-9 <= told[name] <= max(ends) + 1e-9
