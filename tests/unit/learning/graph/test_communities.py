"""Communities of the graph."""

import numpy as np
import pytest

from learning.graph.communities import NONE, adjacency, communities


def graph(count, edges):
    """Patterns 10, 20, ... with edges between the given ones."""
    ids = np.arange(1, count + 1) * 10
    sources, targets, cosines = zip(*edges, strict=True) if edges else ((), (), ())
    return adjacency(
        ids,
        np.array(sources, dtype=np.int64),
        np.array(targets, dtype=np.int64),
        np.array(cosines, dtype=np.float32),
    )


def weights(adjacent):
    return {
        (row, int(adjacent.targets[at])): round(float(adjacent.weights[at]), 2)
        for row in range(len(adjacent.starts) - 1)
        for at in range(adjacent.starts[row], adjacent.starts[row + 1])
    }


def planted(groups, members, seed=0, across=0.05):
    """Edges within groups of patterns, and a few across; and each pattern's group."""
    draw = np.random.default_rng(seed)
    count = groups * members
    of = draw.permutation(np.arange(count) % groups)
    mates = [np.flatnonzero(of == group) for group in range(groups)]
    sources = np.repeat(np.arange(count), 6)
    targets = np.array([draw.choice(mates[of[node]]) for node in sources])
    stray = draw.random(len(targets)) < across
    targets[stray] = draw.integers(0, count, stray.sum())
    ids = np.arange(1, count + 1)
    return adjacency(ids, sources + 1, targets + 1, np.full(len(sources), 0.5, np.float32)), of


def test_an_edge_noted_on_one_side_leads_both_ways():
    assert weights(graph(2, [(10, 20, 0.5)])) == {(0, 1): 0.5, (1, 0): 0.5}


def test_an_edge_noted_on_both_sides_counts_once_by_the_greater_cosine():
    both = [(10, 20, 0.5), (20, 10, 0.75), (20, 30, 0.25)]
    assert weights(graph(3, both)) == {(0, 1): 0.75, (1, 0): 0.75, (1, 2): 0.25, (2, 1): 0.25}


@pytest.mark.parametrize(
    "edge",
    [
        pytest.param((10, 99, 0.5), id="to a pattern that is gone"),
        pytest.param((10, 10, 0.5), id="to itself"),
        pytest.param((10, 20, 0.0), id="of cosine 0"),
        pytest.param((10, 20, -0.5), id="of a cosine below 0"),
    ],
)
def test_an_edge_that_ties_nothing_does_not_count(edge):
    assert weights(graph(2, [edge])) == {}


def test_groups_that_hang_together_are_found():
    adjacent, of = planted(groups=8, members=60)
    found = communities(adjacent)
    pairs = set(zip(found.labels.tolist(), of.tolist(), strict=True))
    assert len(pairs) == 8
    assert found.sizes.tolist() == [60] * 8
    assert found.modularity > 0.7


def test_the_same_graph_has_the_same_communities():
    adjacent, _ = planted(groups=12, members=40, across=0.5)
    first, second = communities(adjacent), communities(adjacent)
    assert first.labels.tolist() == second.labels.tolist()
    assert first.modularity == second.modularity


def test_a_higher_resolution_makes_smaller_families():
    adjacent, _ = planted(groups=6, members=60, across=0.2)
    assert len(communities(adjacent, resolution=8.0).sizes) > len(communities(adjacent).sizes)


def test_each_community_is_connected():
    adjacent, _ = planted(groups=10, members=40, across=0.6)
    found = communities(adjacent)
    for label in range(len(found.sizes)):
        members = set(np.flatnonzero(found.labels == label).tolist())
        reached, left = set(), [min(members)]
        while left:
            node = left.pop()
            if node not in reached:
                reached.add(node)
                of_node = adjacent.targets[adjacent.starts[node] : adjacent.starts[node + 1]]
                left += [other for other in of_node.tolist() if other in members]
        assert reached == members


def test_the_largest_community_is_the_first():
    triangle = [(10, 20, 0.5), (20, 30, 0.5), (10, 30, 0.5)]
    pair = [(40, 50, 0.5)]
    assert communities(graph(5, pair + triangle)).labels.tolist() == [0, 0, 0, 1, 1]
    assert communities(graph(5, pair + triangle)).sizes.tolist() == [3, 2]


def test_a_pattern_without_a_neighbour_belongs_nowhere():
    assert communities(graph(3, [(10, 30, 0.5)])).labels.tolist() == [0, NONE, 0]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_without_an_edge_there_are_no_communities(count):
    found = communities(graph(count, []))
    assert found.labels.tolist() == [NONE] * count
    assert found.sizes.tolist() == []
    assert found.modularity == 0.0
