"""`wallbounce doctor`: is this environment fit to serve, and if not, what to do."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from gateway.cli.environment import ENV_FILE
from gateway.diagnosis import Finding, examine

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKS = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "fail": "[red]✗[/]"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
@click.option("--offline", is_flag=True, help="Do not open connections to the vendors.")
def command(as_json: bool, offline: bool) -> None:
    """Check the environment: settings, vendors, database, folders, optional parts.

    No vendor is asked anything; a connection is opened and closed. Exit code 1 when something fails.
    """
    findings = asyncio.run(examine(os.environ, ENV_FILE, connect=not offline))
    if as_json:
        click.echo(
            json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False)
        )
    else:
        _print(findings)
    sys.exit(any(finding.level == "fail" for finding in findings))


def _print(findings: Sequence[Finding]) -> None:
    from rich.console import Console  # noqa: PLC0415 - rich is slow to import
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, show_header=False)
    for finding in findings:
        advice = f"\n[dim]→ {escape(finding.advice)}[/]" if finding.advice else ""
        table.add_row(MARKS[finding.level], finding.subject, escape(finding.found) + advice)
    Console().print(table)
