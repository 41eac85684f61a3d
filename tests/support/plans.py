"""Plans and states as property tests draw them."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from gateway.rollout.moves import arms_of
from gateway.rollout.plan import ArmPolicy, RolloutPlan, Stage
from gateway.rollout.rules import Margins
from gateway.rollout.state import Approval, RolloutState, Trip

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def plan(*percentages, name="p", **fields):
    """A plan of bare stages."""
    return RolloutPlan(name, tuple(Stage(at) for at in percentages), **fields)


ARM_NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,31}", fullmatch=True).filter(
    lambda name: name not in {"legacy", "shadow", "none", "single"}
)
PROVIDERS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:/@-]{0,10}", fullmatch=True)
RATES = st.floats(0, 1)
MOMENTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - the zone comes with `timezones`
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@st.composite
def stages(draw, index, percentage):
    rollback = draw(st.floats(1e-6, 1))
    return Stage(
        percentage=percentage,
        minimum_time=draw(st.timedeltas(timedelta(0), timedelta(days=90))),
        minimum_sample=draw(st.integers(1, 10_000_000)),
        approvals=draw(st.integers(0, 2)) if index else 0,
        error_rate_rollback=rollback,
        error_rate_warning=rollback * draw(RATES),
    )


def policies(name):
    return st.builds(
        ArmPolicy,
        st.just(name),
        split=st.floats(0.001, 1000),
        providers=st.none() | st.lists(PROVIDERS, min_size=1, max_size=8, unique=True).map(tuple),
        weights=st.none() | st.dictionaries(PROVIDERS, st.floats(0.001, 1000), max_size=3),
        mode=st.sampled_from([None, "parallel", "sequential"]),
        depth=st.none() | st.integers(3, 5),
    )


@st.composite
def plans(draw):
    shares = st.floats(0, 100, exclude_min=True)
    percentages = sorted(draw(st.sets(shares, min_size=1, max_size=6)))
    names = draw(st.lists(ARM_NAMES, min_size=1, max_size=4, unique=True))
    return RolloutPlan(
        name=draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", fullmatch=True)),
        stages=tuple(draw(stages(n, at)) for n, at in enumerate(percentages)),
        advance=draw(st.sampled_from(["manual", "automatic"])),
        arms=tuple(draw(policies(name)) for name in names),
        margins=Margins(
            draw(RATES), draw(RATES), draw(st.floats(0.1, 1000)), draw(st.floats(0.1, 1000)), 0.05
        ),
        alpha=draw(st.floats(0, 0.2, exclude_min=True)),
        shadow=draw(st.floats(0, 100)),
        after_rollback=draw(st.sampled_from(["restart", "same"])),
    )


@st.composite
def states(draw):
    followed = draw(st.none() | plans())
    state = RolloutState(plan=followed)
    names = [arm.name for arm in arms_of(state)]
    text = st.text(max_size=20)
    return RolloutState(
        version=draw(st.integers(0, 2**53)),
        plan=followed,
        stage=0 if followed is None else draw(st.integers(0, len(followed.stages) - 1)),
        since=draw(st.none() | MOMENTS),
        held=draw(st.booleans()),
        approvals=tuple(draw(st.lists(st.builds(Approval, text, MOMENTS), max_size=2))),
        closed=tuple(draw(st.lists(st.sampled_from(names), unique=True, max_size=len(names) - 1))),
        trip=draw(
            st.none()
            | st.builds(Trip, text, st.dictionaries(text, st.none() | RATES), text, MOMENTS)
        ),
    )
