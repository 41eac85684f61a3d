"""Callers as records know them: apart from each other, and by no name of their own."""

from __future__ import annotations

import hashlib

CALLER_HASH_CHARS = 16
"""64 bits: enough to tell callers apart, and no way back to their id."""


def caller_hash(salt: str, user_id: str | None) -> str | None:
    """A caller's id as records keep it; None for a caller without. ``salt`` keeps hashes our own."""
    if user_id is None:
        return None
    salted = f"{salt}\0{user_id}".encode()
    return hashlib.sha256(salted).hexdigest()[:CALLER_HASH_CHARS]
