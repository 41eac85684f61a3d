"""The image: installed from the lock, run without root and without build tools, its health watched."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch

from tests.support.gateway_process import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
INSTRUCTIONS = [
    line for line in DOCKERFILE.splitlines() if line.strip() and not line.lstrip().startswith("#")
]
STAGES = "\n".join(INSTRUCTIONS).split("FROM ")[1:]
BUILD, FINAL = STAGES


def test_both_stages_start_from_the_same_pinned_image():
    bases = {stage.split()[0] for stage in STAGES}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases.pop())


def test_every_package_from_the_index_is_checked_against_a_lock_with_hashes():
    installs = re.findall(r"pip .*?install (.*)", BUILD)
    from_index = [arguments for arguments in installs if "dist/" not in arguments]
    assert len(from_index) == 2
    for arguments in from_index:
        assert "--require-hashes" in arguments
        lock = arguments.split("-r ")[1].split()[0]
        assert "--hash=sha256:" in (ROOT / lock).read_text()


def test_the_final_stage_installs_nothing_and_keeps_no_installer():
    assert not re.search(r"\bpip install|apt-get|gcc|make\b", FINAL)
    assert "pip uninstall --yes setuptools wheel pip" in FINAL
    assert "venv --without-pip" in BUILD


def test_it_does_not_run_as_root():
    users = re.findall(r"^USER (\S+)$", FINAL, re.MULTILINE)
    assert users == ["10001:10001"]
    assert FINAL.index("USER") > FINAL.index("RUN")


def test_its_health_is_its_liveness():
    """Readiness would restart a gateway for its database's sake."""
    assert re.search(r"HEALTHCHECK .*http://127\.0\.0\.1:4000/health/live", FINAL)


def test_it_serves_on_all_addresses_of_the_container_and_stops_by_sigterm():
    assert 'ENTRYPOINT ["wallbounce"]' in FINAL
    assert 'CMD ["serve", "--host", "0.0.0.0", "--port", "4000"]' in FINAL
    assert "STOPSIGNAL SIGTERM" in FINAL


def test_what_it_copies_exists_and_enters_the_build():
    kept = [
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    copied = [
        source
        for line in BUILD.splitlines()
        if line.startswith("COPY") and "--from" not in line
        for source in line.split()[1:-1]
    ]
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source.removeprefix("./"), pattern) for pattern in kept), source


def test_every_package_of_the_wheel_is_copied():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for package in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        assert f"COPY {package} ./{package}" in BUILD


def test_no_secret_enters_the_build():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    assert "**/.env*" in ignored
    assert not re.search(r"(ENV|ARG).*(KEY|PASSWORD|TOKEN)", DOCKERFILE)
