"""Which answers say the same, and why: types first, then rules of wording, then an entailment model."""

from consensus.agreement.claims import opposed, other_numbers
from consensus.agreement.grid import Grid, compare_all
from consensus.agreement.likeness import (
    DIFFERENT,
    SAME,
    EntailmentUse,
    Likeness,
    Reason,
    agreement,
)
from consensus.agreement.rules import compare

__all__ = [
    "DIFFERENT",
    "SAME",
    "EntailmentUse",
    "Grid",
    "Likeness",
    "Reason",
    "agreement",
    "compare",
    "compare_all",
    "opposed",
    "other_numbers",
]
