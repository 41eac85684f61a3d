"""Killed under load: nothing acknowledged is lost, and everything opens again."""

from bench.kill import killed


def test_a_process_killed_again_and_again_loses_nothing_it_acknowledged(tmp_path):
    found = killed(3, tmp_path, seed=2)
    assert (found.rounds, found.failed_opens, found.lost, found.unfound) == (3, 0, 0, 0)
    assert found.patterns >= found.acknowledged
