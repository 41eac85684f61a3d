"""What was learned can be saved as one file while the gateway goes on, and put back whole or not at all."""

import errno
import gzip
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import func, select

from gateway.storage.errors import DataRefusedError
from gateway.storage.learning_schema import pattern_members, patterns, policies, policy_moves
from gateway.storage.pattern_archive import ArchiveError, check, restore, save
from gateway.storage.pattern_care import uses
from gateway.storage.pattern_store import SqlPatternStore
from learning.lifetime import Use
from learning.patterns.contribution import NewPattern
from learning.patterns.pattern import Configuration, Scenario
from learning.patterns.stances import Outcome, Stance

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
EMPTY = {"patterns": 0, "pattern_members": 0, "policies": 0, "policy_moves": 0}


def unheard(done, of):
    """Progress nobody looks at."""


def question(number):
    embedding = np.zeros(8, np.float32)
    embedding[number % 8] = 1.0
    return NewPattern(
        request_id=f"r-{number}",
        at=NOW + timedelta(minutes=number),
        scenario=Scenario(embedding, (f"word{number}", "質問"), "basic", "number", "ja"),
        configuration=Configuration(("gpt", "gemini")),
        outcomes={"gpt": Outcome(Stance.WITH, 10.0, 0.001)},
        latency_ms=12.0,
    )


class FullDisk(gzip.GzipFile):
    """Has no room for a line."""

    def write(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
async def store(database):
    store = SqlPatternStore(database)
    await store.register([question(n) for n in range(5)])
    await store.label("r-3", correct=True)
    async with database.write() as connection:
        await connection.execute(
            policies.insert().values(version=1, at=NOW, document="{}", digest="d")
        )
        await connection.execute(
            policy_moves.insert().values(at=NOW, by="ops", version=1, reason=None)
        )
    return store


async def everything(database):
    async with database.read() as connection:
        return {
            table.name: sorted(
                map(str, (await connection.execute(select(table))).all()),
            )
            for table in (patterns, pattern_members, policies, policy_moves)
        }


async def test_what_is_put_back_is_what_was_saved(store, database, tmp_path):
    before = await everything(database)
    saved = await save(database, tmp_path / "a.gz", unheard)
    assert saved == {"patterns": 5, "pattern_members": 5, "policies": 1, "policy_moves": 1}
    assert check(tmp_path / "a.gz") == saved
    await store.register([question(n) for n in range(5, 9)])
    await store.remove([1, 2])
    assert await restore(database, tmp_path / "a.gz", unheard) == saved
    assert await everything(database) == before


async def test_a_label_that_comes_after_it_was_put_back_finds_its_pattern(
    store, database, tmp_path
):
    await save(database, tmp_path / "a.gz", unheard)
    await store.remove([1, 2, 3, 4, 5])
    await restore(database, tmp_path / "a.gz", unheard)
    change = await store.label("r-1", correct=False)
    assert change.pattern.wrong == 1


async def test_new_patterns_get_numbers_of_their_own_after_it(store, database, tmp_path):
    await save(database, tmp_path / "a.gz", unheard)
    async with database.write() as connection:
        await connection.execute(patterns.delete())
    await restore(database, tmp_path / "a.gz", unheard)
    (change,) = await store.register([question(20)])
    assert change.id > 5


async def test_who_follows_is_told_of_what_went_and_what_came_back(store, database, tmp_path):
    await save(database, tmp_path / "a.gz", unheard)
    (added,) = await store.register([question(7)])
    seen = await store.last_change()
    await restore(database, tmp_path / "a.gz", unheard)
    told = {change.id: change.pattern is not None for change in await store.changes(seen, 100)}
    assert told == {1: True, 2: True, 3: True, 4: True, 5: True, added.id: False}


async def test_an_empty_store_can_be_saved_and_put_back(database, tmp_path):
    assert await save(database, tmp_path / "a.gz", unheard) == EMPTY
    assert await restore(database, tmp_path / "a.gz", unheard) == EMPTY


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(lambda lines: lines[:-1], "cut short", id="without its end"),
        pytest.param(lambda lines: [lines[0], *lines[2:]], "digest", id="a row is missing"),
        pytest.param(
            lambda lines: [lines[0], lines[1].replace(b"word0", b"word9"), *lines[2:]],
            "digest",
            id="a row was changed",
        ),
        pytest.param(lambda lines: [b"{}\n", *lines[1:]], "no archive", id="something else"),
        pytest.param(lambda lines: [*lines, lines[1]], "behind its end", id="more behind the end"),
        pytest.param(lambda lines: [lines[0], b"[[\n", *lines[1:]], "not JSON", id="not JSON"),
        pytest.param(
            lambda lines: [lines[0], b'["requests",[1]]\n', *lines[1:]],
            "known table",
            id="another table",
        ),
        pytest.param(
            lambda lines: [lines[0].replace(b'"format":1', b'"format":9'), *lines[1:]],
            "form 9",
            id="a later form",
        ),
    ],
)
async def test_a_file_that_is_not_whole_is_refused_and_nothing_changes(
    store, database, tmp_path, damage, said
):
    await save(database, tmp_path / "a.gz", unheard)
    before = await everything(database)
    lines = gzip.decompress((tmp_path / "a.gz").read_bytes()).splitlines(keepends=True)
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"".join(damage(lines))))
    with pytest.raises(ArchiveError, match=said):
        await restore(database, tmp_path / "b.gz", unheard)
    assert await everything(database) == before


