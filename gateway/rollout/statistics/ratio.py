"""Whether the arms get the traffic they are meant to get.

The evidence is a Beta mixture of likelihood ratios against the share asked for: under it the chance to
ever reach 1/a is at most a. Source: Lindon & Malek, "Anytime-valid inference for multinomial count data"
(2022), section 2, for two arms.
"""

from __future__ import annotations

import math

CONCENTRATION = 100.0
"""Of the mixing Beta around the share: shifts of some tenths of the share are what bugs make."""


def log_evidence(seen: int, count: int, share: float) -> float:
    """Natural logarithm of the e-value against a split at ``share``, of ``seen`` out of ``count``."""
    if count == 0:
        return 0.0
    rest = count - seen
    if not 0 < share < 1:
        return math.inf if (seen if share <= 0 else rest) else 0.0
    a, b = CONCENTRATION * share, CONCENTRATION * (1 - share)
    mixture = _log_beta(a + seen, b + rest) - _log_beta(a, b)
    return mixture - seen * math.log(share) - rest * math.log1p(-share)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
