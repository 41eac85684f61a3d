"""Learning costs a start nothing: what it needs is loaded when there is something to learn."""

import subprocess
import sys

from learning.lazy import LazyLearner
from learning.lessons import Lesson
from tests.support.ballots import BALLOT, TallyLearner
from tests.support.storage import ROOT


def test_the_learner_is_built_at_the_first_fit_and_kept():
    built = []

    def load():
        built.append(TallyLearner())
        return built[-1]

    learner = LazyLearner(load)
    assert built == []
    for n in (1, 2):
        assert learner.fit([Lesson(BALLOT, 0, correct=True)] * n).heard["gpt"] == n
    assert len(built) == 1


def test_a_gateway_that_starts_has_not_imported_numpy():
    says = "import sys, gateway.serving; print('numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", says], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
