"""The examples of docs/openai.md do what they say."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "openai.md"
WRITTEN = "http://127.0.0.1:4000"


def examples(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(3))
def test_the_python_examples_run(face, number):
    code = examples("python")[number]
    assert WRITTEN in code
    done = subprocess.run(
        [sys.executable, "-c", code.replace(WRITTEN, face)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.strip().splitlines()[-2:] if number != 1 else (done.stdout, "0")
    expected = {0: "42", 1: "agreed", 2: "42"}[number]
    assert expected in first
    assert float(second.split()[-1]) >= 0


def test_every_python_example_is_run():
    assert len(examples("python")) == 3


def test_the_curl_example_runs(face):
    (command,) = examples("bash")
    assert WRITTEN in command
    done = subprocess.run(
        shlex.split(command.replace(WRITTEN, face).replace("\\\n", " ")),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert '"object":"chat.completion"' in done.stdout
    assert "42" in done.stdout
