"""Nothing that no vendor said: merged sentences checked against the answers."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.embedding.static import StaticEmbedder
from consensus.merging.sentences import MAX_SENTENCES, MAX_TEXT_CHARS
from consensus.merging.sources import Sources
from consensus.merging.support import Fault, Support

TOWER = (
    "How tall is the Eiffel Tower?",
    """The Eiffel Tower is 330 metres tall. It was built in 1889 by the company of Gustave Eiffel.
It isn't the tallest building in Europe.""",
    """It stands 330 m high, antennas included. Construction took about two years.
- Painted every 7 years
- Not open at night""",
)
BREAD = (
    "パンはなぜ膨らみますか。",
    "酵母が糖を分解して二酸化炭素を出すためです。生地のグルテンが気体を閉じ込めます。発酵は約28度で進みます。",
    "イーストの発酵で炭酸ガスが発生するからです。塩は発酵を促進しません。",
)
PRIZE = (
    "Who found penicillin?",
    "Alexander Fleming discovered penicillin in 1928. He shared the Nobel Prize in 1945.",
    "It was Fleming, while Albert Einstein worked on physics. Penicillin kills bacteria.",
)
COFFEE = (
    "Is coffee safe during pregnancy?",
    "No. Coffee is harmful during pregnancy in large amounts. Up to 200 mg of caffeine a day is fine.",
    "Yes. Coffee is safe during pregnancy in large amounts. It contains antioxidants.",
)


def support(question, *answers, **more):
    return Support(Sources(question, answers), **more)


def faults(panel, text, **more):
    return [finding.fault for finding in support(*panel, **more).check(text)]


@pytest.mark.parametrize(
    ("panel", "text"),
    [
        pytest.param(
            TOWER, "The tower, built in 1889, is 330 metres tall.", id="two sentences in one"
        ),
        pytest.param(
            TOWER,
            "Overall, the tower is 330 m tall and construction took about two years.",
            id="two answers in one",
        ),
        pytest.param(
            TOWER, "In short:\n- 330 m, antennas included\n- painted every 7 years", id="a list"
        ),
        pytest.param(TOWER, "It is not open at night.", id="a negation that one makes"),
        pytest.param(PRIZE, "Fleming shared the Nobel Prize in 1945.", id="a name for a pronoun"),
        pytest.param(
            BREAD,
            "酵母が糖を分解して二酸化炭素を出し、グルテンが気体を閉じ込めます。",
            id="Japanese",
        ),
        pytest.param(
            BREAD, "まとめると、イーストの発酵で炭酸ガスが発生します。", id="a Japanese opening"
        ),
        pytest.param(
            ("何を使いますか。", "へらとドーナツ型を使います。", "型です。"),
            "ヘラとドーナッツ型を使います。",
            id="another spelling",
        ),
        pytest.param(BREAD, "２８度ほどで発酵が進みます。", id="full-width figures"),
        pytest.param(
            ("What is 17 + 25?", "42", "The sum is 42."),
            "17 + 25 = 42.",
            id="the question's own numbers",
        ),
        pytest.param(
            ("How many apples?", "There are 3 boxes with 4 apples each.", "12"),
            "3 boxes with 4 apples each make 12 apples.",
            id="a product",
        ),
        pytest.param(
            COFFEE,
            "Views differ on whether coffee is safe during pregnancy in large amounts.",
            id="contested, and told so",
        ),
        pytest.param(("Is it so?", "Yes, it is.", "No."), "Yes.", id="a bare yes"),
    ],
)
def test_what_the_answers_say_in_other_words_is_supported(panel, text):
    assert faults(panel, text) == []


