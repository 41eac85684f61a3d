"""Reads a failing day from YAML (docs/simulator.md), or says line by line what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from providers.simulator.script_nodes import Problems
from providers.simulator.script_reading import read_script

if TYPE_CHECKING:
    from pathlib import Path

    from providers.simulator.script import Script

LARGEST_FILE: Final = 1_000_000
"""Bytes. A day of a thousand entries has a tenth of it."""


class ScriptError(ValueError):
    """The file holds no day that can be played; ``lines`` say all that is wrong with it."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


def load_script(path: Path) -> Script:
    """The day in a file.

    Raises:
        ScriptError: it cannot be read, or holds what makes no sense; the lines read ``FILE:LINE: …``.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ScriptError((f"{path}: it cannot be read: {error.strerror or error}",)) from None
    if len(content) > LARGEST_FILE:
        raise ScriptError((f"{path}: it is larger than {LARGEST_FILE} bytes",))
    return parse_script(content, str(path))


def parse_script(content: bytes | str, name: str = "the day") -> Script:
    """The day that a YAML text describes; raises as `load_script`."""
    problems = Problems()
    script = read_script(_node(content, name), problems)
    if problems.found:
        raise ScriptError(tuple(f"{name}:{line}: {text}" for line, text in sorted(problems.found)))
    return script


def _node(content: bytes | str, name: str) -> Any:
    """The document as nodes, which know their lines."""
    import yaml  # noqa: PLC0415 - most runs follow no script, and it takes 20 ms

    try:
        return yaml.compose(content, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ScriptError((f"{name}:{line}: it is no YAML: {error.problem}",)) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ScriptError((f"{name}:1: it is no YAML: {str(error).splitlines()[0]}",)) from None
