"""Notes runs with MLflow. Its only door."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.tracking.names import finite, sound
from gateway.tracking.tracker import EXPERIMENT, MissingPackageError, TrackingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.tracking.tracker import Parameter

QUIET = {
    # It tells its maker of each use otherwise.
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # A server that is away is told in seconds; by itself it is tried for minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}
"""Set before the import, where the environment says nothing else."""

URI_VARIABLE = "MLFLOW_TRACKING_URI"
FOLDER = Path("mlruns")
"""Where runs go that nobody named a place for, as MLflow itself calls it."""

BATCH = 100
"""Parameters a call; MLflow takes no more (figures: 1,000)."""

LONGEST = 6000
"""Characters of a parameter that MLflow keeps."""


class MlflowTracker:
    """A run of an MLflow server, or in an SQLite file of its own. Made by `open_mlflow`."""

    def __init__(self, client: Any, run_id: str, address: str) -> None:
        self.address = address
        self._client = client
        self._run_id = run_id
        self._open = True

    def parameters(self, values: Mapping[str, Parameter]) -> None:
        """See `gateway.tracking.tracker.Tracker`."""
        from mlflow.entities import Param  # noqa: PLC0415 - slow, and an extra

        rows = [Param(sound(name), str(value)[:LONGEST]) for name, value in values.items()]
        with _in_our_words():
            for at in range(0, len(rows), BATCH):
                self._client.log_batch(self._run_id, params=rows[at : at + BATCH])

    def metrics(self, figures: Mapping[str, float], step: int = 0) -> None:
        """See `gateway.tracking.tracker.Tracker`."""
        from mlflow.entities import Metric  # noqa: PLC0415 - slow, and an extra

        now = int(time.time() * 1000)
        rows = [Metric(name, figure, now, step) for name, figure in finite(figures).items()]
        with _in_our_words():
            for at in range(0, len(rows), BATCH):
                self._client.log_batch(self._run_id, metrics=rows[at : at + BATCH])

    def artifact(self, path: Path) -> None:
        """See `gateway.tracking.tracker.Tracker`."""
        with _in_our_words():
            self._client.log_artifact(self._run_id, str(path))

    def close(self, *, failed: bool = False) -> None:
        """See `gateway.tracking.tracker.Tracker`."""
        if self._open:
            self._open = False
            with _in_our_words():
                self._client.set_terminated(self._run_id, "FAILED" if failed else "FINISHED")


def open_mlflow(place: str | None, run_name: str) -> MlflowTracker:
    """A new run.

    Args:
        place: A tracking URI, or a folder, in which an SQLite file and the artifacts are kept; None:
            ``MLFLOW_TRACKING_URI``, else the folder `FOLDER`.
        run_name: What the run is called.

    Raises:
        TrackingError: The place cannot be used, or MLflow is not installed.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        from mlflow.tracking import MlflowClient  # noqa: PLC0415 - slow, and an extra
    except ImportError:
        raise MissingPackageError("mlflow", "tracking") from None
    place = place or os.environ.get(URI_VARIABLE) or str(FOLDER)
    with _in_our_words(place):
        uri, artifacts = _stored(place)
        client = MlflowClient(tracking_uri=uri)
        known = client.get_experiment_by_name(EXPERIMENT)
        experiment = (
            known.experiment_id
            if known is not None
            else client.create_experiment(EXPERIMENT, artifact_location=artifacts)
        )
        run = client.create_run(experiment, run_name=run_name)
    return MlflowTracker(client, run.info.run_id, f"{uri}, run {run.info.run_id}")


def _stored(place: str) -> tuple[str, str | None]:
    """The tracking URI of a place, and where artifacts go; None leaves that to the server."""
    if "://" in place:
        return place, None
    folder = Path(place).resolve()
    (folder / "artifacts").mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'mlflow.db'}", (folder / "artifacts").as_uri()


@contextmanager
def _in_our_words(place: str = "") -> Iterator[None]:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - slow, and an extra

    try:
        yield
    except (MlflowException, OSError) as error:
        first = str(error).strip().partition("\n")[0]
        raise TrackingError(f"MLflow{f' at {place}' if place else ''}: {first}") from error
