"""`wallbounce ask`: one question, and who said what."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from gateway.announcement import running
from gateway.cli import client
from gateway.cli.asking import ServerEvent, ask
from gateway.cli.environment import ENV_FILE, settings_or_exit
from gateway.cli.local_gateway import local_gateway
from gateway.environment import merge, read_env_file


@click.command("ask")
@click.argument("prompt")
@client.url_option
@click.option(
    "--task-type",
    type=click.Choice(["basic", "premium", "critical"]),
    default="critical",
    show_default=True,
)
@click.option(
    "--mode", type=click.Choice(["parallel", "sequential"]), default="parallel", show_default=True
)
@click.option("--depth", type=click.IntRange(3, 5), help="Rounds at most in sequential mode.")
@click.option(
    "--aggregation",
    type=click.Choice(["select", "synthesize"]),
    default="select",
    show_default=True,
)
@click.option("--provider", "providers", multiple=True, help="Ask this provider; may be repeated.")
@click.option("--budget-usd", type=float, help="Never exceeded.")
@click.option("--timeout-ms", type=click.IntRange(100, 600_000), default=60_000, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The answer's body.")
def command(prompt: str, url: str | None, as_json: bool, **wishes: Any) -> None:
    """Ask PROMPT (`-` reads it from standard input) and see votes, dissent and confidence.

    Asks the gateway at --url, or the one running from this folder; where none runs, one is started
    with this environment for this question alone, all of whose traffic takes the wall-bounce path.
    """
    settings = settings_or_exit()
    body: dict[str, Any] = {"prompt": sys.stdin.read() if prompt == "-" else prompt}
    body |= {name: wish for name, wish in wishes.items() if wish not in (None, ())}
    if providers := body.get("providers"):
        body["providers"] = list(providers)
    with ExitStack() as stack:
        if url is None and not running(settings.server.data_dir):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wallbounce-")))
            whole = {
                "USE_SRP_WALL_BOUNCE": "true",
                "SRP_TRAFFIC_PERCENTAGE": "100",
                "WALLBOUNCE_API_KEYS": "",
            }
            url = stack.enter_context(local_gateway(folder, _env_file_too() | whole))
        target = client.address(url, settings.server.data_dir)
        if as_json:
            answer = ask(target, body, _unwatched)
            click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        else:
            _show(target, body)


def _env_file_too() -> dict[str, str]:
    """The variables of this folder's .env, for a gateway that runs in another folder."""
    return merge(os.environ, read_env_file(ENV_FILE))


def _unwatched(_: ServerEvent) -> None:
    """For those who wait for the end."""


def _show(url: str, body: dict[str, Any]) -> None:
    from rich.console import Console  # noqa: PLC0415 - rich is slow to import

    from gateway.cli.tables import answer_tables  # noqa: PLC0415

    console = Console()
    progress = Console(stderr=True)
    with progress.status("asking …", spinner="dots") as status:
        answered: list[str] = []

        def seen(event: ServerEvent) -> None:
            if event.name == "vote":
                error = event.data["error"]
                mark = f"[red]✗ {error['code']}[/]" if error else "[green]✓[/]"
                answered.append(
                    f"{event.data['provider']} {mark} {event.data['latency_ms']:.0f} ms"
                )
            elif event.name == "round" and event.data["consensus"]:
                answered.append(f"round {event.data['round']}: {event.data['consensus']['status']}")
            status.update("asking …  " + "   ".join(answered))

        answer = ask(url, body, seen)
    answer_tables(answer, console)
    sys.stdout.flush()
