"""Methods of texts, each checked for the size of what it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from consensus.execution.formatting import format_fields
from consensus.execution.iteration import listed
from consensus.execution.outcomes import UndecidedError

if TYPE_CHECKING:
    from consensus.execution.machine import Machine
    from consensus.execution.values import Arguments, Keywords


_ENCODINGS: Final = frozenset({"utf_8", "utf8", "utf_16", "utf_32", "ascii", "latin_1", "latin1", "iso_8859_1", "cp1252", "shift_jis", "euc_jp", "cp932"})  # fmt: skip


def call_text(  # noqa: C901, PLR0912 - one case a family of methods
    machine: Machine, owner: str, name: str, arguments: Arguments, keywords: Keywords
) -> Any:
    """``owner.name(*arguments, **keywords)`` of a text."""
    size = len(owner)
    match name:
        case "format":
            return format_fields(machine, owner, arguments, keywords)
        case "format_map":
            if len(arguments) != 1 or type(arguments[0]) is not dict:
                raise UndecidedError("format_map")
            return format_fields(machine, owner, [], arguments[0])
        case "join":
            if len(arguments) == 1:
                arguments = [_joined(machine, owner, arguments[0])]
        case "replace":
            _check_replacement(machine, owner, arguments)
        case "ljust" | "rjust" | "center" | "zfill":
            if arguments and isinstance(arguments[0], int):
                machine.room_for_text(int(arguments[0]))
        case "expandtabs":
            tab = (*arguments, *keywords.values(), 8)[0]
            machine.room_for_text(
                size + owner.count("\t") * int(tab) if isinstance(tab, int) else 0
            )
        case "translate":
            _check_table(machine, size, arguments)
        case "encode":
            check_encoding(arguments, keywords)
        case "maketrans":
            for argument in arguments:
                machine.spend_deeply(argument)
        case _:
            machine.room_for_text(size)
    return machine.made(getattr(owner, name)(*arguments, **keywords))


def _joined(machine: Machine, owner: str, values: Any) -> list[Any]:
    items = listed(machine, values)
    chars = sum(len(item) for item in items if type(item) is str)
    machine.room_for_text(chars + len(owner) * len(items))
    return items


def _check_replacement(machine: Machine, owner: str, arguments: Arguments) -> None:
    match arguments:
        case [str(old), str(new), *_]:
            places = owner.count(old)
            machine.room_for_text(len(owner) + places * len(new))
            machine.spend_on(owner)
        case _:
            pass  # Python says what is wrong with them


def _check_table(machine: Machine, size: int, arguments: Arguments) -> None:
    match arguments:
        case [dict() as table]:
            longest = max((len(v) for v in table.values() if isinstance(v, str)), default=1)
            machine.room_for_text(size * longest)
        case _:
            raise UndecidedError("translate")


def check_encoding(arguments: Arguments, keywords: Keywords) -> None:
    """Refuse encodings other than a few that are the same everywhere."""
    for value in (*arguments[:1], *(v for k, v in keywords.items() if k == "encoding")):
        if not isinstance(value, str) or value.lower().replace("-", "_") not in _ENCODINGS:
            raise UndecidedError("encoding")
