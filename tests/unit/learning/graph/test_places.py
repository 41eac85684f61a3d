"""Where each id's row is."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from learning.graph import places as module
from learning.graph.places import GONE, PlaceIndex

IDS = st.integers(1, 40)


def index(pairs):
    ids = np.array([id_ for id_, _ in pairs], dtype=np.int64)
    return PlaceIndex(ids, np.array([place for _, place in pairs], dtype=np.int32))


@given(
    st.lists(st.tuples(IDS, st.integers(0, 99)), max_size=20),
    st.lists(st.lists(st.tuples(IDS, st.integers(-1, 99)), max_size=8), max_size=8),
    st.integers(1, 10),
)
def test_it_says_what_a_dictionary_would_say(first, later, recent):
    module.LEAST_RECENT, before = recent, module.LEAST_RECENT
    try:
        found, expected = index(first), dict(first)
        for pairs in later:
            found.put(pairs)
            expected.update(pairs)
            expected = {id_: place for id_, place in expected.items() if place != GONE}
            assert len(found) == len(expected)
            asked = np.arange(42)
            assert found.places(asked).tolist() == [expected.get(i, GONE) for i in range(42)]
            assert [found.place(i) for i in range(42)] == found.places(asked).tolist()
        ids, places = found.all()
        assert dict(zip(ids.tolist(), places.tolist(), strict=True)) == expected
        assert ids.tolist() == sorted(expected)
    finally:
        module.LEAST_RECENT = before


def test_an_id_takes_twelve_bytes_once_there_are_many():
    found = index([(i, i) for i in range(1, 200_001)])
    found.put((i, i) for i in range(200_001, 220_001))
    assert found.nbytes / 220_000 < 13
