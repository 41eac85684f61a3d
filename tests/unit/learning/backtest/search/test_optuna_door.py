"""A search that is kept in a file, gone on with, and of one thing only."""

import pytest

from learning.backtest.search.optuna_door import SearchError, best, search
from learning.backtest.search.space import OneOf, Real, Whole, inside
from tests.support.extras import extra

pytestmark = pytest.mark.usefixtures("optuna")

SPACE = {"share": Real(0, 1), "neighbours": Whole(1, 64, log=True), "graph": OneOf((True, False))}
FIRST = {"share": 0.5, "neighbours": 8, "graph": False}


@pytest.fixture(scope="module")
def optuna():
    return extra("optuna", "pip install 'wallbounce[search]'")


def hill(settings):
    """Best at a share of 0.2 with the graph."""
    return -((settings["share"] - 0.2) ** 2) + 0.1 * settings["graph"]


def found(score=hill, *, trials=25, file=None, identity=None, told=None):
    return search(
        SPACE,
        score,
        trials=trials,
        seed=0,
        first=FIRST,
        file=file,
        identity=identity or {"data": "abc"},
        on_trial=(told if told is not None else []).append,
    )


def test_the_settings_in_force_are_tried_first_and_every_proposal_is_inside_the_space():
    trials = found()
    assert trials[0].settings == FIRST
    assert len(trials) == 25
    for trial in trials:
        assert all(inside(SPACE[name], value) for name, value in trial.settings.items())


def test_a_search_finds_what_is_better():
    top = best(found())
    assert top.settings["graph"] is True
    assert top.score > hill(FIRST) + 0.1


def test_the_same_seed_proposes_the_same():
    assert found() == found()


def test_a_search_goes_on_in_its_file_where_it_was_cut_short(tmp_path):
    file, calls = tmp_path / "study.sqlite3", []

    def cut_short(settings):
        calls.append(settings)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return hill(settings)

    with pytest.raises(KeyboardInterrupt):
        found(cut_short, trials=8, file=file)
    told = []
    trials = found(trials=8, file=file, told=told)
    assert [trial.settings for trial in trials[:3]] == calls[:3]
    assert trials[3].settings == calls[3]
    assert [trial.number for trial in told] == [4, 5, 6, 7, 8]
    assert found(trials=8, file=file, told=told) == trials
    assert len(told) == 5


def test_a_study_of_something_else_is_not_gone_on_with(tmp_path):
    file = tmp_path / "study.sqlite3"
    found(trials=1, file=file)
    with pytest.raises(SearchError, match="other data"):
        found(trials=2, file=file, identity={"data": "xyz"})


def test_a_file_that_is_no_study_is_told(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear reader, this is no database at all.\n" * 50)
    with pytest.raises(SearchError, match=r"letter\.txt: cannot be used"):
        found(trials=1, file=tmp_path / "letter.txt")


def test_without_optuna_the_command_that_installs_it_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(SearchError, match=r"wallbounce\[search\]"):
        found(trials=1)
