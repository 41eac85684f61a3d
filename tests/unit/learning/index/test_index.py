import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.index.index import PatternIndex
from learning.index.layer_weights import LAYERS, LayerWeights
from learning.index.state import IndexInUseError
from learning.patterns.changes import Change
from learning.patterns.pattern import Configuration
from tests.support.index_scenes import (
    DIMENSIONS,
    NOW,
    PANEL,
    changes,
    direction,
    gone,
    pattern,
    scenario,
)

EQUAL = LayerWeights((1 / 6,) * 6)


def only(layer):
    return LayerWeights(tuple(float(name == layer) for name in LAYERS))


@pytest.fixture
def index(tmp_path):
    opened = PatternIndex.open(tmp_path / "index", DIMENSIONS)
    yield opened
    opened.close()


def found(index, asked, k=10, **more):
    return [one.id for one in index.search(asked, k, now=NOW, **more)]


def test_an_empty_index_finds_nothing(index):
    assert found(index, scenario()) == []
    ids, cosines = index.nearest(direction(0)[None, :], 3)
    assert ids.tolist() == [[-1, -1, -1]]
    assert cosines.tolist() == [[0, 0, 0]]
    assert len(index) == 0
    assert index.watermark == 0
    assert not index.rebuilt_from_nothing


def test_what_was_applied_is_found_at_once_the_most_alike_first(index):
    index.apply(changes(*(pattern(seed) for seed in range(30))))
    assert found(index, scenario(7))[0] == 8
    assert len(found(index, scenario(7), 4)) == 4
    best, second = index.search(scenario(7), 2, now=NOW)
    assert best.similarity > second.similarity
    assert best.layers[0] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("layer", "like", "unlike"),
    [
        pytest.param("vector", {"seed": 0}, {"seed": 5}, id="what it is about"),
        pytest.param("lexical", {"words": ["gil"]}, {"words": ["cat"]}, id="its words"),
        pytest.param("task", {"task": "analysis"}, {"task": "general"}, id="the task"),
        pytest.param("task", {"kind": "number"}, {"kind": "text"}, id="the kind of question"),
        pytest.param("task", {"language": "ja"}, {"language": "en"}, id="the language"),
        pytest.param(
            "configuration", {}, {"configuration": Configuration(("grok",))}, id="who is asked"
        ),
        pytest.param("outcome", {"right": 1}, {}, id="labelled before open"),
        pytest.param("outcome", {"wrong": 1}, {"failed": True}, id="labelled before failed"),
        pytest.param("recency", {"days": 1}, {"days": 90}, id="the later"),
    ],
)
def test_each_layer_by_itself_tells_one_pattern_from_another(index, layer, like, unlike):
    index.apply(changes(pattern(**unlike), pattern(**like), pattern(**unlike)))
    index.weights = only(layer)
    asked = scenario(0, words=["gil"], task="analysis", kind="number", language="ja")
    best, other, last = index.search(asked, 3, configuration=PANEL, now=NOW)
    assert best.id == 2
    assert best.similarity > other.similarity
    assert [other.id, last.id] == [1, 3]
    assert best.similarity == pytest.approx(best.layers[LAYERS.index(layer)])


def test_a_pattern_is_found_by_a_rare_word_however_far_its_vector(index):
    index.apply(
        changes(*(pattern(embedding=direction(0), words=["common"]) for _ in range(300)))
        + changes(pattern(embedding=-direction(0), words=["rare", "common"]), first=1_000)
    )
    index.weights = only("lexical")
    assert found(index, scenario(0, words=["rare", "common"]))[0] == 1_000


def test_similarity_is_the_weighted_sum_of_the_layers(index):
    index.apply(changes(*(pattern(seed, words=[f"w{seed % 3}"], days=seed) for seed in range(20))))
    index.weights = LayerWeights((0.3, 0.2, 0.1, 0.1, 0.1, 0.2))
    for one in index.search(scenario(3, words=["w0"]), 20, configuration=PANEL, now=NOW):
        weighted = np.dot(one.layers, index.weights.values)
        assert one.similarity == pytest.approx(weighted, abs=1e-5)
        assert 0 <= one.similarity <= 1


def test_a_layer_the_question_says_nothing_on_does_not_count(index):
    index.apply(changes(pattern(0, right=1)))
    index.weights = EQUAL
    (one,) = index.search(scenario(0), 1, now=NOW)  # no words, no configuration
    assert one.layers[1] == one.layers[3] == 0
    assert one.similarity == pytest.approx(1, abs=0.01)


def test_equally_alike_patterns_come_in_the_order_of_their_numbers(index):
    index.apply([Change(at, 50 - at, pattern(0)) for at in range(1, 50)])
    assert found(index, scenario(0), 49) == list(range(1, 50))


def test_nearest_breaks_ties_by_number_too(index):
    index.apply([Change(at, 10 - at, pattern(0)) for at in range(1, 10)])
    assert index.nearest(direction(0)[None, :], 5)[0].tolist() == [[1, 2, 3, 4, 5]]


