"""Questions about programs, answered by running them: a bounded interpreter of a subset of Python.

`computed_answer` tells what the program in a prompt yields where the prompt asks for it, `confirmed`
whether an answer is that; `run_program` runs a program and returns `Completed`, `Raised` or `Undecided`.
"""

from consensus.execution.computed import computed_answer
from consensus.execution.evidence import confirmed
from consensus.execution.interpreter import run_program
from consensus.execution.outcomes import Completed, Outcome, Raised, Undecided

__all__ = [
    "Completed",
    "Outcome",
    "Raised",
    "Undecided",
    "computed_answer",
    "confirmed",
    "run_program",
]
