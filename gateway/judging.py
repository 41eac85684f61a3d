"""The step between deliberation and answer in which judges look at what stays open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from consensus.judging.account import account
from consensus.judging.judges import Judges
from consensus.judging.pairs import open_pairs
from providers.catalog import input_tokens_bound
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from consensus.asking import OnCrash, Panelist
    from consensus.panel import Panel
    from consensus.transcript import Attempt, Transcript
    from consensus.verdict import Consensus
    from consensus.wall_bounce import Deliberation
    from gateway.paths import Asked
    from providers.provider import Deadline

log = structlog.get_logger(__name__)


def judges_named(
    names: Sequence[str], panel: Mapping[str, Panelist], on_crash: OnCrash
) -> Judges | None:
    """The judges that are configured and have a key; None, said in the log, where they are too few."""
    present = tuple(name for name in names if name in panel)
    if len({panel[name].provider.vendor for name in present}) > 1:
        return Judges(panel, present, input_tokens_bound, on_crash)
    if names:
        log.warning("judges_off", reason="not two vendors among those with a key", judges=present)
    return None


@value(frozen=True, slots=True)
class Judged:
    """A deliberation after the judges. ``attempts``: their calls, none of them a vote."""

    deliberation: Deliberation
    consensus: Consensus
    attempts: tuple[Attempt, ...] = ()


async def judge_open_pairs(  # noqa: PLR0913 - what the step rests on, each a different thing
    judges: Judges | None,
    asked: Asked,
    deadline: Deadline,
    deliberation: Deliberation,
    consensus: Consensus,
    *,
    language: str,
    read: Callable[[Transcript], Panel],
    decide: Callable[..., Consensus],
) -> Judged:
    """Have ``judges`` settle what types, rules and entailment left open, and decide anew.

    Without judges, or where nothing is open, everything stays as it is and nobody is asked.

    Args:
        judges: Who judges; None asks nobody.
        asked: The request.
        deadline: When the step has to be over.
        deliberation: What came of the rounds.
        consensus: Of its answers.
        language: Of the question, ``en`` or ``ja``.
        read: Compares the answers of a transcript.
        decide: Decides on a transcript, given as ``judged`` what the judges found.
    """
    if judges is None:
        return Judged(deliberation, consensus)
    panel = read(deliberation.transcript)
    pairs = open_pairs(panel)
    if not pairs:
        return Judged(deliberation, consensus)
    budget_usd = asked.request.budget_usd
    spent = deliberation.spent_usd or 0.0
    judging = await judges.run(
        asked.prompt.question,
        pairs,
        deliberation.transcript,
        deadline,
        budget_usd=None if budget_usd is None else budget_usd - spent,
    )
    if judging.verdicts:
        consensus = decide(deliberation.transcript, judged=judging.verdicts)
    told = account(judging, language)
    consensus = replace(consensus, reasoning=joined(language, consensus.reasoning, told))
    deliberation = replace(
        deliberation,
        consensus=consensus,
        waited_s=deliberation.waited_s + judging.waited_s,
        spent_usd=None if budget_usd is None else spent + (judging.spent_usd or 0.0),
    )
    return Judged(deliberation, consensus, judging.attempts)


def joined(language: str, *parts: str) -> str:
    """Sentences of a reasoning, one after the other as the language writes them."""
    return ("" if language == "ja" else " ").join(filter(None, parts))
