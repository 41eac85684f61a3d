"""`wallbounce try`: one vendor alone, and all that goes over the wire."""

import base64
import json
import struct
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.support.command_line import environment

QUESTION = "What is 17 + 25?"
KEY = "sk-proj-5up3r-s3cret/Key+1234567890"
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 64, 64)


@pytest.fixture
def attempt(alone, vendors):
    """Runs ``wallbounce try`` against the simulated vendors."""

    def tried(provider, *arguments, env=None, **more):
        return alone("try", provider, *arguments, env=vendors.environment | (env or {}), **more)

    return tried


@pytest.mark.parametrize("provider", ["gpt", "claude", "gemini"])
@pytest.mark.parametrize("stream", [(), ("--stream",)], ids=["whole", "streamed"])
def test_the_wire_the_reply_its_cost_and_its_times_are_shown(attempt, provider, stream):
    done = attempt(provider, QUESTION, *stream)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any(line.startswith("* connected in ") for line in lines)
    assert any(line.startswith("> POST http://127.0.0.1") for line in lines)
    assert any(QUESTION in line for line in lines if line.startswith("> "))
    assert any(line.startswith("< 200 OK +") for line in lines)
    assert any("42" in line for line in lines if line.startswith("  "))
    assert any(line.startswith("finish: stop · model ") for line in lines)
    assert any(line.startswith("cost: 0.00") and "LiteLLM's table" in line for line in lines)
    (times,) = [line for line in lines if line.startswith("times: ")]
    assert all(name in times for name in ("connect", "first byte", "total"))
    assert ("first token" in times) is bool(stream)
    events = [line for line in lines if line.startswith("< +") and "data: " in line]
    assert bool(events) is bool(stream)


def test_json_is_the_same_to_compute_with(attempt):
    done = attempt("claude", QUESTION, "--json", "--repeat", "2")
    body = json.loads(done.stdout)
    assert (body["provider"], body["vendor"], len(body["calls"])) == ("claude", "anthropic", 2)
    first, second = body["calls"]
    assert "42" in first["reply"]["text"]
    assert first["cost_usd"] == pytest.approx(sum(p["usd"] for p in first["cost_parts"]))
    assert first["usage"]["output_tokens"] == sum(
        p["tokens"] for p in first["cost_parts"] if p["name"] in {"output", "reasoning"}
    )
    assert first["attempts"][0]["request_body"]["messages"][0]["content"] == QUESTION
    assert first["attempts"][0]["reused"] is False
    assert second["attempts"][0]["reused"] is True
    assert first["error"] is None


def test_repeated_calls_end_in_their_figures(attempt):
    done = attempt("gpt", QUESTION, "--repeat", "3")
    assert "3 calls, 0 failed" in done.stdout
    assert "(least, median, most)" in done.stdout


def test_the_options_reach_the_vendor(attempt, tmp_path):
    (tmp_path / "schema.json").write_text(
        json.dumps({"type": "object", "properties": {"answer": {"type": "number"}}})
    )
    (tmp_path / "ant.png").write_bytes(PNG)
    done = attempt(
        "gpt",
        QUESTION,
        *("--system", "Be brief.", "--max-tokens", "900", "--effort", "low", "--json"),
        *("--json-schema", "schema.json", "--image", "ant.png"),
    )
    (call,) = json.loads(done.stdout)["calls"]
    sent = call["attempts"][0]["request_body"]
    assert sent["messages"][0] == {"role": "system", "content": "Be brief."}
    assert sent["max_completion_tokens"] == 900
    assert sent["reasoning_effort"] == "low"
    assert sent["response_format"]["type"] == "json_schema"
    image = sent["messages"][1]["content"][1]["image_url"]["url"]
    assert image == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


