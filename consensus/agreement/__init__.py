"""Which answers say the same, and why: types first, then rules of wording, then an entailment model."""

from consensus.agreement.grid import Compared, compare_all
from consensus.agreement.likeness import (
    DIFFERENT,
    SAME,
    EntailmentUse,
    Likeness,
    Reason,
    agreement,
)
from consensus.agreement.rules import compare, contradict, opposed, other_numbers

__all__ = [
    "DIFFERENT",
    "SAME",
    "Compared",
    "EntailmentUse",
    "Likeness",
    "Reason",
    "agreement",
    "compare",
    "compare_all",
    "contradict",
    "opposed",
    "other_numbers",
]
