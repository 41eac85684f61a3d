"""The rollout as it moves: a screen of its own on a terminal, one block after the other in a log."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.live import Live
from rich.rule import Rule
from rich.text import Text

from gateway.cli.rollout_view import rollout_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType


@contextmanager
def live() -> Iterator[Callable[[dict[str, Any] | None, str | None], None]]:
    """Shows each look at the rollout; what was seen last stays when the block ends.

    What the block gets is called with the newest body there is, and with why it is not newer.
    """
    out = Console(highlight=False)
    if not out.is_terminal:
        yield lambda body, away: out.print(_block(body, away))
        return
    last: list[RenderableType] = []
    with Live(console=out, screen=True, auto_refresh=False) as screen:

        def show(body: dict[str, Any] | None, away: str | None) -> None:
            last[:] = [_block(body, away)]
            screen.update(last[0], refresh=True)

        try:
            yield show
        finally:
            screen.stop()
            for block in last:
                out.print(block)


def _block(body: dict[str, Any] | None, away: str | None) -> RenderableType:
    now = datetime.now().astimezone()
    parts: list[RenderableType] = [Rule(f"{now:%H:%M:%S}", align="left", style="dim")]
    if away is not None:
        last = "" if body is None else "; what was seen last:"
        parts.append(Text(f"{away}\ntrying again{last}", style="yellow"))
    if body is not None:
        parts.append(rollout_view(body, brief=True))
    return Group(*parts)
