"""A policy document is read exactly or refused with every reason, and has one text and one digest."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.policy.difference import differences
from learning.policy.document import Figure, FittedOn, Weights, read_policy
from learning.policy.errors import UnreadablePolicyError
from tests.support.policies import a_policy

TOKYO = timezone(timedelta(hours=9))
finite = st.floats(allow_nan=False, allow_infinity=False)
names = st.text(min_size=1, max_size=20).filter(lambda name: name.isprintable())
moments = st.builds(
    datetime.fromtimestamp,
    st.floats(1e9, 4e9),
    st.sampled_from([UTC, TOKYO]),
)


@st.composite
def policies(draw):
    ends = sorted([draw(moments), draw(moments)])
    return a_policy(
        draw(st.integers(1, 10_000)),
        created_at=draw(moments),
        note=draw(st.text(max_size=50).filter(lambda text: text.isprintable())),
        advice=draw(st.dictionaries(names, st.booleans() | finite | names, max_size=3)),
        weights=Weights(
            providers=draw(
                st.dictionaries(
                    names, st.dictionaries(names, st.floats(0.0, 9.0), max_size=3), max_size=3
                )
            )
        ),
        fitted_on=FittedOn(labels=3, first_at=ends[0], last_at=ends[1]),
        figures=draw(st.dictionaries(names, st.builds(Figure, value=finite), max_size=3)),
    )


@given(policies())
def test_its_text_reads_back_to_the_same_document_text_and_digest(policy):
    read = read_policy(policy.text)
    assert (read, read.text, read.digest) == (policy, policy.text, policy.digest)


@given(policies(), st.randoms())
def test_the_order_of_keys_and_the_spaces_change_no_digest(policy, random):
    items = list(json.loads(policy.text).items())
    random.shuffle(items)
    assert read_policy(json.dumps(dict(items), indent=3)).digest == policy.digest


@given(policies(), policies())
def test_two_documents_have_one_digest_only_if_nothing_differs(one, other):
    assert (one.digest == other.digest) == (not differences(one, other))


def test_the_text_is_ascii_whatever_it_says():
    policy = a_policy(note="壁打ち", created_by="誰か")
    assert policy.text.isascii()
    assert read_policy(policy.text).note == "壁打ち"


def test_a_moment_has_one_text_whatever_zone_it_was_told_in():
    there = datetime(2026, 3, 1, 21, 0, tzinfo=TOKYO)
    assert a_policy(created_at=there).digest == a_policy().digest


def broken(**changes):
    kept = a_policy(weights=Weights(layers={"vector": 1.0})).as_json()
    for path, value in changes.items():
        *way, last = path.split("__")
        place = kept
        for step in way:
            place = place[step]
        place[last] = value
    return json.dumps(kept)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Invalid JSON"),
        ("[]", "Input should be an object"),
        ('{"format": 1', "Invalid JSON"),
        (broken(format=2), "format: Input should be 1"),
        (broken(version=0), "version: Input should be greater than or equal to 1"),
        (broken(version="1"), "version: Input should be a valid integer"),
        (broken(created_at="2026-03-01T12:00:00"), "created_at: Input should have timezone info"),
        (broken(created_by=""), "created_by: String should have at least 1 character"),
        (broken(colour="red"), "colour: Extra inputs are not permitted"),
        (
            broken(weights__layers={"vector": -0.1}),
            "weights.layers.vector: Input should be greater",
        ),
        (
            broken(weights__layers={"vector": "much"}),
            "weights.layers.vector: Input should be a valid",
        ),
        (broken(calibration__prior="abc"), "calibration.prior: String should match pattern"),
        (broken(calibration__frozen=1), "calibration.frozen: Input should be a valid boolean"),
        (broken(calibration__model=[{}]), "calibration.model[0].share: Field required"),
        (broken(fitted_on__labels=-1), "fitted_on.labels: Input should be greater"),
        (
            broken(figures__accuracy={"value": None}),
            "figures.accuracy.value: Input should be a valid",
        ),
        (
            broken(figures__accuracy={"value": 0.5, "low": 0.6}),
            "its interval ends before it begins",
        ),
        (
            broken(fitted_on__first_at="2026-03-02T00:00Z", fitted_on__last_at="2026-03-01T00:00Z"),
            "first_at is after last_at",
        ),
    ],
)
def test_what_is_no_policy_is_refused_by_path_and_reason(text, reason):
    with pytest.raises(UnreadablePolicyError) as refused:
        read_policy(text)
    assert reason in str(refused.value)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_number_that_is_none_is_refused(number):
    text = a_policy().text.replace('"value":0.8', f'"value":{number}')
    with pytest.raises(UnreadablePolicyError, match="finite number"):
        read_policy(text)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(UnreadablePolicyError) as refused:
        read_policy(broken(version=0, colour="red", fitted_on__labels=-1))
    assert len(refused.value.problems) == 3


def test_differences_name_the_path_and_both_values():
    one = a_policy(weights=Weights(layers={"vector": 0.6, "lexical": 0.4}))
    other = a_policy(weights=Weights(layers={"vector": 0.5, "recency": 0.5}), note="less of it")
    assert [(d.path, d.before, d.after) for d in differences(one, other)] == [
        ("note", "", "less of it"),
        ("weights.layers.lexical", 0.4, None),
        ("weights.layers.recency", None, 0.5),
        ("weights.layers.vector", 0.6, 0.5),
    ]


def test_what_python_takes_for_equal_but_a_document_does_not_is_a_difference():
    one = a_policy(advice={"a": 1, "b": 0.0})
    other = a_policy(advice={"a": True, "b": -0.0})
    assert [d.path for d in differences(one, other)] == ["advice.a", "advice.b"]


def test_nothing_known_of_a_kind_differs_from_the_kind_not_named():
    one = a_policy(weights=Weights(providers={"number": {}}))
    assert [d.path for d in differences(one, a_policy())] == [
        "weights.providers",
        "weights.providers.number",
    ]