@pytest.mark.parametrize(
    ("panel", "text", "fault"),
    [
        (TOWER, "It is painted every 8 years.", Fault.NUMBER),
        (TOWER, "It is painted every eight years.", Fault.NUMBER),
        (TOWER, "The Eiffel Tower is 1889 metres tall.", Fault.NUMBER),
        (TOWER, "The Eiffel Tower was built in 330.", Fault.NUMBER),
        (BREAD, "発酵は約38度で進みます。", Fault.NUMBER),
        (BREAD, "発酵は約三十八度で進みます。", Fault.NUMBER),
        (
            ("How many?", "3 boxes with 4 apples each.", "12"),
            "3 boxes with 7 apples each.",
            Fault.NUMBER,
        ),
        (TOWER, "Napoleon built it.", Fault.NAME),
        (TOWER, "It was built by the company of Napoleon Eiffel.", Fault.NAME),
        (PRIZE, "Einstein discovered penicillin.", Fault.NAME),
        (BREAD, "フレミングの酵母が糖を分解します。", Fault.NAME),
        (TOWER, "The Eiffel Tower is not 330 metres tall.", Fault.NEGATION),
        (TOWER, "It is the tallest building in Europe.", Fault.NEGATION),
        (TOWER, "It is open at night.", Fault.NEGATION),
        (BREAD, "塩は発酵を促進します。", Fault.NEGATION),
        (BREAD, "生地のグルテンは気体を閉じ込めません。", Fault.NEGATION),
        (("Is it so?", "Yes, it is.", "Yes."), "No.", Fault.NEGATION),
        (TOWER, "It weighs a lot and attracts many visitors.", Fault.UNSAID),
        (BREAD, "砂糖を加えると日持ちが良くなります。", Fault.UNSAID),
        (TOWER, "```\nprint(330)\n```", Fault.UNSAID),
        (COFFEE, "Coffee is safe during pregnancy in large amounts.", Fault.CONTESTED),
    ],
)
def test_what_no_answer_says_is_noticed(panel, text, fault):
    assert faults(panel, text) == [fault]


def test_a_program_that_an_answer_shows_is_supported_and_one_changed_is_not():
    panel = ("How do I greet?", "Like this:\n```python\nprint('hi')\n```\nRun it.", "Use print.")
    assert faults(panel, "```python\nprint('hi')\n```") == []
    assert faults(panel, "```python\nprint('ho')\n```") == [Fault.UNSAID]


def test_the_vector_of_a_source_may_cover_a_paraphrase():
    panel = (
        "Why does bread rise?",
        "Yeast produces carbon dioxide gas that fills the dough with bubbles.",
        "Yeast.",
    )
    text = "Yeast creates carbon dioxide gas, filling doughs with little bubbles inside loaves."
    assert faults(panel, text) == [Fault.UNSAID]
    assert faults(panel, text, embedder=StaticEmbedder()) == []


def test_a_text_too_long_to_be_read_is_not_taken_for_supported():
    with pytest.raises(ValueError, match="too long"):
        support(*TOWER).check("x" * (MAX_TEXT_CHARS + 1))
    with pytest.raises(ValueError, match="too long"):
        support(*TOWER).check("甲、乙。" * MAX_SENTENCES)


@dataclass(frozen=True)
class Verdict:
    conflict: float


@dataclass
class Model:
    """An entailment model that finds one sentence at odds with everything."""

    against: str

    def compare(self, question, pairs):
        return [None if "年" in a else Verdict(0.95 * (a == self.against)) for a, _ in pairs]


def test_an_entailment_model_may_find_a_conflict_that_words_do_not_show():
    text = "Construction took about two years."
    assert faults(TOWER, text) == []
    assert faults(TOWER, text, entailment=Model(text)) == [Fault.CONTESTED]
    assert faults(TOWER, "It was built in 1889 by Eiffel.", entailment=Model(text)) == []


