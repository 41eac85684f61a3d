"""families.npz: the families of the last run that ended well, and what the next needs to number them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from learning.graph.errors import GraphFileError
from learning.graph.families import Families
from learning.graph.replacing import BROKEN, replacing

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Ids = NDArray[np.int64]

FAMILIES = "families.npz"

FORMAT = 1
"""Of `FAMILIES`."""


def save_families(path: Path, families: Families, ids: Ids, members: Ids, following: int) -> None:
    """Write families, and what the next run needs to number them.

    Args:
        path: Its place, see the head of this module.
        families: Of this run.
        ids: (n,) the patterns it saw, ascending.
        members: (n,) the number of each one's family, or `learning.graph.numbering.NO_FAMILY`.
        following: The next number that nobody has had.
    """
    document = {
        "format": FORMAT,
        "run": families.run,
        "numbers": families.numbers,
        "names": families.names,
        "sizes": families.sizes,
        "vendors": families.vendors,
        "patterns": families.patterns,
        "modularity": families.modularity,
        "next_number": following,
    }
    arrays = {name: getattr(families, name) for name in _ARRAYS}
    with replacing(path) as file:
        np.savez(
            file,
            document=np.frombuffer(json.dumps(document).encode(), np.uint8),
            ids=ids,
            members=members,
            **arrays,
        )


def load_families(path: Path) -> Families:
    """The families of the last run that ended well.

    Raises:
        GraphFileError: there are none, or the file is not of families.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            document = _document(found)
            arrays = {name: found[name] for name in _ARRAYS}
        families = Families(
            run=int(document["run"]),
            numbers=tuple(map(int, document["numbers"])),
            names=tuple(tuple(map(str, words)) for words in document["names"]),
            sizes=tuple(map(int, document["sizes"])),
            vendors=tuple(map(str, document["vendors"])),
            patterns=int(document["patterns"]),
            modularity=float(document["modularity"]),
            **arrays,
        )
        _check(families)
    except BROKEN as error:
        raise GraphFileError(f"{path} holds no families: {error}") from error
    return families


def load_members(path: Path) -> tuple[Ids, Ids, int]:
    """Patterns ascending, the number of each one's family, and the next number; see `save_families`.

    Raises:
        GraphFileError: there are none, or the file is not of families.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            ids, members = found["ids"].astype(np.int64), found["members"].astype(np.int64)
            following = int(_document(found)["next_number"])
    except BROKEN as error:
        raise GraphFileError(f"{path} holds no families: {error}") from error
    if ids.ndim != 1 or ids.shape != members.shape or members.max(initial=0) >= following:
        raise GraphFileError(f"{path} does not tell whose family is which")
    return ids, members, following


_ARRAYS = (
    "centroids",
    "right",
    "wrong",
    "alpha",
    "beta",
    "whole_alpha",
    "whole_beta",
    "strength",
)


def _document(found: Any) -> dict[str, Any]:
    document = json.loads(found["document"].tobytes())
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("not of this format")
    return document


def _check(families: Families) -> None:
    f, v = len(families.numbers), len(families.vendors)
    by_family = (families.right, families.wrong, families.alpha, families.beta)
    by_vendor = (families.whole_alpha, families.whole_beta, families.strength)
    if (
        len(families.names) != f
        or len(families.sizes) != f
        or families.centroids.ndim != 2  # noqa: PLR2004
        or len(families.centroids) != f
        or any(array.shape != (f, v) for array in by_family)
        or any(array.shape != (v,) for array in by_vendor)
    ):
        raise ValueError("columns that do not fit each other")
    if not all(np.isfinite(getattr(families, name)).all() for name in _ARRAYS):
        raise ValueError("figures that are no numbers")
    if any((array <= 0.0).any() for array in (*by_family[2:], *by_vendor)):
        raise ValueError("beliefs that are none")
