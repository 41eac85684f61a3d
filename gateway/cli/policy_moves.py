"""`wallbounce policy promote` and `revert`: which policy is in force, for all who share the database."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from gateway.cli.environment import settings_or_exit

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.storage.policy_store import KeptPolicy, SqlPolicyStore
    from learning.policy.moves import PolicyMove

FOLLOWED_WITHIN = "every gateway follows within seconds (`learning_policy_version`)"


@click.command("promote")
@click.argument("version", type=click.IntRange(min=1))
@click.option("--reason", help="Kept with the move.")
@click.option("--json", "as_json", is_flag=True, help="What was done, as JSON.")
def promote(version: int, reason: str | None, as_json: bool) -> None:
    """Put a policy in force. One that fails `check` is refused.

    Of two who do so at once exactly one wins; the other is told.
    """
    move = asyncio.run(_promoted(settings_or_exit(), version, reason))
    _say(move, f"policy {move.version} is in force", as_json=as_json)


@click.command("revert")
@click.option("--reason", help="Kept with the move.")
@click.option("--json", "as_json", is_flag=True, help="What was done, as JSON.")
def revert(reason: str | None, as_json: bool) -> None:
    """Put the policy in force that was so before this one. A second time goes a step further back."""
    move = asyncio.run(_reverted(settings_or_exit(), reason))
    _say(move, f"back to policy {move.version}", as_json=as_json)


async def _promoted(settings: Settings, version: int, reason: str | None) -> PolicyMove:
    from gateway.cli.policy_reading import kept_policy, policy_store  # noqa: PLC0415 - --help needs no SQL
    from gateway.cli.policy_views import reasons_against_kept  # noqa: PLC0415 - as above

    async with policy_store(settings) as (_, store):
        standing = await store.standing()
        kept = await kept_policy(store, version)
        if standing.version == version:
            raise click.ClickException(f"policy {version} is in force already")
        _refuse(kept, reasons_against_kept(kept))
        return await _move(store, standing.move + 1, version, reason)


async def _reverted(settings: Settings, reason: str | None) -> PolicyMove:
    from gateway.cli.policy_reading import kept_policy, policy_store, readable  # noqa: PLC0415 - as above
    from learning.policy.checking import faults_of  # noqa: PLC0415 - as above
    from learning.policy.moves import before  # noqa: PLC0415 - as above

    async with policy_store(settings) as (_, store):
        moves = await store.moves()
        version = before(moves)
        if version is None:
            raise click.ClickException(
                "there is none to go back to: no other policy was in force before this one"
                if moves
                else "no policy was ever in force"
            )
        kept = await kept_policy(store, version)
        # It was in force: what gateways could not follow is all that speaks against it now.
        _refuse(kept, faults_of(readable(kept)))
        return await _move(store, moves[-1].number + 1, version, reason)


def _refuse(kept: KeptPolicy, reasons: tuple[str, ...]) -> None:
    if reasons:
        listed = "\n".join(f"  {reason}" for reason in reasons)
        raise click.ClickException(
            f"policy {kept.version} is not healthy, and what is in force stays:\n{listed}"
        )


async def _move(store: SqlPolicyStore, number: int, version: int, reason: str | None) -> PolicyMove:
    from gateway.cli.standing import operator  # noqa: PLC0415 - as above
    from learning.policy.moves import PolicyMove  # noqa: PLC0415 - as above

    move = PolicyMove(number, datetime.now(UTC), operator(), version, reason)
    if not await store.put_in_force(move):
        raise click.ClickException(
            "somebody else has changed what is in force meanwhile; nothing was done "
            "(`wallbounce policy list` shows who)"
        )
    return move


def _say(move: PolicyMove, sentence: str, *, as_json: bool) -> None:
    if as_json:
        body = {
            "version": move.version,
            "move": move.number,
            "at": move.at.isoformat(),
            "by": move.by,
            "reason": move.reason,
        }
        click.echo(json.dumps(body, indent=2, ensure_ascii=False))
    else:
        click.echo(f"{sentence}; {FOLLOWED_WITHIN}")
