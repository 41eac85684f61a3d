"""Takes keys out of whatever is shown: by their value wherever they stand, and by their header's name."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateway.settings import Settings

MASK: Final = "[key]"

SHORTEST: Final = 6
"""Characters. A shorter value is no key, and masking it would garble ordinary words."""

HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "x-api-key", "x-goog-api-key", "api-key", "cookie"}
    | {"set-cookie"}
)
"""Headers that bear keys, or sessions, whatever their value."""

_NAMES = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS)S?$")


class Secrets:
    """Masks these values, each of their characters plain, as JSON escapes it or as URLs do."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted({v for v in values if len(v) >= SHORTEST}, key=len, reverse=True)
        pattern = "|".join("".join(map(_anyhow, value)) for value in self._values)
        self._pattern = re.compile(pattern or r"(?!)")

    def hide(self, text: str) -> str:
        """The text without keys; of one that is cut off at its end no part is left either."""
        text = self._pattern.sub(MASK, text)
        for value in self._values:
            for length in range(min(len(value) - 1, len(text)), SHORTEST - 1, -1):
                if text.endswith(value[:length]):
                    return text[:-length] + MASK
        return text

    def header(self, name: str, value: str) -> str:
        """A header's value as it may be shown."""
        if name.lower() in HEADERS:
            scheme, space, _ = value.partition(" ")
            return f"{scheme} {MASK}" if space and scheme in {"Bearer", "Basic"} else MASK
        return self.hide(value)


def _anyhow(character: str) -> str:
    """A pattern for one character as texts, JSON and URLs write it."""
    octets = "".join(f"%{octet:02x}" for octet in character.encode())
    escaped = re.escape("\\" + f"u{ord(character):04x}")
    forms = (json.dumps(character)[1:-1], "\\" + character, character)
    plain = "|".join(map(re.escape, dict.fromkeys(forms)))
    return f"(?:(?i:{escaped}|{octets})|{plain})"  # the longer before what they begin with


def secrets_of(settings: Settings, environ: Mapping[str, str]) -> Secrets:
    """Every secret the settings hold, and what the environment calls a key, a token or a password.

    The latter are those of vendors reached through LiteLLM, which reads them itself.
    """
    named = (value for name, value in environ.items() if _NAMES.search(name.upper()))
    return Secrets({*_secrets(settings), *named})


def _secrets(value: object) -> Iterator[str]:
    """Secrets among settings, however deep they lie."""
    match value:
        case SecretStr():
            secret = value.get_secret_value()
            yield secret
            yield from filter(None, _credentials(secret))
        case BaseModel():
            yield from _secrets(tuple(value.__dict__.values()))
        case dict():
            yield from _secrets(tuple(value.values()))
        case list() | tuple() | set() | frozenset():
            for held in value:
                yield from _secrets(held)
        case _ if is_dataclass(value):
            yield from _secrets(tuple(getattr(value, field.name) for field in fields(value)))
        case _:
            pass


def _credentials(secret: str) -> tuple[str | None, ...]:
    """The password in a URL that is secret as a whole, as a proxy's."""
    try:
        return (urlsplit(secret).password,) if "://" in secret else ()
    except ValueError:
        return ()
