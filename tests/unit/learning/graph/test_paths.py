"""Experience carried along paths."""

import itertools
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.graph.paths import LEAST_WORTH, experience, reached


class Drawn:
    """Edges as drawn: ``{(1, 2): 0.5}`` leads both ways."""

    def __init__(self, edges):
        self.asked = 0
        self._of = {}
        for (one, other), cosine in edges.items():
            self._of.setdefault(one, []).append((other, cosine))
            self._of.setdefault(other, []).append((one, cosine))

    def of(self, id_):
        self.asked += 1
        return self._of.get(id_, [])


def test_a_neighbour_is_worth_its_cosine_and_one_further_its_path_with_decay():
    found = dict(reached([(1, 0.8)], Drawn({(1, 2): 0.5, (2, 3): 0.9}), decay=0.5))
    assert found == {
        1: pytest.approx(0.8),
        2: pytest.approx(0.8 * 0.5 * 0.5),
        3: pytest.approx(0.8 * 0.5 * 0.5 * 0.9 * 0.5),
    }


def test_the_best_path_counts_even_if_it_has_more_edges():
    edges = Drawn({(1, 2): 0.9, (2, 3): 0.9, (1, 3): 0.3})
    assert dict(reached([(1, 1.0)], edges, decay=0.9))[3] == pytest.approx(0.9**4)


def test_a_neighbour_found_by_a_better_path_than_its_own_cosine_counts_by_that():
    found = dict(reached([(1, 1.0), (2, 0.1)], Drawn({(1, 2): 1.0}), decay=0.5))
    assert found[2] == pytest.approx(0.5)


def test_what_is_worth_nothing_is_not_followed():
    chain = Drawn({(i, i + 1): 1.0 for i in range(1, 30)})
    found = reached([(1, 1.0)], chain, decay=0.5, max_nodes=100)
    assert min(worth for _, worth in found) >= LEAST_WORTH
    assert len(found) == 6  # 0.5^5 = 0.03, 0.5^6 = 0.016


@pytest.mark.parametrize("cosine", [0.0, -0.5])
def test_what_points_elsewhere_is_no_neighbour(cosine):
    assert reached([(1, cosine)], Drawn({})) == []
    assert [id_ for id_, _ in reached([(1, 1.0)], Drawn({(1, 2): cosine}))] == [1]


def test_the_work_is_bounded_in_patterns():
    full = Drawn(dict.fromkeys(itertools.combinations(range(1, 60), 2), 0.9))
    assert len(reached([(1, 1.0)], full, decay=1.0, max_nodes=7)) == 7
    assert full.asked <= 7


def test_labels_count_by_what_their_path_is_worth():
    edges = Drawn({(1, 2): 0.5, (1, 3): 0.5})
    tallies = {2: {"openai": (2, 0)}, 3: {"openai": (0, 1), "google": (1, 0)}}
    found = experience([(1, 0.8)], edges, tallies.get, decay=0.5)
    assert found == {
        "openai": (pytest.approx(2 * 0.2), pytest.approx(0.2)),
        "google": (pytest.approx(0.2), 0.0),
    }


def test_without_a_label_within_reach_nothing_is_known():
    assert experience([(1, 0.8)], Drawn({(1, 2): 0.5}), lambda _: None) == {}


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 6), st.integers(1, 6)).filter(lambda e: e[0] < e[1]),
        st.floats(0.3, 1.0),
        max_size=9,
    ),
    st.floats(0.3, 1.0),
    st.floats(0.7, 1.0),
)
def test_each_pattern_is_worth_the_best_of_all_paths(edges, start, decay):
    both = edges | {(b, a): c for (a, b), c in edges.items()}
    best = {1: start}
    for length in range(1, 6):
        for path in itertools.permutations(range(2, 7), length):
            steps = list(itertools.pairwise((1, *path)))
            if all(step in both for step in steps):
                worth = start * prod(both[step] * decay for step in steps)
                best[path[-1]] = max(best.get(path[-1], 0.0), worth)
    found = dict(reached([(1, start)], Drawn(edges), decay=decay))
    expected = {id_: worth for id_, worth in best.items() if worth > LEAST_WORTH * 1.001}
    assert {id_: found[id_] for id_ in expected} == pytest.approx(expected)
    assert all(worth >= LEAST_WORTH * 0.999 for worth in found.values())
