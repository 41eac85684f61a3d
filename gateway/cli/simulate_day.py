"""What people read of a failing day: its timetable, and a line for each change while it is played."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.simulator.schedule import view_of
from providers.simulator.script_words import spell_s

if TYPE_CHECKING:
    from providers.simulator import Addresses, Script


# Of a day so long tenths of a second say nothing.
_LONG_S = 600


def day_view(day: Script) -> dict[str, Any]:
    """The timetable as JSON: times in seconds of the day."""
    return {
        "day_s": day.day_s,
        "speed": day.speed,
        "repeat": day.repeat,
        "events": [view_of(entry) for entry in in_order(day)],
    }


def in_order(day: Script) -> list[Any]:
    """The entries by the time they begin; as in the file where that is the same."""
    return sorted(day.entries, key=lambda entry: entry.at_s)


def day_table(day: Script) -> None:
    """Print the timetable."""
    from rich.console import Console  # noqa: PLC0415 - a simulator that only serves prints no table
    from rich.markup import escape  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above

    table = Table("from", "until", "who", "what", "", box=None, pad_edge=False)
    for entry in map(view_of, in_order(day)):
        who = ", ".join(entry["who"])
        table.add_row(
            clock(entry["at_s"]), clock(entry["end_s"]), who, entry["what"], escape(entry["name"])
        )
    out = Console(highlight=False)
    out.print(table)
    real = f" in {spell_s(round(day.day_s / day.speed, 1))}" if day.speed != 1 else ""
    after = "then again from the beginning" if day.repeat else "then all vendors are well"
    out.print(f"A day of {spell_s(day.day_s)}{real}, {after}.")


def day_line(view: dict[str, Any]) -> str:
    """``09:30:00  gpt: 500 for 30 % · all: latency x3  | so far gpt 41 asked, 12 failed, …``."""
    held = " · ".join(f"{', '.join(entry['who'])}: {entry['what']}" for entry in view["holding"])
    idle = "the day is over, all are well" if view["over"] else "all are well"
    if not held and view["down"]:
        held = f"{', '.join(view['down'])}: refused"
    counts = "; ".join(
        f"{name} {c['seen']} asked, {c['failed']} failed, {c['billed']} billed"
        for name, c in view["stats"].items()
        if "/" not in name and c["seen"]
    )
    counts = f"  | so far {counts}" if counts else ""
    day = f"day {view['day'] + 1} " if view["repeat"] else ""
    at_s = view["at_s"] if view["day_s"] < _LONG_S else int(view["at_s"])
    return f"{day}{clock(at_s)}  {held or idle}{counts}"


def export_line(addresses: Addresses) -> dict[str, str]:
    """The variables that send a gateway here. Google's key under the name that wins over the other."""
    variables = dict(addresses.environment)
    variables["GOOGLE_API_KEY"] = variables.pop("GEMINI_API_KEY")
    return variables


def clock(seconds: float) -> str:
    """A time of the day, ``09:30:00``; with its fraction where the day is short enough to have one."""
    whole, rest = divmod(round(seconds, 1), 60)
    hours, minutes = divmod(int(whole), 60)
    spelt = f"{rest:04.1f}" if rest % 1 else f"{rest:02.0f}"
    return f"{hours:02}:{minutes:02}:{spelt}"
