"""Opens the kind of tracker that was named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from gateway.tracking.tracker import NoTracker

if TYPE_CHECKING:
    from gateway.tracking.tracker import Tracker

Kind = Literal["none", "mlflow", "tensorboard", "wandb"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def open_tracker(kind: Kind, place: str | None, run_name: str) -> Tracker:
    """A new run of that kind.

    Args:
        kind: The door.
        place: A folder, or for MLflow also a tracking URI; None takes the kind's own default.
        run_name: What the run is called; TensorBoard takes a name once.

    Raises:
        TrackingError: The place cannot be used, or the kind's library is not installed.
    """
    match kind:
        case "none":
            return NoTracker()
        case "mlflow":
            from gateway.tracking.mlflow_door import open_mlflow  # noqa: PLC0415 - only the one named

            return open_mlflow(place, run_name)
        case "tensorboard":
            from gateway.tracking.tensorboard_door import open_tensorboard  # noqa: PLC0415 - as above

            return open_tensorboard(place, run_name)
        case "wandb":
            from gateway.tracking.wandb_door import open_wandb  # noqa: PLC0415 - as above

            return open_wandb(place, run_name)
