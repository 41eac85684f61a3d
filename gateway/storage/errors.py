"""What storage cannot do (`gateway.storage_errors`), under the name this room knows it by."""

from gateway.storage_errors import (
    DatabaseAwayError,
    DatabaseDamagedError,
    DatabaseTooNewError,
    DataRefusedError,
    StorageError,
    UnsupportedDatabaseError,
    one_line,
    root_cause,
)

__all__ = [
    "DataRefusedError",
    "DatabaseAwayError",
    "DatabaseDamagedError",
    "DatabaseTooNewError",
    "StorageError",
    "UnsupportedDatabaseError",
    "one_line",
    "root_cause",
]
