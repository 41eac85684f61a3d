"""Quick ways of reading a text, held equal to the plain patterns that they stand for."""

import re

from hypothesis import given
from hypothesis import strategies as st

from consensus.polarity import negated, negations, times
from consensus.sentences import canonical, numbers_ascii, sentences_of, unmarked, words_ascii
from consensus.statements import content_words, contents, statements

PIECES = st.sampled_from(
    [
        "not", "no", "Nothing", "note", "never", "isn't", "can't've", "it's", "'", "o'", "'tis", "_no_", "no2", "no.",
        "not only", "No doubt", "smaller", "lost", "unsafe", "after", "It is safe", "It is not safe", "1,000.50", "007", "3.",
        "1..5", "12)", "1.", "- ", "* ", "•", "\n", "\n\n", " ", ". ", "! ", "? ", "(2) ", "\t", "the", "A", "安全です。",
        "安全ではない。", "水は百度で沸騰", "ガラス", "、", "１２", "é", "x", "#", "> ",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=24).map("".join)
ASCII_TEXTS = TEXTS.filter(str.isascii)


@given(ASCII_TEXTS)
def test_words_are_those_that_the_pattern_finds(text):
    assert words_ascii(text) == re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower())


@given(ASCII_TEXTS)
def test_numbers_are_those_that_the_pattern_finds(text):
    assert numbers_ascii(text) == set(map(canonical, re.findall(r"\d[\d,]*(?:\.\d+)?", text)))


@given(ASCII_TEXTS)
def test_list_markers_are_left_out_as_the_pattern_leaves_them_out(text):
    marker = re.compile(r"^[ \t]*(?:[-*•・#>]+[ \t]*)?(?:\(?\d{1,2}[.):、．]\s+)?", re.MULTILINE)
    assert unmarked(text) == marker.sub("", text)


@given(TEXTS)
def test_the_contents_of_a_text_are_those_of_its_statements(text):
    read = statements(text)
    plain = unmarked(text)
    held = contents(plain, sentences_of(plain))
    assert held.all == content_words(read)
    assert held.numbers == frozenset().union(*(s.numbers for s in read))
    told = [words for words in held.sentences if words]
    assert told == [s.words for s in read if s.words]
    assert held.turned or not any(s.verdict or s.contrasts for s in read)


@given(ASCII_TEXTS)
def test_negations_counted_by_words_are_those_counted_by_patterns(text):
    low = text.lower()
    assert negations(low, words_ascii(low)) == negated(low)


@given(TEXTS, st.sampled_from(["no", "not", "it is", "safe"]))
def test_words_are_counted_where_they_are_no_part_of_others(text, words):
    low = text.lower()
    assert times(low, words) == len(re.findall(rf"\b{words}\b", low))
