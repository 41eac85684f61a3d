"""What a simulated vendor counts of its requests."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from providers.simulator.faults import Fault
    from providers.simulator.vendors import Spent


@dataclass(slots=True)
class Counts:
    """Requests of one place: ``seen`` = ``open`` + answered + failed + refused + cancelled.

    ``failed``: struck by a fault. ``refused``: did not pass validation. ``cancelled``: the client
    went away before the reply was out, also while a fault was at work. ``misled``: answered, with
    another answer. ``billed``: replies that were written, and so are charged for, whether they
    arrived whole or not; the tokens are theirs.
    """

    seen: int = 0
    open: int = 0
    answered: int = 0
    failed: int = 0
    refused: int = 0
    cancelled: int = 0
    misled: int = 0
    billed: int = 0
    billed_input_tokens: int = 0
    billed_output_tokens: int = 0
    faults: Counter[Fault] = field(default_factory=Counter)

    def bill(self, spent: Spent) -> None:
        """Charge for a reply."""
        self.billed += 1
        self.billed_input_tokens += spent.input
        self.billed_output_tokens += spent.output

    def view(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"faults": {fault.value: n for fault, n in self.faults.items()}}


def added(counts: Iterable[Counts]) -> Counts:
    """The counts of several places as one."""
    total = Counts()
    for one in counts:
        for name in (f.name for f in fields(Counts)):
            setattr(total, name, getattr(total, name) + getattr(one, name))
    return total
