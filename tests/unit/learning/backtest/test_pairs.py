"""Do pairs labelled agree score higher than pairs that contradict?"""

from learning.backtest.pairs import pair_aurocs
from learning.backtest.records import LabelledPair


def pair(a, b, *, agrees, strict=None):
    return LabelledPair("p", "Which?", a, b, agrees, strict)


def same_length(_, a, b):
    return -abs(len(a) - len(b))


def test_the_auroc_of_a_set_is_that_of_agree_against_contradict():
    pairs = [
        pair("a", "b", agrees=True),
        pair("a", "bb", agrees=True),
        pair("a", "bb", agrees=False),
    ]
    assert pair_aurocs({"p": pairs}, same_length) == {"p": 0.75}


def test_the_safer_labels_are_also_told_alone():
    pairs = [
        pair("a", "b", agrees=True, strict=True),
        pair("a", "bb", agrees=False, strict=True),
        pair("a", "bbb", agrees=True, strict=False),
    ]
    assert pair_aurocs({"p": pairs}, same_length) == {"p_strict": 1.0, "p": 0.5}
