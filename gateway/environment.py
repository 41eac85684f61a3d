"""Reads the settings from `.env` and the process's environment, and says in one line what is wrong.

Precedence: the environment wins over `.env`, except for the rollout's and the floors' variables
(`gateway.settings.HOT_VARIABLES`), where `.env` wins: an operator edits the file and sends SIGHUP,
and a restart must not undo that. In the file the last of duplicate lines wins. A variable set to
nothing is not set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args, get_origin

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from gateway.setting_checks import contradictions_of
from gateway.setting_types import Allowed
from gateway.settings import HOT_VARIABLES, SECTIONS, Section, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pydantic.fields import FieldInfo

_LONGEST_SHOWN = 60


class SettingsError(Exception):
    """Variables that make no sense; ``lines`` says of each what is allowed and what was found."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def read_settings(environ: Mapping[str, str], env_file: Path | None) -> Settings:
    """The settings in force.

    Raises:
        SettingsError: a variable's value is not allowed, or ``env_file`` cannot be read.
    """
    merged = merge(environ, read_env_file(env_file) if env_file else {})
    lines: list[str] = []
    sections = {}
    for name, section in SECTIONS.items():
        try:
            sections[name] = section.model_validate(merged)
        except ValidationError as error:
            lines += [_line(section, str(e["loc"][0]), merged) for e in error.errors()]
    if lines:
        raise SettingsError(list(dict.fromkeys(lines)))
    settings = Settings(**sections)  # type: ignore[arg-type]  # SECTIONS names each field's own type
    if contradictions := list(contradictions_of(settings, merged)):
        raise SettingsError(contradictions)
    return settings


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of an env file; a file that is not there has none."""
    try:
        text_is_there = path.is_file()
        values = dotenv_values(path, interpolate=False) if text_is_there else {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            [f"{path.name}: expected a readable UTF-8 file, found {error}"]
        ) from error
    return {name: value for name, value in values.items() if value is not None}


def merge(environ: Mapping[str, str], env_file: Mapping[str, str]) -> dict[str, str]:
    """Both sources as one, by the precedence above; empty values left out."""
    process = {k: v.strip() for k, v in environ.items() if v.strip()}
    file = {k: v.strip() for k, v in env_file.items() if v.strip()}
    hot = {k: v for k, v in file.items() if k in HOT_VARIABLES}
    return file | process | hot


def allowed(field: FieldInfo) -> str:
    """What a setting may hold, in words."""
    for part in field.metadata:
        if isinstance(part, Allowed):
            return part.words
    # An optional setting carries its type's words one level down.
    for member in getattr(field.annotation, "__args__", ()):
        for part in getattr(member, "__metadata__", ()):
            if isinstance(part, Allowed):
                return part.words
    for kind in (field.annotation, *get_args(field.annotation)):
        if get_origin(kind) is Literal:
            *others, last = map(str, get_args(kind))
            return f"{', '.join(others)} or {last}"
    return (field.description or "").rstrip(".")


def is_secret(field: FieldInfo) -> bool:
    """True when the value must never be shown."""
    return SecretStr.__name__ in str(field.annotation)


def _line(section: type[Section], variable: str, values: Mapping[str, str]) -> str:
    field = next(f for f in section.model_fields.values() if f.alias == variable)
    found = "a value that is not shown" if is_secret(field) else repr(values[variable])
    if len(found) > _LONGEST_SHOWN:
        found = found[:_LONGEST_SHOWN] + "…"
    return f"{variable}: expected {allowed(field)}, found {found}"
