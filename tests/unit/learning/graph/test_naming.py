"""What a family is called."""

from learning.graph.naming import names

LAW = [(0, ("contract", "the", "liable")), (0, ("contract", "the", "court")), (0, ("court", "the"))]
MATHS = [(1, ("integral", "the", "solve")), (1, ("integral", "the")), (1, ("solve", "the"))]


def test_words_that_others_do_not_use_name_a_family():
    found = names([*LAW, *MATHS], 2)
    assert set(found[0]) == {"contract", "court"}
    assert set(found[1]) == {"integral", "solve"}


def test_the_word_of_most_patterns_comes_first():
    more = [*LAW, (0, ("contract",)), *MATHS]
    assert names(more, 2)[0][0] == "contract"


def test_a_word_of_a_single_pattern_names_no_family():
    assert "liable" not in names([*LAW, *MATHS], 2)[0]


def test_a_word_said_twice_in_one_pattern_counts_once():
    assert names([(0, ("odd", "odd")), (0, ("even",)), (1, ("even",))], 1) == ((),)


def test_patterns_of_no_family_tell_what_is_common():
    common = [(-1, ("contract",))] * 50
    assert "contract" not in names([*LAW, *MATHS, *common], 2)[0]


def test_no_more_words_than_asked_for():
    assert [len(name) for name in names([*LAW, *MATHS], 2, words=1)] == [1, 1]


def test_a_family_without_words_has_no_name():
    assert names([], 2) == ((), ())
