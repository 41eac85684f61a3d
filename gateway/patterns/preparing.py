"""Makes new patterns of requests, in a thread: embedded, read, and with the patterns nearest to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gateway.patterns.scenarios import Asked
from learning.patterns.contribution import contribution_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gateway.monitoring.engine_metrics import Operation
    from gateway.patterns.intake import Waiting
    from gateway.patterns.scenarios import ScenarioReader
    from learning.engine import Engine
    from learning.patterns.contribution import NewPattern
    from learning.patterns.pattern import Scenario


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch as the store takes it, and what the engine knows of it already, by scenario."""

    batch: list[NewPattern]
    near: Mapping[Scenario, tuple[Any, Any]]


def prepared(
    waiting: Sequence[Waiting],
    reader: ScenarioReader,
    engine: Engine | None,
    on_failure: Callable[[Operation, Exception], None],
) -> Prepared:
    """What these requests teach; those that teach nothing, or cannot be read, are left out.

    ``on_failure`` is told of what cannot be read, and of neighbours that cannot be found: then no
    request joins a pattern that is there already, and the batch is registered all the same.
    """
    batch = _read(waiting, reader, on_failure)
    if engine is None or not batch:
        return Prepared(batch, {})
    import numpy as np  # noqa: PLC0415 - 0.1 s of a start

    from learning.engine import EFFORT  # noqa: PLC0415 - as above

    try:
        rows = np.stack([new.scenario.embedding for new in batch])
        near = engine.near(rows, effort=EFFORT)
    except Exception as failure:  # noqa: BLE001 - see above
        on_failure("search", failure)
        return Prepared(batch, {})
    near_to = [replace(new, alike=near.alike(row)) for row, new in enumerate(batch)]
    found = {new.scenario: (near.ids[row], near.cosines[row]) for row, new in enumerate(batch)}
    return Prepared(near_to, found)


def _read(
    waiting: Sequence[Waiting],
    reader: ScenarioReader,
    on_failure: Callable[[Operation, Exception], None],
) -> list[NewPattern]:
    try:
        return _contributions(waiting, reader)
    except Exception as failure:  # noqa: BLE001 - whatever a request does, the next are learned from
        if len(waiting) == 1:
            on_failure("register", failure)
            return []
    middle = len(waiting) // 2
    return [
        *_read(waiting[:middle], reader, on_failure),
        *_read(waiting[middle:], reader, on_failure),
    ]


def _contributions(waiting: Sequence[Waiting], reader: ScenarioReader) -> list[NewPattern]:
    scenarios = reader.read(
        [
            Asked(w.text, w.record.task_type, w.record.ballot.kind if w.record.ballot else None)
            for w in waiting
        ]
    )
    pairs = zip(waiting, scenarios, strict=True)
    found = (contribution_of(w.record, scenario) for w, scenario in pairs)
    return [new for new in found if new is not None]
