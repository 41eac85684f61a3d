"""Whatever the order in which requests, labels and corrections come, the sums are those from scratch."""

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.storage.pattern_store import SqlPatternStore
from gateway.storage.sql import Database
from learning.patterns.merging import DatedFailure, added
from learning.patterns.pattern import Failure
from learning.patterns.stances import Stance
from tests.support.patterns import new_pattern

DEGRADED = Failure("no answer of x (timeout)", "2 of 3", "answered without it", "patience")
REQUESTS = 6

requests = st.lists(
    st.builds(
        lambda n, question, stances, failed, seconds: new_pattern(
            f"r-{n}",
            question,
            stances=dict(zip(("gpt", "claude", "gemini"), stances, strict=True)),
            failure=DEGRADED if failed else None,
            after_s=seconds,
        ),
        st.integers(0, REQUESTS - 1),
        st.integers(0, 1),
        st.tuples(*[st.sampled_from(list(Stance))] * 3),
        st.booleans(),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=REQUESTS,
    unique_by=lambda new: new.request_id,
)
labels = st.lists(st.tuples(st.integers(0, REQUESTS - 1), st.booleans()), max_size=10)


@st.composite
def courses(draw):
    """Requests and labels mixed; a label may come again, other than before."""
    steps = [*draw(requests), *draw(labels)]
    return draw(st.permutations(steps))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(courses(), st.integers(1, 3))
def test_the_sums_are_those_from_scratch(course, at_once):
    kept, truth = asyncio.run(walked(course, at_once))
    assert len(kept) == len(truth)
    for pattern in kept:
        members = truth[pattern.scenario.words]
        assert pattern.count == len(members)
        assert pattern.right == sum(correct is True for _, correct in members)
        assert pattern.wrong == sum(correct is False for _, correct in members)
        sums = {}
        for new, correct in members:
            sums = added(sums, new.tallies(correct))
        assert pattern.vendors == sums
        assert pattern.failure == last_failure(members)
        assert (pattern.first_at, pattern.last_at) == (
            min(new.at for new, _ in members),
            max(new.at for new, _ in members),
        )


async def walked(course, at_once):
    """The patterns kept after the course, and by words what each request gave and its last label."""
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite:///{Path(folder)}/patterns.sqlite3")
        try:
            await database.migrate()
            store = SqlPatternStore(database)
            told, batch, taken = {}, [], {}
            known = []
            for step in course:
                if isinstance(step, tuple):
                    number, correct = step
                    await store.register(batch)
                    batch = []
                    if await store.label(f"r-{number}", correct=correct) is not None:
                        told[f"r-{number}"] = correct
                else:
                    batch.append(near_to(step, known))
                    taken[step.request_id] = step
                if len(batch) >= at_once:
                    await store.register(batch)
                    batch = []
                known = [p.id for p in await store.page(0, 100)]
            await store.register(batch)
            kept = await store.page(0, 100)
        finally:
            await database.aclose()
    by_words = {}
    for new in taken.values():
        by_words.setdefault(new.scenario.words, []).append((new, told.get(new.request_id)))
    return kept, by_words


def near_to(new, known):
    return replace(new, alike=tuple(known))


def last_failure(members):
    last = None
    for new, correct in members:
        failure = new.failure_with(correct)
        if failure is not None:
            dated = DatedFailure(new.at, new.request_id, failure)
            last = dated if dated.later_than(last) else last
    return None if last is None else last.failure
