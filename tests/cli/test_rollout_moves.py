"""`wallbounce rollout advance` and the other moves, made in the database all instances share."""

import asyncio
import json

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.rollout.commands import Adopt, Advance, Approve, RollBack
from gateway.rollout.plan import RolloutPlan, Stage
from gateway.storage.rollout_store import SqlRolloutStore
from tests.support.rollout_history import standing, written

PLAN = RolloutPlan("two-steps", (Stage(10), Stage(100, approvals=2)))
ADOPTED = Adopt(plan=PLAN, by="environment")
FREE = Adopt(plan=RolloutPlan("free", (Stage(10), Stage(100))), by="environment")


@pytest.fixture
def folder(tmp_path, call):  # `call` makes it the folder commands run in
    """Makes the folder's database stand where these commands lead; its URL."""
    file = tmp_path / ".wallbounce" / "wallbounce.sqlite3"
    url = f"sqlite+aiosqlite:///{file}"

    def stand(*commands):
        asyncio.run(written(url, commands))
        return url

    return stand


def as_user(name, *arguments):
    return CliRunner(env={"LOGNAME": name}).invoke(main, ("rollout", *arguments))


def state(url):
    return asyncio.run(standing(url))


def history(limit=10):
    return json.loads(as_user("ann", "history", "--limit", str(limit), "--json").output)


def test_a_move_is_kept_with_who_made_it_and_why(folder):
    folder(ADOPTED)
    done = as_user("ann", "hold", "--reason", "先に様子を見る")
    assert done.exit_code == 0, done.output
    assert "held" in done.output
    (newest, _) = history()
    assert (newest["kind"], newest["by"], newest["reason"]) == ("hold", "ann@cli", "先に様子を見る")
    assert as_user("ann", "verify").exit_code == 0


def test_hold_and_resume_turn_automatic_advance_off_and_on(folder):
    url = folder(ADOPTED)
    as_user("ann", "hold")
    assert state(url).held
    assert "held already" in as_user("ann", "hold").output
    as_user("ann", "resume")
    assert not state(url).held
    assert "was not held" in as_user("ann", "resume").output
    assert [event["kind"] for event in history()] == ["resume", "hold", "adopt"]


def test_two_operators_must_approve_and_one_who_approves_twice_is_one(folder):
    url = folder(ADOPTED)
    advance = ("advance", "--force", "--reason", "the night is quiet")
    assert "1 of 2" in as_user("ann", "approve").output
    assert "already" in as_user("ann", "approve").output
    refused = as_user("ann", *advance)
    assert refused.exit_code == 1
    assert "2 operators" in refused.output
    assert "2 of 2" in as_user("bob", "approve").output
    done = as_user("ann", *advance)
    assert done.exit_code == 0, done.output
    assert "100 %" in done.output
    assert (state(url).stage, state(url).approvals) == (1, ())


def test_without_a_gateway_to_ask_an_advance_needs_force(folder):
    url = folder(FREE)
    refused = as_user("ann", "advance")
    assert refused.exit_code == 1
    assert "--force" in refused.output
    assert state(url).stage == 0
    assert as_user("ann", "advance", "--force", "--reason", "no traffic yet").exit_code == 0
    assert state(url).stage == 1


@pytest.mark.parametrize("reason", [(), ("--reason", " ")])
def test_force_without_a_reason_is_called_wrongly(folder, reason):
    url = folder(FREE)
    assert as_user("ann", "advance", "--force", *reason).exit_code == 2
    assert state(url).stage == 0


def test_a_rollback_stands_until_it_is_acknowledged_and_then_the_plan_starts_over(folder):
    url = folder(FREE, Advance(by="ann@cli"))
    assert "until `wallbounce rollout acknowledge`" in as_user("ann", "rollback").output
    assert state(url).tripped
    assert "stands already, by ann@cli" in as_user("bob", "rollback").output
    refused = as_user("ann", "advance", "--force", "--reason", "now")
    assert (refused.exit_code, "a rollback stands" in refused.output) == (1, True)
    assert "stage 1 of 2" in as_user("ann", "acknowledge").output
    assert (state(url).tripped, state(url).stage) == (False, 0)
    assert "nothing to acknowledge" in as_user("ann", "acknowledge").output


def test_an_aborted_rollout_gives_all_traffic_back_and_begins_anew(folder):
    url = folder(FREE, Advance(by="ann@cli"))
    done = as_user("ann", "abort", "--reason", "the model was withdrawn")
    assert "aborted" in done.output
    assert (state(url).tripped, state(url).stage) == (True, 0)
    assert state(url).trip.reason == "the model was withdrawn"


@pytest.mark.parametrize("move", ["hold", "resume", "approve", "advance --force --reason now"])
def test_a_move_of_a_plan_where_none_is_in_force_says_so(folder, move):
    folder(RollBack(by="ann@cli"))
    as_user("ann", "acknowledge")
    refused = as_user("ann", *move.split())
    assert refused.exit_code == 1
    assert "no plan is in force" in refused.output
    assert len(refused.output.splitlines()) == 1


def test_as_json_a_move_says_what_it_led_to(folder):
    folder(ADOPTED)
    said = json.loads(as_user("ann", "rollback", "--json").output)
    assert (said["changed"], said["version"], said["tripped"]) == (True, 2, True)
    assert said["gateways"] == []
    again = json.loads(as_user("ann", "rollback", "--json").output)
    assert (again["changed"], again["version"]) == (False, 2)


def test_a_race_that_is_lost_is_run_anew_on_what_the_winner_left(folder, monkeypatch):
    url = folder(ADOPTED)
    change = SqlRolloutStore.change
    others = [Approve(by="bob@cli")]

    async def beaten(store, before, after, event):
        if others:
            await written(url, [others.pop(0)])
        return await change(store, before, after, event)

    monkeypatch.setattr(SqlRolloutStore, "change", beaten)
    done = as_user("ann", "approve")
    assert done.exit_code == 0, done.output
    assert "2 of 2" in done.output
    assert [event["kind"] for event in history()] == ["approve", "approve", "adopt"]
    assert as_user("ann", "verify").exit_code == 0
