"""The nodes of a YAML document, read without its types, and what is wrong with them by line.

YAML reads ``9:30`` as 570 and ``no`` as false; a day's words are read by `script_words`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
U = TypeVar("U")


@dataclass(slots=True)
class Problems:
    """What is wrong, with its line."""

    found: list[tuple[int, str]] = field(default_factory=list)

    def tell(self, node: Any, text: str) -> None:
        """Note a mistake at a node."""
        self.found.append((line_of(node), text))

    def tried(self, node: Any, read: Callable[[str], T], or_else: U) -> T | U:
        """What ``read`` makes of a node's text; its ValueError is a mistake of that line."""
        if node is None:
            return or_else
        try:
            return read(text_of(node))
        except ValueError as error:
            self.tell(node, str(error))
            return or_else


def fields(node: Any, known: tuple[str, ...], of: str, problems: Problems) -> dict[str, Any]:
    """The values of a mapping by their keys; an unknown or a second key is a mistake."""
    if node.id != "mapping":
        problems.tell(node, f"{of} has keys and values")
        return {}
    found: dict[str, Any] = {}
    for key, value in node.value:
        name = key.value if key.id == "scalar" else ""
        if name not in known:
            problems.tell(key, f"{of} has no {name!r}; there are {', '.join(known)}")
        elif name in found:
            problems.tell(key, f"{name} is there twice")
        else:
            found[name] = value
    return found


def items(node: Any, of: str, problems: Problems) -> list[Any]:
    """The nodes of a list; none of a node that is not there."""
    if node is None:
        return []
    if node.id != "sequence":
        problems.tell(node, f"{of} is a list")
        return []
    return list(node.value)


def text_of(node: Any) -> str:
    """What is written at a node; raises ValueError where that is no single word or number."""
    if node.id != "scalar":
        raise ValueError("a word or a number is expected here")
    text: str = node.value
    return text.strip()


def line_of(node: Any) -> int:
    """The line a node begins in, from 1."""
    line: int = node.start_mark.line
    return line + 1
