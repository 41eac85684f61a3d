"""What the commands of `wallbounce policy` share: the store, one policy of it, a file with one."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from gateway.cli.database import opened
from gateway.storage.errors import StorageError
from gateway.storage.policy_store import SqlPolicyStore
from learning.policy.document import read_policy
from learning.policy.errors import UnreadablePolicyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.settings import Settings
    from gateway.storage.policy_store import KeptPolicy
    from gateway.storage.sql import Database
    from learning.policy.document import PolicyDocument


@asynccontextmanager
async def policy_store(settings: Settings) -> AsyncIterator[tuple[Database, SqlPolicyStore]]:
    """The database and its policies.

    Raises:
        click.ClickException: There is none, or it fails meanwhile.
    """
    async with opened(settings) as database:
        try:
            yield database, SqlPolicyStore(database)
        except StorageError as error:
            raise click.ClickException(f"DATABASE_URL: {error}") from None


async def kept_policy(store: SqlPolicyStore, version: int | None) -> KeptPolicy:
    """The policy of that version; for None the one in force.

    Raises:
        click.ClickException: There is none.
    """
    if version is None:
        version = (await store.standing()).version
        if version == 0:
            raise click.ClickException(
                "no policy is in force: name a version (`wallbounce policy list` shows them)"
            )
    kept = await store.get(version)
    if kept is None:
        raise click.ClickException(f"there is no policy {version}: see `wallbounce policy list`")
    return kept


def readable(kept: KeptPolicy) -> PolicyDocument:
    """Its document.

    Raises:
        click.ClickException: It cannot be read.
    """
    try:
        return kept.read()
    except UnreadablePolicyError as error:
        raise click.ClickException(f"policy {kept.version} cannot be read: {error}") from None


def exported(document: PolicyDocument) -> str:
    """The text of a file with a policy: the document and its digest."""
    body = {"digest": document.digest, "policy": document.as_json()}
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def from_file(path: Path) -> tuple[PolicyDocument, str | None]:
    """The document in a file as `exported` writes it, or bare; and the digest noted in it.

    Raises:
        UnreadablePolicyError: It holds none.
    """
    try:
        text = path.read_text(encoding="utf-8")
        held = json.loads(text)
    except OSError as error:
        raise UnreadablePolicyError((f"{path}: {error.strerror}",)) from None
    except (ValueError, RecursionError) as error:
        raise UnreadablePolicyError((f"{path}: no JSON: {error}",)) from None
    if isinstance(held, dict) and "policy" in held:
        digest = held.get("digest")
        return read_policy(json.dumps(held["policy"])), None if digest is None else str(digest)
    return read_policy(text), None
