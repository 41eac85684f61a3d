"""The README's examples run as they stand; only the port is another."""

import json
import re
import shlex
import subprocess
import sys

import click
import pytest

from gateway.cli import main
from tests.support.command_line import ROOT, environment
from tests.support.programs import real_program

README = (ROOT / "README.md").read_text()
DEFAULT = "127.0.0.1:4000"


def block(language, start):
    """The one code block of a language that begins so."""
    (found,) = re.findall(rf"```{language}\n({re.escape(start)}.*?)```", README, re.DOTALL)
    return found


@pytest.fixture
def play(gateway):
    """Runs a command line with the default port replaced by the gateway's."""

    def _play(command, script):
        assert DEFAULT in script
        done = subprocess.run(
            [*command, script.replace(DEFAULT, f"127.0.0.1:{gateway.port}")],
            cwd=gateway.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return _play


def test_the_curl_example_answers(play):
    real_program("curl")
    body = json.loads(play(["sh", "-c"], block("console", "$ curl").removeprefix("$ ")))
    assert body["srp_processed"] is True
    assert len(body["votes"]) == 3
    assert body["consensus"]["dissent"] == ["claude"]


def test_the_python_example_prints_answer_confidence_and_dissent(play):
    printed = play([sys.executable, "-c"], block("python", "import httpx"))
    assert re.fullmatch(r".*アンカラ.* 0\.\d+ \['gemini'\]\n", printed)


@pytest.mark.parametrize(
    "line", re.findall(r"^\$ wallbounce ([^#\n]+?)\s*(?:#.*)?$", README, re.MULTILINE)
)
def test_a_command_of_the_readme_exists_and_takes_these_arguments(line):
    *groups, last = resolve(shlex.split(line))
    command, arguments = last
    command.make_context(command.name, list(arguments), parent=groups[-1] if groups else None)


def resolve(words):
    """The groups' contexts, then the command a line names with what it is given."""
    command, context = main, click.Context(main)
    contexts = [context]
    while isinstance(command, click.Group):
        name, *words = words
        command = command.get_command(contexts[-1], name)
        assert command is not None, name
        contexts.append(click.Context(command, parent=contexts[-1]))
    return [*contexts[:-1], (command, words)]
