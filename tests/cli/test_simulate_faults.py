"""`wallbounce simulate --faults`: a failing day from a file, checked, played and told."""

import json
import time

import httpx
import pytest

from tests.support.command_line import ROOT

SHIPPED = ROOT / "ops" / "simulator" / "failing-day.yaml"
SHORT = """
day: 2s
latency: {all: 0}
events:
  - {at: 0, for: 1s, who: gpt, fault: refused, name: gone}
  - {at: 1s, for: 1s, who: gpt, fault: 529}
"""
WITHIN_S = 30.0
BODY = {"model": "gpt-5", "messages": [{"role": "user", "content": "What is 17 + 25?"}]}


def ask(url):
    try:
        with httpx.Client(trust_env=False, timeout=5) as client:
            headers = {"authorization": "Bearer x"}
            return client.post(f"{url}/chat/completions", json=BODY, headers=headers).status_code
    except httpx.ConnectError:
        return "refused"


def lines(command):
    whole = command.stdout.rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def test_a_short_day_fails_as_it_says_and_leaves_the_vendors_well(start, tmp_path):
    (tmp_path / "day.yaml").write_text(SHORT)
    with start("simulate", "--port", "0", "--faults", "day.yaml", "--json") as command:
        command.until("environment")
        url = lines(command)[0]["environment"]["OPENAI_BASE_URL"]
        met, until = [], time.monotonic() + WITHIN_S
        while 200 not in met:
            assert time.monotonic() < until, met
            if (got := ask(url)) not in met:
                met.append(got)
        command.until('"over": true')
        told = lines(command)[1:]
        assert command.interrupt() == 0
    # A busy machine may sleep through an event of a second, never put it elsewhere.
    assert met == [s for s in ("refused", 503, 200) if s in met]
    assert len(met) > 1
    held = [[event["what"] for event in view["holding"]] for view in told]
    assert held == [what for what in (["refused"], ["529"], []) if what in held]
    assert [view["down"] for view in told] == [["gpt/default"] * ("refused" in h) for h in held]


def test_a_line_for_people_says_what_holds(start, tmp_path):
    (tmp_path / "day.yaml").write_text(SHORT)
    with start("simulate", "--port", "0", "--faults", "day.yaml") as command:
        command.until("the day is over, all are well")
        printed = command.stdout.splitlines()
    assert "gpt: refused" in command.stderr
    assert "gpt: 529" in command.stderr
    assert len(printed) == 1
    assert printed[0].startswith("export ")


def test_check_shows_the_shipped_day_and_serves_nothing(alone):
    done = alone("simulate", "--faults", str(SHIPPED), "--check")
    assert done.returncode == 0
    assert "the whole vendor is" in done.stdout
    assert "A day of 24h in 10m, then all vendors are well." in done.stdout
    assert "export" not in done.stdout


def test_check_as_json_lists_the_events_in_the_order_of_their_times(alone):
    done = alone("simulate", "--faults", str(SHIPPED), "--check", "--json", "--speed", "10")
    day = json.loads(done.stdout)
    begins = [event["at_s"] for event in day["events"]]
    assert begins == sorted(begins)
    assert (day["day_s"], day["speed"], day["repeat"]) == (86_400, 10, False)


@pytest.mark.parametrize("check", [["--check"], []])
def test_mistakes_in_a_file_are_told_by_line_and_exit_with_2(call, tmp_path, check):
    (tmp_path / "day.yaml").write_text("events:\n  - {at: 0, for: 1s, fault: 418}\n  - {at: 0}\n")
    done = call("simulate", "--port", "0", "--faults", "day.yaml", *check)
    assert done.exit_code == 2
    assert "day.yaml:2: no fault '418'" in done.stderr
    assert "day.yaml:3: " in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--check"], ["--speed", "2"], ["--endpoint", "gpt"], ["--endpoint", "gpt/a", "--endpoint", "gpt/a"]],
)  # fmt: skip
def test_options_that_make_no_sense_exit_with_2(call, arguments):
    assert call("simulate", "--port", "0", *arguments).exit_code == 2


def test_endpoints_are_printed_for_a_gateway(start):
    with start("simulate", "--port", "0", "--endpoint", "gpt/eu", "--latency-scale", "0") as command:  # fmt: skip
        command.until("GOOGLE_API_KEY=")
        told = dict(part.split("=", 1) for part in command.stdout.split()[1:])
        name, _, url = told["OPENAI_ENDPOINTS"].partition("=")
        assert (name, ask(url), ask(told["OPENAI_BASE_URL"])) == ("eu", 200, 200)
