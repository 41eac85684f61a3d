"""`wallbounce rollout advance` and the other moves, made in the database all instances share."""

import asyncio
import json

import pytest
from click.testing import CliRunner

from gateway.announcement import Announcement
from gateway.cli import client, main
from gateway.rollout.commands import Adopt, Advance, Approve, Close, Hold, RollBack
from gateway.rollout.plan import ArmPolicy, RolloutPlan, Stage
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


@pytest.fixture
def says(monkeypatch):
    """Lets a gateway of this folder answer: with a decision and a health, or not at all (None)."""

    def answer(decision, health="HEALTHY", version=1):
        def rollout(url, timeout=0):
            if decision is None:
                raise client.UnreachableError("no gateway runs there")
            verdict = {
                "health": health,
                "reasons": ["37 of 100 requests"],
                "figures": {"errors": 0},
            }
            return {
                "tripped": False,
                "plan": {},
                "decision": decision,
                "verdict": verdict,
                "shared_state": {"version": version},
            }

        here = Announcement(1, "here", "127.0.0.1", 4000, ".env")
        monkeypatch.setattr("gateway.cli.rollout_moves.running", lambda _: [here])
        monkeypatch.setattr("gateway.cli.rollout_moves.client.rollout", rollout)
        monkeypatch.setattr("gateway.cli.standing.running", lambda _: [])

    return answer


def test_an_advance_rests_on_the_running_gateways_verdict_and_keeps_its_figures(folder, says):
    url = folder(FREE)
    says("ADVANCE")
    assert as_user("ann", "advance").exit_code == 0
    assert state(url).stage == 1
    assert history(1)[0]["figures"] == {"http://127.0.0.1:4000": {"errors": 0}}


@pytest.mark.parametrize("decision", ["HOLD", "INCONCLUSIVE", "ROLL_BACK", None])
def test_a_gateway_that_does_not_say_advance_needs_force(folder, says, decision):
    url = folder(FREE)
    says(decision)
    refused = as_user("ann", "advance")
    assert refused.exit_code == 1
    assert "--force" in refused.output
    assert decision is None or "37 of 100 requests" in refused.output
    assert state(url).stage == 0
    assert as_user("ann", "advance", "--force", "--reason", "I know why").exit_code == 0
    assert state(url).stage == 1


def test_force_never_goes_over_a_critical_verdict(folder, says):
    url = folder(FREE)
    says("ROLL_BACK", "CRITICAL")
    refused = as_user("ann", "advance", "--force", "--reason", "I know better")
    assert (refused.exit_code, "CRITICAL" in refused.output) == (1, True)
    assert state(url).stage == 0


def test_a_verdict_on_a_state_that_is_no_more_advances_nothing(folder, says):
    url = folder(FREE, Hold(by="bob@cli"))
    says("ADVANCE", version=1)
    assert as_user("ann", "advance").exit_code == 1
    assert state(url).stage == 0


def test_arms_that_harm_closed_stay_closed_unless_they_are_reopened(folder):
    arms = (ArmPolicy("a"), ArmPolicy("b"))
    plan = RolloutPlan("arms", (Stage(10),), arms=arms)
    url = folder(Adopt(plan=plan, by="environment"), Close(by="watcher@a", arm="b"))
    as_user("ann", "rollback")
    as_user("ann", "acknowledge")
    assert state(url).closed == ("b",)
    as_user("ann", "acknowledge", "--reopen", "--reason", "its model was mended")
    assert state(url).closed == ()


def test_a_mistake_in_env_keeps_nobody_from_rolling_back(folder, tmp_path):
    url = folder(FREE)
    (tmp_path / ".env").write_text("AUTO_ROLLBACK_ERROR_RATE=9\n")
    done = as_user("ann", "rollback", "--reason", "an incident")
    assert done.exit_code == 0, done.output
    assert "left out: AUTO_ROLLBACK_ERROR_RATE" in done.output
    assert state(url).tripped


def test_a_mistake_about_the_database_does_so_as_the_wrong_one_would_be_moved(folder, tmp_path):
    folder(FREE)
    (tmp_path / ".env").write_text("DATABASE_URL=oracle://x\n")
    assert as_user("ann", "rollback").exit_code == 2


def test_a_reason_in_another_encoding_is_kept_in_whole_characters(folder):
    url = folder(FREE)
    half = "障害".encode("shift_jis").decode("utf-8", "surrogateescape")
    assert as_user("ann", "rollback", "--reason", half).exit_code == 0
    state(url).trip.reason.encode()
    assert history()[0]["kind"] == "trip"
