"""`wallbounce alerts`: the rules, what is wrong, and a try of the channels."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from gateway.alerts.rules import RULES
from tests.support.ports import free_port

SECRET = "t0ken0fours"


@pytest.fixture
def hook():
    """A web server that keeps what is posted to it."""
    bodies = []

    class Take(BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Take)
    server.bodies = bodies
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def urls(hook, level="warning"):
    return f"{level}=json://user:{SECRET}@127.0.0.1:{hook.server_port}/{SECRET}"


def test_a_test_message_goes_through_every_channel_that_is_told_of_its_level(alone, hook):
    env = {"WALLBOUNCE_ALERT_URLS": f"{urls(hook)} {urls(hook, 'emergency')}2"}
    done = alone("alerts", "test", "--level", "critical", env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "json: sent",
        "json-2: left out, it is told from emergency on",
    ]
    assert [body["title"] for body in hook.bodies] == [
        "[CRITICAL] this is a test: nothing is wrong"
    ]


def test_a_channel_that_does_not_take_it_is_named_without_its_url_and_ends_with_1(alone, hook):
    nobody = f"critical=json://user:{SECRET}@127.0.0.1:{free_port()}/{SECRET}"
    done = alone(
        "alerts",
        "test",
        "--level",
        "emergency",
        "--json",
        env={"WALLBOUNCE_ALERT_URLS": f"{urls(hook)} {nobody}"},
    )
    assert done.returncode == 1
    channels = {c["name"]: (c["outcome"], c["why"]) for c in json.loads(done.stdout)["channels"]}
    assert channels == {"json": ("sent", None), "json-2": ("failed", "could not be reached")}
    assert SECRET not in done.stdout + done.stderr


def test_a_level_nobody_is_told_of_is_a_failure(alone, hook):
    done = alone("alerts", "test", env={"WALLBOUNCE_ALERT_URLS": urls(hook, "critical")})
    assert done.returncode == 1
    assert "no channel is told of a warning" in done.stderr


def test_without_a_channel_the_test_says_what_to_set(alone):
    done = alone("alerts", "test")
    assert done.returncode == 1
    assert "WALLBOUNCE_ALERT_URLS" in done.stderr


def test_without_a_gateway_the_list_shows_the_rules_and_the_configured_channels(alone, hook):
    env = {
        "WALLBOUNCE_ALERT_URLS": urls(hook, "critical"),
        "WALLBOUNCE_ALERT_QUIET_HOURS": "22:00-07:00 Asia/Tokyo",
        "WALLBOUNCE_URL": "",
    }
    done = alone("alerts", "list", "--json", env=env)
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert [rule["alert"] for rule in body["rules"]] == [rule.name for rule in RULES]
    assert body["channels"] == [{"name": "json", "level": "critical"}]
    assert body["quiet_hours"] == "22:00-07:00 Asia/Tokyo"
    assert body["alerts"] is None
    table = alone("alerts", "list", env=env)
    assert "what is wrong is not known" in table.stdout
    assert "ErrorRateEmergency" in table.stdout
    assert SECRET not in done.stdout + table.stdout


def test_the_list_shows_what_the_running_gateway_sees(run):
    body = json.loads(run("alerts", "list", "--json").stdout)
    assert body["instance"]
    assert isinstance(body["alerts"], list)
    assert len(body["rules"]) == len(RULES)
    assert "no channel is configured" in run("alerts", "list").stdout


def test_a_gateway_that_is_named_and_not_there_is_an_error(alone):
    done = alone("alerts", "list", "--url", f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 1
    assert "no gateway runs" in done.stderr
