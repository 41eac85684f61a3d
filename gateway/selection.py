"""Decides which providers a request asks (MISSION.md G3), and says why.

The first that applies: the caller's own list; all three vendors for a critical task; the providers
of the rollout's arm, unless a basic task comes on a small budget; what the learning engine advises;
Gemini alone for a basic task on a small budget; the task type's table.

Advice may also have a part of its panel asked first, and the rest only where that is not enough
(`open_with`): never of a critical task, a caller's own list or an arm's, for there it was said who is to
be asked.

Who has failed or been slow lately, and would be refused or made to wait, is passed over where somebody else
can stand in: of the table's, the advised and the cheapest. An arm keeps its own, or arms could not be told
apart; a critical task asks all three whatever their state; a caller's list stands.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from gateway.errors import InvalidRequestError
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.requests import TaskType

TABLE: dict[TaskType, tuple[str, ...]] = {
    "basic": ("gemini", "claude"),
    "premium": ("gpt", "gemini"),
    "critical": ("gpt", "claude", "gemini"),
}

SMALL_BUDGET_USD = 0.01
"""Below it a basic task asks one provider only (MISSION.md G3)."""


class SelectionError(InvalidRequestError):
    """The request's wishes about providers cannot be met; ``field`` says which one."""


class UnknownProviderError(SelectionError):
    """A provider was asked for that is not configured here."""


class DuplicateProviderError(SelectionError):
    """A provider was asked for twice."""


class ContradictoryLimitsError(SelectionError):
    """The limits on the number of providers leave none."""


class TooManyProvidersError(SelectionError):
    """More providers were named than ``max_providers`` allows."""


class NoProviderError(SelectionError):
    """``providers`` is an empty list."""


NOBODY: Mapping[str, str] = MappingProxyType({})


def nobody_away() -> Mapping[str, str]:
    """For who does not know."""
    return NOBODY


Chooser = Literal["caller", "critical", "arm", "advice", "budget", "table"]
"""Who had the say."""


@value(frozen=True, slots=True)
class Selection:
    """Whom to ask, in order of preference, and why in words.

    ``providers`` is empty only when nothing is configured. ``note`` is what was decided on the
    caller's behalf against the table, None when the choice is the plain one. ``opening`` and ``enough``
    as in `consensus.rounds.Plan`.
    """

    providers: tuple[str, ...]
    why: str
    note: str | None = None
    by: Chooser = "table"
    opening: int = 0
    enough: float = 1.0


def select_providers(  # noqa: PLR0913 - each is one of the request's wishes, by keyword
    task_type: TaskType,
    *,
    requested: Sequence[str] | None,
    available: Sequence[str],
    minimum: int,
    maximum: int | None,
    budget_usd: float | None,
    advised: Sequence[str] | None = None,
    arm: Sequence[str] | None = None,
    away: Mapping[str, str] = NOBODY,
) -> Selection:
    """Choose the providers of one request.

    Args:
        task_type: Names the row of the table.
        requested: The caller's own list; overrides everything else.
        available: All configured providers, best first; replacements are taken in this order.
        minimum: Answers wanted at least. More providers than the table names are asked to reach
            it; where there are not as many, all are asked.
        maximum: Providers asked at most; None: as many as the table names. Above the table's
            count the other available providers are added.
        budget_usd: What the request may cost, None for no limit.
        advised: What the learning engine advises; names that are not available are passed over.
        arm: The providers of the arm the request fell into: what is tried stands above advice, or
            arms could not be told apart. Names that are not available are left out and noted.
        away: Who would not be asked at once, and why in words ("has failed lately"). Where that is
            everybody, it says nothing.

    Raises:
        SelectionError: The wishes contradict each other or name what is not there.
    """
    if maximum is not None and minimum > maximum:
        raise ContradictoryLimitsError(
            f"min_providers is {minimum}, more than max_providers, which is {maximum}",
            field="min_providers",
        )
    if requested is not None:
        return _requested(requested, available, maximum)
    pool = tuple(dict.fromkeys(available))
    if not pool:
        return Selection((), "no provider is configured")
    critical = task_type == "critical"
    if critical or all(name in away for name in pool):
        away = NOBODY
    row = TABLE[task_type]
    small = task_type == "basic" and budget_usd is not None and budget_usd < SMALL_BUDGET_USD
    if critical or small:
        arm = None
    choosers: tuple[tuple[Chooser, Sequence[str] | None, str], ...] = (
        ("arm", arm, "the arm asks"),
        ("advice", advised, "the learning engine advises"),
    )
    for by, names, who in choosers:
        wanted = tuple(dict.fromkeys(name for name in names or () if name in pool))
        if wanted and not critical:
            count = max(len(wanted), minimum)
            count = count if maximum is None else min(count, maximum)
            unfit = NOBODY if by == "arm" else away
            chosen = _fit(wanted, (*row, *pool), pool, count, who, by, unfit)
            if by == "advice" and set(chosen.providers) != set(row):
                chosen = replace(chosen, note=chosen.why)
            return _noting_absent(arm or (), pool, chosen)
    if small and budget_usd is not None:
        return _cheapest(pool, budget_usd, away)
    count = max(len(row), minimum) if maximum is None else maximum
    by = "critical" if critical else "table"
    plain = _fit(row, pool, pool, count, f"a {task_type} task asks", by, away)
    return _noting_absent(arm or (), pool, plain)


