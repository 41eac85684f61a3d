"""Options that the commands of `wallbounce backtest` share: the windows they walk in, and where runs are noted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.tracking.opening import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from learning.backtest.steering import Options


@dataclass(frozen=True, slots=True)
class Windows:
    """As `learning.backtest.steering.Options` has them."""

    train: int
    test: int
    step: int
    delay: int
    purge: int
    seed: int
    entailment: str
    cache: Path | None

    def options(self, policies: tuple[str, ...] | None = None) -> Options:
        """The options of a backtest.

        Raises:
            click.UsageError: Requests would be judged twice.
        """
        from learning.backtest.steering import Options  # noqa: PLC0415 - numpy and models are slow

        try:
            return Options(
                **{name: getattr(self, name) for name in self.__slots__}, policies=policies
            )
        except ValueError as error:
            raise click.UsageError(str(error)) from None


_WINDOWS = (
    click.option(
        "--train",
        default=0,
        show_default=True,
        type=click.IntRange(0),
        help="Newest labels that are learned from; 0: all.",
    ),
    click.option(
        "--test",
        default=50,
        show_default=True,
        type=click.IntRange(1),
        help="Requests decided by what was known before the first of them.",
    ),
    click.option(
        "--step",
        default=0,
        show_default=True,
        type=click.IntRange(0),
        help="Requests the window moves on by; 0: as many as --test.",
    ),
    click.option(
        "--delay",
        default=20,
        show_default=True,
        type=click.IntRange(1),
        help="Requests between an answer and its label.",
    ),
    click.option(
        "--purge",
        default=0,
        show_default=True,
        type=click.IntRange(0),
        help="Requests right before a test window that nothing is learned of.",
    ),
    click.option(
        "--seed", default=0, show_default=True, type=click.IntRange(0), help="Of all chance."
    ),
    click.option(
        "--entailment",
        default="shipped",
        show_default=True,
        metavar="NAME",
        help="The entailment model, as WALLBOUNCE_ENTAILMENT names it: shipped, off, or one by name.",
    ),
    click.option(
        "--cache",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder where answers that were read and compared are kept between runs.",
    ),
)


def windows(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--train`` to ``--cache``, handed on as ``windows``."""

    @wraps(command)
    def gathered(**given: Any) -> Any:
        named = {name: given.pop(name) for name in Windows.__slots__}
        return command(**given, windows=Windows(**named))

    decorated: Callable[..., Any] = gathered
    for option in reversed(_WINDOWS):
        decorated = option(decorated)
    return decorated


def tracking(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--track`` and ``--track-to``."""
    command = click.option(
        "--track-to",
        "place",
        metavar="PLACE",
        help="A folder, or with mlflow a tracking URI. Default: MLFLOW_TRACKING_URI or ./mlruns; "
        "./runs; ./wandb.",
    )(command)
    return click.option(
        "--track",
        type=click.Choice(KINDS),
        default="none",
        show_default=True,
        help="Note the run with this tracker (pip install 'wallbounce[tracking]').",
    )(command)
