"""The logs of learning: what was done, what failed, how it stands; never a prompt, never in the way."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from gateway.environment import read_settings
from gateway.learning_logging import open_learning_log
from gateway.monitoring import learning_log
from gateway.monitoring.learning_log import LearningLog
from gateway.monitoring.metrics import Metrics

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Lost:
    """How many lines were lost."""

    lines = 0

    def __call__(self, lines):
        self.lines += lines


@pytest.fixture
def lost():
    return Lost()


@pytest.fixture
def make(tmp_path, lost):
    def _make(level="info", log_dir=None):
        return LearningLog(
            log_dir or tmp_path,
            tmp_path,
            level=level,
            instance="here",
            clock=lambda: NOON,
            on_lost=lost,
        )

    return _make


@pytest.fixture
def metrics():
    return Metrics(CollectorRegistry(), monotonic=lambda: 0.0)


def lines(folder, name):
    path = folder / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def written(log, tell):
    log.start()
    tell(log)
    log.close(60.0)


def test_an_operation_tells_when_where_what_and_of_which_patterns(make, tmp_path):
    written(make(), lambda log: log.operation("register", ids=[7, 8], ms=1.25, count=2))
    assert lines(tmp_path, "operations.log") == [
        {
            "timestamp": "2026-03-01T12:00:00+00:00",
            "instance": "here",
            "level": "info",
            "operation": "register",
            "ms": 1.25,
            "count": 2,
            "ids": [7, 8],
        }
    ]


@given(st.dictionaries(st.text(min_size=1).filter(str.isidentifier), st.text(min_size=1)))
def test_no_text_gets_into_a_line_but_short_words_of_two_fields(said):
    assert all(
        not learning_log._is_tellable(field, value)
        or (field in {"outcome", "cause"} and len(value) <= 40)
        for field, value in said.items()
    )


def test_a_prompt_told_by_mistake_is_left_out(make, tmp_path):
    written(make(), lambda log: log.operation("search", prompt="my secret", ms=1.0, cause="x" * 41))
    (line,) = lines(tmp_path, "operations.log")
    assert set(line) == {"timestamp", "instance", "level", "operation", "ms"}


def test_a_failure_tells_type_and_place_and_not_the_message(make, tmp_path):
    def fail(log):
        try:
            int("my secret prompt")
        except ValueError as error:
            log.failure("register", count=3, error=error)

    written(make(), fail)
    (line,) = lines(tmp_path, "errors.log")
    assert (line["operation"], line["count"], line["error"]) == ("register", 3, "ValueError")
    assert line["frames"][-1].startswith("test_learning_log.py:")
    assert "secret" not in json.dumps(line)  # as int() quotes it


def test_of_a_recursion_without_end_the_innermost_places_are_told(make, tmp_path):
    def deeper():
        deeper()

    def fail(log):
        try:
            deeper()
        except RecursionError as error:
            log.failure("search", error=error)

    written(make(), fail)
    (line,) = lines(tmp_path, "errors.log")
    assert len(line["frames"]) == learning_log.MOST_FRAMES
    assert line["frames"][-1].endswith(" deeper")
    assert not any(frame.endswith(" fail") for frame in line["frames"])


@pytest.mark.parametrize(
    ("level", "operations", "errors"),
    [("debug", 1, 1), ("info", 1, 1), ("warning", 0, 1), ("error", 0, 1)],
)
def test_the_level_decides_what_is_written(make, tmp_path, level, operations, errors):
    def tell(log):
        log.operation("search", ms=1.0)
        log.failure("search")

    written(make(level), tell)
    assert len(lines(tmp_path, "operations.log")) == operations
    assert len(lines(tmp_path, "errors.log")) == errors


def test_a_folder_that_cannot_be_written_costs_lines_and_nothing_else(make, tmp_path, lost):
    (tmp_path / "file").write_text("")
    log = make(log_dir=tmp_path / "file")
    written(log, lambda log: [log.operation("search", ms=1.0) for _ in range(3)])
    assert (lost.lines, log.lost) == (3, 3)


def test_more_than_can_wait_is_dropped_and_counted(make, lost, monkeypatch, tmp_path):
    monkeypatch.setattr(learning_log, "CAPACITY", 5)
    log = make()  # not started: nobody takes lines away
    for _ in range(8):
        log.operation("search", ms=1.0)
    assert lost.lines == 3
    assert lines(tmp_path, "operations.log") == []


def test_what_no_json_can_hold_costs_that_line_alone(make, tmp_path, lost):
    def tell(log):
        log.operation("search", ms=2**70)
        log.operation("search", ms=1.0)

    written(make(), tell)
    assert [line["ms"] for line in lines(tmp_path, "operations.log")] == [1.0]
    assert lost.lines == 1


def test_what_the_metrics_count_is_in_the_logs(make, tmp_path, metrics):
    def tell(log):
        engine = metrics.engine
        engine.log_to(log)
        engine.observe_registration(0.01, patterns=2, ids=[1, 2])
        engine.observe_search(0.002, ids=[1])
        engine.observe_label(1, ids=[2])
        engine.observe_advice("advised", explored=True)
        engine.observe_recompute(3.0)
        engine.observe_removed("prune", 4)
        engine.observe_dropped("full")
        engine.observe_rebuild()
        engine.show_policy(3)
        engine.observe_error("follow", error=OSError())

    written(make(), tell)
    done = lines(tmp_path, "operations.log")
    assert [line["operation"] for line in done] == [
        *("register", "search", "label", "advise", "recompute"),
        *("remove", "drop", "rebuild", "policy"),
    ]
    assert [line["operation"] for line in lines(tmp_path, "errors.log")] == ["follow"]


async def until_written(folder, count):
    while len(lines(folder, "metrics.jsonl")) < count:  # noqa: ASYNC110 - a thread writes the file
        await asyncio.sleep(0.01)


def settings_in(folder, **env):
    return read_settings({"WALLBOUNCE_DATA_DIR": str(folder), **env}, None)


async def test_figures_are_written_each_while_by_one_worker_of_an_instance(tmp_path, metrics):
    settings = settings_in(tmp_path, LEARNING_METRICS_DIR=str(tmp_path / "m"))
    other = Metrics(CollectorRegistry(), monotonic=lambda: 0.0)
    metrics.engine.show_policy(4)
    async with (
        asyncio.timeout(60),
        open_learning_log(settings, metrics, instance="a", every_s=0.01),
    ):
        await until_written(tmp_path / "m", 1)
        async with open_learning_log(settings, other, instance="a", every_s=0.01):
            seen = len(lines(tmp_path / "m", "metrics.jsonl"))
            await until_written(tmp_path / "m", seen + 5)
    told = [
        line["figures"]["learning_policy_version"]
        for line in lines(tmp_path / "m", "metrics.jsonl")
    ]
    assert set(told) == {4.0}


async def test_with_learning_off_nothing_is_opened(tmp_path, metrics):
    settings = settings_in(tmp_path, LEARNING_ENABLED="false")
    async with open_learning_log(settings, metrics, instance="a") as log:
        assert log is None
    assert list(tmp_path.iterdir()) == []


async def test_lost_lines_are_counted_as_failures_of_the_log(tmp_path, metrics):
    (tmp_path / "file").write_text("")
    settings = settings_in(tmp_path, LEARNING_LOG_DIR=str(tmp_path / "file"))
    async with open_learning_log(settings, metrics, instance="a"):
        metrics.engine.observe_search(0.001)
    assert "learning_errors_total{operation=log}" in metrics.learning_figures()
    assert metrics.learning_figures()["learning_errors_total{operation=log}"] == 1
