"""`wallbounce policy list`, `show`, `export`, `diff` and `check`: nothing is changed by them."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.environment import settings_or_exit

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.settings import Settings
    from gateway.storage.policy_store import KeptPolicy, SqlPolicyStore
    from learning.policy.document import PolicyDocument

MOST_LISTED = 1_000


def _as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="The same as JSON.")(command)


def _echo(body: object) -> None:
    click.echo(json.dumps(body, indent=2, ensure_ascii=False))


@click.command("list")
@click.option("--limit", type=click.IntRange(1, MOST_LISTED), default=20, show_default=True)
@_as_json
def list_(limit: int, as_json: bool) -> None:
    """All policies, the newest first, and which one is in force since when."""
    body = asyncio.run(_listed(settings_or_exit(), limit))
    if as_json:
        _echo(body)
        return
    from gateway.cli.policy_tables import list_tables  # noqa: PLC0415 - rich is slow to import

    list_tables(body)


@click.command("show")
@click.argument("version", type=click.IntRange(min=1), required=False)
@_as_json
def show(version: int | None, as_json: bool) -> None:
    """One policy: its weights, calibration, figures; without VERSION the one in force."""
    from gateway.cli.policy_reading import readable  # noqa: PLC0415 - --help needs no SQL

    kept, in_force = asyncio.run(_one(settings_or_exit(), version))
    document = readable(kept)
    body = {"digest": kept.digest, "in_force": in_force, "policy": document.as_json()}
    if as_json:
        _echo(body)
        return
    from gateway.cli.policy_tables import policy_tables  # noqa: PLC0415 - as above

    policy_tables(body)


@click.command("export")
@click.argument("version", type=click.IntRange(min=1), required=False)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default stdout.")
def export(version: int | None, out: Path | None) -> None:
    """One policy with its digest, as JSON; without VERSION the one in force.

    `wallbounce policy create --from FILE` takes it into another database.
    """
    from gateway.cli.policy_reading import exported, readable  # noqa: PLC0415 - as above

    kept, _ = asyncio.run(_one(settings_or_exit(), version))
    text = exported(readable(kept))
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from None


@click.command("diff")
@click.argument("before", type=click.IntRange(min=1))
@click.argument("after", type=click.IntRange(min=1), required=False)
@_as_json
def diff(before: int, after: int | None, as_json: bool) -> None:
    """What two policies differ in, path by path; without AFTER, from BEFORE to the one in force."""
    from gateway.cli.policy_reading import readable  # noqa: PLC0415 - as above
    from learning.policy.difference import differences  # noqa: PLC0415 - as above

    one, other = asyncio.run(_two(settings_or_exit(), before, after))
    found = differences(readable(one), readable(other))
    if as_json:
        changes = [asdict(difference) for difference in found]
        _echo({"before": one.version, "after": other.version, "differences": changes})
        return
    if not found:
        click.echo(f"{one.version} and {other.version} are the same")
    for difference in found:
        click.echo(f"{difference.path}: {_shown(difference.before)} -> {_shown(difference.after)}")


@click.command("check", epilog="Exit code: 0 healthy, 1 not, 2 called wrongly.")
@click.argument("which", metavar="[VERSION|FILE]", required=False)
@_as_json
def check(which: str | None, as_json: bool) -> None:
    """Load a policy and try it: its digest, its figures, what it makes of made-up answers.

    VERSION is one in the database, FILE one that was exported; without either, the one in force.
    """
    name, reasons = _checked(which)
    if as_json:
        _echo({"policy": name, "healthy": not reasons, "reasons": list(reasons)})
    else:
        for reason in reasons:
            click.echo(f"{name}: {reason}")
        click.echo(f"{name}: {'not healthy' if reasons else 'healthy'}")
    if reasons:
        sys.exit(1)


def reasons_against_kept(kept: KeptPolicy) -> tuple[str, ...]:
    """Why a stored policy must not be put in force; empty for a healthy one."""
    from learning.policy.checking import reasons_against  # noqa: PLC0415 - as above
    from learning.policy.errors import UnreadablePolicyError  # noqa: PLC0415 - as above

    try:
        document = kept.read()
    except UnreadablePolicyError as error:
        return error.problems
    return reasons_against(document, kept.digest)


def _checked(which: str | None) -> tuple[str, tuple[str, ...]]:
    if which is None or which.isdecimal():
        version = None if which is None else int(which)
        kept, _ = asyncio.run(_one(settings_or_exit(), version))
        return f"policy {kept.version}", reasons_against_kept(kept)
    from gateway.cli.policy_reading import from_file  # noqa: PLC0415 - as above
    from learning.policy.checking import reasons_against  # noqa: PLC0415 - as above
    from learning.policy.errors import UnreadablePolicyError  # noqa: PLC0415 - as above

    try:
        document, digest = from_file(Path(which))
    except UnreadablePolicyError as error:
        return which, error.problems
    return which, reasons_against(document, digest)


async def _one(settings: Settings, version: int | None) -> tuple[KeptPolicy, bool]:
    from gateway.cli.policy_reading import kept_policy, policy_store  # noqa: PLC0415 - as above

    async with policy_store(settings) as (_, store):
        kept = await kept_policy(store, version)
        return kept, (await store.standing()).version == kept.version


async def _two(settings: Settings, one: int, other: int | None) -> tuple[KeptPolicy, KeptPolicy]:
    from gateway.cli.policy_reading import kept_policy, policy_store  # noqa: PLC0415 - as above

    async with policy_store(settings) as (_, store):
        return await kept_policy(store, one), await kept_policy(store, other)


async def _listed(settings: Settings, limit: int) -> dict[str, Any]:
    from gateway.cli.policy_reading import policy_store  # noqa: PLC0415 - as above

    async with policy_store(settings) as (_, store):
        moves = await store.moves()
        return {
            "in_force": moves[-1].version if moves else 0,
            "policies": await _rows(store, limit),
            "moves": [{**asdict(move), "at": move.at.isoformat()} for move in moves[-limit:]],
        }


async def _rows(store: SqlPolicyStore, limit: int) -> list[dict[str, Any]]:
    from learning.policy.errors import UnreadablePolicyError  # noqa: PLC0415 - as above

    rows = []
    for kept in await store.page(limit=limit):
        row = {"version": kept.version, "created_at": kept.at.isoformat(), "digest": kept.digest}
        try:
            rows.append(row | _summary(kept.read()))
        except UnreadablePolicyError as error:
            rows.append(row | {"unreadable": str(error)})
    return rows


def _summary(document: PolicyDocument) -> dict[str, Any]:
    kept = document.as_json()
    return {
        "created_by": document.created_by,
        "note": document.note,
        "frozen": document.calibration.frozen,
        "labels": document.fitted_on.labels,
        "figures": kept["figures"],
    }


def _shown(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)
