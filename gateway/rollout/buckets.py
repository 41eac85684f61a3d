"""Sticky buckets: where in [0, 1) an experiment places a caller, today and after every restart."""

from __future__ import annotations

import hashlib

_BITS = 53
_DIVISOR = 1 << _BITS
"""2**53: every integer below it is a float exactly, so the quotient is exact and below 1.

Dividing 64 bits by 2**64 would round the highest hashes up to 1.0: a caller out at 100 %.
"""


def bucket(experiment: str, caller_id: str) -> float:
    """Place a caller in [0, 1); salted, so that experiments pick different callers first.

    A caller is in when its bucket is below the share, so who is in at 10 % is in at 50 %. The
    place is the first 53 bits of SHA-256 over the experiment and the id: the same in every
    process, on every machine and in every language (``hash()`` is salted anew by each process).

    Args:
        experiment: The salt.
        caller_id: The caller's id as it came; case and blanks count.
    """
    # The salt's length keeps ("a", "b:c") apart from ("a:b", "c"). A lone surrogate, which an HTTP
    # face refuses, still gets a place here rather than an exception.
    text = f"{len(experiment)}:{experiment}:{caller_id}".encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(text).digest()
    return (int.from_bytes(digest[:8], "big") >> (64 - _BITS)) / _DIVISOR
