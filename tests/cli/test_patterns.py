"""`wallbounce patterns`: what requests have taught is seen, saved, moved and tended, gateway or not."""

import asyncio
import errno
import gzip
import json
from datetime import UTC, datetime, timedelta

import click
import numpy as np
import pytest

from gateway.cli import patterns_care, patterns_files
from gateway.patterns.scenarios import Asked, ScenarioReader
from gateway.storage.pattern_store import SqlPatternStore
from gateway.storage.sql import Database
from learning.lifetime import BASE_LIFE
from learning.patterns.contribution import NewPattern
from learning.patterns.pattern import Configuration
from learning.patterns.stances import Outcome, Stance

NOW = datetime.now(UTC)
QUESTIONS = (
    "How many moons does Jupiter have?",
    "What is the boiling point of nitrogen at sea level?",
    "量子コンピュータの誤り訂正とは何ですか。",
    "Which treaty ended the Thirty Years' War?",
)


def known(number, scenario, age_days):
    outcomes = {
        "gpt": Outcome(Stance.WITH, 800.0, 0.002),
        "gemini": Outcome(Stance.AGAINST, 400.0, 0.001),
    }
    return NewPattern(
        request_id=f"r-{number}",
        at=NOW - timedelta(days=age_days),
        scenario=scenario,
        configuration=Configuration(("gpt", "gemini")),
        outcomes=outcomes,
        latency_ms=900.0,
        cost_usd=0.003,
        confidence=0.8,
    )


async def fill(file, questions=QUESTIONS):
    from consensus.embedding.static import StaticEmbedder

    database = await Database.open(f"sqlite+aiosqlite:///{file}")
    await database.migrate()
    store = SqlPatternStore(database)
    read = ScenarioReader(StaticEmbedder()).read([Asked(text, "basic") for text in questions])
    await store.register([known(n, scenario, 10 * n) for n, scenario in enumerate(read)])
    await store.label("r-0", correct=True)
    await store.label("r-1", correct=False)
    await database.aclose()


@pytest.fixture
def filled(tmp_path, alone):
    """Runs a command where four patterns are: 1 right, 1 wrong, 2 without a label."""
    folder = tmp_path / ".wallbounce"
    folder.mkdir()
    asyncio.run(fill(folder / "wallbounce.sqlite3"))
    return alone


def body(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_list_shows_the_newest_first_and_what_is_asked_for(filled):
    listed = body(filled("patterns", "list", "--json"))
    assert listed["patterns"] == 4
    assert [row["id"] for row in listed["listed"]] == [1, 2, 3, 4]
    assert [row["outcome"] for row in listed["listed"]] == ["right", "wrong", "open", "open"]
    wrong = body(filled("patterns", "list", "--outcome", "wrong", "--json"))
    assert [row["id"] for row in wrong["listed"]] == [2]
    japanese = body(filled("patterns", "list", "--language", "ja", "--json"))
    assert [row["id"] for row in japanese["listed"]] == [3]
    assert body(filled("patterns", "list", "--provider", "claude", "--json"))["listed"] == []
    shown = filled("patterns", "list").stdout
    assert "4 patterns" in shown
    assert "jupiter" in shown.lower()


def test_show_tells_all_that_is_known_of_one(filled):
    told = body(filled("patterns", "show", "1", "--json"))
    assert (told["right"], told["wrong"], told["confidence"]) == (1, 0, 0.8)
    assert told["vendors"]["gpt"]["right"] == 1
    assert told["vendors"]["gemini"]["wrong"] == 1
    assert told["kept_until"] > NOW.isoformat()
    shown = filled("patterns", "show", "2").stdout
    assert all(word in shown for word in ("pattern 2", "wrong", "gemini", "lesson"))
    missing = filled("patterns", "show", "99")
    assert missing.returncode == 1
    assert "there is no pattern 99" in missing.stderr


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("Jupiter: how many moons?", 1),
        ("At which temperature does nitrogen boil?", 2),
        ("誤り訂正は量子コンピュータでどう働きますか。", 3),
    ],
)
def test_search_finds_what_is_like_a_question_in_either_language(filled, question, number):
    found = body(filled("patterns", "search", question, "--json"))["found"]
    assert found[0]["id"] == number
    assert set(found[0]["layers"]) == {
        *("vector", "lexical", "task", "configuration", "outcome", "recency"),
    }
    assert "alike" in filled("patterns", "search", question).stdout


def test_an_empty_question_is_refused(filled):
    assert filled("patterns", "search", "  ").returncode == 2


def test_what_was_backed_up_comes_back(filled, tmp_path):
    saved = filled("patterns", "backup", "learned.gz")
    assert saved.returncode == 0, saved.stderr
    assert "4 patterns" in saved.stdout
    assert "is there already" in filled("patterns", "backup", "learned.gz").stderr
    assert filled("patterns", "prune", "--max", "0").returncode == 0
    assert body(filled("patterns", "list", "--json"))["patterns"] == 0
    back = filled("patterns", "restore", "learned.gz", "--yes")
    assert back.returncode == 0, back.stderr
    assert body(filled("patterns", "list", "--json"))["patterns"] == 4
    assert body(filled("patterns", "show", "1", "--json"))["right"] == 1


def test_a_backup_that_was_cut_changes_nothing(filled, tmp_path):
    filled("patterns", "backup", "learned.gz")
    whole = (tmp_path / "learned.gz").read_bytes()
    (tmp_path / "learned.gz").write_bytes(whole[:-30])
    back = filled("patterns", "restore", "learned.gz", "--yes")
    assert back.returncode == 1
    assert "nothing was changed" in back.stderr
    assert "Traceback" not in back.stderr
    assert body(filled("patterns", "list", "--json"))["patterns"] == 4


