"""An entailment model that judges each pair of a request once, however often the request is decided on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.entailment.judgement import Entailment, Judgement


class RememberedEntailment:
    """Remembers what a model judged, for as long as one request lives: make one for each.

    A contested request is decided on after each round and once more when judges have spoken; most of
    its answers stand as they did, and the model is most of what a decision costs. What was left
    unjudged for want of time is asked again.

    Args:
        model: Judges what is not remembered.
    """

    def __init__(self, model: Entailment) -> None:
        self._model = model
        self._judged: dict[tuple[str, str, str], Judgement] = {}

    def compare(
        self, question: str, pairs: Sequence[tuple[str, str]]
    ) -> Sequence[Judgement | None]:
        """See `consensus.entailment.judgement.Entailment`."""
        new = [pair for pair in dict.fromkeys(pairs) if (question, *pair) not in self._judged]
        if new:
            found = self._model.compare(question, new)
            for pair, judgement in zip(new, found, strict=True):
                if judgement is not None:
                    self._judged[(question, *pair)] = judgement
        return [self._judged.get((question, *pair)) for pair in pairs]


def remembering(model: Entailment | None) -> RememberedEntailment | None:
    """A memory for one request; None where there is no model."""
    return None if model is None else RememberedEntailment(model)
