"""What storage cannot do; the map for that room, beside it because the rollout must know it too.

StorageError
├── UnsupportedDatabaseError   the URL names no database we speak to
├── DatabaseTooNewError        its schema is of a later version than this program
├── DatabaseAwayError          not reached, locked, full, read-only: the same call may succeed later
├── DatabaseDamagedError       what it holds is not what was written into it
└── DataRefusedError           the database is there and will never take these values

Every message is one line and holds no password, so that a command can print it as it is.
"""

from __future__ import annotations

import asyncio


class StorageError(Exception):
    """Storage failed; the message says what to do about it where something can be done."""


class UnsupportedDatabaseError(StorageError):
    """The URL is malformed, or names a database or driver that is not supported."""


class DatabaseTooNewError(StorageError):
    """The schema was migrated by a later version of this program."""


class DatabaseAwayError(StorageError):
    """The database cannot be used now."""


class DatabaseDamagedError(StorageError):
    """What the database holds was changed by somebody else, or is broken."""


class DataRefusedError(StorageError):
    """The values cannot be stored, now or later."""


def root_cause(error: BaseException) -> BaseException:
    """What was raised first, under all that was raised from it."""
    # Under a TimeoutError lies the cancellation it was made of, which tells nothing.
    while error.__cause__ is not None and not isinstance(error.__cause__, asyncio.CancelledError):
        error = error.__cause__
    return error


def one_line(error: BaseException) -> str:
    """What happened, in one line: the message of the first error, or its class without one."""
    first = root_cause(error)
    lines = str(first).strip().splitlines()
    return lines[0] if lines else type(first).__name__
