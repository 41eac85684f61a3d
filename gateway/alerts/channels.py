"""What a channel is: something that takes a message, or says in words that hold no secret why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gateway.alerts.messages import Message


class Refused(Exception):  # noqa: N818 - what happened to the message, not a fault of ours
    """A message did not arrive; the text says why, without URL or token."""


class Channel(Protocol):
    """One way to tell people."""

    def send(self, message: Message) -> None:
        """Send it once; may block for seconds, and is called in a thread of its own.

        Raises:
            Refused: it did not arrive.
        """
        ...
