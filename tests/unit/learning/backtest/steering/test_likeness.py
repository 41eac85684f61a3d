"""Which labelled requests speak for a question."""

import numpy as np
import pytest

from learning.backtest.steering.cases import Case, Labelled
from learning.backtest.steering.likeness import REFRESHED, Graph, Known, Words
from learning.backtest.steering.policies import Engine, Steered
from learning.backtest.steering.running import ABLATIONS, BY_NATURE, ENGINES
from learning.lessons import Lesson
from tests.support.ballots import plain


def case(embedding, words=(), kind="number"):
    held = np.array(embedding, dtype=np.float32)
    return Case(
        row="eggs",
        order=0,
        embedding=held / np.linalg.norm(held),
        kind=kind,
        language="en",
        models={"gpt": "gpt-1", "claude": "claude-1", "gemini": "gemini-1"},
        correct={},
        vote=0.0,
        polled={},
        cost_usd={},
        words=words,
    )


def labelled(embedding, words=(), kind="number", said="gpt claude gemini"):
    return Labelled(case(embedding, words, kind), Lesson(plain(said), 0, correct=True))


def test_the_vector_ranks_by_cosine_and_a_layer_lifts_what_it_finds_alike():
    known = Known([labelled([1, 0.1]), labelled([1, 0.2], ("yolk",)), labelled([0, 1])])
    asked = case([1, 0], ("yolk",))
    assert known.nearest(asked, 2).at == [0, 1]
    assert known.nearest(asked, 2, ("lexical",)).at == [1, 0]


def test_of_equals_the_newer_comes_first_with_recency_and_the_older_without():
    known = Known([labelled([1, 0])] * 3)
    assert known.nearest(case([1, 0]), 3).at == [0, 1, 2]
    assert known.nearest(case([1, 0]), 3, ("recency",)).at == [2, 1, 0]


def test_the_layer_of_configurations_puts_those_whom_all_answered_first():
    known = Known([labelled([1, 0], said="gpt claude"), labelled([1, 0])])
    assert known.nearest(case([1, 0]), 2, ("configuration",)).at == [1, 0]


def test_the_layer_of_tasks_puts_the_same_kind_first():
    known = Known([labelled([1, 0], kind="choice"), labelled([1, 0.1])])
    assert known.nearest(case([1, 0]), 2).at == [0, 1]
    assert known.nearest(case([1, 0]), 2, ("task",)).at == [1, 0]


def test_a_layer_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="taste"):
        Known([labelled([1, 0])]).nearest(case([1, 0]), 1, ("taste",))


def test_a_rare_word_in_common_counts_more_than_a_usual_one():
    words = Words([("egg", "yolk"), ("egg", "shell"), ("egg", "white"), ()])
    found = words.like(("egg", "yolk"))
    assert found[0] == pytest.approx(1.0)
    assert found[1] == pytest.approx(found[2])
    assert 0.0 < found[1] < 0.5
    assert found[3] == 0.0


def test_a_word_nobody_used_makes_a_question_less_alike():
    words = Words([("egg",)])
    assert words.like(("egg", "quark"))[0] < words.like(("egg",))[0]


def test_a_family_speaks_only_for_its_own_the_newest_first():
    one, other = [labelled([1, 0.01 * n]) for n in range(20)], [labelled([-1, 0.5])] * 20
    known = Known([*one, *other])
    assert known.of_family(case([1, 0])).at == list(range(19, -1, -1))


def test_who_comes_later_joins_a_family_before_families_are_found_anew():
    before = Known([*[labelled([1, 0.01 * n]) for n in range(20)], *[labelled([-1, 0.5])] * 20])
    before.of_family(case([1, 0]))
    known = Known([*before.labelled, labelled([1, 0.3])], before)
    assert len(known) < 40 + REFRESHED
    assert known.of_family(case([1, 0])).at[0] == 40


def test_paths_lead_beyond_the_nearest_and_count_less_there():
    angles = np.linspace(0.0, 1.2, 30)
    known = Known([labelled([np.cos(a), np.sin(a)]) for a in angles])
    found = known.along_paths(case([1, 0]), 30)
    assert found.at[0] == 0
    assert len(found.at) > 8
    assert found.counts == sorted(found.counts, reverse=True)
    assert found.counts[-1] < 0.5


def test_a_graph_that_grew_is_the_one_made_at_once():
    vectors = np.random.default_rng(3).standard_normal((40, 6)).astype(np.float32)
    at_once = Graph.grown(vectors)
    grown = Graph.grown(vectors, Graph.grown(vectors[:25]))
    for n in range(40):
        (ones, near), (others, cosines) = (
            zip(*sorted(graph.of(n)), strict=True) for graph in (grown, at_once)
        )
        assert ones == others
        assert near == pytest.approx(cosines, abs=1e-6)


@pytest.mark.parametrize("near", ["vector", "kind", "family", "paths"])
def test_an_engine_that_knows_nothing_asks_all(near):
    assert Steered(Engine(near=near)).answer(case([1, 0])).asked == {"gpt", "claude", "gemini"}


def test_every_part_the_engine_could_have_is_measured():
    assert {"vector", "lexical", "task_kind", "configuration", "outcome", "recency"} <= {*ABLATIONS}
    assert {"communities", "graph_paths", "exploration", "neighbours"} <= {*ABLATIONS}
    for name, (with_it, without) in ABLATIONS.items():
        assert {with_it, without} <= {*ENGINES}
        assert with_it != without or name in BY_NATURE
