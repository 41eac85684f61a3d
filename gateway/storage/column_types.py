"""Column types that mean the same in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, Text
from sqlalchemy.types import TypeDecorator

from consensus.ballot import Ballot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Dialect

LargeKey = BigInteger().with_variant(Integer, "sqlite")
"""A key counted up by the database; SQLite does so for INTEGER alone."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, in UTC: ``timestamptz`` in PostgreSQL, text without zone in SQLite.

    A datetime without a zone is refused: nobody could say which moment it means.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite's text sorts by time only if all of it is in one zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class OutsideText(TypeDecorator[str]):
    """Text written, or asked for, by vendors and callers: anything may be in it.

    PostgreSQL takes no NUL, and no database a lone surrogate; both become U+FFFD.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Only what both databases take."""
        return None if value is None else storable(value)


class JsonMapping(TypeDecorator[dict[str, Any]]):
    """A flat JSON object with keys and values from outside."""

    impl = JSON
    cache_ok = True

    def process_bind_param(
        self, value: Mapping[str, Any] | None, dialect: Dialect
    ) -> dict[str, Any]:
        """As a plain dict of storable text."""
        del dialect
        return {
            storable(key): storable(item) if isinstance(item, str) else item
            for key, item in (value or {}).items()
        }


class JsonArray(TypeDecorator[list[dict[str, Any]]]):
    """A JSON array of objects with text from outside, in any depth; NULL and [] are the same."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(
        self, value: Sequence[Mapping[str, Any]] | None, dialect: Dialect
    ) -> list[dict[str, Any]] | None:
        """As plain lists and dicts of storable text."""
        del dialect
        return _plain(value) if value else None

    def process_result_value(
        self, value: list[dict[str, Any]] | None, dialect: Dialect
    ) -> list[dict[str, Any]]:
        """As it was written."""
        del dialect
        return value or []


class JsonBallot(TypeDecorator[Ballot]):
    """A `consensus.ballot.Ballot`; NULL where none is kept.

    One that this program cannot read, such as a later version's, is read as None: the record is worth
    having without it.
    """

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Ballot | None, dialect: Dialect) -> dict[str, Any] | None:
        """As JSON, the vendors' words storable."""
        del dialect
        if value is None:
            return None
        kept = value.as_json()
        # All else is our own words and numbers.
        kept["voters"] = [[storable(word) for word in voter] for voter in kept["voters"]]
        return kept

    def process_result_value(self, value: Any, dialect: Dialect) -> Ballot | None:
        """As it was written, its figures to six digits."""
        del dialect
        return Ballot.from_json(value) if isinstance(value, dict) else None


def _plain(value: Any) -> Any:
    """The value as JSON has it, all text storable."""
    if isinstance(value, str):
        return storable(value)
    if value is None or isinstance(value, (int, float)):  # before `Mapping`, which is slow to ask
        return value
    if isinstance(value, Mapping):
        return {storable(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def storable(text: str) -> str:
    """The text with U+FFFD for what no database takes."""
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")
