"""The entailment model that a command on recorded answers names, tried before the work."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from consensus.entailment.lazy import entailment_named
from gateway.entailment import WARM_UP
from learning.backtest.records import EvaluationDataError

if TYPE_CHECKING:
    from consensus.entailment.judgement import Entailment


def entailment_that_judges(name: str) -> Entailment | None:
    """The model of that name; None where it is off, or its files are missing.

    Its time is not bounded here: what a busy machine left open would differ from run to run.

    Raises:
        EvaluationDataError: There is none of that name, or it does not load.
    """
    model = entailment_named(name, budget_ms=math.inf)
    question, pair = WARM_UP
    try:
        judges = model is not None and model.compare(question, [pair])[0] is not None
    except (ImportError, OSError, ValueError) as error:
        raise EvaluationDataError(f"no entailment model {name}: {error}") from error
    return model if judges else None
