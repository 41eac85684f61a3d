"""Shows on stderr what goes on while vendors answer: one moving line, or plain lines in a log."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.status import Status

    from gateway.cli.asking import ServerEvent


class Progress:
    """Told of each step. On a terminal it moves one line, and leaves nothing behind."""

    def __init__(self, console: Console, status: Status) -> None:
        self._console = console
        self._status = status
        self._answered: list[str] = []

    def say(self, text: str) -> None:
        """What is going on now."""
        if self._console.is_terminal:
            self._status.update(f"{escape(text)}  {'   '.join(self._answered)}")
        else:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def seen(self, event: ServerEvent) -> None:
        """Take note of one event of a stream."""
        match event.name:
            case "accepted":
                asked = ", ".join(event.data["providers"])
                self._note("asking …" if self._console.is_terminal else f"asking {asked} …", "")
            case "vote":
                error = event.data["error"]
                failed = f"[red]✗ {escape(error['code'])}[/]" if error else ""
                self._note(
                    "asking …",
                    f"{event.data['provider']} {failed or '[green]✓[/]'} "
                    f"{event.data['latency_ms']:.0f} ms",
                )
            case "round" if event.data["consensus"]:
                status = event.data["consensus"]["status"]
                self._note("asking …", f"round {event.data['round']}: {status}")
            case _:
                pass

    def _note(self, text: str, step: str) -> None:
        if self._console.is_terminal:
            self._answered += [step] if step else []
            self.say(text)
        else:
            self._console.print(step or escape(text), highlight=False, soft_wrap=True)


@contextmanager
def shown() -> Iterator[Progress]:
    """Progress for as long as the block runs."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Progress(console, console.status(""))
        return
    with console.status("", spinner="dots") as status:
        yield Progress(console, status)
