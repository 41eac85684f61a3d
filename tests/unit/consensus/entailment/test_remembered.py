"""A request's pairs are judged once, and what had no time is asked again."""

from consensus.entailment.judgement import Judgement
from consensus.entailment.remembered import RememberedEntailment, remembering


class Counting:
    """Judges each pair by its lengths, up to `room` pairs a call."""

    def __init__(self, room=99):
        self.room = room
        self.asked = []

    def compare(self, question, pairs):
        self.asked.append((question, *pairs))
        judged = [Judgement(1 / (1 + len(a)), 0.0, 1 / (1 + len(b))) for a, b in pairs]
        return [j if i < self.room else None for i, j in enumerate(judged)]


def test_a_pair_is_judged_once_and_only_the_new_ones_of_a_later_decision():
    model = Counting()
    memory = RememberedEntailment(model)

    first = memory.compare("q", [("a", "bb"), ("a", "ccc")])
    later = memory.compare("q", [("a", "ccc"), ("dddd", "bb"), ("a", "bb")])

    assert model.asked == [("q", ("a", "bb"), ("a", "ccc")), ("q", ("dddd", "bb"))]
    assert list(first) == Counting().compare("q", [("a", "bb"), ("a", "ccc")])
    assert list(later) == Counting().compare("q", [("a", "ccc"), ("dddd", "bb"), ("a", "bb")])


def test_nobody_is_asked_where_all_is_remembered():
    model = Counting()
    memory = RememberedEntailment(model)

    memory.compare("q", [("a", "b")])
    memory.compare("q", [("a", "b")])

    assert len(model.asked) == 1


def test_another_question_or_the_other_order_is_another_pair():
    model = Counting()
    memory = RememberedEntailment(model)

    memory.compare("q", [("a", "b")])
    memory.compare("p", [("a", "b")])
    memory.compare("q", [("b", "a")])

    assert model.asked == [("q", ("a", "b")), ("p", ("a", "b")), ("q", ("b", "a"))]


def test_the_same_pair_twice_in_a_decision_is_judged_once():
    model = Counting()

    found = RememberedEntailment(model).compare("q", [("a", "b"), ("a", "b")])

    assert model.asked == [("q", ("a", "b"))]
    assert found[0] == found[1]
    assert found[0] is not None


def test_what_had_no_time_is_asked_again_by_the_next_decision():
    model = Counting(room=1)
    memory = RememberedEntailment(model)

    assert [j is None for j in memory.compare("q", [("a", "b"), ("c", "d")])] == [False, True]
    assert [j is None for j in memory.compare("q", [("a", "b"), ("c", "d")])] == [False, False]
    assert model.asked[-1] == ("q", ("c", "d"))


def test_without_a_model_there_is_nothing_to_remember():
    assert remembering(None) is None
