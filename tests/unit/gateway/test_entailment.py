"""The entailment model in a running gateway."""

import asyncio

from consensus.entailment.judgement import Judgement
from gateway.entailment import warm_up


class Counted:
    def __init__(self):
        self.asked = []

    def compare(self, question, pairs):
        self.asked.extend(pairs)
        return [Judgement(0.8, 0.1, 0.1) for _ in pairs]


def test_warming_up_judges_one_pair():
    model = Counted()

    asyncio.run(warm_up(model))

    assert len(model.asked) == 1