async def test_half_a_packed_file_is_refused(store, database, tmp_path):
    await save(database, tmp_path / "a.gz", unheard)
    whole = (tmp_path / "a.gz").read_bytes()
    (tmp_path / "b.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ArchiveError, match="gzip"):
        check(tmp_path / "b.gz")


async def test_rows_that_contradict_each_other_change_nothing(store, database, tmp_path):
    await save(database, tmp_path / "a.gz", unheard)
    lines = gzip.decompress((tmp_path / "a.gz").read_bytes()).splitlines(keepends=True)
    import hashlib

    kept = [line for line in lines[:-1] if not line.startswith(b'["policies"')]
    digest = hashlib.sha256(b"".join(kept)).hexdigest().encode()
    end = b'{"end":' + str(len(kept) - 1).encode() + b',"sha256":"' + digest + b'"}\n'
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"".join([*kept, end])))
    before = await everything(database)
    with pytest.raises(DataRefusedError):
        await restore(database, tmp_path / "b.gz", unheard)
    assert await everything(database) == before


async def test_what_is_saved_is_one_moment_whatever_is_written_meanwhile(store, database, tmp_path):
    async def write_one(number):
        await store.register([question(number)])

    from gateway.storage.pattern_care import snapshot

    async with snapshot(database) as connection:
        first = (await connection.execute(select(func.count()).select_from(patterns))).scalar()
        await write_one(11)
        again = (await connection.execute(select(func.count()).select_from(patterns))).scalar()
    assert (first, again) == (5, 5)
    assert await store.count() == 6


async def test_saving_tells_how_far_it_is(store, database, tmp_path):
    heard = []
    await save(database, tmp_path / "a.gz", lambda done, of: heard.append((done, of)))
    assert heard[-1] == (12, 12)


async def test_the_uses_of_all_patterns_can_be_read(store, database):
    await store.reused({2: 3})
    found = [use async for page in uses(database) for use in page]
    assert [use.id for use in found] == [1, 2, 3, 4, 5]
    assert found[1] == Use(2, NOW + timedelta(minutes=1), 1, 0, 3, 0)
    assert found[3].labelled == 1


async def test_a_disk_that_fills_up_is_told_as_one_and_leaves_the_old_file(
    database, store, tmp_path, monkeypatch
):
    path = tmp_path / "learned.gz"
    path.write_bytes(b"old")
    monkeypatch.setattr("gateway.storage.pattern_archive.gzip.GzipFile", FullDisk)
    with pytest.raises(OSError, match="No space left on device") as told:
        await save(database, path, unheard)
    assert told.value.errno == errno.ENOSPC
    assert path.read_bytes() == b"old"
    assert list(tmp_path.glob("*learned.gz*")) == [path]
