"""A process that writes to the index is killed at any moment, again and again."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np

from learning.index.index import PatternIndex
from tests.support.index_scenes import DIMENSIONS, direction
from tests.support.index_writer import change

KILLS = 12
ROOT = Path(__file__).parents[4]


def written_until_killed(folder, seed):
    """The last watermark it told of, and the last change it may have begun.

    It is killed after some lines and a moment more that is never the same.
    """
    rng = random.Random(seed)
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.support.index_writer", str(folder), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    lines = [writer.stdout.readline() for _ in range(rng.randrange(2, 14))]
    for _ in range(rng.randrange(400_000)):
        pass
    writer.send_signal(signal.SIGKILL)
    lines += writer.stdout
    assert writer.wait() == -signal.SIGKILL
    told = {"open": 0, "applying": 0, "flushed": 0}
    for line in lines:
        what, number, *thrown_away = line.split()
        told[what] = int(number)
        assert thrown_away in ([], ["0"])
    durable = max(told["open"], told["flushed"])
    return durable, max(durable, told["applying"])


def history(last):
    """By pattern the change that made it what it is after change ``last``."""
    held = {}
    for number in range(1, last + 1):
        done = change(number)
        held.pop(done.id, None)
        if done.pattern is not None:
            held[done.id] = number
    return held


def test_killed_at_any_moment_it_opens_with_what_was_durable_and_takes_the_rest_again(tmp_path):
    folder = tmp_path / "index"
    for seed in range(KILLS):
        durable, begun = written_until_killed(folder, seed)
        index = PatternIndex.open(folder, DIMENSIONS)
        assert not index.rebuilt_from_nothing
        assert durable <= index.watermark <= begun
        index.apply([change(at) for at in range(index.watermark + 1, begun + 1)])
        held = history(begun)
        assert len(index) == len(held)
        rows = np.stack([direction(number) for number in held.values()])
        ids, cosines = index.nearest(rows, 1)
        assert ids[:, 0].tolist() == list(held)
        assert cosines.min() > 0.99
        if seed % 2:
            index.close()  # else the next process begins where this one died
        else:
            del index
