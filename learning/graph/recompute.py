"""``python -m learning.graph.recompute FOLDER``: make the families of a folder's patterns anew.

A process of its own, last in line for a processor and with bounded processor time, so that no request waits for
it. It reads the folder's files (`learning.graph.edges`, `learning.graph.material_files`) and at its end replaces families.npz as a whole;
however else it ends, those before stay. Exit status 0 means there are new families.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np

from learning.graph.edge_file import read_edges
from learning.graph.errors import GraphError, GraphFileError
from learning.graph.family_file import FAMILIES, load_families, load_members, save_families
from learning.graph.making import FIRST, TERMS, Before, Made, Material, Terms, made
from learning.graph.material_files import TALLIES, WORDS, read_tallies, read_vectors, read_words

CPU_SECONDS = 900
"""Processor time a run may take, in seconds; a million patterns take under a minute. Whoever started it
may be gone, so it ends itself."""

OOM_SCORE = Path("/proc/self/oom_score_adj")

NICE = 19
"""The lowest priority, where `os.SCHED_IDLE` is not to be had."""


def recompute(folder: Path, terms: Terms = TERMS) -> Made:
    """Make families from the folder's files and put them there.

    Raises:
        GraphFileError: a file is missing or broken.
        OSError: the outcome cannot be written.
    """
    outcome = made(_material(folder), _before(folder / FAMILIES), terms)
    save_families(
        folder / FAMILIES, outcome.families, outcome.ids, outcome.members, outcome.next_number
    )
    return outcome


def main(arguments: list[str] | None = None) -> int:
    """The command; see the head of this module."""
    parser = argparse.ArgumentParser(prog="python -m learning.graph.recompute")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--resolution", type=float, default=TERMS.resolution)
    parser.add_argument("--seed", type=int, default=TERMS.seed)
    parser.add_argument("--least-members", type=int, default=TERMS.least_members)
    parser.add_argument("--most-families", type=int, default=TERMS.most_families)
    parser.add_argument("--cpu-seconds", type=int, default=CPU_SECONDS)
    given = parser.parse_args(arguments)
    _last_in_line()
    resource.setrlimit(resource.RLIMIT_CPU, (given.cpu_seconds, given.cpu_seconds))
    terms = Terms(given.resolution, given.seed, given.least_members, given.most_families)
    try:
        families = recompute(given.folder, terms).families
    except (GraphError, OSError) as error:
        sys.stderr.write(f"no families: {error}\n")
        return 1
    sys.stdout.write(
        f"run {families.run}: {len(families)} families, {families.patterns} patterns\n"
    )
    return 0


def _last_in_line() -> None:
    """Run only where nothing else would: a request that comes in never waits for this process.

    And where memory runs out, it is this process that the kernel ends, not the gateway.
    """
    os.nice(NICE)
    with suppress(OSError):  # not every kernel has it
        OOM_SCORE.write_text("1000")
    if hasattr(os, "SCHED_IDLE"):
        # Not so where the machine's owner forbids it, and then the priority is all there is.
        with suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _material(folder: Path) -> Material:
    sources, targets, cosines = read_edges(folder)
    labelled, vendors, right, wrong = read_tallies(folder / TALLIES)
    vectors = read_vectors(folder) or (np.zeros(0, np.int64), np.zeros((0, 0), np.float32))
    return Material(
        sources,
        targets,
        cosines,
        labelled,
        vendors,
        right,
        wrong,
        *vectors,
        read_words(folder / WORDS),
    )


def _before(path: Path) -> Before:
    if not path.exists():
        return FIRST
    try:
        run = load_families(path).run
        return Before(run, *load_members(path))
    except GraphFileError as error:
        # Nothing is lost but the numbers; refusing would leave broken families there for good.
        sys.stderr.write(f"families are numbered anew: {error}\n")
        return FIRST


if __name__ == "__main__":
    sys.exit(main())