def open_with(selection: Selection, opening: int, enough: float, minimum: int) -> Selection:
    """Ask the first ``opening`` alone, and the rest only where their confidence is not ``enough``.

    The opening is never smaller than the ``minimum`` of answers wanted, the default of two included:
    one vendor alone is asked where the caller wants no more. Where it is the whole panel, or it was said
    who is to be asked, all are asked at once.
    """
    first = max(opening, minimum)
    if opening < 1 or selection.by not in {"advice", "table"} or first >= len(selection.providers):
        return selection
    asked, kept_back = selection.providers[:first], selection.providers[first:]
    said = f"{_listed(asked)} asked first, {_listed(kept_back)} only if that is not enough"
    note = said if selection.note is None else f"{selection.note}; {said}"
    return replace(
        selection, why=f"{selection.why}; {said}", note=note, opening=first, enough=enough
    )


def _requested(
    requested: Sequence[str], available: Sequence[str], maximum: int | None
) -> Selection:
    if not requested:
        raise NoProviderError("providers names no provider", field="providers")
    unknown = [name for name in requested if name not in available]
    if unknown:
        raise UnknownProviderError(
            f"providers names {_quoted(unknown)}; configured here: {_listed(available) or 'none'}",
            field="providers",
        )
    twice = [name for name in dict.fromkeys(requested) if list(requested).count(name) > 1]
    if twice:
        raise DuplicateProviderError(f"providers names {_quoted(twice)} twice", field="providers")
    if maximum is not None and len(requested) > maximum:
        raise TooManyProvidersError(
            f"providers names {len(requested)}, max_providers is {maximum}", field="providers"
        )
    return Selection(tuple(requested), f"the request names {_listed(requested)}", by="caller")


def _noting_absent(names: Sequence[str], pool: tuple[str, ...], chosen: Selection) -> Selection:
    """With a word on those of an arm's providers that nobody can ask here."""
    absent = tuple(dict.fromkeys(name for name in names if name not in pool))
    if not absent:
        return chosen
    said = f"the arm's {_listed(absent)} left out: not configured"
    note = said if chosen.note is None else f"{said}; {chosen.note}"
    return replace(chosen, why=f"{chosen.why}; {said}", note=note)


def _cheapest(pool: tuple[str, ...], budget_usd: float, away: Mapping[str, str]) -> Selection:
    first = TABLE["basic"][0]
    order = [name for name in (*TABLE["basic"], *pool) if name in pool]
    alone = next(name for name in order if name not in away)
    why = (
        f"a budget of {budget_usd:g} USD, below {SMALL_BUDGET_USD:g}, asks one provider on a basic "
        f"task: {alone}"
    )
    if alone != first:
        missing = away[first] if first in pool else "is not configured"
        why += f"; {first} {missing}, {alone} stands in"
    return Selection((alone,), why, why, by="budget")


def _fit(  # noqa: PLR0913, PLR0917 - who is wanted, who may stand in, and in whose name
    wanted: tuple[str, ...],
    spare: tuple[str, ...],
    pool: tuple[str, ...],
    count: int,
    who: str,
    by: Chooser,
    away: Mapping[str, str],
) -> Selection:
    """Replace the wanted who are missing or away, then cut or fill to ``count``, the spare in order."""
    kept = wanted[:count]
    candidates = dict.fromkeys((*wanted[count:], *spare))
    rest = [name for name in candidates if name in pool and name not in kept]
    if away:  # who is not away first
        rest.sort(key=lambda name: name in away)
    notes = []
    chosen = []
    for name in kept:
        missing = away.get(name) if name in pool else "is not configured"
        if missing is None:
            chosen.append(name)
        elif rest and not (name in pool and rest[0] in away):
            chosen.append(rest.pop(0))
            notes.append(f"{name} {missing}, {chosen[-1]} stands in")
        else:
            notes.append(f"{name} {missing}, nobody can stand in")
            if name in pool:
                chosen.append(name)
    left_out = [name for name in wanted[count:] if name in pool and name not in chosen]
    if left_out:
        notes.append(f"{_listed(left_out)} left out as max_providers is {count}")
    passed_over = [name for name in kept if name in pool and name not in chosen]
    added = [*rest, *passed_over][: max(0, count - len(chosen))]
    if added:
        notes.append(f"{_listed(added)} added to make {len(chosen) + len(added)}")
    why = f"{who} {_listed(wanted)}"
    note = "; ".join(notes) or None
    return Selection((*chosen, *added), why if note is None else f"{why}; {note}", note, by)


def _listed(names: Iterable[str]) -> str:
    *head, last = tuple(names) or ("",)
    return f"{', '.join(head)} and {last}" if head else last


def _quoted(names: Iterable[str]) -> str:
    return _listed(repr(name) for name in names)
