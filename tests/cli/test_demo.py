"""`wallbounce demo`: what a stranger sees first must be true."""

import json
import signal


def test_the_demo_shows_dissent_confidence_cost_the_split_a_rollback_and_the_recovery(alone):
    strange = {"AUTO_ROLLBACK_MIN_REQUESTS": "100000", "USE_SRP_WALL_BOUNCE": "false"}
    done = alone("demo", "--json", env=strange)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert any(figures["dissent"])
    assert all(0 < confidence < 1 for confidence in figures["confidence"])
    assert all(0 < cost < 0.1 for cost in figures["cost_usd"])
    assert sum(figures["split"].values()) == 100
    assert 48 <= figures["split"]["wall_bounce"] <= 52
    assert (
        "rollback limit" in figures["rolled_back_because"]
        or "every vendor is down" in (figures["rolled_back_because"])
    )
    assert figures["recovered"] is True


def test_a_terminal_closed_during_the_demo_takes_its_gateway_along(start):
    with start("demo") as command:
        command.until("2 of 5")
        (gateway,) = command.children()
        assert command.terminate(signal.SIGHUP) == 128 + signal.SIGHUP
        assert not gateway.is_running()
        assert "Traceback" not in command.stderr
