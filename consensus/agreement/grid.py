"""All answers of a panel compared with each other: rules for each pair, then one look by the model."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from consensus.agreement.conclusion import conclusion
from consensus.agreement.judging import judged
from consensus.agreement.likeness import SAME, EntailmentUse, Likeness
from consensus.agreement.non_answers import unless_sure
from consensus.agreement.rules import Compared, rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from consensus.answers import Question
    from consensus.entailment.judgement import Entailment
    from consensus.nearness import Nearness
    from consensus.reading import Reading

    Pair = tuple[int, int]


class Grid(NamedTuple):
    """``likeness``: (n, n), symmetric, each answer the same as itself."""

    likeness: tuple[tuple[Likeness, ...], ...]
    entailment: EntailmentUse


def compare_all(
    question: Question,
    asked: frozenset[str],
    readings: Sequence[Reading],
    nearness: Nearness,
    entailment: Entailment | None,
) -> Grid:
    """Compare each answer with each.

    Types and rules come first; the model is asked once, of all pairs that these leave open, and reads
    of each answer only the sentences that tell it. What it leaves unjudged stays as the rules have it.

    Args:
        question: What was asked.
        asked: Its content words.
        readings: The answers, n of them.
        nearness: Of the question, at position 0, and the answers from 1 on.
        entailment: The model; None leaves all to types and rules.
    """
    n = len(readings)
    answers = [Compared(reading) for reading in readings]
    ruled = {
        (i, j): rule(question, answers[i], answers[j], partial(nearness.cosine, i + 1, j + 1))
        for i, j in combinations(range(n), 2)
    }
    likeness = {pair: found.likeness for pair, found in ruled.items()}
    open_pairs = [pair for pair, found in ruled.items() if not found.firm]
    use = EntailmentUse.OFF
    if entailment is not None:
        use = _look(
            entailment,
            question,
            {pair: ruled[pair].unstated for pair in open_pairs},
            lambda i: conclusion(readings[i], asked, question.language),
            likeness,
        )
    rows = [[SAME] * n for _ in range(n)]
    for (i, j), of_pair in likeness.items():
        rows[i][j] = rows[j][i] = of_pair
    return Grid(tuple(map(tuple, rows)), use)


def _look(
    entailment: Entailment,
    question: Question,
    pairs: Mapping[Pair, bool],
    tell: Callable[[int], str],
    found: dict[Pair, Likeness],
) -> EntailmentUse:
    """Let the model judge ``pairs`` and put what it says into ``found``.

    ``tell``: what it is given to read of the answer at a position. ``pairs``: with
    True for those that it may call the same only where it is sure.
    """
    if not pairs:
        return EntailmentUse.SKIPPED
    told = {i: tell(i) for i in sorted({i for pair in pairs for i in pair})}
    claims = [(told[i], told[j]) for i, j in pairs]
    judgements = entailment.compare(question.text, claims)
    for pair, claim, judgement in zip(pairs, claims, judgements, strict=True):
        if judgement is not None:
            weighed = judged(found[pair], judgement, claim)
            found[pair] = unless_sure(weighed, judgement) if pairs[pair] else weighed
    return EntailmentUse.BUDGET if None in judgements else EntailmentUse.USED
