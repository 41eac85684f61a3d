"""Recorded data on disk."""

import gzip
import json

import pytest

from learning.backtest.files import read
from learning.backtest.records import EvaluationDataError
from tests.support.recordings import panel

PAIR = {"dataset": "p", "question": "Which?", "a": "1", "b": "2", "label": "agree"}


def write(path, *rows):
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"
    path.write_bytes(gzip.compress(lines.encode()) if path.suffix == ".gz" else lines.encode())
    return path


def test_a_folder_gives_its_recordings_by_set_in_the_order_of_time(tmp_path):
    write(tmp_path / "late.jsonl.gz", panel(7, "aab", "a"), panel(2, "aab", "a"))
    write(tmp_path / "early.jsonl", panel(1, "aab", "a"), PAIR)
    (tmp_path / "notes.txt").write_text("no recording")
    found = read([tmp_path])
    assert [r.order for r in found.requests["eggs"]] == [1, 2, 7]
    assert list(found.pairs) == ["p"]
    assert sorted(found.digests) == ["early.jsonl", "late.jsonl.gz"]


def test_a_file_named_twice_is_read_once(tmp_path):
    path = write(tmp_path / "a.jsonl", panel(1, "aab", "a"))
    assert len(read([tmp_path, path]).requests["eggs"]) == 1


def test_a_line_separator_within_a_text_ends_no_row(tmp_path):
    path = write(tmp_path / "a.jsonl", panel(1, ["a\u2028b", "b", "c"], "b"))
    assert read([path]).requests["eggs"][0].answers[0].text == "a\u2028b"


def test_a_bad_row_is_told_with_file_and_line(tmp_path):
    path = write(tmp_path / "a.jsonl", panel(1, "aab", "a"), {"answers": []})
    with pytest.raises(EvaluationDataError, match=r"a\.jsonl, line 2: .*at least one answer"):
        read([path])


def test_the_same_request_twice_is_refused(tmp_path):
    path = write(tmp_path / "a.jsonl", panel(1, "aab", "a"), panel(1, "aab", "a"))
    with pytest.raises(EvaluationDataError, match="eggs-1 is there twice"):
        read([path])


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        pytest.param("a.jsonl", b"\n\n", "no recorded answers", id="empty"),
        pytest.param("a.jsonl", b"\xff", "not UTF-8", id="bytes of no text"),
        pytest.param("a.jsonl.gz", b"{}", "gzip", id="not packed"),
        pytest.param("a.jsonl.gz", gzip.compress(b"{}")[:-9], "gzip", id="cut short"),
    ],
)
def test_a_file_that_is_no_recording_is_refused(tmp_path, name, content, complaint):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EvaluationDataError, match=complaint):
        read([tmp_path / name])


def test_a_file_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("learning.backtest.files.MAX_UNPACKED_BYTES", 1_000)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b" " * 1_001))
    with pytest.raises(EvaluationDataError, match="MiB of text"):
        read([tmp_path])


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(EvaluationDataError, match="nowhere: no such file"):
        read([tmp_path / "nowhere"])
