"""`wallbounce rollout history` and `verify`: what was done by whom, and whether it was tampered with."""

import asyncio
import json
import sqlite3

import pytest
from rich.cells import cell_len

from gateway.rollout.commands import Acknowledge, Adopt, Hold, RollBack
from gateway.rollout.presets import preset_plan
from tests.support.rollout_history import written

COMMANDS = (
    Adopt(plan=preset_plan("growth"), by="environment"),
    Hold(by="ann@cli", reason="先に様子を見る"),
    RollBack(by="watcher@a", reason="error rate 9 %", figures={"errors": 9, "error_rate": 0.09}),
    Acknowledge(by="ann@cli", reason="mended; a reason long enough to need a second line, surely"),
)


@pytest.fixture
def database(tmp_path):
    """A folder's database with a history of four events; its file."""
    file = tmp_path / ".wallbounce" / "wallbounce.sqlite3"
    asyncio.run(written(f"sqlite+aiosqlite:///{file}", COMMANDS))
    return file


def test_history_tells_who_did_what_and_why_newest_first_in_80_columns(call, database):
    done = call("rollout", "history")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    told = [line for line in lines if "2026-01-01 12:0" in line]
    assert [line.split()[2] for line in told] == ["acknowledge", "trip", "hold", "adopt"]
    assert "先に様子を見る" in done.output
    assert max(cell_len(line) for line in lines) <= 80


def test_history_as_json_has_figures_states_and_digests(call, database):
    events = json.loads(call("rollout", "history", "--limit", "3", "--json").output)
    assert [event["version"] for event in events] == [4, 3, 2]
    assert events[1]["figures"] == {"errors": 9, "error_rate": 0.09}
    assert events[1]["state"]["trip"]["by"] == "watcher@a"
    assert [event["previous"] for event in events[:2]] == [e["digest"] for e in events[1:]]


def test_a_whole_history_is_called_whole_and_its_last_digest_told(call, database):
    done = call("rollout", "verify")
    assert done.exit_code == 0, done.output
    newest = json.loads(call("rollout", "history", "--limit", "1", "--json").output)[0]
    assert "4 events" in done.output
    assert newest["digest"] in done.output
    assert json.loads(call("rollout", "verify", "--json").output)["ok"] is True


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        pytest.param("UPDATE rollout_events SET document = replace(document, 'ann', 'bob') WHERE version = 2", 2, id="an event edited"),
        pytest.param("DELETE FROM rollout_events WHERE version = 3", 3, id="an event removed"),
        pytest.param("DELETE FROM rollout_events WHERE version = 4", 4, id="the end cut off"),
        pytest.param("UPDATE rollout_state SET document = replace(document, 'growth', 'mature')", 4, id="the state alone set"),
    ],
)  # fmt: skip
def test_tampering_is_found_with_the_first_version_that_cannot_be_trusted(
    call, database, tampering, broken
):
    with sqlite3.connect(database) as connection:
        assert connection.execute(tampering).rowcount == 1
    connection.close()
    done = call("rollout", "verify")
    assert done.exit_code == 1
    assert f"version {broken} " in done.output
    found = call("rollout", "verify", "--json")
    assert found.exit_code == 1
    assert json.loads(found.output)["first_broken"] == broken


@pytest.mark.parametrize("question", ["history", "verify"])
def test_where_there_is_no_database_none_is_made(call, tmp_path, question):
    done = call("rollout", question)
    assert done.exit_code == 1
    assert "there is no database" in done.output
    assert list(tmp_path.iterdir()) == []


def test_before_anything_was_done_the_history_says_so(call, tmp_path):
    file = tmp_path / ".wallbounce" / "wallbounce.sqlite3"
    asyncio.run(written(f"sqlite+aiosqlite:///{file}", ()))
    assert "nothing was done yet" in call("rollout", "history").output
    assert json.loads(call("rollout", "history", "--json").output) == []
    assert call("rollout", "verify").exit_code == 0


def test_the_plan_in_force_is_read_from_the_database(call, database):
    shown = call("rollout", "plan").output
    assert "plan growth (in force)" in shown
