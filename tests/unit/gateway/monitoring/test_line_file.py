"""Lines of several processes stay whole, and the file stays bounded."""

import errno
import json
import os
import subprocess
import sys
import textwrap

import pytest

from gateway.monitoring.line_file import LineFile
from tests.support.gateway_process import ROOT

WRITER = """
    import sys
    from pathlib import Path
    from gateway.monitoring.line_file import LineFile

    name, lines = sys.argv[2], int(sys.argv[3])
    file = LineFile(Path(sys.argv[1]), most_bytes=40_000, kept=50)
    for n in range(lines):
        file.append(b'{"by": "%s", "n": %d, "filling": "%s"}\\n' % (name.encode(), n, b"x" * 200))
"""


def read(folder):
    return [
        json.loads(line)
        for file in sorted(folder.glob("lines.log*"))
        for line in file.read_text().splitlines()
    ]


def test_writers_in_several_processes_lose_tear_and_double_no_line(tmp_path):
    path = tmp_path / "lines.log"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(path), name, "1500"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for name in "abc"
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    lines = read(tmp_path)
    assert sorted((line["by"], line["n"]) for line in lines) == [
        (name, n) for name in "abc" for n in range(1500)
    ]
    assert len(list(tmp_path.glob("lines.log.*"))) > 20


def test_only_so_many_older_files_are_kept(tmp_path):
    file = LineFile(tmp_path / "lines.log", most_bytes=10, kept=2)
    for n in range(6):
        file.append(b"0123456789 %d\n" % n)
    shown = {path.name: path.read_text()[-2] for path in tmp_path.glob("lines.log*")}
    assert shown == {"lines.log": "5", "lines.log.1": "4", "lines.log.2": "3"}


def test_a_file_taken_away_is_made_anew(tmp_path):
    path = tmp_path / "deep" / "lines.log"
    file = LineFile(path)
    file.append(b"one\n")
    path.rename(path.with_name("elsewhere"))
    file.append(b"two\n")
    assert path.read_text() == "two\n"


def test_a_line_cut_by_a_full_disk_is_told_and_does_not_run_into_the_next(tmp_path, monkeypatch):
    file = LineFile(tmp_path / "lines.log")
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, text: write(descriptor, text[:3]))
    with pytest.raises(OSError, match="3 of 6 bytes were not written"):
        file.append(b"whole\n")
    monkeypatch.undo()
    file.append(b"next\n")
    assert (tmp_path / "lines.log").read_text() == "who\nnext\n"


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError) as refused:  # noqa: PT011 - which one differs by system
        LineFile(tmp_path / "file" / "lines.log").append(b"x\n")
    assert refused.value.errno in {errno.ENOTDIR, errno.EEXIST}
