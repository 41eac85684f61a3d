import numpy as np
import pytest

from learning.index import postings as module
from learning.index.postings import LONGEST, Postings, hashed


def rows(*texts, width=4):
    found = np.zeros((len(texts), width), np.uint32)
    for row, text in zip(found, texts, strict=True):
        words = hashed(text.split())
        row[: len(words)] = words
    return found


def filled(*texts):
    postings = Postings()
    postings.add(rows(*texts), np.arange(len(texts)))
    return postings


def test_who_holds_a_word_is_found():
    postings = filled("cat sat", "dog sat", "cow ran")
    assert postings.lookup(hashed(["sat"]), 9).tolist() == [0, 1]
    assert postings.lookup(hashed(["ran", "cat"]), 9).tolist() == [0, 2]
    assert postings.lookup(hashed(["fox"]), 9).tolist() == []
    assert postings.lookup(hashed([]), 9).tolist() == []


def test_those_that_hold_the_rarer_words_come_first():
    postings = filled("common rare", "common", "common", "common")
    assert postings.lookup(hashed(["common", "rare"]), 1).tolist() == [0]


def test_a_rarer_word_weighs_more_and_no_word_nothing():
    postings = filled("common rare", "common", "common")
    idf = postings.idf(np.append(hashed(["common", "rare", "new"]), np.uint32(0)))
    assert 0 < idf[0] < idf[1] < idf[2]
    assert idf[3] == 0


def test_merging_changes_nothing(monkeypatch):
    monkeypatch.setattr(module, "_TAIL", 7)
    texts = [f"w{at % 5} v{at % 3}" for at in range(60)]
    small = Postings()
    for at, text in enumerate(texts):
        small.add(rows(text), np.array([at]))
    built = Postings.of(rows(*texts), np.arange(60, dtype=np.uint32))
    for word in ("w0", "w4", "v2"):
        holding = [at for at, text in enumerate(texts) if word in text.split()]
        assert small.lookup(hashed([word]), 99).tolist() == holding
        assert built.lookup(hashed([word]), 99).tolist() == holding
    assert small.idf(hashed(["w0"])) == built.idf(hashed(["w0"]))


def test_a_word_in_too_many_patterns_is_not_read():
    many = Postings.of(rows(*["all"] * (LONGEST + 1)), np.arange(LONGEST + 1, dtype=np.uint32))
    assert many.lookup(hashed(["all"]), 9).tolist() == []


def test_what_is_forgotten_is_no_longer_counted():
    postings = filled("cat", "cat", "dog")
    before = postings.idf(hashed(["cat"]))
    postings.forget(rows("cat", "cat"))
    assert postings.patterns == 1
    postings.add(rows("cow", "cow"), np.array([0, 1]))
    assert postings.idf(hashed(["cat"])) > before


def test_the_rarest_words_are_kept():
    postings = filled("a b", "a c", "a d")
    assert postings.rarest(rows("a b c"), 2).tolist() == [hashed(["b", "c"]).tolist()]


@pytest.mark.parametrize("text", ["猫", "\ud800"])
def test_any_word_has_a_number_and_it_is_not_zero(text):
    assert hashed([text, text]).tolist() != [0]
    assert len(hashed([text, text])) == 1
