"""Answers made to hurt are read in bounded parts, and decided."""

import pytest

from bench.hostile import QUESTIONS, hostile_texts, transcripts
from consensus.agreement.claims import Claims
from consensus.answers import read_question
from consensus.panel import rank, read_panel
from consensus.reading import read_answer
from consensus.sentences import MAX_CHARS, MAX_STATEMENTS
from tests.support.entailment import FakeEntailment

TEXTS = hostile_texts()


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_answer_is_cut_before_it_is_read(name):
    reading = read_answer(read_question("Why is the sky blue?"), TEXTS[name])

    assert len(reading.text) <= MAX_CHARS + 1
    assert len(reading.statements) <= MAX_STATEMENTS
    assert sum(len(s.text) for s in reading.statements) <= MAX_CHARS
    assert len(Claims(reading.statements).statements) <= MAX_STATEMENTS


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("kind", ["free text", "number", "code"])
def test_a_panel_with_hostile_answers_is_ranked(name, kind):
    question = read_question(QUESTIONS[kind])
    for transcript in transcripts(TEXTS[name]):
        panel = read_panel(question, transcript.answers, {}, None, FakeEntailment())

        assert sorted(rank(panel)) == [0, 1, 2]
