"""`wallbounce ask`: one question, and who said what."""

import json

import httpx
import pytest
from rich.cells import cell_len

from tests.support.gateway_process import RunningGateway

PRIME = "Is 91 a prime number?"
ALL = ("gpt", "claude", "gemini")


def down(vendors, fault="500"):
    for vendor in ALL:
        vendors.set_fault(vendor, fault)


def test_answer_votes_dissent_and_confidence_are_shown_and_progress_goes_to_stderr(run):
    done = run("ask", PRIME)
    assert done.returncode == 0
    assert "No. 91 = 7 × 13." in done.stdout
    assert "dissent: claude" in done.stdout
    assert "confidence 0." in done.stdout
    assert all(f"{vendor} ✓" in done.stderr for vendor in ALL)
    assert "✓" not in done.stdout


@pytest.mark.parametrize("question", [PRIME, "トルコの首都はどこですか。"])
def test_piped_output_is_plain_and_fits_80_columns_in_either_language(run, question):
    shown = run("ask", question).stdout
    assert "\x1b" not in shown
    assert max(cell_len(line) for line in shown.splitlines()) <= 80


def test_json_is_the_answer_s_whole_body_and_nothing_else(run, gateway):
    done = run("ask", PRIME, "--json")
    body = json.loads(done.stdout)
    posted = httpx.post(
        f"{gateway.url}/api/v1/generate", json={"prompt": PRIME, "task_type": "critical"}
    ).json()
    assert body.keys() == posted.keys()
    assert body["content"] == posted["content"]


def test_the_options_reach_the_gateway(run):
    options = ("--provider", "gpt", "--provider", "claude", "--mode", "sequential", "--depth", "4")
    body = json.loads(run("ask", PRIME, "--json", *options).stdout)
    assert {vote["provider"] for vote in body["votes"]} == {"gpt", "claude"}
    assert body["consensus"]["rounds"] > 1


def test_a_dash_reads_the_question_from_standard_input(run):
    done = run("ask", "-", "--json", stdin="トルコの首都はどこですか。\n".encode())
    assert "アンカラ" in json.loads(done.stdout)["content"]


def test_when_no_vendor_answers_each_one_s_error_is_said_and_the_command_fails(run, vendors):
    down(vendors)
    done = run("ask", PRIME, "--json")
    assert done.returncode == 1
    assert done.stdout == ""
    said = done.stderr[done.stderr.index("Error:") :]
    assert "all_providers_failed" in said
    assert all(f"  {vendor}: " in said for vendor in ALL)


def test_one_vendor_down_is_shown_with_its_error_and_the_command_succeeds(run, vendors):
    vendors.set_fault("gpt", "malformed")
    done = run("ask", PRIME)
    assert done.returncode == 0
    assert "gpt ✗" in done.stderr
    assert "degraded" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([""], "the question is empty", id="nothing"),
        pytest.param(["  \n"], "the question is empty", id="blank"),
        pytest.param(["\udcff"], "expected UTF-8", id="not UTF-8"),
        pytest.param(["hi", "--budget-usd", "nan"], "--budget-usd", id="NaN"),
        pytest.param(["hi", "--budget-usd", "0"], "--budget-usd", id="no money"),
        pytest.param(["hi", "--depth", "9"], "--depth", id="too deep"),
        pytest.param(["hi", "--url", "localhost"], "--url", id="no URL"),
        pytest.param(["hi", "--url", "http://[::1"], "--url", id="half a URL"),
        pytest.param(["hi", "--task-type", "best"], "--task-type", id="unknown task type"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_exits_with_2(call, arguments, said):
    done = call("ask", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_standard_input_that_is_no_text_is_a_wrong_call(alone):
    done = alone("ask", "-", stdin=b"\xff\xfe")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "Error: Invalid value for PROMPT: expected UTF-8 text."


def test_what_the_gateway_refuses_is_one_line(run):
    done = run("ask", PRIME, "--provider", "nobody")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: invalid_request: ")
    assert len(done.stderr.splitlines()) == 1


def test_no_gateway_at_the_address_is_one_line_that_says_how_to_start_one(alone):
    done = alone("ask", PRIME, "--url", "http://127.0.0.1:1")
    assert done.returncode == 1
    assert (
        done.stderr == "Error: no gateway runs at http://127.0.0.1:1; start one: wallbounce serve\n"
    )


def test_something_else_at_the_address_is_said(alone, vendors):
    for command in (["ask", PRIME], ["rollout", "status"]):
        done = alone(*command, "--url", vendors.base_url)
        assert done.returncode == 1
        assert "not as a wallbounce gateway does" in done.stderr


def test_a_proxy_of_the_environment_is_not_asked_for_a_gateway_on_this_machine(run):
    proxy = {"HTTP_PROXY": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
    assert run("ask", PRIME, env=proxy).returncode == 0


def test_a_gateway_with_keys_wants_one_and_takes_it_from_the_environment(alone, vendors, tmp_path):
    with RunningGateway(vendors.environment | {"WALLBOUNCE_API_KEYS": "k-1"}, tmp_path):
        without = alone("ask", PRIME)
        assert without.returncode == 1
        assert "unauthorized" in without.stderr
        assert "WALLBOUNCE_API_KEY" in without.stderr
        assert alone("ask", PRIME, env={"WALLBOUNCE_API_KEY": "k-1"}).returncode == 0
        strange = alone("ask", PRIME, env={"WALLBOUNCE_API_KEY": "鍵"})
        assert strange.returncode == 1
        assert "WALLBOUNCE_API_KEY: expected printable ASCII" in strange.stderr


def test_where_no_gateway_runs_one_answers_by_this_folder_s_env_and_leaves_nothing(
    alone, vendors, tmp_path
):
    env = dict(vendors.environment)
    key = env.pop("OPENAI_API_KEY")
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={key}\nSRP_TRAFFIC_PERCENTAGE=0\n")
    done = alone("ask", PRIME, "--json", env=env)
    body = json.loads(done.stdout)
    assert body["path"] == "wall_bounce"
    assert len(body["providers_used"]) == 3
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_without_any_vendor_it_says_what_to_set(alone):
    done = alone("ask", PRIME)
    assert done.returncode == 1
    assert "set a vendor's API key" in done.stderr


def test_ctrl_c_gives_the_question_up_and_takes_its_gateway_along(start, vendors):
    down(vendors, "timeout")
    with start("ask", PRIME, env=vendors.environment) as command:
        command.until("asking gpt, claude, gemini")
        (gateway,) = command.children()
        assert command.interrupt() == 1
        assert not gateway.is_running()
        assert "Traceback" not in command.stderr
        assert command.stdout == ""
