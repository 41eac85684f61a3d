"""How a merged text came about, in words."""

from consensus.merging.account import account


def test_it_tells_who_merged_and_what_was_removed():
    told = account("gpt", ("It has <b>7</b> legs.", "It flies."), repaired=True, language="en")
    assert told == (
        "gpt merged the answers, and every sentence was checked against them, after one correction; "
        "2 sentences that no answer supports were removed (“It has ‹b›7‹/b› legs.”)."
    )
    assert "one sentence that no answer supports was removed" in account(
        "gpt", ("It flies.",), repaired=False, language="en"
    )


def test_it_tells_in_japanese():
    assert account("gpt", ("脚は7本です。",), repaired=True, language="ja") == (
        "gptが回答を統合し、一文ごとに各回答と照合しました（一度修正）。"
        "どの回答にも裏付けのない1文を除きました（「脚は7本です。」）。"
    )


def test_where_nothing_was_merged_it_says_so():
    assert account(None, (), repaired=False, language="en").startswith("Nothing was merged")
    assert account(None, (), repaired=False, language="ja").startswith("統合は行わず")