ENGLISH_SUBJECTS = ("The bridge", "The old mill", "A river", "The station", "The library")
ENGLISH_DOINGS = (
    "attracts painters from the valley",
    "was restored by volunteers",
    "closes during heavy storms",
    "does not belong to the city",
    "carries 40 wagons of gravel",
    "opened in 1903 after a long dispute",
    "was drawn by Marlow in charcoal",
)
JAPANESE = (
    "橋は谷の画家を引きつけます。",
    "水車小屋は有志が修復しました。",
    "駅は嵐の間は閉鎖されます。",
    "図書館は市の所有ではありません。",
    "貨車は砂利を40両運びます。",
    "劇場は1903年に開業しました。",
    "マーロウが木炭で描きました。",
)
english = st.lists(
    st.builds("{} {}.".format, st.sampled_from(ENGLISH_SUBJECTS), st.sampled_from(ENGLISH_DOINGS)),
    min_size=1,
    max_size=5,
    unique=True,
)
japanese = st.lists(st.sampled_from(JAPANESE), min_size=1, max_size=5, unique=True)
answers = st.one_of(
    st.tuples(st.just("Tell me about the town."), st.just(" "), english, english),
    st.tuples(st.just("町について教えてください。"), st.just(""), japanese, japanese),
)


@given(answers, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_a_text_made_of_the_winner_s_sentences_alone_is_never_refused(panel, rnd):
    question, space, winners, others = panel
    chosen = rnd.sample(winners, rnd.randint(1, len(winners)))
    assert faults((question, space.join(winners), space.join(others)), space.join(chosen)) == []


@given(answers, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_of_a_text_made_of_vendors_sentences_only_what_contradicts_the_winner_is_refused(
    panel, rnd
):
    question, space, winners, others = panel
    mixed = winners + others
    rnd.shuffle(mixed)
    found = faults((question, space.join(winners), space.join(others)), space.join(mixed))
    assert set(found) <= {Fault.CONTESTED}


NEW = {
    " ": (
        "It has 77 windows.",
        "It cost twelve million.",
        "Thornbury owns it.",
        "It was painted by Kowalski.",
        "The town is not on the coast.",
        "Nobody lives in the valley.",
    ),
    "": (
        "窓は77枚あります。",
        "費用は千二百万円です。",
        "ソーンベリー社が所有しています。",
        "Kowalskiが塗装しました。",
        "町は海岸にはありません。",
        "谷には住民がいません。",
    ),
}


@given(answers, st.integers(0, 5), st.integers(0, 9))
@settings(deadline=None)
def test_a_sentence_with_a_new_number_name_or_negation_is_noticed_wherever_it_stands(
    panel, new, at
):
    question, space, winners, others = panel
    said = NEW[space][new]
    place = at % (len(winners) + 1)
    text = space.join([*winners[:place], said, *winners[place:]])
    found = support(question, space.join(winners), space.join(others)).check(text)
    assert [finding.sentence.text for finding in found] == [said]


@given(answers, st.integers(0, 9))
@settings(deadline=None)
def test_a_winner_s_sentence_turned_into_its_opposite_is_noticed(panel, at):
    question, space, winners, _ = panel
    said = winners[at % len(winners)]
    turned = {
        "does not belong": "does belong",
        "ではありません": "です",
        "closes": "never closes",
        "was ": "was not ",
        "attracts": "never attracts",
        "carries": "never carries",
        "opened": "never opened",
        "引きつけます": "引きつけません",
        "修復しました": "修復しませんでした",
        "閉鎖されます": "閉鎖されません",
        "運びます": "運びません",
        "開業しました": "開業しませんでした",
        "描きました": "描きませんでした",
    }
    old, new = next((o, n) for o, n in turned.items() if o in said)
    assert faults((question, space.join(winners), ""), said.replace(old, new)) != []


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
@settings(deadline=None)
def test_any_text_is_checked_without_an_error_and_a_winner_s_own_text_stands(question, text, other):
    support(question, text, other).check(other)
    assert support(question, text, other).check(text) == ()


@pytest.mark.parametrize(
    "hostile",
    [
        "(" * 11_000,
        "9" * 11_000,
        "1 + " * 2_900,
        "A.B." * 2_900,
        "、" * 11_000,
        "\u202e" * 9_000,
    ],
    ids=["brackets", "digits", "sums", "stops", "commas", "bidirectional marks"],
)
def test_hostile_texts_are_checked(hostile):
    assert support("Why?", hostile, "No.").check(hostile) == ()