def test_functions_on_offer_may_be_called(attempt, tmp_path):
    tool = {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
    (tmp_path / "tools.json").write_text(json.dumps([{"type": "function", "function": tool}]))
    done = attempt("gpt", "What is the weather in Ankara?", "--tools", "tools.json", "--json")
    (call,) = json.loads(done.stdout)["calls"]
    assert call["attempts"][0]["request_body"]["tools"][0]["function"]["name"] == "get_weather"


@pytest.mark.parametrize(
    ("fault", "code"),
    [("500", "server_error"), ("429", "rate_limited"), ("malformed", "malformed_reply")],
)
def test_a_vendor_that_fails_is_told_with_what_to_do_and_each_attempt(
    attempt, vendors, fault, code
):
    vendors.set_fault("gemini", fault)
    done = attempt("gemini", QUESTION, "--attempts", "2", "--timeout", "20")
    assert done.returncode == 1
    assert f"failed: {code}: " in done.stdout
    assert "\n→ " in done.stdout
    assert ("* attempt 2" in done.stdout) is (code != "malformed_reply")


def test_a_deadline_that_passes_is_a_failure(attempt, vendors):
    vendors.set_fault("gpt", "timeout")
    done = attempt("gpt", QUESTION, "--timeout", "0.5")
    assert done.returncode == 1
    assert "* left before the reply's end" in done.stdout
    assert "failed: timeout: " in done.stdout
    assert "→ give it longer: --timeout" in done.stdout


def test_without_a_key_the_simulated_vendor_can_be_asked(alone):
    done = alone("try", "claude", QUESTION, "--simulated")
    assert done.returncode == 0, done.stderr
    assert "42" in done.stdout


class Echo(BaseHTTPRequestHandler):
    """Says the caller's key wherever a vendor might: in a header, the body, an error, a stream."""

    protocol_version = "HTTP/1.0"

    def do_POST(self):
        asked = self.rfile.read(int(self.headers["content-length"])).decode()
        bearer = self.headers["authorization"]
        self.send_response(401)
        self.send_header("content-type", "application/json")
        self.send_header("x-you-said", bearer)
        self.end_headers()
        said = {"error": {"message": f"Incorrect API key {bearer}", "asked": asked, KEY: 1}}
        self.wfile.write(json.dumps(said).encode() + b"\n")

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture
def echo():
    server = HTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("as_json", [(), ("--json",)], ids=["lines", "json"])
def test_the_key_is_shown_nowhere_not_even_where_the_vendor_repeats_it(alone, echo, as_json):
    env = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{echo}/{KEY.replace('/', '%2F')}"}
    done = alone("try", "gpt", f"Is {KEY} a key?", *as_json, env=env)
    assert done.returncode == 1
    assert "[key]" in done.stdout
    assert "unauthorized" in done.stdout
    shown = done.stdout + done.stderr
    for form in (KEY, json.dumps(KEY)[1:-1], KEY.replace("/", "%2F"), KEY[:20]):
        assert form not in shown


def test_a_provider_that_is_not_configured_is_named_with_what_to_set(alone, vendors):
    done = alone("try", "claude", QUESTION, env={"OPENAI_API_KEY": KEY})
    assert done.returncode == 2
    assert "set ANTHROPIC_API_KEY" in done.stderr
    assert "configured: gpt" in done.stderr
    assert alone("try", "nobody", QUESTION, env=vendors.environment).returncode == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gpt", ""), "the question is empty"),
        (("gpt", "x", "--temperature", "nan"), "not a number"),
        (("gpt", "x", "--timeout", "0"), "--timeout"),
        (("gpt", "x", "--repeat", "0"), "--repeat"),
        (("gpt", "x", "--effort", "much"), "--effort"),
        (("gpt", "x", "--json-schema", "none.json"), "none.json: it cannot be read: No such file"),
        (("gpt", "x", "--json-schema", "text"), "text: it is no JSON"),
        (("gpt", "x", "--json-schema", "list.json"), "it holds no JSON object"),
        (("gpt", "x", "--tools", "list.json"), "expected functions with a name"),
        (("gpt", "x", "--image", "text"), "it is no PNG, JPEG, GIF or WebP"),
        (("gpt", "x", "--image", "."), "it cannot be read: Is a directory"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anybody_is_asked(attempt, tmp_path, arguments, said):
    (tmp_path / "text").write_text("no JSON, no image")
    (tmp_path / "list.json").write_text("[1]")
    done = attempt(*arguments)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert "> POST" not in done.stdout


def test_what_the_vendor_lacks_is_said_and_nothing_is_sent(attempt):
    done = attempt("gpt", QUESTION, "--image", "ftp://x", env={"OPENAI_MODEL": "o3-mini"})
    assert done.returncode == 2  # no file of that name
    done = attempt(
        "gpt", QUESTION, "--image", "https://x.org/a.png", env={"OPENAI_MODEL": "o3-mini"}
    )
    assert done.returncode == 1
    assert "failed: unsupported: " in done.stdout
    assert "> POST" not in done.stdout


def test_ctrl_c_ends_it_without_a_trace(start, vendors):
    vendors.set_fault("gpt", "timeout")
    with start("try", "gpt", QUESTION, env=vendors.environment) as command:
        command.until("> POST")
        assert command.interrupt() == 1
        assert "Traceback" not in command.stderr


def test_a_reader_who_leaves_ends_it_quietly(vendors, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "try", "gpt", QUESTION, "--repeat", "50"],
        cwd=tmp_path,
        env=environment(vendors.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 1
        assert b"Traceback" not in process.stderr.read()


def test_what_would_steer_a_terminal_is_shown_as_text(attempt):
    done = attempt("gpt", "Say \x1b[31mred\x07 and \u202eback")
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "\\u001b[31mred" in done.stdout
