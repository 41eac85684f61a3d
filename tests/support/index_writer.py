"""A process that writes to an index until it is killed: ``python -m tests.support.index_writer FOLDER SEED``.

It says up to which change it goes and which each flush made durable, and begins after the watermark, as an owner does.
"""

import random
import sys
from pathlib import Path

from learning.index.index import PatternIndex
from learning.patterns.changes import Change
from tests.support.index_scenes import DIMENSIONS, gone, pattern

IDS = 3_000


def change(number: int) -> Change:
    """Change ``number`` of a history that is the same for everyone: of some pattern, now and then its end."""
    rng = random.Random(number)
    one = number if number <= IDS // 2 else rng.randrange(1, IDS)
    if number > IDS // 2 and rng.random() < 0.3:
        return gone(number, one)
    return Change(number, one, pattern(number, words=[f"w{number}"]))


def main() -> None:
    """Apply on and on, in batches of any size, flushing now and then."""
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(seed)
    index = PatternIndex.open(folder, DIMENSIONS)
    print("open", index.watermark, int(index.rebuilt_from_nothing), flush=True)  # noqa: T201 - told to its parent
    number = index.watermark
    while True:
        size = rng.choice((1, 7, 60, 400))
        print("applying", number + size, flush=True)  # noqa: T201 - told to its parent
        index.apply([change(at) for at in range(number + 1, number + size + 1)])
        number += size
        if rng.random() < 0.3:
            index.flush()
            print("flushed", index.watermark, flush=True)  # noqa: T201 - told to its parent


if __name__ == "__main__":
    main()
