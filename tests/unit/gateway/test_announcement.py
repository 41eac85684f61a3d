"""Which gateways run here: found as long as they live, forgotten however they end."""

import json
import signal
import socket
import subprocess
import sys

import pytest

from gateway.announcement import FOLDER, announced, reachable, running

CHILD = """
import sys, time
from pathlib import Path
from gateway.announcement import announced
with announced(Path(sys.argv[1]), "127.0.0.1", 4001, Path(".env")):
    print("announced", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def child(tmp_path):
    """A process that has announced a gateway at port 4001."""
    process = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"announced\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_gateway_is_found_while_it_runs_and_gone_afterwards(tmp_path):
    with announced(tmp_path, "0.0.0.0", 4000, tmp_path / ".env"):
        (found,) = running(tmp_path)
        assert found.url == "http://127.0.0.1:4000"
        assert found.env_file == str(tmp_path / ".env")
    assert running(tmp_path) == []
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_several_gateways_are_listed_by_port(tmp_path, child):
    with announced(tmp_path, "127.0.0.1", 4000, tmp_path / ".env"):
        assert [found.port for found in running(tmp_path)] == [4000, 4001]


def test_what_a_killed_gateway_left_behind_is_swept_away(tmp_path, child):
    assert [found.pid for found in running(tmp_path)] == [child.pid]
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert running(tmp_path) == []
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_a_live_gateway_of_another_machine_is_neither_listed_nor_swept_away(
    tmp_path, child, monkeypatch
):
    monkeypatch.setattr(socket, "gethostname", lambda: "another")
    assert running(tmp_path) == []
    monkeypatch.undo()
    assert [found.pid for found in running(tmp_path)] == [child.pid]


def test_what_cannot_be_read_is_no_gateway(tmp_path):
    with announced(tmp_path, "127.0.0.1", 4000, tmp_path / ".env"):
        (file,) = (tmp_path / FOLDER).iterdir()
        file.write_text(json.dumps({"pid": 1}))
        assert running(tmp_path) == []


def test_where_nobody_ever_ran_nobody_is_found(tmp_path):
    assert running(tmp_path) == []


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:1"),
        ("0.0.0.0", "http://127.0.0.1:1"),
        ("::", "http://[::1]:1"),
        ("::1", "http://[::1]:1"),
        ("gateway.example", "http://gateway.example:1"),
    ],
)
def test_an_address_is_given_as_one_reaches_it_from_this_machine(host, url):
    assert reachable(host, 1) == url