def test_a_text_without_a_known_token_is_kept_and_found_by_its_words(index):
    nothing = np.zeros(DIMENSIONS, np.float32)
    index.apply(changes(pattern(embedding=nothing, words=["xyzzy"]), pattern(1)))
    assert found(index, scenario(embedding=nothing, words=["xyzzy"])) == [1]
    assert index.nearest(direction(1)[None, :], 2)[0].tolist() == [[2, -1]]
    assert index.nearest(nothing[None, :], 2)[0].tolist() == [[-1, -1]]


def test_a_changed_pattern_is_found_as_it_is_now(index):
    index.apply(changes(pattern(0), pattern(1)))
    index.apply([Change(3, 1, pattern(2, words=["new"], right=1))])
    assert len(index) == 2
    index.weights = only("vector")
    best, other = index.search(scenario(2), 2, now=NOW)
    assert (best.id, other.id) == (1, 2)
    assert best.layers[0] == pytest.approx(1, abs=0.01)
    index.weights = only("outcome")
    assert found(index, scenario(0)) == [1, 2]


def test_a_removed_pattern_is_gone(index):
    index.apply(changes(pattern(0, words=["a"]), pattern(1, words=["a"])))
    index.apply([gone(3, 1), gone(4, 77)])
    assert found(index, scenario(0, words=["a"])) == [2]
    assert 1 not in index
    assert 2 in index
    assert len(index) == 1


def test_of_several_changes_of_one_pattern_the_last_counts(index):
    index.apply([Change(1, 5, pattern(0)), gone(2, 5), Change(3, 5, pattern(1)), gone(4, 6)])
    assert found(index, scenario(1)) == [5]
    index.apply([Change(5, 5, pattern(0)), gone(6, 5)])
    assert len(index) == 0


def test_an_embedding_of_other_dimensions_is_refused(index):
    with pytest.raises(ValueError, match="40 dimensions"):
        index.apply(changes(pattern(embedding=direction(0, 41))))


def test_nearest_among_many_is_nearly_exact(tmp_path):
    rows = np.stack([direction(seed, 300) for seed in range(3_000)])
    with_index = PatternIndex.open(tmp_path, 300)
    for start in range(0, len(rows), 700):
        batch = rows[start : start + 700]
        with_index.apply(changes(*(pattern(embedding=row) for row in batch), first=start + 1))
    asked = np.stack([direction(seed, 300) for seed in range(10_000, 10_050)])
    ids, cosines = with_index.nearest(asked, 10)
    exact = asked @ rows.T
    truth = np.argsort(-exact, axis=1)[:, :10] + 1
    hits = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(ids, truth, strict=True)])
    assert hits > 0.95
    assert cosines == pytest.approx(np.take_along_axis(exact, ids - 1, axis=1), abs=0.01)
    with_index.close()


def test_memory_grows_with_the_patterns_and_stays_small(index):
    index.apply(changes(*(pattern(seed) for seed in range(100))))
    before = index.memory_bytes
    index.apply(changes(*(pattern(seed) for seed in range(100, 3_100)), first=101))
    assert DIMENSIONS < (index.memory_bytes - before) / 3_000 < DIMENSIONS + 200


def test_two_at_once_on_one_folder_are_refused(tmp_path):
    one = PatternIndex.open(tmp_path, DIMENSIONS)
    with pytest.raises(IndexInUseError):
        PatternIndex.open(tmp_path, DIMENSIONS)
    one.close()
    PatternIndex.open(tmp_path, DIMENSIONS).close()


def test_searching_while_another_thread_writes_finds_what_was_there_before(tmp_path):
    index = PatternIndex.open(tmp_path, DIMENSIONS)
    index.apply(changes(*(pattern(seed) for seed in range(50))))
    wrong = []
    done = threading.Event()

    def search():
        at = 0
        while not done.is_set() or at < 50:
            seed = at % 50
            if found(index, scenario(seed), 1) != [seed + 1]:
                wrong.append(seed)
            at += 1

    searching = threading.Thread(target=search)
    searching.start()
    for start in range(1_000, 13_000, 500):
        index.apply(changes(*(pattern(s) for s in range(start, start + 500)), first=start))
        if start % 2_000 == 0:
            index.flush()
    index.apply([gone(20_000 + at, at) for at in range(1_000, 6_000)])
    done.set()
    searching.join()
    assert wrong == []
    index.close()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["put", "put", "put", "remove", "flush", "reopen"]), st.integers(1, 40)
        ),
        max_size=60,
    )
)
def test_whatever_is_done_to_it_it_holds_what_a_dictionary_would(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("index")
    index = PatternIndex.open(folder, DIMENSIONS)
    held = {}
    for number, (what, one) in enumerate(steps, start=1):
        if what == "put":
            held[one] = number
            index.apply([Change(number, one, pattern(number, words=[f"w{number}"]))])
        elif what == "remove":
            held.pop(one, None)
            index.apply([gone(number, one)])
        elif what == "flush":
            index.flush()
        else:
            index.close()
            index = PatternIndex.open(folder, DIMENSIONS)
    assert len(index) == len(held)
    for one, number in held.items():
        assert one in index
        best = index.search(scenario(number, words=[f"w{number}"]), 1, now=NOW)[0]
        assert best.id == one
        assert best.layers[0] == pytest.approx(1, abs=0.01)
        assert best.layers[1] == pytest.approx(1)
    index.close()
