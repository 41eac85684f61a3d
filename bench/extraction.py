"""Final answers read from recorded texts, against the benchmarks' own extraction.

``WALLBOUNCE_EVAL_DATA`` names a folder of recorded answers (``wallbounce evaluate consensus`` tells
their form); ``WALLBOUNCE_EVAL_ROLES`` a YAML of rows, else the default ones. Every disagreement is
printed, for either side may be wrong.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.figures import PROGRESS, Bar, Result
from learning.backtest import files, roles
from learning.backtest.extraction import extraction_rate
from learning.backtest.records import EvaluationDataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from learning.backtest.records import RecordedRequest
    from learning.backtest.roles import Role

DATA = "WALLBOUNCE_EVAL_DATA"
ROLES = "WALLBOUNCE_EVAL_ROLES"
MAX_DISAGREEING = 0.03
"""Share of pairs of a row that may disagree; benchmarks are themselves wrong now and then."""

SHOWN_CHARS = 60


def available() -> bool:
    """True where recorded answers are named: without any there is nothing to measure."""
    return bool(os.environ.get(DATA))


def run() -> Result:
    """Measure every row whose set is there; takes a few seconds.

    Raises:
        EvaluationDataError: No data is named, or it cannot be used.
    """
    folder = os.environ.get(DATA)
    if not folder:
        raise EvaluationDataError(f"{DATA} must name the folder with the recorded answers")
    recorded = files.read([Path(folder)]).requests
    figures: dict[str, Any] = {}
    rows: list[tuple[str, ...]] = []
    for role in _roles():
        if role.dataset not in recorded:
            PROGRESS.print(f"{role.name}: no set {role.dataset}")
            continue
        found = extraction_rate(_mappings(recorded[role.dataset]), role.models)
        for d in found.disagreements:
            said = " <> ".join(f"{told} ({_cut(e)})" for told, e in zip(d.read, d.extracted, strict=True))  # fmt: skip
            PROGRESS.print(f"{role.name} {d.record}: read as {d.verdict}: {said}", markup=False)
        figures[role.name] = {
            "rate": round(found.rate, 4),
            "record_rate": round(found.record_rate, 4),
            "pairs": found.pairs,
            "records": found.records,
            "disagreements": len(found.disagreements),
        }
        rows.append(
            (
                role.name,
                str(found.records),
                str(found.pairs),
                f"{100 * found.rate:.2f}",
                f"{100 * found.record_rate:.2f}",
                str(len(found.disagreements)),
            )
        )
    return Result(
        name="extraction",
        figures={"extraction": figures},
        columns=(
            "row",
            "records",
            "pairs",
            "pairs agreeing, %",
            "records agreeing, %",
            "disagreements",
        ),
        rows=rows,
        bars=tuple(
            Bar(f"pairs disagreeing, {name}", MAX_DISAGREEING, 1.0 - row["rate"])
            for name, row in figures.items()
        ),
    )


def _roles() -> tuple[Role, ...]:
    source = os.environ.get(ROLES)
    if not source:
        return roles.default_roles()
    return roles.parse_roles(Path(source).read_text(encoding="utf-8"), source)


def _mappings(requests: tuple[RecordedRequest, ...]) -> Iterator[dict[str, Any]]:
    for request in requests:
        yield {
            "id": request.id,
            "prompt": request.prompt,
            "requires_image": request.requires_image,
            "answers": [
                {"model": a.model, "text": a.text or "", "extracted": a.extracted}
                for a in reversed(request.answers)
            ],
        }


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"