def test_what_holds_words_of_prompts_is_for_its_owner_s_eyes_only(filled, tmp_path):
    filled("patterns", "backup", "learned.gz")
    for name in ("out.jsonl", "out.jsonl.gz"):
        filled("patterns", "export", name)
    written = [path for path in tmp_path.iterdir() if path.is_file()]
    assert len(written) == 3
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}


def test_restore_asks_before_it_replaces_anything(filled):
    filled("patterns", "backup", "learned.gz")
    asked = filled("patterns", "restore", "learned.gz")
    assert asked.returncode == 1
    assert "replaces 4 patterns" in asked.stderr


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_what_is_exported_can_be_taken_in_elsewhere_once(filled, tmp_path, name):
    assert filled("patterns", "export", name).stdout.startswith("4 patterns")
    again = filled("patterns", "import", name)
    assert "0 patterns taken in, 4 known" in again.stdout
    filled("patterns", "prune", "--max", "0")
    taken = filled("patterns", "import", name)
    assert "4 patterns taken in, 0 known" in taken.stdout, taken.stderr
    listed = body(filled("patterns", "list", "--json"))
    assert sorted(row["outcome"] for row in listed["listed"]) == ["open", "open", "right", "wrong"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(lambda lines: lines[1:], "line 1", id="without its first line"),
        pytest.param(lambda lines: [*lines, b"{}\n"], "line 6", id="a line that is no pattern"),
        pytest.param(
            lambda lines: [lines[0].replace(b"static", b"other"), *lines[1:]],
            "embedder 'other'",
            id="another embedder's vectors",
        ),
        pytest.param(lambda _: [], "is empty", id="an empty file"),
    ],
)
def test_a_file_with_a_bad_line_takes_nothing_in(filled, tmp_path, damage, said):
    filled("patterns", "export", "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_bytes().splitlines(keepends=True)
    filled("patterns", "prune", "--max", "0")
    (tmp_path / "bad.jsonl").write_bytes(b"".join(damage(lines)))
    done = filled("patterns", "import", "bad.jsonl")
    assert done.returncode == 1
    assert said in done.stderr
    assert body(filled("patterns", "list", "--json"))["patterns"] == 0


def test_half_a_packed_file_takes_nothing_in(filled, tmp_path):
    filled("patterns", "export", "out.jsonl.gz")
    packed = (tmp_path / "out.jsonl.gz").read_bytes()
    (tmp_path / "half.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    done = filled("patterns", "import", "half.jsonl.gz")
    assert done.returncode == 1
    assert "not a whole gzip file" in done.stderr


def test_prune_says_first_what_would_go(filled):
    told = body(filled("patterns", "prune", "--days", "15", "--dry-run", "--json"))
    # Of ages 0, 10, 20 and 30 days; the first two are labelled and live twice as long.
    assert told == {"dry_run": True, "expired": 2, "crowded": 0, "left": 2}
    assert body(filled("patterns", "list", "--json"))["patterns"] == 4
    assert "2 patterns at the end" in filled("patterns", "prune", "--days", "15").stdout
    assert body(filled("patterns", "list", "--json"))["patterns"] == 2


def test_the_days_it_takes_by_default_are_the_programs():
    assert timedelta(days=patterns_care.DAYS) == BASE_LIFE


def test_rebuild_makes_the_index_anew(filled, tmp_path):
    done = filled("patterns", "rebuild")
    assert done.returncode == 0, done.stderr
    assert "4 patterns indexed" in done.stdout
    assert (tmp_path / ".wallbounce" / "learning" / "engine-0").is_dir()


@pytest.mark.parametrize(
    "command",
    [
        ("list",),
        ("show", "1"),
        ("search", "what?"),
        ("backup", "a.gz"),
        ("export", "a.jsonl"),
        ("prune",),
        ("rebuild",),
    ],
)
def test_where_there_is_no_database_it_says_so_and_makes_none(alone, tmp_path, command):
    done = alone("patterns", *command)
    assert done.returncode == 1
    assert "there is no database" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_an_embedder_it_says_that_there_are_no_patterns(filled, tmp_path):
    (tmp_path / ".env").write_text("WALLBOUNCE_EMBEDDING=off\n")
    assert "WALLBOUNCE_EMBEDDING is off" in filled("patterns", "list").stderr


def test_an_exported_vector_points_where_it_did(filled, tmp_path):
    from consensus.embedding.static import StaticEmbedder
    from learning.patterns.exchange import pattern_from

    filled("patterns", "export", "out.jsonl.gz")
    lines = gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()).splitlines()
    back = pattern_from(json.loads(lines[1])).scenario.embedding
    (row,) = StaticEmbedder().embed([QUESTIONS[0]])
    assert float(np.dot(back, row)) > 0.999


def test_a_full_disk_is_told_as_one():
    async def full():
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(click.ClickException, match=r"^No space left on device$"):
        patterns_files._run(full())


@pytest.mark.parametrize("command", ["backup", "export"])
def test_a_file_that_cannot_be_written_is_not_the_database_s_fault(filled, command):
    done = filled("patterns", command, "missing/out.gz")
    assert done.returncode == 1
    assert "missing/" in done.stderr
    assert "No such file or directory" in done.stderr
    assert "DATABASE_URL" not in done.stderr


@pytest.mark.parametrize("variable", ["LEARNING_ENABLED", "LEARNING_PATTERNS"])
def test_list_says_where_nothing_new_is_kept(filled, tmp_path, variable):
    assert body(filled("patterns", "list", "--json"))["enabled"] is True
    (tmp_path / ".env").write_text(f"{variable}=false\n")
    assert body(filled("patterns", "list", "--json"))["enabled"] is False
    assert "nothing new is kept" in filled("patterns", "list").stdout
