import json
import os
import shutil

import numpy as np
import pytest

from learning.index.index import PatternIndex
from learning.index.layer_weights import LayerWeights
from learning.patterns.changes import Change
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

MANY = 1_500
"""Patterns enough for several lists."""


def opened(folder):
    return PatternIndex.open(folder, DIMENSIONS)


def searched(index):
    asked = [scenario(seed, words=[f"w{seed % 7}"]) for seed in range(0, MANY, 100)]
    return [index.search(one, 5, configuration=PANEL, now=NOW) for one in asked]


def many(first=0, count=MANY):
    return changes(
        *(
            pattern(seed, words=[f"w{seed % 7}"], days=seed / 9)
            for seed in range(first, first + count)
        ),
        first=first + 1,
    )


def crashed(folder, copy):
    """What another process would find had this one ended here: the pages are the kernel's."""
    shutil.copytree(folder, copy)
    return copy


def test_an_index_that_was_closed_opens_as_it_was(tmp_path):
    index = opened(tmp_path)
    index.apply(many())
    index.weights = LayerWeights((0.5, 0.1, 0.1, 0.1, 0.1, 0.1))
    before = searched(index)
    index.close()
    again = opened(tmp_path)
    assert again.watermark == MANY
    assert len(again) == MANY
    assert again.weights.values[0] == 0.5
    assert not again.rebuilt_from_nothing
    assert searched(again) == before
    again.close()


def test_the_watermark_moves_only_with_a_flush(tmp_path):
    index = opened(tmp_path)
    index.apply(many(count=10))
    assert index.watermark == 0
    index.flush()
    assert index.watermark == 10
    index.apply([gone(11, 3)])
    assert index.watermark == 10
    index.close()


def test_learned_weights_alone_are_made_durable(tmp_path):
    index = opened(tmp_path)
    index.apply(many(count=10))
    index.flush()
    index.weights = LayerWeights((1.0, 0, 0, 0, 0, 0))
    index.close()
    assert opened(tmp_path).weights.values[0] == 1.0


def test_after_a_crash_the_flushed_is_there_and_the_rest_can_be_told_again(tmp_path):
    index = opened(tmp_path / "index")
    index.apply(many())
    index.flush()
    later = [
        *many(MANY, 900),
        *(gone(5_000 + at, at) for at in range(1, 400)),
        *(Change(6_000 + at, at, pattern(at + 9_000)) for at in range(400, 500)),
        *(Change(7_000 + at, 10_000 + at, pattern(at + 30_000)) for at in range(300)),
    ]
    for start in range(0, len(later), 250):
        index.apply(later[start : start + 250])
    copy = crashed(tmp_path / "index", tmp_path / "copy")
    again = opened(copy)
    assert again.watermark == MANY
    assert not again.rebuilt_from_nothing
    again.apply(later)
    assert len(again) == len(index)
    rows = np.stack([direction(seed) for seed in (450 + 9_000, 30_007, MANY + 5, 777)])
    near, near_again = index.nearest(rows, 5), again.nearest(rows, 5)
    assert near_again[0][:, 0].tolist() == [450, 10_007, MANY + 6, 778]
    assert (near[0] == near_again[0]).all()
    assert near_again[1] == pytest.approx(near[1])
    again.close()
    index.close()


def test_a_crash_before_the_first_flush_leaves_an_index_to_begin_anew(tmp_path):
    index = opened(tmp_path / "index")
    index.apply(many())
    again = opened(crashed(tmp_path / "index", tmp_path / "copy"))
    assert (again.watermark, len(again)) == (0, 0)
    again.apply(many())
    assert searched(again) == searched(index)
    again.close()
    index.close()


def test_room_that_was_left_is_used_again(tmp_path):
    index = opened(tmp_path)
    number = 0
    sizes = []
    for turn in range(12):
        index.apply(
            [Change(number + at, at, pattern(turn * MANY + at)) for at in range(1, MANY + 1)]
        )
        number += MANY
        index.flush()
        sizes.append(sum(path.stat().st_size for path in tmp_path.iterdir()))
        index.apply([gone(number + at, at) for at in range(1, MANY + 1, 2)])
        number += MANY
        index.flush()
    assert sizes[-1] < 4 * sizes[0]
    assert len(index) == MANY // 2
    index.close()


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def scribble(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


DAMAGE = [
    pytest.param("state.json", cut, id="half a state"),
    pytest.param("state.json", scribble, id="another state"),
    pytest.param("state.json", lambda path: path.write_bytes(b""), id="an empty state"),
    pytest.param("state.json", lambda path: path.write_text("[]"), id="a state that is none"),
    pytest.param("structure-*", cut, id="half the lists"),
    pytest.param("structure-*", scribble, id="other lists"),
    pytest.param("structure-*", lambda path: path.unlink(), id="no lists"),
    pytest.param("records", lambda path: os.truncate(path, 100), id="no records"),
    pytest.param(
        "records", lambda path: path.write_bytes(b"\xff" * path.stat().st_size), id="noise"
    ),
    pytest.param("records", lambda path: path.unlink(), id="records removed"),
    pytest.param("vectors-*", lambda path: os.truncate(path, 100), id="no vectors"),
    pytest.param("vectors-*", lambda path: path.unlink(), id="vectors removed"),
]


@pytest.mark.parametrize(("name", "damage"), DAMAGE)
def test_what_is_damaged_is_thrown_away_and_said(tmp_path, name, damage):
    index = opened(tmp_path)
    index.apply(many())
    index.close()
    (path,) = tmp_path.glob(name)
    damage(path)
    again = opened(tmp_path)
    assert again.rebuilt_from_nothing
    assert (again.watermark, len(again)) == (0, 0)
    again.apply(many())
    assert found_first(again, 3) == 4
    again.close()
    assert not opened(tmp_path).rebuilt_from_nothing


def found_first(index, seed):
    return index.nearest(direction(seed)[None, :], 1)[0][0, 0]


def test_an_index_of_other_dimensions_is_thrown_away(tmp_path):
    index = opened(tmp_path)
    index.apply(many(count=5))
    index.close()
    again = PatternIndex.open(tmp_path, DIMENSIONS + 1)
    assert again.rebuilt_from_nothing
    assert len(again) == 0
    again.close()


def test_a_state_of_another_format_is_thrown_away(tmp_path):
    opened(tmp_path).close()
    index = opened(tmp_path)
    index.apply(many(count=5))
    index.close()
    document = json.loads((tmp_path / "state.json").read_text())
    document["state"]["format"] += 1
    (tmp_path / "state.json").write_text(json.dumps(document))
    assert opened(tmp_path).rebuilt_from_nothing


def test_files_of_others_in_the_folder_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "state.json").write_text("broken")
    opened(tmp_path).close()
    assert (tmp_path / "notes.txt").read_text() == "mine"
