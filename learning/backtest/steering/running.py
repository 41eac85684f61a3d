"""Runs a backtest of steering: the ballots of all panels, every policy through the stream, the figures."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from consensus.embedding.static import StaticEmbedder
from consensus.entailment.lazy import entailment_named
from consensus.trust.topics import Topics
from learning.backtest.records import EvaluationDataError
from learning.backtest.seating import seated
from learning.backtest.steering.cases import Reader, interleaved
from learning.backtest.steering.figures import Resampled, course, figures, right_of
from learning.backtest.steering.keeping import ballots_kept, polled
from learning.backtest.steering.policies import Engine, PlainVote, Single, Steered
from learning.backtest.steering.prices import Prices
from learning.backtest.steering.walkers import walked_apart
from learning.backtest.steering.words import SteeringReport

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from learning.backtest.files import Recordings
    from learning.backtest.roles import Role
    from learning.backtest.steering.cases import Case
    from learning.backtest.steering.policies import Policy
    from learning.backtest.steering.walking import Walked
    from learning.backtest.steering.words import Difference, Options, Progress

VOTE, CONSENSUS, ENGINE, CHEAPER = "vote", "consensus", "engine", "engine, fewer calls"
HEADLINE = (VOTE, CONSENSUS, ENGINE, CHEAPER)
"""The policies that the headline figures compare."""

ENGINES: Mapping[str, Engine] = {
    CONSENSUS: Engine(neighbours=0),
    ENGINE: Engine(),
    CHEAPER: Engine(escalate=True, alone=True),
    "consensus, nothing learned": Engine(neighbours=0, learns=False),
    "table: two, third on dissent": Engine(neighbours=0, learns=False, static=True),
    "engine, a pair first": Engine(escalate=True),
    "engine, fewer calls, explores": Engine(escalate=True, alone=True, explored=0.05),
    "engine, neighbours by kind": Engine(near="kind"),
    "engine, any model's neighbours": Engine(same_model=False),
    "engine, neighbours by words too": Engine(layers=("lexical",)),
    "engine, neighbours by kind too": Engine(layers=("task",)),
    "engine, newer neighbours first": Engine(layers=("recency",)),
    "engine, newer neighbours count more": Engine(recent=700.0),
    "engine, neighbours by all layers": Engine(layers=("lexical", "task", "recency")),
    "engine, neighbours by family": Engine(near="family"),
    "engine, neighbours along paths": Engine(near="paths"),
    "engine, fewer calls, fully asked neighbours first": Engine(
        escalate=True, alone=True, layers=("configuration",)
    ),
}
"""By name. What each leaves out or adds is in `ABLATIONS`."""

ABLATIONS: Mapping[str, tuple[str, str]] = {
    "neighbours": (ENGINE, CONSENSUS),
    "vector": (ENGINE, "engine, neighbours by kind"),
    "lexical": ("engine, neighbours by words too", ENGINE),
    "task_kind": ("engine, neighbours by kind too", ENGINE),
    "configuration": ("engine, fewer calls, fully asked neighbours first", CHEAPER),
    "outcome": (ENGINE, ENGINE),
    "recency": ("engine, newer neighbours first", ENGINE),
    "recency_counts": ("engine, newer neighbours count more", ENGINE),
    "all_layers": ("engine, neighbours by all layers", ENGINE),
    "communities": ("engine, neighbours by family", ENGINE),
    "graph_paths": ("engine, neighbours along paths", ENGINE),
    "same_model": (ENGINE, "engine, any model's neighbours"),
    "feedback": (CONSENSUS, "consensus, nothing learned"),
    "one_alone_first": (CHEAPER, "engine, a pair first"),
    "exploration": ("engine, fewer calls, explores", CHEAPER),
}
"""By component: the policy with it, and the one without. ``outcome`` is 0 by its nature: `BY_NATURE`."""

BY_NATURE = {
    "outcome": "only labelled neighbours speak for a question, and those are all of one band: "
    "the layer adds the same to each and leaves their order as it is",
    "configuration": "where all are asked it is the same for all neighbours; it is measured where "
    "some were asked in part",
}
"""What stands beside an ablation, by name."""


def run(
    recordings: Recordings,
    roles: Sequence[Role],
    options: Options,
    progress: Progress | None = None,
) -> SteeringReport:
    """Walk all policies over the rows of ``roles``, interleaved by ``order`` into one stream.

    Raises:
        EvaluationDataError: A row has no data, or there are no rows.
    """
    said = progress or _silent
    cases = read_cases(recordings, roles, options, said)
    return judge(walk_all(cases, options, said), cases, options)


def read_cases(
    recordings: Recordings, roles: Sequence[Role], options: Options, progress: Progress
) -> list[Case]:
    """The stream: every request with the ballots of all panels.

    Raises:
        EvaluationDataError: A row has no data, or there are no rows.
    """
    missing = [role.name for role in roles if role.dataset not in recordings.requests]
    if missing or not roles:
        raise EvaluationDataError(f"no recorded answers of {', '.join(missing) or 'any row'}")
    rows = [(role, seated(role, recordings.requests[role.dataset])) for role in roles]
    embedder, prices = StaticEmbedder(), Prices()
    entailment = entailment_named(options.entailment, budget_ms=math.inf)
    reader = Reader(embedder, Topics(embedder), entailment)
    of = sum(len(requests) for _, requests in rows)
    cases = []
    with ballots_kept(recordings, roles, options) as kept:
        for role, requests in rows:
            for request in requests:
                name = f"ballots {role.name} {request.record.id}"
                found = polled(kept, name, partial(reader.polled, request))
                cases.append(reader.case(role.name, request, prices.of(request), found))
                progress("ballots", len(cases), of)
    return interleaved(cases)


def policies(seed: int) -> dict[str, Policy]:
    """All that are compared, each knowing nothing yet."""
    made: dict[str, Policy] = {VOTE: PlainVote(), "best single": Single()}
    return made | {name: Steered(engine, seed) for name, engine in ENGINES.items()}


def walk_all(
    cases: Sequence[Case], options: Options, progress: Progress
) -> dict[str, list[Walked]]:
    """Every policy over the stream, or as many as the options name.

    Raises:
        EvaluationDataError: A policy is named that there is none of.
    """
    made = policies(options.seed)
    wanted = made if options.policies is None else {*HEADLINE, *options.policies}
    if unknown := sorted({*wanted} - made.keys()):
        raise EvaluationDataError(
            f"no policy is called {' | '.join(unknown)}; there are {' | '.join(made)}"
        )
    chosen = {name: policy for name, policy in made.items() if name in wanted}
    return walked_apart(cases, chosen, options, progress)


def judge(
    walked: Mapping[str, Sequence[Walked]], cases: Sequence[Case], options: Options
) -> SteeringReport:
    """The figures of what was walked."""
    rights = {name: right_of(steps) for name, steps in walked.items()}
    votes = rights[VOTE]
    resampled = Resampled(len(votes), options.seed)
    tables = {name: figures(steps, votes, resampled) for name, steps in walked.items()}
    over = resampled.difference(rights[ENGINE], rights[CONSENSUS])
    changed = resampled.difference(rights[CHEAPER], rights[ENGINE])
    lift = tables[ENGINE].against_vote
    everybody, engine, fewer = tables[VOTE], tables[ENGINE], tables[CHEAPER]
    return SteeringReport(
        lift={
            "accuracy": lift.lift,
            "low": lift.low,
            "high": lift.high,
            "cost_ratio": _ratio(engine.cost_usd, everybody.cost_usd),
            "over_consensus": over.lift,
            "over_consensus_low": over.low,
            "over_consensus_high": over.high,
        },
        cheaper={
            "calls_saved": 1.0 - _ratio(fewer.calls, everybody.calls),
            "accuracy_change": changed.lift,
            "low": changed.low,
            "high": changed.high,
            "against_vote": fewer.against_vote.lift,
            "cost_saved": 1.0 - _ratio(fewer.cost_usd, everybody.cost_usd),
        },
        ablations=_ablations(rights, resampled),
        policies=tables,
        halves={
            name: _half(walked, rights, np.arange(len(votes)) % 2 == parity)
            for parity, name in enumerate(("even", "odd"))
        },
        about={
            "requests": len(cases),
            "judged": len(votes),
            "sets": sorted({case.row for case in cases}),
            "delay": options.delay,
            "purge": options.purge,
            "train": options.train,
            "test": options.test,
            "step": options.step or options.test,
            "seed": options.seed,
            "entailment": options.entailment,
            "ablations": BY_NATURE,
            "prices": "list prices of today's models; tokens estimated from characters",
        },
        courses={name: course(steps) for name, steps in walked.items()},
    )


def _ablations(rights: Mapping[str, np.ndarray], resampled: Resampled) -> dict[str, Difference]:
    return {
        name: resampled.difference(rights[with_it], rights[without])
        for name, (with_it, without) in ABLATIONS.items()
        if with_it in rights and without in rights
    }


def _half(
    walked: Mapping[str, Sequence[Walked]], rights: Mapping[str, np.ndarray], part: np.ndarray
) -> dict[str, float]:
    calls = {
        name: np.array([len(w.answered.asked) for w in walked[name]])[part].mean()
        for name in (VOTE, CHEAPER)
    }
    mean = {name: float(right[part].mean()) for name, right in rights.items()}
    return {
        "lift": mean[ENGINE] - mean[VOTE],
        "over_consensus": mean[ENGINE] - mean[CONSENSUS],
        "accuracy_change": mean[CHEAPER] - mean[ENGINE],
        "calls_saved": 1.0 - _ratio(float(calls[CHEAPER]), float(calls[VOTE])),
    }


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _silent(stage: str, done: int, of: int) -> None:
    """Nobody listens."""
