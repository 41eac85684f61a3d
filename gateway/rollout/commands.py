"""What can be asked of the rollout: each command with who asks and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.rollout.plan import RolloutPlan


def _whole_characters(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What all commands carry. ``by`` is an operator, a watcher or ``environment``.

    ``kind`` is the word for it in the history (`gateway.rollout.state.RolloutEvent`).
    """

    kind: ClassVar[str]

    by: str
    reason: str | None = None

    def __post_init__(self) -> None:
        # A terminal of another encoding sends halves of characters, which neither JSON nor a log takes.
        object.__setattr__(self, "by", _whole_characters(self.by))
        if self.reason is not None:
            object.__setattr__(self, "reason", _whole_characters(self.reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt(Asked):
    """Follow this plan from now on."""

    kind: ClassVar[str] = "adopt"

    plan: RolloutPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(Asked):
    """Follow no plan: the environment's share applies alone."""

    kind: ClassVar[str] = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance(Asked):
    """Go to the next stage.

    ``automatic``: no operator asks, the plan does. ``forced``: an operator goes on before the
    verdict says so, and has to say why; whether the verdict does is for the caller to see.
    ``on_version`` is the version of the state this was decided on, None for whichever stands: a
    decision that two instances take at once must not advance two stages. ``figures`` are the verdict's.
    """

    kind: ClassVar[str] = "advance"

    forced: bool = False
    automatic: bool = False
    on_version: int | None = None
    figures: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Asked):
    """Stay at this stage until resumed, whatever the verdict says."""

    kind: ClassVar[str] = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Asked):
    """Let the plan advance again."""

    kind: ClassVar[str] = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve(Asked):
    """Consent to the next stage; it takes as many different operators as that stage wants."""

    kind: ClassVar[str] = "approve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Abort(Asked):
    """End this attempt: all traffic to the control at once, and the plan back to its first stage."""

    kind: ClassVar[str] = "abort"


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Asked):
    """Take one arm out, as it does harm; the others stay. ``figures`` are what was seen."""

    kind: ClassVar[str] = "close"

    arm: str
    figures: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBack(Asked):
    """A trip: all traffic to the control at once. ``figures`` are what was seen."""

    kind: ClassVar[str] = "trip"

    figures: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge(Asked):
    """End the standing rollback. ``reopen``: closed arms come back too, also where none stands."""

    kind: ClassVar[str] = "acknowledge"

    reopen: bool = False


Command = Adopt | Drop | Advance | Hold | Resume | Approve | Abort | Close | RollBack | Acknowledge
