"""The written record keeps up: every dependency has its reason, every decision its place."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.support.gateway_process import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ADRS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
# A page of print.
LONGEST_ADR_WORDS = 600


def names(requirements):
    return {re.match(r"[\w.-]+", requirement)[0].lower() for requirement in requirements}


def test_every_direct_dependency_has_a_reason_and_a_licence():
    page = (ROOT / "docs" / "dependencies.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines()]
    explained = {row[0].lower() for row in rows if len(row) >= 3 and len(row[1].split()) > 1}
    wanted = names(PROJECT["dependencies"])
    for extra in PROJECT["optional-dependencies"].values():
        wanted |= names(extra)
    assert wanted <= explained


@pytest.mark.parametrize("path", ADRS, ids=lambda path: path.stem)
def test_a_decision_is_at_most_a_page_and_listed(path):
    assert len(path.read_text().split()) <= LONGEST_ADR_WORDS
    assert path.name in (ROOT / "docs" / "adr" / "README.md").read_text()


def test_the_benchmarked_proxy_is_the_litellm_that_we_ship():
    def pinned(lock):
        return re.search(r"^litellm==(\S+)", (ROOT / lock).read_text(), re.MULTILINE)[1]

    assert pinned("bench/requirements-litellm-proxy.lock") == pinned("requirements.lock")
