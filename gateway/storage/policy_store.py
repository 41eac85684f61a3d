"""Policies and the moves that put them in force, in the database all instances share.

Both tables are only ever added to. What is added gets the number after the last one; of two who add at
once one meets its key taken. A policy then takes the next number; a move is refused, for what it was
to follow is no longer what stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from gateway.storage.errors import DatabaseDamagedError, DataRefusedError
from gateway.storage.learning_schema import policies, policy_moves
from learning.policy.errors import UnreadablePolicyError
from learning.policy.moves import PolicyMove, Standing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gateway.storage.sql import Database
    from learning.policy.document import PolicyDocument

TRIES = 20
"""To get a number for a policy: each failure means that somebody else got one."""


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """A policy as it is stored; its text may be anything until it is read."""

    version: int
    at: datetime
    text: str
    digest: str

    def read(self) -> PolicyDocument:
        """The document.

        Raises:
            UnreadablePolicyError: The text is none, is not what its digest was taken of, or tells of
                another version.
        """
        # pydantic takes 24 ms to understand the document's parts: a start without a policy needs none.
        from learning.policy.document import digest_of, read_policy  # noqa: PLC0415

        if digest_of(self.text) != self.digest:
            raise UnreadablePolicyError(
                (f"its text is not what digest {self.digest} was taken of",)
            )
        document = read_policy(self.text)
        if document.version != self.version:
            raise UnreadablePolicyError(
                (f"it says of itself to be version {document.version}, not {self.version}",)
            )
        return document


class SqlPolicyStore:
    """See above. All may raise `gateway.storage.errors.DatabaseAwayError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, make: Callable[[int], PolicyDocument]) -> PolicyDocument:
        """Store the document that ``make`` makes of a version: the first one not taken.

        Raises:
            DataRefusedError: Too many others added at once, or the database takes no such text.
        """
        newest = func.coalesce(func.max(policies.c.version), 0)
        tries = 0
        while True:
            async with self._database.read() as connection:
                version = (await connection.execute(select(newest))).scalar_one() + 1
            document = make(version)
            row = {
                "version": version,
                "at": document.created_at,
                "document": document.text,
                "digest": document.digest,
            }
            try:
                async with self._database.write() as connection:
                    await connection.execute(insert(policies).values(row))
            except DataRefusedError:
                tries += 1
                if tries == TRIES or await self.get(version) is None:
                    raise
            else:
                return document

    async def get(self, version: int) -> KeptPolicy | None:
        """One policy, None if there is none of that version."""
        async with self._database.read() as connection:
            found = await connection.execute(select(policies).where(policies.c.version == version))
            row = found.first()
        return None if row is None else KeptPolicy(*row)

    async def page(self, *, below: int | None = None, limit: int = 100) -> list[KeptPolicy]:
        """Policies, newest first: those with a version less than ``below``."""
        query = select(policies).order_by(policies.c.version.desc()).limit(limit)
        if below is not None:
            query = query.where(policies.c.version < below)
        async with self._database.read() as connection:
            return [KeptPolicy(*row) for row in await connection.execute(query)]

    async def standing(self) -> Standing:
        """What is in force: one small read."""
        last = policy_moves.c.number.desc()
        query = select(policy_moves.c.version, policy_moves.c.number).order_by(last).limit(1)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return Standing() if row is None else Standing(*row)

    async def moves(self) -> list[PolicyMove]:
        """All moves, oldest first."""
        async with self._database.read() as connection:
            found = await connection.execute(select(policy_moves).order_by(policy_moves.c.number))
            moves = [PolicyMove(*row) for row in found]
        if [move.number for move in moves] != list(range(1, len(moves) + 1)):
            raise DatabaseDamagedError("moves of policies are missing: their numbers have gaps")
        return moves

    async def put_in_force(self, move: PolicyMove) -> bool:
        """Store a move; False where another one has its number: somebody else was first.

        Raises:
            DataRefusedError: There is no policy of that version.
        """
        row = {
            "number": move.number,
            "at": move.at,
            "by": move.by,
            "version": move.version,
            "reason": move.reason,
        }
        try:
            async with self._database.write() as connection:
                await connection.execute(insert(policy_moves).values(row))
        except DataRefusedError:
            if (await self.standing()).move < move.number:
                raise
            return False
        return True
