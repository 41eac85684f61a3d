"""The engine of one folder: what is applied is found, and what is on disk is known to be there."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from learning.engine import Engine
from learning.graph.edges import NeighbourEdges
from learning.graph.errors import EdgesInUseError
from learning.index.layer_weights import LAYERS
from learning.patterns.changes import Change
from learning.patterns.merging import first_pattern
from tests.support.patterns import DIMENSIONS, new_pattern, scenario, vector
from tests.support.records import NOON
from tests.support.storage import ROOT

NOW = NOON + timedelta(days=1)


class Clock:
    """Seconds, moved by hand."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(tmp_path, clock):
    """Opens engines of one folder, and closes what is left open."""
    engines = []

    def open_(embedder="static", ttl_s=60.0):
        engine = Engine(
            tmp_path / "engine",
            DIMENSIONS,
            embedder=embedder,
            cache_ttl_s=ttl_s,
            monotonic=clock,
        )
        engines.append(engine)
        return engine

    yield open_
    for engine in engines:
        engine.close()


def change(number, id_, question=None, **changes):
    new = new_pattern(f"r-{id_}", id_ if question is None else question, **changes)
    return Change(number, id_, first_pattern(id_, new, correct=changes.get("correct")))


def ids(engine, question=1, k=3):
    found, _ = engine.search(scenario(question), k, now=NOW)
    return [neighbour.id for neighbour in found]


def test_what_is_applied_is_found_at_once_and_what_is_removed_no_longer(opened):
    engine = opened(ttl_s=0)
    engine.apply([change(1, 1), change(2, 2)])
    assert ids(engine)[0] == 1
    engine.apply([Change(3, 1, None)])
    assert ids(engine) == [2]
    assert (len(engine), engine.applied) == (1, 3)


def test_a_question_asked_again_within_the_cache_s_time_is_not_searched_again(opened, clock):
    engine = opened(ttl_s=60.0)
    engine.apply([change(1, 1)])
    assert engine.search(scenario(1), now=NOW)[1] is False
    assert engine.search(scenario(1), now=NOW)[1] is True
    assert engine.search(scenario(2), now=NOW)[1] is False
    clock.now = 61.0
    assert engine.search(scenario(1), now=NOW)[1] is False
    assert engine.figures().hit_ratio == 0.25


def test_near_questions_are_told_alike_and_far_ones_not(opened):
    engine = opened()
    engine.apply([change(1, 1), change(2, 2)])
    near = engine.near(np.stack([vector(100, close_to=1), vector(50)]))
    assert near.alike(0) == (1,)
    assert near.alike(1) == ()


def test_labels_are_held_by_pattern_and_summed_by_kind(opened):
    engine = opened()
    engine.apply([change(1, 1, correct=True), change(2, 2, correct=False), change(3, 3)])
    assert engine.tally(1) == {"gpt": (1, 0), "claude": (1, 0), "gemini": (0, 1)}
    assert engine.tally(2) == {"gpt": (0, 1), "claude": (0, 1)}
    assert engine.tally(3) is None
    assert engine.told() == {"number": {"gpt": (1, 1), "claude": (1, 1), "gemini": (0, 1)}}
    engine.apply([Change(4, 1, None)])
    assert engine.told() == {"number": {"gpt": (0, 1), "claude": (0, 1)}}


def test_neighbours_are_noted_as_patterns_come_in_told_or_looked_up(opened, tmp_path):
    engine = opened()
    engine.apply([change(1, 1), change(2, 2, question=1)])
    late = [change(3, 3, question=1), change(4, 4)]
    near = engine.near(np.stack([c.pattern.scenario.embedding for c in late]))
    known = {c.pattern.scenario: (near.ids[n], near.cosines[n]) for n, c in enumerate(late)}
    engine.apply(late, known)
    engine.close()
    edges = NeighbourEdges(tmp_path / "engine" / "graph")
    try:
        assert {1, 2} <= {id_ for id_, cosine in edges.of(3) if cosine > 0.99}
        assert 3 in {id_ for id_, _ in edges.of(1)}
        assert 4 not in {id_ for id_, _ in edges.of(4)}
    finally:
        edges.close()


def test_what_was_put_on_disk_is_there_after_a_start_and_the_watermark_says_how_far(opened):
    engine = opened()
    engine.apply([change(1, 1, correct=True), change(2, 2)])
    assert engine.watermark == 0
    engine.close()
    again = opened()
    assert (again.watermark, again.applied, len(again)) == (2, 2, 2)
    assert again.tally(1) is not None
    assert again.whole


def test_while_all_patterns_are_read_the_watermark_stays_until_the_end_is_told(opened):
    engine = opened()
    engine.apply([replace(change(0, 1), number=0), replace(change(0, 2), number=0)])
    engine.flush()
    assert engine.watermark == 0
    engine.reached(17)
    engine.flush()
    assert engine.watermark == 17
    assert sorted(ids(engine)) == [1, 2]


