"""A benchmark beside other gateways: what is chosen, what a ratio is, and what has no figure."""

from __future__ import annotations

import json
import sys

import click
import pytest

from bench.bounds import bounded
from bench.figures import Bar
from bench.load import LoadError
from bench.load_figures import Load
from bench.overhead.contenders import CONTENDERS, chosen
from bench.overhead.installing import NotInstalledError, node_packages
from bench.overhead.portkey import SOURCE
from bench.overhead.ratios import RATIOS, Ratio
from bench.overhead.system import Contender, System
from bench.processes import NotReadyError, piped

RATIO = Ratio("ours_vs_theirs", "ours", "theirs", 0.5)


class Measured:
    """Something under load whose CPU goes up by the given seconds a round."""

    def __init__(self, *cpu_s: float, fails: Exception | None = None) -> None:
        self._cpu_s = list(cpu_s)
        self._spent = 0.0
        self._fails = fails

    def send(self, *, requests: int, first: int) -> Load:
        if self._fails is not None:
            raise self._fails
        self._spent += self._cpu_s.pop(0)
        return Load(requests, 2.0, 3.0, 4.0)

    def cpu_seconds(self) -> float:
        return self._spent

    def rss_mb(self) -> float:
        return 50.0


def system(key: str, *cpu_s: float, fails: Exception | None = None) -> System:
    started = System(Contender(key, key, key, lambda _: Measured(*cpu_s, fails=fails)))
    started.start(None)
    for first in range(len(cpu_s)):
        started.round(requests=10, first=first)
    return started


def test_a_ratio_is_taken_round_by_round_and_its_median_is_judged():
    systems = {
        "ours": system("ours", 0.01, 0.03, 0.02),
        "theirs": system("theirs", 0.04, 0.04, 0.04),
    }
    spread = RATIO.of(systems)
    assert spread.values == pytest.approx((0.25, 0.75, 0.5))
    assert RATIO.judged(spread).met


@pytest.mark.parametrize("broken", ["ours", "theirs"])
def test_a_system_that_answers_wrong_once_has_no_figures_and_its_bars_are_not_met(broken):
    systems = {key: system(key, 0.01, 0.01) for key in ("ours", "theirs")}
    systems[broken] = system(broken, 0.01, fails=LoadError("not the right sum"))
    bar = RATIO.judged(RATIO.of(systems))
    assert bar.value is None
    assert not bar.met
    assert "NOT MEASURED" in str(bar)
    assert systems[broken].json() == {"measured": False, "reason": "Load: not the right sum"}


@pytest.mark.parametrize("error", [NotInstalledError("no npm"), NotReadyError("still silent")])
def test_a_peer_that_cannot_be_installed_or_started_is_told_and_the_others_are_measured(error):
    def start(_):
        raise error

    missing = System(Contender("theirs", "theirs", "theirs", start))
    missing.start(None)
    missing.warm_up(10)
    missing.round(requests=10, first=0)
    assert missing.json()["measured"] is False
    assert str(error) in missing.json()["reason"]


def test_a_system_that_is_measured_anew_keeps_running_and_forgets_its_figures():
    first = system("ours", 0.02, 0.02)
    first.loaded = Measured(0.01, 0.04)
    again = first.measured_anew()
    again.warm_up(100, first=20)
    again.round(requests=10, first=120)
    assert again.json()["cpu_ms_per_request"]["rounds"] == pytest.approx([4.0])
    assert first.json()["cpu_ms_per_request"]["median"] == pytest.approx(2.0)
    broken = system("ours", 0.01, fails=LoadError("not the right sum")).measured_anew()
    assert broken.json() == {"measured": False, "reason": "Load: not the right sum"}


def test_a_figure_is_by_request():
    told = system("ours", 0.02, 0.02).json()
    assert told["cpu_ms_per_request"]["median"] == pytest.approx(2.0)
    assert told["requests_per_s"]["median"] == pytest.approx(5.0)


def test_all_systems_are_measured_unless_some_are_chosen_by_key_or_group():
    assert chosen("") == CONTENDERS
    assert [c.key for c in chosen("ours, litellm")] == [
        "wallbounce",
        "wallbounce_single",
        "litellm",
    ]
    assert [c.key for c in chosen("tensorzero_single")] == ["tensorzero_single"]
    with pytest.raises(click.UsageError, match="no system nginx; there are bare, "):
        chosen("nginx,litellm")


def test_ratios_are_of_systems_that_there_are():
    keys = {contender.key for contender in CONTENDERS}
    assert {r.over for r in RATIOS} | {r.under for r in RATIOS} <= keys


def test_a_bar_is_met_at_it_and_missed_over_it():
    assert Bar("figure", 0.28, 0.28).met
    assert not Bar("figure", 0.28, 0.2801).met


def test_how_long_a_benchmark_runs_is_bounded(monkeypatch):
    monkeypatch.delenv("ROUNDS", raising=False)
    assert bounded("ROUNDS", 5, most=10) == 5
    monkeypatch.setenv("ROUNDS", "10")
    assert bounded("ROUNDS", 5, most=10) == 10
    for said in ("11", "0", "-1", "many"):
        monkeypatch.setenv("ROUNDS", said)
        with pytest.raises(click.UsageError, match="from 1 to 10"):
            bounded("ROUNDS", 5, most=10)


def test_a_machine_without_node_is_told_that_it_is_needed(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotInstalledError, match="node is not installed"):
        node_packages("portkey", tmp_path)


def test_the_packages_of_node_are_pinned_by_hash_and_name_no_registry():
    lock = json.loads((SOURCE / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) > 50
    assert all("integrity" in package for package in packages.values())
    assert not any("resolved" in package for package in packages.values())


def test_a_process_answers_line_by_line_and_tells_why_it_ended(tmp_path):
    echo = "import sys\nprint('ready', flush=True)\nprint(input().upper(), flush=True)\nsys.exit('out of breath')"
    with piped([sys.executable, "-c", echo], name="echo", folder=tmp_path, env={}) as process:
        assert process.ask("hello") == "HELLO\n"
        assert process.cpu_seconds() > 0
        with pytest.raises(NotReadyError, match="ended with 1\nout of breath"):
            process.ask("again")
