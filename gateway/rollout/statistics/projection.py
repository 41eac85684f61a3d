"""The point of the null hypothesis nearest to an alternative: what a two-sample bet is made against.

The null of a block of ``n_arm`` and ``n_control`` observations in [0, 1] is convex: the arm's mean lies at
most ``margin`` above the control's. The reverse information projection of an alternative outside it lies
on its edge, ``arm = control + margin``, where the derivative of
``n_arm KL(q_arm || p + margin) + n_control KL(q_control || p)`` in p is zero.

Source: Turner, Ly & Grünwald, "Generic E-variables for exact sequential k-sample tests that allow for
optional stopping" (2024, section 3); Turner & Grünwald, "Exact anytime-valid confidence intervals for
contingency tables and beyond" (2023, section 3), for the null with a difference.
"""

from __future__ import annotations

PRECISION = 1e-13
"""How near the root is found, as a difference of probabilities."""

MAXIMUM_STEPS = 200
"""Newton needs about six; halving alone, as the fallback, needs 43."""


def project(
    q_arm: float, q_control: float, n_arm: int, n_control: int, margin: float
) -> tuple[float, float]:
    """The null's nearest point ``(p_arm, p_control)`` to the alternative ``(q_arm, q_control)``.

    Args:
        q_arm: The arm's mean under the alternative; above ``q_control + margin`` and below 1.
        q_control: The control's mean under the alternative, in (0, 1).
        n_arm: Observations of the arm in the block, at least 1.
        n_control: Observations of the control in the block, at least 1.
        margin: How far the arm's mean may lie above the control's, in [0, 1).

    Raises:
        ValueError: The alternative lies within the null, or on the border of what is possible.
    """
    if q_control <= 0 or margin < 0 or not q_control + margin < q_arm < 1:
        raise ValueError(
            f"({q_arm}, {q_control}) is no alternative to a difference within {margin}"
        )
    low, high = q_control, q_arm - margin
    p = (n_arm * high + n_control * low) / (n_arm + n_control)
    for _ in range(MAXIMUM_STEPS):
        p_arm = p + margin
        spread_arm, spread = p_arm * (1 - p_arm), p * (1 - p)
        bet_arm, bet = (q_arm - p_arm) / spread_arm, (q_control - p) / spread
        value = n_arm * bet_arm + n_control * bet
        if value > 0:
            low = p
        else:
            high = p
        slope = -n_arm * (1 + bet_arm * (1 - 2 * p_arm)) / spread_arm
        slope -= n_control * (1 + bet * (1 - 2 * p)) / spread
        following = p - value / slope if slope < 0 else low
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - p) < PRECISION:
            p = following
            break
        p = following
    return p + margin, p
