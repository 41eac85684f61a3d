"""The peers' own software, each in a folder of its own below `.venv-bench`, pinned by hash."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from bench.figures import PROGRESS
from bench.processes import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FOLDER = ROOT / ".venv-bench"
_STAMP = "installed-lock.sha256"
_SHOWN = 600
"""Characters of an installer's last words in an error."""


class NotInstalledError(Exception):
    """A peer could not be installed here; the message says why."""


def python_packages(name: str, lock: Path) -> Path:
    """The programs' folder of the virtual environment ``name``, made from ``lock`` where it is not there.

    Every file is checked against the lock's hash.

    Raises:
        NotInstalledError: it could not be made.
    """
    folder = FOLDER / name
    if not _is_current(folder, lock):
        PROGRESS.print(f"installing {lock.name} into {folder.relative_to(ROOT)} (minutes)")
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", folder])
        pip: list[str | Path] = [
            folder / "bin" / "python",
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
        ]
        _run([*pip, "--quiet", "--require-hashes", "--no-deps", "-r", lock])
        _stamp(folder, lock)
    return folder / "bin"


def node_packages(name: str, source: Path) -> Path:
    """The folder ``name`` with the packages of ``source``'s ``package-lock.json``, made where it is not there.

    Every package is checked against the lock's integrity hash; no script of a package runs.

    Raises:
        NotInstalledError: there is no node or npm, or the packages could not be fetched.
    """
    folder, lock = FOLDER / name, source / "package-lock.json"
    if shutil.which("node") is None:
        raise NotInstalledError("node is not installed (20 or later is needed)")
    if not _is_current(folder, lock):
        if shutil.which("npm") is None:
            raise NotInstalledError("npm is not installed")
        PROGRESS.print(f"installing {name} into {folder.relative_to(ROOT)} (a minute)")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in (source / "package.json", lock):
            shutil.copy(file, folder)
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _run(["npm", "ci", *quiet], cwd=folder)
        _stamp(folder, lock)
    return folder


def _is_current(folder: Path, lock: Path) -> bool:
    stamp = folder / _STAMP
    return stamp.exists() and stamp.read_text() == _digest(lock)


def _stamp(folder: Path, lock: Path) -> None:
    (folder / _STAMP).write_text(_digest(lock))


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _run(command: Sequence[str | Path], cwd: Path = ROOT) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | {"PIP_NO_INPUT": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-_SHOWN:]
        raise NotInstalledError(f"{command[0]} ended with {done.returncode}: {said}")
