"""Notes runs with Weights & Biases. Its only door."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.tracking.names import finite, sound
from gateway.tracking.tracker import EXPERIMENT, MissingPackageError, TrackingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.tracking.tracker import Parameter

QUIET = {
    # Its crash reports and usage figures go to its maker otherwise.
    "WANDB_ERROR_REPORTING": "false",
    "WANDB_ANALYTICS_DISABLED": "true",
}
"""Set before the import, where the environment says nothing else."""


class WandbTracker:
    """A run, offline in a folder or on a server. Made by `open_wandb`."""

    def __init__(self, run: Any) -> None:
        self._run = run
        self._open = True
        folder = Path(run.dir).parent
        self.address = (
            f"{folder} (offline; `wandb sync {folder}` sends it)" if run.offline else str(run.url)
        )

    def parameters(self, values: Mapping[str, Parameter]) -> None:
        """See `gateway.tracking.tracker.Tracker`."""
        with _in_our_words():
            self._run.config.update({sound(name): value for name, value in values.items()})

    def metrics(self, figures: Mapping[str, float], step: int = 0) -> None:
        """See `gateway.tracking.tracker.Tracker`."""
        with _in_our_words():
            self._run.log(finite(figures), step=step)

    def artifact(self, path: Path) -> None:
        """See `gateway.tracking.tracker.Tracker`."""
        with _in_our_words():
            # A copy: by itself it would only link to a file that may be gone when it is sent.
            kept = shutil.copy(path, self._run.dir)
            self._run.save(kept, base_path=self._run.dir, policy="now")

    def close(self, *, failed: bool = False) -> None:
        """See `gateway.tracking.tracker.Tracker`."""
        import wandb  # noqa: PLC0415 - slow, and an extra

        if self._open:
            self._open = False
            with _in_our_words():
                self._run.finish(exit_code=1 if failed else 0)
                # Offline, the run is whole on the disk only when the process that writes it has ended.
                wandb.teardown()


def open_wandb(place: str | None, run_name: str) -> WandbTracker:
    """A new run.

    ``WANDB_MODE`` says whether it is sent; where it says nothing, only with a ``WANDB_API_KEY``.

    Args:
        place: The folder that runs are kept in; None: this one. They lie below it in ``wandb``.
        run_name: What the run is called.

    Raises:
        TrackingError: The folder or the server cannot be used, or wandb is not installed.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import wandb  # noqa: PLC0415 - slow, and an extra
    except ImportError:
        raise MissingPackageError("wandb", "tracking") from None
    folder = Path(place or ".")
    keyed = bool(os.environ.get("WANDB_API_KEY"))
    with _in_our_words():
        folder.mkdir(parents=True, exist_ok=True)
        run = wandb.init(
            project=EXPERIMENT,
            name=run_name,
            dir=str(folder),
            mode=None if os.environ.get("WANDB_MODE") else "online" if keyed else "offline",
            reinit="create_new",
            settings=wandb.Settings(
                silent=True,
                console="off",
                # What the machine is and runs is nobody's business.
                disable_git=True,
                disable_code=True,
                disable_job_creation=True,
                x_disable_stats=True,
                x_disable_meta=True,
                x_disable_machine_info=True,
                x_save_requirements=False,
            ),
        )
    return WandbTracker(run)


@contextmanager
def _in_our_words() -> Iterator[None]:
    import wandb  # noqa: PLC0415 - slow, and an extra

    try:
        yield
    except (wandb.Error, OSError) as error:
        first = str(error).strip().partition("\n")[0]
        raise TrackingError(f"Weights & Biases: {first}") from error
