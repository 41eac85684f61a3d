"""A remark is taken off a reply, and the caller gets the answer whatever the model made of the tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.review import MAX_REVIEW_CHARS, split_review

TAG = "review-0a1b2c3d4e"


@pytest.mark.parametrize(
    ("reply", "review", "answer"),
    [
        pytest.param("42", None, "42", id="no remark"),
        pytest.param(f"<{TAG}>I forgot 7.</{TAG}>\n42", "I forgot 7.", "42", id="as asked"),
        pytest.param(
            f"<{TAG}>\n見落としがありました。\n</{TAG}>\n\n四十二\n",
            "見落としがありました。",
            "四十二",
            id="in Japanese, on lines of its own",
        ),
        pytest.param(f"42\n<{TAG}>none</{TAG}>", "none", "42", id="behind the answer"),
        pytest.param(f"<{TAG}></{TAG}>42", None, "42", id="empty"),
        pytest.param(f"<{TAG}>42", None, "42", id="left open"),
        pytest.param(f"none</{TAG}>\n42", None, "none\n42", id="never opened"),
        pytest.param(f"<{TAG}>42</{TAG}>", None, "42", id="all of it between the tags"),
        pytest.param(
            f"<{TAG}>a</{TAG}>42<{TAG}>b</{TAG}>", "a", "42b", id="twice: no tag is passed on"
        ),
        pytest.param(f"<{TAG}></{TAG}>", None, f"<{TAG}></{TAG}>", id="nothing else"),
        pytest.param("  42\n", None, "  42\n", id="without tags it is left as it is"),
        pytest.param("<review>x</review>42", None, "<review>x</review>42", id="other tags"),
    ],
)
def test_a_reply_is_split_at_the_tags_asked_for(reply, review, answer):
    assert split_review(reply, TAG) == (review, answer)


def test_a_long_remark_is_cut():
    review, answer = split_review(f"<{TAG}>{'x' * 5_000}</{TAG}>42", TAG)
    assert (len(review), answer) == (MAX_REVIEW_CHARS, "42")


_piece = st.sampled_from([f"<{TAG}>", f"</{TAG}>", "42", " ", "\n", "なし", "<", ">"])


@given(st.lists(_piece | st.text(max_size=5), max_size=12).map("".join))
def test_whatever_a_model_writes_there_is_an_answer_where_there_was_a_reply(reply):
    parts = split_review(reply, TAG)
    assert bool(parts.answer.strip()) == bool(reply.strip())
    if parts.answer != reply:
        assert f"<{TAG}>" not in parts.answer
        assert f"</{TAG}>" not in parts.answer
