"""`wallbounce ask`: one question, and who said what."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from gateway.announcement import running
from gateway.cli.asking import ask
from gateway.cli.client import address
from gateway.cli.environment import ENV_FILE, settings_or_exit
from gateway.cli.local_gateway import local_gateway
from gateway.cli.parameters import FiniteRange, question_of, url_option
from gateway.environment import merge, read_env_file


@click.command("ask", epilog="Exit code: 0 answered, 1 not answered, 2 called wrongly.")
@click.argument("prompt")
@url_option
@click.option(
    "--task-type",
    type=click.Choice(["basic", "premium", "critical"]),
    default="critical",
    show_default=True,
)
@click.option(
    "--mode", type=click.Choice(["parallel", "sequential"]), default="parallel", show_default=True
)
@click.option(
    "--depth", type=click.IntRange(3, 5), help="Rounds at most in sequential mode; default 3."
)
@click.option(
    "--aggregation",
    type=click.Choice(["select", "synthesize"]),
    default="select",
    show_default=True,
)
@click.option("--provider", "providers", multiple=True, help="Ask this provider; may be repeated.")
@click.option("--budget-usd", type=FiniteRange(0, min_open=True), help="Never exceeded.")
@click.option(
    "--timeout-ms",
    type=click.IntRange(100, 600_000),
    default=60_000,
    show_default=True,
    help="Deadline of the whole question.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="The answer's body as JSON, and nothing else."
)
def command(prompt: str, url: str | None, as_json: bool, **wishes: Any) -> None:
    """Ask PROMPT (`-` reads it from standard input) and see votes, dissent and confidence.

    Asks the gateway at --url, or the one running from this folder; where none runs, one is started
    with this environment and this folder's .env for this question alone: all its traffic takes the
    wall-bounce path, and nothing is kept. A key the gateway wants is read from WALLBOUNCE_API_KEY.
    """
    # Slow to import, and of no use to those who ask for --help or mistype.
    from gateway.cli import progress  # noqa: PLC0415

    settings = settings_or_exit()
    body: dict[str, Any] = {"prompt": question_of(prompt)}
    body |= {name: wish for name, wish in wishes.items() if wish not in (None, ())}
    if providers := body.get("providers"):
        body["providers"] = list(providers)
    with progress.shown() as shown, ExitStack() as stack:
        if url is None and not running(settings.server.data_dir):
            shown.say("starting a gateway for this question …")
            url = _own_gateway(stack)
        answer = ask(address(url, settings.server.data_dir), body, shown.seen)
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    from gateway.cli.tables import answer_tables  # noqa: PLC0415

    answer_tables(answer)


def _own_gateway(stack: ExitStack) -> str:
    """The URL of a gateway in a folder of its own, with the settings of this folder."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wallbounce-")))
    here = merge(os.environ, read_env_file(ENV_FILE))
    ours = {
        "USE_SRP_WALL_BOUNCE": "true",
        "SRP_TRAFFIC_PERCENTAGE": "100",
        "WALLBOUNCE_API_KEYS": "",
        # A rollback that stands elsewhere is no reason not to answer here, nor our failure one there.
        "DATABASE_URL": "",
        "WALLBOUNCE_DATA_DIR": str(folder / "data"),
    }
    return stack.enter_context(local_gateway(folder, here | ours))
