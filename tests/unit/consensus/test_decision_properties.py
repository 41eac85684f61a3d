"""What holds for every panel."""

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from consensus.answers import final_answer, read_question
from tests.support.panels import decide_on, panel

SUM = "What is 6 times 7?"
REFUSAL = "I'm sorry, but I can't help with that."
ANSWERS = st.sampled_from(["42", "The answer is 42.", "43", "It is 43.", "44", REFUSAL])
RIGHT = st.sampled_from(["42", "The answer is 42.", "6 × 7 = 42"])
WEIGHT = st.floats(0.1, 10)

few = settings(max_examples=60, deadline=None)


def final_of(consensus):
    votes = {vote.attempt.provider: vote.final_answer for vote in consensus.votes}
    return votes[consensus.winner].text


@few
@given(
    st.text(min_size=1, max_size=60),
    st.lists(
        st.one_of(st.none(), ANSWERS, st.text(min_size=1, max_size=80)), min_size=1, max_size=4
    ),
)
def test_every_figure_is_a_share(question, texts):
    assume(any(text is not None for text in texts))
    consensus = decide_on(question, panel(*texts))

    figures = [consensus.confidence, consensus.agreement, consensus.coherence, consensus.relevance]
    scores = [v.agreement_score for v in consensus.votes if v.agreement_score is not None]
    weights = [vote.weight for vote in consensus.votes]
    assert all(0.0 <= figure <= 1.0 for figure in [*figures, *scores, *weights])
    assert abs(sum(weights) - 1.0) < 1e-9
    assert set(consensus.ranking) == {v.attempt.provider for v in consensus.votes if v.weight}


@few
@given(st.lists(ANSWERS, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_asking_decides_nothing_but_ties(texts, random):
    attempts = list(panel(*texts))
    question = read_question(SUM)
    finals = [final_answer(question, text).text for text in texts if text != REFUSAL]
    most = sorted((finals.count(final) for final in set(finals)), reverse=True)
    assume(len(most) == 1 or (len(most) > 1 and most[0] > most[1]))
    before = decide_on(SUM, tuple(attempts))
    random.shuffle(attempts)
    after = decide_on(SUM, tuple(attempts))

    assert final_of(after) == final_of(before)
    assert abs(after.confidence - before.confidence) < 1e-9


@few
@given(st.lists(ANSWERS, min_size=1, max_size=4), st.lists(WEIGHT, min_size=5, max_size=5))
def test_one_more_agreeing_answer_never_lowers_the_confidence(texts, weights):
    attempts = panel(*texts)
    scale = {a.provider: w for a, w in zip(panel(*"12345"), weights, strict=True)}
    before = decide_on(SUM, attempts, weights=scale)
    agreeing = next(a.text for a in attempts if a.provider == before.winner)
    after = decide_on(SUM, panel(*texts, agreeing), weights=scale)

    assert final_of(after) == final_of(before)
    assert after.confidence >= before.confidence - 1e-9


@few
@given(st.lists(ANSWERS, min_size=2, max_size=5), st.data())
def test_a_supporter_who_contradicts_instead_never_raises_agreement_or_confidence(texts, data):
    attempts = panel(*texts)
    before = decide_on(SUM, attempts)
    supporters = [n for n in before.ranking if n not in before.dissent and n != before.winner]
    assume(supporters)
    assume(final_of(before) != "refusal")
    turned = data.draw(st.sampled_from(supporters))
    after = decide_on(
        SUM, tuple(replace(a, text="99") if a.provider == turned else a for a in attempts)
    )

    # Where the turncoat leaves a tie, the other side wins, and may be surer than a tie was.
    if final_of(after) == final_of(before):
        assert after.agreement <= before.agreement + 1e-9
        assert after.confidence <= before.confidence + 1e-9


@few
@given(st.lists(ANSWERS, min_size=1, max_size=5), st.lists(WEIGHT, min_size=5, max_size=5))
def test_a_refusal_wins_only_where_all_refuse(texts, weights):
    scale = {a.provider: w for a, w in zip(panel(*"12345"), weights, strict=True)}
    consensus = decide_on(SUM, panel(*texts), weights=scale)

    assert (final_of(consensus) == "refusal") == all(text == REFUSAL for text in texts)


@few
@given(RIGHT, RIGHT, RIGHT)
def test_three_that_agree_are_surer_than_two_and_two_than_one(a, b, c):
    three, two, one = (
        decide_on(SUM, panel(*texts)).confidence for texts in ((a, b, c), (a, b), (a,))
    )

    assert three > two > one
    assert three >= 0.9
    assert one <= three - 0.1
