"""How often final answers read from free text agree with those a benchmark's own format gives.

A record holds a ``prompt`` and ``answers``, each with its ``model``, verbatim ``text`` and
``extracted``, the final answer in the benchmark's format: equal strings within one record are the
same final answer. Only the prompt and the texts are read; ``extracted`` is what they are judged by,
pair by pair of the answers: the same, or different.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from consensus.answers import final_answer, read_question, same_answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from consensus.answers import FinalAnswer

Record = Mapping[str, Any]

_WORDS: Final = {True: "same", False: "different", None: "undecided"}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two answers that `consensus.answers` and the benchmark's format compare differently.

    ``same``: what the readings say, None for undecided. ``extracted``: what the benchmark took out
    of either text. ``read``: kind and short form of either reading.
    """

    record: str
    models: tuple[str, str]
    same: bool | None
    extracted: tuple[str, str]
    read: tuple[str, str]

    @property
    def verdict(self) -> str:
        """What the readings say in a word: same, different or undecided."""
        return _WORDS[self.same]


@dataclass(frozen=True, slots=True)
class Extraction:
    """How readings compare with a benchmark's own extraction over one set.

    ``pairs`` and ``records`` count what was judged; a record is judged where the answers of at
    least two models have an ``extracted``. An undecided pair agrees with nothing.
    """

    records: int
    pairs: int
    agreeing_records: int
    disagreements: tuple[Disagreement, ...]

    @property
    def rate(self) -> float:
        """Share of pairs that agree, of 1; not a number where nothing was judged."""
        return (self.pairs - len(self.disagreements)) / self.pairs if self.pairs else float("nan")

    @property
    def record_rate(self) -> float:
        """Share of records all of whose pairs agree, of 1; not a number where nothing was judged."""
        return self.agreeing_records / self.records if self.records else float("nan")


def extraction_rate(records: Iterable[Record], models: Sequence[str]) -> Extraction:
    """Compare the final answers of ``models`` pairwise with what ``extracted`` says.

    Args:
        records: Recorded answers; ones marked ``requires_image`` are left out.
        models: The models whose answers are compared, three in a panel of three.
    """
    judged = pairs = agreeing = 0
    disagreements: list[Disagreement] = []
    for record in records:
        answers = [] if record.get("requires_image") else _judged(record, models)
        if len(answers) < 2:  # noqa: PLR2004 - a comparison needs two
            continue
        found = _disagreements(record, answers)
        judged += 1
        pairs += len(answers) * (len(answers) - 1) // 2
        agreeing += not found
        disagreements += found
    return Extraction(judged, pairs, agreeing, tuple(disagreements))


def _judged(record: Record, models: Sequence[str]) -> list[Record]:
    by_model = {answer["model"]: answer for answer in record["answers"]}
    return [
        by_model[model]
        for model in models
        if model in by_model and by_model[model].get("extracted") is not None
    ]


def _disagreements(record: Record, answers: list[Record]) -> list[Disagreement]:
    question = read_question(record["prompt"])
    read = [final_answer(question, answer["text"] or "") for answer in answers]
    return [
        Disagreement(
            record=str(record["id"]),
            models=(answers[i]["model"], answers[j]["model"]),
            same=same,
            extracted=(str(answers[i]["extracted"]), str(answers[j]["extracted"])),
            read=(_told(read[i]), _told(read[j])),
        )
        for i, j in combinations(range(len(answers)), 2)
        if (same := same_answer(read[i], read[j]))
        is not (answers[i]["extracted"] == answers[j]["extracted"])
    ]


def _told(answer: FinalAnswer) -> str:
    return f"{answer.kind}: {answer.text}"
