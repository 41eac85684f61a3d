"""A policy's weights of the index's layers count in the next search."""

from datetime import UTC, datetime

import numpy as np
import pytest

from learning.engine import Engine
from learning.index.layer_weights import LAYERS
from learning.patterns.changes import Change
from learning.patterns.pattern import Configuration, Pattern, Scenario

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DIMENSIONS = 16


def scenario(axis, *words):
    embedding = np.zeros(DIMENSIONS, dtype=np.float32)
    embedding[axis] = 1.0
    return Scenario(embedding, words, "basic", "number", "en")


@pytest.fixture
def engine(tmp_path):
    """Pattern 1 lies where the question lies, pattern 2 shares its words."""
    opened = Engine(
        tmp_path, DIMENSIONS, embedder="static", cache_ttl_s=60.0, monotonic=lambda: 0.0
    )
    patterns = (scenario(1, "tides"), scenario(2, "glacier", "moraine"))
    opened.apply(
        [
            Change(n, n, Pattern(n, of, Configuration(("gpt",)), {}, NOW, NOW))
            for n, of in enumerate(patterns, 1)
        ]
    )
    yield opened
    opened.close()


def first(engine):
    found, _ = engine.search(scenario(1, "glacier", "moraine"), now=NOW)
    return found[0].id


def only(layer):
    return {name: float(name == layer) for name in LAYERS}


def test_the_weights_decide_who_comes_first_also_for_a_question_asked_before(engine):
    engine.weigh_layers(only("vector"))
    assert first(engine) == 1
    engine.weigh_layers(only("lexical"))
    assert first(engine) == 2


@pytest.mark.parametrize("layers", [{"vector": 1.0}, {**only("vector"), "lexical": 0.5}])
def test_weights_that_are_none_are_refused_and_change_nothing(engine, layers):
    engine.weigh_layers(only("vector"))
    with pytest.raises((KeyError, ValueError)):
        engine.weigh_layers(layers)
    assert first(engine) == 1
