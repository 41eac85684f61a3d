"""Proposes settings with Optuna, in a study that is kept in a file and can be gone on with. Its only door.

Proposals are by the tree-structured Parzen estimator (Bergstra et al. 2011; multivariate, Falkner et al.
2018), which models where good settings lie by those tried so far.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from learning.backtest.search.space import OneOf, Real, Whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from learning.backtest.search.space import Dimension, Setting

IDENTITY = "identity"
"""What a study says it is of."""


class SearchError(Exception):
    """A study cannot be used, or Optuna is missing. The message is fit to be shown."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Settings that were tried, and how they scored; higher is better."""

    number: int
    settings: Mapping[str, Setting]
    score: float


def search(  # noqa: PLR0913 - what a study is made of, by keyword
    space: Mapping[str, Dimension],
    score: Callable[[Mapping[str, Setting]], float],
    *,
    trials: int,
    seed: int,
    first: Mapping[str, Setting],
    file: Path | None,
    identity: Mapping[str, Any],
    on_trial: Callable[[Trial], None],
) -> Sequence[Trial]:
    """Try settings until ``trials`` are tried, those of earlier calls on the same file counted.

    Args:
        space: What is searched, by name.
        score: How good settings are. It is called in this thread, one at a time; what it raises ends the
            search, and the settings it raised on are tried again when the search goes on.
        trials: How many to try in all.
        seed: Of the proposals. A search that was cut short and one that was not propose alike only up to
            the cut.
        first: The settings in force, tried before all others.
        file: An SQLite file that keeps the study; None keeps it in memory.
        identity: What the scores are of, as plain JSON: a study of something else is not gone on with.
        on_trial: Told of each new trial.

    Returns:
        All trials with a score, in the order they were tried.

    Raises:
        SearchError: The file cannot be used, or is a study of something else; or Optuna is missing.
    """
    try:
        import optuna  # noqa: PLC0415 - slow, and an extra
    except ImportError:
        raise SearchError(
            "optuna is not installed; install it with: pip install 'wallbounce[search]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    digest = _digest({**identity, "space": {name: repr(of) for name, of in space.items()}})
    study = _study(optuna, file, digest)
    finished = [t for t in study.get_trials(deepcopy=False) if t.value is not None]
    # A seed alone would propose the first settings once more after each interruption.
    study.sampler = optuna.samplers.TPESampler(
        seed=seed + len(finished), multivariate=len(space) > 1, n_startup_trials=_startup(trials)
    )
    if not finished:
        study.enqueue_trial(dict(first), skip_if_exists=True)
    while len(finished) < trials:
        proposed = study.ask()
        settings = {name: _proposal(proposed, name, of) for name, of in space.items()}
        try:
            value = score(settings)
        except BaseException:
            study.tell(proposed, state=optuna.trial.TrialState.FAIL)
            study.enqueue_trial(settings)
            raise
        finished.append(study.tell(proposed, value))
        on_trial(Trial(len(finished), settings, value))
    return [Trial(n, dict(t.params), t.value) for n, t in enumerate(finished, 1)]


def best(trials: Sequence[Trial]) -> Trial:
    """The best trial; of several alike the first."""
    return max(trials, key=lambda trial: (trial.score, -trial.number))


def _startup(trials: int) -> int:
    """Settings proposed at random before there is something to model: a quarter, 4 to 10 of them."""
    return max(4, min(10, trials // 4))


def _study(optuna: Any, file: Path | None, digest: str) -> Any:
    try:
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        study = optuna.create_study(
            storage=None if file is None else f"sqlite:///{file}",
            study_name="steering",
            load_if_exists=True,
            direction="maximize",
        )
        known = study.user_attrs.get(IDENTITY)
        if known is None:
            study.set_user_attr(IDENTITY, digest)
    # Whatever SQLAlchemy and Alembic find wrong with a file that is no study.
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        raise SearchError(f"{file}: cannot be used as a study: {first}") from error
    if known not in {None, digest}:
        raise SearchError(f"{file}: is a study on other data, options or ranges; name another file")
    return study


def _proposal(proposed: Any, name: str, of: Dimension) -> Setting:
    match of:
        case Real(low, high, log):
            real: float = proposed.suggest_float(name, low, high, log=log)
            return real
        case Whole(low, high, log):
            whole: int = proposed.suggest_int(name, low, high, log=log)
            return whole
        case OneOf(values):
            one: Setting = proposed.suggest_categorical(name, values)
            return one


def _digest(identity: Mapping[str, Any]) -> str:
    return sha256(json.dumps(identity, sort_keys=True, default=str).encode()).hexdigest()