def test_beginning_anew_forgets_everything(opened):
    engine = opened(ttl_s=0)
    engine.apply([change(1, 1, correct=True)])
    engine.flush([change(1, 1).pattern])
    engine.begin_anew()
    assert (len(engine), engine.watermark, engine.applied, engine.sample) == (0, 0, 0, {})
    assert engine.tally(1) is None
    engine.apply([change(2, 2)])
    assert ids(engine) == [2]


def test_what_another_embedder_made_is_thrown_away(opened):
    engine = opened()
    engine.apply([change(1, 1)])
    engine.close()
    other = opened(embedder="another")
    assert (len(other), other.watermark) == (0, 0)


def test_a_second_process_cannot_have_the_folder(opened, tmp_path):
    engine = opened()
    with pytest.raises(EdgesInUseError):
        opened()
    engine.apply([change(1, 1)])
    assert ids(engine) == [1]


@pytest.mark.parametrize("lost", ["engine.json", "tally_table.npz", "index", "graph/edges.rows"])
def test_a_folder_that_lost_a_part_says_so_by_its_watermark_or_that_it_is_not_whole(
    opened, tmp_path, lost
):
    engine = opened()
    engine.apply([change(1, 1, correct=True), change(2, 2)])
    engine.close()
    place = tmp_path / "engine" / lost
    subprocess.run(["rm", "-r", str(place)], check=True)
    again = opened()
    assert again.watermark == 0 or not again.whole


def test_a_run_over_the_graph_finds_its_material(opened, tmp_path):
    engine = opened()
    changes = [change(n, n, question=n % 3, correct=n % 2 == 0) for n in range(1, 61)]
    engine.apply(changes)
    assert engine.sampled_ids(10) == list(range(1, 61, 6))
    engine.write_material([c.pattern for c in changes])
    from learning.graph.runner import command, result

    done = subprocess.run(
        command(engine.graph_folder), check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert result(engine.graph_folder).patterns == 60


KILLED = """
import sys, time
from pathlib import Path
from learning.engine import Engine
from tests.unit.learning.test_engine import change
from tests.support.patterns import DIMENSIONS
engine = Engine(Path(sys.argv[1]), DIMENSIONS, embedder="static", cache_ttl_s=0, monotonic=time.monotonic)
number = engine.applied
while True:
    engine.apply([change(number + n, number + n) for n in range(1, 21)])
    number += 20
    if number % 100 == 0:
        engine.flush()
        print(number, flush=True)
"""


def test_killed_at_any_moment_it_opens_again_with_all_that_was_put_on_disk(opened, tmp_path):
    program = tmp_path / "killed.py"
    program.write_text(KILLED)
    durable = 0
    for round_ in range(4):
        process = subprocess.Popen(
            [sys.executable, str(program), str(tmp_path / "engine")],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(1 + round_):
            durable = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
        process.wait()
        durable = max([durable, *map(int, rest)])
        engine = opened()
        assert engine.watermark >= durable
        assert len(engine) >= durable
        assert ids(engine, question=durable)[0] == durable
        engine.close()


def kin(number, wins, *, words):
    """A labelled pattern near all others by vector, but for its words; its first vendor was right or not."""
    new = new_pattern(
        f"k-{number}", scenario=scenario(words=words, embedding=vector(number, close_to=1))
    )
    return Change(number, number, first_pattern(number, new, correct=wins))


def test_labels_teach_which_layers_tell_who_predicts_well(opened):
    engine = opened()
    same, other = ("tides", "moon"), ("tax", "law")
    engine.apply([kin(n, True, words=same) for n in range(1, 9)])
    engine.apply([kin(n, False, words=other) for n in range(9, 17)])
    before = dict(zip(LAYERS, engine.layers.values, strict=True))
    patterns = [kin(n, True, words=same).pattern for n in range(1, 9)]
    assert engine.learn_layers(patterns) == 8
    after = dict(zip(LAYERS, engine.layers.values, strict=True))
    assert after["lexical"] > before["lexical"]
    assert after["vector"] < before["vector"]


def test_what_the_layers_were_taught_is_there_after_it_was_put_on_disk(opened):
    engine = opened()
    engine.apply([kin(n, n % 2 == 0, words=(f"w{n % 2}",)) for n in range(1, 9)])
    assert engine.learn_layers([kin(2, True, words=("w0",)).pattern]) == 1
    taught = engine.layers
    engine.close()
    assert opened().layers == taught


def test_neighbours_without_labels_teach_the_layers_nothing(opened):
    engine = opened()
    engine.apply([change(n, n, 1) for n in range(1, 6)])
    before = engine.layers
    assert engine.learn_layers([kin(9, True, words=("any",)).pattern]) == 0
    assert engine.layers == before


def test_layers_that_were_told_are_taken_back_as_a_whole(opened):
    engine = opened()
    first = engine.layers
    engine.weigh_layers({name: float(name == "vector") for name in LAYERS})
    assert engine.layers.values[0] == 1.0
    engine.weigh_layers({})
    assert engine.layers == first


def test_a_pattern_is_no_neighbour_of_its_own(opened):
    engine = opened()
    own, other = kin(1, True, words=("own",)), kin(2, False, words=("other",))
    engine.apply([own, other])
    assert engine.learn_layers([own.pattern]) == 0
