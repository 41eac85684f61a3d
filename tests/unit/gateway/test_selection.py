"""Which providers a request asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidRequestError
from gateway.selection import (
    ContradictoryLimitsError,
    DuplicateProviderError,
    NoProviderError,
    TooManyProvidersError,
    UnknownProviderError,
    open_with,
    select_providers,
)

ALL = ("gemini", "gpt", "claude")


def choose(task_type="basic", **wishes):
    plain = {
        "requested": None,
        "available": ALL,
        "minimum": 2,
        "maximum": None,
        "budget_usd": None,
        "advised": None,
        "arm": None,
    }
    return select_providers(task_type, **{**plain, **wishes})


@pytest.mark.parametrize(
    ("task_type", "wishes", "providers"),
    [
        pytest.param("basic", {}, ("gemini", "claude"), id="basic"),
        pytest.param("premium", {}, ("gpt", "gemini"), id="premium"),
        pytest.param("critical", {}, ("gpt", "claude", "gemini"), id="critical"),
        pytest.param("basic", {"budget_usd": 0.0099}, ("gemini",), id="small budget"),
        pytest.param("basic", {"budget_usd": 0.01}, ("gemini", "claude"), id="budget enough"),
        pytest.param("premium", {"budget_usd": 0.001}, ("gpt", "gemini"), id="only on basic"),
        pytest.param("basic", {"maximum": 3}, ("gemini", "claude", "gpt"), id="more than the row"),
        pytest.param("basic", {"maximum": 8}, ("gemini", "claude", "gpt"), id="all there are"),
        pytest.param("basic", {"minimum": 3}, ("gemini", "claude", "gpt"), id="minimum above"),
        pytest.param("critical", {"maximum": 2}, ("gpt", "claude"), id="the caller's own cap"),
        pytest.param("critical", {"advised": ("gpt",)}, ("gpt", "claude", "gemini"), id="all 3"),
        pytest.param("basic", {"advised": ("gpt", "claude")}, ("gpt", "claude"), id="advice"),
        pytest.param("basic", {"advised": ("gpt",)}, ("gpt", "gemini"), id="advice + minimum"),
        pytest.param("basic", {"advised": ("other",)}, ("gemini", "claude"), id="not configured"),
        pytest.param(
            "basic", {"advised": ALL, "maximum": 2}, ("gemini", "gpt"), id="advice under a cap"
        ),
        pytest.param(
            "basic", {"advised": ("gpt",), "maximum": 8}, ("gpt", "gemini"), id="a cap is no wish"
        ),
        pytest.param(
            "critical",
            {"requested": ["gemini"], "budget_usd": 0.001, "advised": ("gpt",)},
            ("gemini",),
            id="the caller's list overrides all",
        ),
        pytest.param(
            "basic", {"available": ("gpt", "claude")}, ("gpt", "claude"), id="gpt for gemini"
        ),
        pytest.param("critical", {"available": ("claude",)}, ("claude",), id="the only one"),
        pytest.param(
            "basic",
            {"available": ("claude",), "minimum": 1, "maximum": 1},
            ("claude",),
            id="the second of the row stands in for the first",
        ),
        pytest.param("basic", {"available": ()}, (), id="nothing configured"),
        pytest.param(
            "basic",
            {"available": ("gpt", "claude"), "budget_usd": 0.001},
            ("claude",),
            id="small budget without gemini",
        ),
    ],
)
def test_the_table_the_caller_the_budget_and_the_advice_choose(task_type, wishes, providers):
    assert choose(task_type, **wishes).providers == providers


@pytest.mark.parametrize(
    ("task_type", "wishes", "providers"),
    [
        pytest.param("basic", {}, ("gpt", "claude"), id="the arm's instead of the table's"),
        pytest.param("premium", {}, ("gpt", "claude"), id="for a premium task too"),
        pytest.param("critical", {}, ("gpt", "claude", "gemini"), id="critical asks all three"),
        pytest.param("basic", {"requested": ["gemini"]}, ("gemini",), id="the caller's own list"),
        pytest.param("basic", {"advised": ("gemini", "gpt")}, ("gpt", "claude"), id="over advice"),
        pytest.param("basic", {"budget_usd": 0.005}, ("gemini",), id="a small budget asks one"),
        pytest.param("basic", {"maximum": 1, "minimum": 1}, ("gpt",), id="the caller's cap holds"),
        pytest.param("basic", {"minimum": 3}, ("gpt", "claude", "gemini"), id="so does its least"),
        pytest.param("basic", {"available": ("gemini", "gpt")}, ("gpt", "gemini"), id="one absent"),
        pytest.param("premium", {"available": ("gemini",)}, ("gemini",), id="all absent"),
    ],
)
def test_an_arm_s_providers_are_asked_within_what_the_caller_said(task_type, wishes, providers):
    assert choose(task_type, **{"arm": ("gpt", "claude"), **wishes}).providers == providers


def test_what_an_arm_names_in_vain_is_said_and_is_no_error():
    chosen = choose(arm=("gpt", "mistral", "claude"))
    assert chosen.providers == ("gpt", "claude")
    assert chosen.note == "the arm's mistral left out: not configured"
    alone = choose(arm=("mistral", "qwen"))
    assert alone.providers == ("gemini", "claude")
    assert alone.note == "the arm's mistral and qwen left out: not configured"


def test_an_arm_that_is_not_asked_has_nothing_left_out():
    for wishes in ({"task_type": "critical"}, {"budget_usd": 0.001}, {"requested": ["gpt"]}):
        assert "mistral" not in (choose(**{"arm": ("mistral",), **wishes}).note or "")


def test_a_small_budget_is_said_to_be_the_reason():
    chosen = choose(budget_usd=0.005)
    assert chosen.why == (
        "a budget of 0.005 USD, below 0.01, asks one provider on a basic task: gemini"
    )
    assert chosen.note == chosen.why


def test_a_replacement_is_said():
    chosen = choose(available=("gpt", "claude"))
    assert chosen.note == "gemini is not configured, gpt stands in"
    assert choose().note is None


@pytest.mark.parametrize(
    ("wishes", "error", "field", "says"),
    [
        ({"requested": ["gpt", "gtp"]}, UnknownProviderError, "providers", "'gtp'"),
        ({"requested": ["gpt", "gpt"]}, DuplicateProviderError, "providers", "'gpt' twice"),
        ({"requested": []}, NoProviderError, "providers", "no provider"),
        ({"requested": ALL, "maximum": 2}, TooManyProvidersError, "providers", "names 3"),
        ({"minimum": 3, "maximum": 2}, ContradictoryLimitsError, "min_providers", "3, more than"),
        (
            {"requested": ["claude"], "available": ("gpt",)},
            UnknownProviderError,
            "providers",
            "configured here: gpt",
        ),
        (
            {"requested": ["gpt"], "minimum": 3, "maximum": 2},
            ContradictoryLimitsError,
            "min_providers",
            "3, more than",
        ),
    ],
)
def test_wishes_that_cannot_be_met_are_refused_by_field(wishes, error, field, says):
    with pytest.raises(error, match=says) as raised:
        choose(**wishes)
    assert isinstance(raised.value, InvalidRequestError)
    assert raised.value.field == field


NAMES = st.sampled_from(["gemini", "gpt", "claude", "mistral", "qwen"])


@given(
    task_type=st.sampled_from(["basic", "premium", "critical"]),
    available=st.lists(NAMES, unique=True, min_size=1),
    minimum=st.integers(1, 8),
    maximum=st.none() | st.integers(1, 8),
    budget_usd=st.none() | st.floats(0.0001, 1),
    advised=st.none() | st.lists(NAMES),
    arm=st.none() | st.lists(NAMES),
)
def test_a_choice_names_configured_providers_once_within_the_cap_and_never_nobody(
    *, task_type, available, minimum, maximum, budget_usd, advised, arm
):
    if maximum is not None:
        minimum = min(minimum, maximum)
    chosen = choose(
        task_type,
        available=available,
        minimum=minimum,
        maximum=maximum,
        budget_usd=budget_usd,
        advised=advised,
        arm=arm,
    )
    assert chosen.providers
    assert len(set(chosen.providers)) == len(chosen.providers)
    assert set(chosen.providers) <= set(available)
    assert len(chosen.providers) <= (maximum or 8)
    small = task_type == "basic" and budget_usd is not None and budget_usd < 0.01
    if not small:
        assert len(chosen.providers) >= min(minimum, len(available))


ADVISED = {"advised": ("gpt", "claude", "gemini")}


@pytest.mark.parametrize(
    ("task_type", "wishes", "opening", "expected"),
    [
        pytest.param("basic", ADVISED, 2, 2, id="two of the advised three"),
        pytest.param("basic", ADVISED, 1, 2, id="no fewer than the answers wanted, two by default"),
        pytest.param("basic", {**ADVISED, "minimum": 1}, 1, 1, id="one where one will do"),
        pytest.param("basic", {**ADVISED, "minimum": 3}, 1, 0, id="all where three are wanted"),
        pytest.param("basic", ADVISED, 0, 0, id="none advised"),
        pytest.param("basic", ADVISED, 3, 0, id="an opening of all is none"),
        pytest.param("basic", {"minimum": 1}, 1, 1, id="of the table's row"),
        pytest.param("critical", {**ADVISED, "minimum": 1}, 1, 0, id="critical asks all at once"),
        pytest.param(
            "basic",
            {"requested": ["gpt", "claude"], "minimum": 1},
            1,
            0,
            id="the caller's own list",
        ),
        pytest.param("basic", {"arm": ALL, "minimum": 1}, 1, 0, id="what an arm tries"),
        pytest.param("basic", {"budget_usd": 0.001, "minimum": 1}, 1, 0, id="one vendor is one"),
    ],
)
def test_an_opening_is_for_panels_that_were_left_to_us(task_type, wishes, opening, expected):
    chosen = choose(task_type, **wishes)
    opened = open_with(chosen, opening, 0.8, wishes.get("minimum", 2))
    assert opened.opening == expected
    assert opened.providers == chosen.providers
    assert (opened == chosen) is (expected == 0)


def test_what_is_advised_is_said():
    chosen = choose(**ADVISED)
    assert chosen.note == "the learning engine advises gpt, claude and gemini"
    opened = open_with(chosen, 2, 0.8, 2)
    assert opened.note == (
        "the learning engine advises gpt, claude and gemini; "
        "gpt and claude asked first, gemini only if that is not enough"
    )
    assert choose(advised=("claude", "gemini")).note is None, "the table's own row"


FAILED, SLOW = "has failed lately", "has been slow lately"


@pytest.mark.parametrize(
    ("task_type", "wishes", "providers", "note"),
    [
        pytest.param(
            "basic", {"away": {"gemini": FAILED}}, ("gpt", "claude"),
            "gemini has failed lately, gpt stands in", id="of the table's one",
        ),
        pytest.param(
            "basic", {"away": {"claude": SLOW}}, ("gemini", "gpt"),
            "claude has been slow lately, gpt stands in", id="slow is away too",
        ),
        pytest.param(
            "basic", {"away": {"gemini": FAILED, "gpt": SLOW}}, ("gemini", "claude"),
            "gemini has failed lately, nobody can stand in", id="who is away stands in for nobody",
        ),
        pytest.param("basic", {"away": dict.fromkeys(ALL, FAILED)}, ("gemini", "claude"), None,
                     id="all away: as if nobody were"),
        pytest.param("basic", {"away": {"gpt": FAILED}}, ("gemini", "claude"), None, id="not asked anyway"),
        pytest.param("critical", {"away": {"gpt": FAILED}}, ("gpt", "claude", "gemini"), None,
                     id="critical asks all three"),
        pytest.param("basic", {"requested": ["gpt"], "away": {"gpt": FAILED}}, ("gpt",), None,
                     id="the caller's list stands"),
        pytest.param("basic", {"arm": ("gpt", "claude"), "away": {"gpt": FAILED}}, ("gpt", "claude"), None,
                     id="an arm keeps its own"),
        pytest.param(
            "premium", {"advised": ("gpt", "claude"), "away": {"gpt": FAILED}}, ("gemini", "claude"),
            "the learning engine advises gpt and claude; gpt has failed lately, gemini stands in",
            id="advice passes over who is away",
        ),
        pytest.param(
            "basic", {"budget_usd": 0.001, "away": {"gemini": FAILED}}, ("claude",),
            "a budget of 0.001 USD, below 0.01, asks one provider on a basic task: claude; gemini has failed "
            "lately, claude stands in", id="the cheapest that would answer",
        ),
        pytest.param(
            "basic", {"minimum": 3, "away": {"gpt": FAILED}}, ("gemini", "claude", "gpt"),
            "gpt added to make 3", id="who wants three is given who is away rather than two",
        ),
    ],
)  # fmt: skip
def test_who_is_away_is_passed_over_where_somebody_can_stand_in(task_type, wishes, providers, note):
    selection = choose(task_type, **wishes)
    assert (selection.providers, selection.note) == (providers, note)


@given(
    st.sampled_from(["basic", "premium", "critical"]),
    st.sets(st.sampled_from(ALL)),
    st.integers(1, 4),
    st.none() | st.permutations(ALL).map(tuple),
)
def test_who_is_away_never_makes_fewer_be_asked(task_type, away, minimum, advised):
    wishes = {"minimum": minimum, "advised": advised}
    selection = choose(task_type, away=dict.fromkeys(away, FAILED), **wishes)
    assert len(selection.providers) == len(choose(task_type, **wishes).providers)
    assert len(set(selection.providers)) == len(selection.providers)
    if task_type != "critical" and away != set(ALL):
        healthy_left_out = set(ALL) - away - set(selection.providers)
        assert not (healthy_left_out and away & set(selection.providers))
