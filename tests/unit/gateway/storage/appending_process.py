"""A process that appends records as fast as requests may come, and says which and when, until killed."""

from __future__ import annotations

import asyncio
import itertools
import sys
import time

from gateway.storage.journal import Journal
from gateway.storage.sql import Database
from tests.support.storage import record


async def append_until_killed(url: str) -> None:
    """Print ``id monotonic-seconds`` for each record, right after it was appended."""
    database = await Database.open(url)
    await database.migrate()
    journal = Journal(database)
    await journal.start()
    for i in itertools.count():
        request_id = f"r-{i:06d}"
        journal.append(record(request_id, after_s=i))
        sys.stdout.write(f"{request_id} {time.monotonic()}\n")
        sys.stdout.flush()
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    asyncio.run(append_until_killed(sys.argv[1]))
