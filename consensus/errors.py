"""What can go wrong before a deliberation: the money does not reach, or nobody knows the price.

ConsensusError              code               retryable
└── SpendingError           spending           no
    ├── BudgetTooSmallError  budget_too_small  no    buys no usable answer
    ├── UnknownPriceError    unknown_price     no    a budget cannot be kept over an unknown price
    └── UnboundedPromptError unbounded_prompt  no    nor over a prompt of unknown length

A vendor's failure is none of these: it is an `consensus.transcript.Attempt` with a failure.
"""

from __future__ import annotations

from typing import ClassVar


class ConsensusError(Exception):
    """A deliberation could not begin. The message is safe to show."""

    code: ClassVar[str] = "consensus_error"
    retryable: ClassVar[bool] = False


class SpendingError(ConsensusError):
    """A budget and the prices do not go together."""

    code = "spending"


class BudgetTooSmallError(SpendingError):
    """The budget buys less than the shortest answer worth asking for.

    Attributes:
        budget_usd: what could be spent.
        needed_usd: what the shortest round would cost at worst.
    """

    code = "budget_too_small"

    def __init__(self, *, budget_usd: float, needed_usd: float) -> None:
        super().__init__(
            f"a budget of {budget_usd:.6f} USD is too small: "
            f"asking these models costs up to {needed_usd:.6f} USD"
        )
        self.budget_usd = budget_usd
        self.needed_usd = needed_usd


class UnknownPriceError(SpendingError):
    """A budget was set, but the price of a model is unknown: nothing is asked (fail closed)."""

    code = "unknown_price"

    def __init__(self, model: str) -> None:
        super().__init__(f"the price of {model} is unknown, so no budget can be kept with it")
        self.model = model


class UnboundedPromptError(SpendingError):
    """A budget was set, but nobody knows how many tokens the prompt's images are: nothing is asked."""

    code = "unbounded_prompt"

    def __init__(self, model: str) -> None:
        super().__init__(
            "no budget can be kept: a configured model bills images of unknown size "
            f"by no known bound ({model} was to be asked)"
        )
        self.model = model
