"""Where alerts go, as the environment names it; nothing is opened here, and nothing is shown."""

from __future__ import annotations

import re
from typing import TypeAlias

from pydantic import SecretStr

from gateway.alerts.levels import Level

_LEVELS = "|".join(Level)
# A comma may stand in a URL (several recipients): it parts two only before the next one's level.
_BETWEEN = re.compile(rf"[\s,]+(?=(?:{_LEVELS})\s*=)", re.IGNORECASE)
_ITEM = re.compile(rf"({_LEVELS})\s*=\s*(([a-z][a-z0-9+.-]*)://\S*[^\s,])[\s,]*", re.IGNORECASE)


Address: TypeAlias = tuple[Level, SecretStr]
"""The level a channel is told from, and its URL, which holds its password or token."""


def addresses(text: str) -> tuple[Address, ...]:
    """Read ``warning=slack://… critical=mailto://…``, separated by spaces or commas.

    Raises:
        ValueError: not of that form, or a URL twice; the message holds nothing of the text.
    """
    matches = [_ITEM.fullmatch(part) for part in _BETWEEN.split(text.strip())]
    found = [(Level(m[1].lower()), SecretStr(m[2])) for m in matches if m is not None]
    if len(found) < len(matches):
        raise ValueError("expected level=URL")
    if len({url.get_secret_value() for _, url in found}) < len(found):
        raise ValueError("a URL is there twice")
    return tuple(found)


def scheme(url: SecretStr) -> str:
    """What may be shown of a URL: ``slack``, ``mailto``."""
    return url.get_secret_value().partition("://")[0].lower()


def names(given: tuple[Address, ...]) -> tuple[str, ...]:
    """A name for each, for logs and metrics: its scheme, numbered where there are several of it."""
    seen: dict[str, int] = {}
    found = []
    for _, url in given:
        kind = scheme(url)
        seen[kind] = seen.get(kind, 0) + 1
        found.append(kind if seen[kind] == 1 else f"{kind}-{seen[kind]}")
    return tuple(found)
