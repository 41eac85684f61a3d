"""`wallbounce rollout advance` and the other moves: made in the database all instances share."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from gateway.announcement import running
from gateway.cli import client
from gateway.cli.environment import settings_in_an_emergency, settings_or_exit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.cli.standing import Done
    from gateway.rollout.commands import Command
    from gateway.settings import Settings

BY_HAND = "by hand"


def _reason(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--reason", default=BY_HAND, show_default=True, help="Kept in the history."
    )(command)


def _as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="What was done, as JSON.")(command)


@click.command("advance")
@click.option("--reason", help=f"Kept in the history; default {BY_HAND!r}, needed with --force.")
@click.option("--force", is_flag=True, help="Before the verdict says so; never over CRITICAL.")
@_as_json
def advance(reason: str | None, force: bool, as_json: bool) -> None:
    """Go on to the plan's next stage.

    Every gateway that runs from this folder is asked for its verdict: unless all say ADVANCE, the
    move is refused, and --force, with a --reason, is needed.
    """
    from gateway.rollout.commands import Advance  # noqa: PLC0415 - --help needs none of it

    if force and not (reason or "").strip():
        raise click.UsageError("--force needs a --reason: it is kept in the history")
    settings = settings_or_exit()
    version, figures = _consented(settings.server.data_dir, force=force)
    _make(
        settings,
        lambda by: Advance(
            by=by,
            reason=reason or BY_HAND,
            forced=force,
            on_version=None if force else version,
            figures=figures,
        ),
        as_json=as_json,
    )


@click.command("hold")
@_reason
@_as_json
def hold(reason: str, as_json: bool) -> None:
    """Stay at this stage: no automatic advance until `resume`. A rollback still happens by itself."""
    from gateway.rollout.commands import Hold  # noqa: PLC0415 - as above

    _make(settings_or_exit(), lambda by: Hold(by=by, reason=reason), as_json=as_json)


@click.command("resume")
@_reason
@_as_json
def resume(reason: str, as_json: bool) -> None:
    """Let the plan advance by itself again, after `hold`."""
    from gateway.rollout.commands import Resume  # noqa: PLC0415 - as above

    _make(settings_or_exit(), lambda by: Resume(by=by, reason=reason), as_json=as_json)


@click.command("approve")
@_reason
@_as_json
def approve(reason: str, as_json: bool) -> None:
    """Consent to the next stage, as the user who calls.

    Who approves twice counts once; any change of stage and any rollback take all approvals away.
    """
    from gateway.rollout.commands import Approve  # noqa: PLC0415 - as above

    _make(settings_or_exit(), lambda by: Approve(by=by, reason=reason), as_json=as_json)


@click.command("abort")
@_reason
@_as_json
def abort(reason: str, as_json: bool) -> None:
    """Give the rollout up: all traffic to the legacy path, the plan back to its first stage."""
    from gateway.rollout.commands import Abort  # noqa: PLC0415 - as above

    _make(settings_in_an_emergency(), lambda by: Abort(by=by, reason=reason), as_json=as_json)


@click.command("rollback")
@_reason
@_as_json
def rollback(reason: str, as_json: bool) -> None:
    """Send all traffic to the legacy path, on every instance that shares the database.

    Needs no operator key: whoever may write the database may do this. Running gateways follow
    within a second; those that run from this folder are asked whether they have.
    """
    from gateway.rollout.commands import RollBack  # noqa: PLC0415 - as above

    _make(settings_in_an_emergency(), lambda by: RollBack(by=by, reason=reason), as_json=as_json)


@click.command("acknowledge")
@_reason
@click.option("--reopen", is_flag=True, help="Closed arms take traffic again, too.")
@_as_json
def acknowledge(reason: str, reopen: bool, as_json: bool) -> None:
    """Let traffic return after a rollback: to the plan's first stage, or the environment's share.

    Needs no operator key: whoever may write the database may do this.
    """
    from gateway.rollout.commands import Acknowledge  # noqa: PLC0415 - as above

    _make(
        settings_or_exit(),
        lambda by: Acknowledge(by=by, reason=reason, reopen=reopen),
        as_json=as_json,
    )


MOVES = (advance, hold, resume, approve, abort, rollback, acknowledge)


def _make(settings: Settings, command: Callable[[str], Command], *, as_json: bool) -> None:
    from gateway.cli.rollout_words import said  # noqa: PLC0415
    from gateway.cli.standing import change, followed, operator  # noqa: PLC0415 - only these need SQL

    asked = command(operator())
    done = asyncio.run(change(settings, asked))
    sentence = said(asked, done.after, changed=done.changed)
    if not as_json:
        click.echo(sentence)
    gateways = []
    for gateway in followed(settings.server.data_dir, done.after.version):
        gateways.append(gateway)
        if not as_json:
            click.echo(gateway.sentence)
    if as_json:
        click.echo(json.dumps(_body(done, sentence, gateways), indent=2, ensure_ascii=False))
    if not all(gateway.followed for gateway in gateways):
        raise click.ClickException("not every gateway has followed; see its log")


def _body(done: Done, sentence: str, gateways: list[Any]) -> dict[str, Any]:
    return {
        "changed": done.changed,
        "version": done.after.version,
        "tripped": done.after.tripped,
        "stage": done.after.stage,
        "held": done.after.held,
        "said": sentence,
        "gateways": [asdict(gateway) for gateway in gateways],
    }


def _consented(data_dir: Path, *, force: bool) -> tuple[int | None, dict[str, Any]]:
    """The version of the state that was judged, and the verdicts' figures by gateway.

    Raises:
        click.ClickException: a gateway does not consent, or none runs to be asked.
    """
    here = running(data_dir)
    if not here and not force:
        raise click.ClickException(
            "no gateway runs from this folder that could say whether the stage may end: run this in "
            "a gateway's folder, or advance with --force and a --reason"
        )
    version = None
    figures: dict[str, Any] = {}
    for gateway in here:
        try:
            body = client.rollout(gateway.url)
        except client.UnreachableError as away:
            if force:
                continue
            raise click.ClickException(f"{away.message}: --force goes on without it") from None
        _refuse_unless_fit(body, gateway.url, force=force)
        version = body["shared_state"]["version"]
        figures[gateway.url] = body["verdict"]["figures"]
    return version, figures


def _refuse_unless_fit(body: dict[str, Any], url: str, *, force: bool) -> None:
    if body["tripped"] or body["plan"] is None:
        return  # the stage machine says it better
    verdict = body["verdict"]
    why = "; ".join(verdict["reasons"])
    if verdict["health"] == "CRITICAL":
        raise click.ClickException(f"the gateway at {url} says CRITICAL: {why}")
    if body["decision"] != "ADVANCE" and not force:
        raise click.ClickException(
            f"the gateway at {url} says {body['decision']}: {why} (--force goes on all the same, "
            "with a --reason)"
        )
