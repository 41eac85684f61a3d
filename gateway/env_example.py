"""Writes `.env.example` and the README's table from the typed settings: `python -m gateway.env_example`."""

from __future__ import annotations

import sys
import textwrap
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gateway.environment import allowed, is_secret
from gateway.settings import HOT_VARIABLES, SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

HEADER = """\
# Every variable wallbounce reads, with its default. Copy to .env and uncomment what you change.
# The environment wins over .env, except for variables marked "hot": there .env wins, and SIGHUP
# (or `wallbounce rollout set`) applies it without a restart. The last of duplicate lines wins.
"""
WIDTH = 100


def env_example() -> str:
    """The text of `.env.example`."""
    blocks = [HEADER]
    for section in SECTIONS.values():
        blocks.append(f"# --- {(section.__doc__ or '').strip()}\n")
        blocks += [_block(field) for field in section.model_fields.values()]
    return "\n".join(blocks)


def markdown_table() -> str:
    """The README's configuration table."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for _, field in _fields():
        default = default_text(field)
        meaning = (field.description or "").rstrip(".")
        hot = " *(hot)*" if field.alias in HOT_VARIABLES else ""
        rows.append(f"| `{field.alias}` | {f'`{default}`' if default else '–'} | {meaning}{hot} |")
    return "\n".join(rows) + "\n"


def default_text(field: FieldInfo) -> str:
    """A default as the variable would be written; empty where there is none."""
    return _text(field.default, field.alias or "")


def _fields() -> Iterator[tuple[str, FieldInfo]]:
    for name, section in SECTIONS.items():
        for field in section.model_fields.values():
            yield name, field


def _block(field: FieldInfo) -> str:
    words = field.description or ""
    if (form := allowed(field)) and form not in words:
        words += f" Takes {form}."
    if field.alias in HOT_VARIABLES:
        words += " (hot)"
    comment = textwrap.fill(words, WIDTH, initial_indent="# ", subsequent_indent="# ")
    value = "" if is_secret(field) else default_text(field)
    return f"{comment}\n# {field.alias}={value}\n"


def _text(default: Any, variable: str) -> str:
    match default:
        case None | ():
            return ""
        case bool():
            return str(default).lower()
        case timedelta():
            unit = 1000 if variable.endswith("_MS") else 1
            return f"{default.total_seconds() * unit:g}"
        case float():
            return f"{default:g}"
        case tuple():
            return ",".join(default)
        case _:
            return str(default)


if __name__ == "__main__":
    sys.stdout.write(markdown_table() if "--markdown" in sys.argv else env_example())
