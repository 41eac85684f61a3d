"""What steering by experience gains on recorded answers, at what price: policies walked forward together.

`run` is the whole of it; `words` says what goes in and what comes out.
"""

from learning.backtest.steering.running import run
from learning.backtest.steering.words import (
    Course,
    Difference,
    Options,
    PolicyFigures,
    Progress,
    SteeringReport,
)

__all__ = ["Course", "Difference", "Options", "PolicyFigures", "Progress", "SteeringReport", "run"]
