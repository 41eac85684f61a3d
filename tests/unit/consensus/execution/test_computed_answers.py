"""A prompt that asks what a program yields is answered by running it; every other prompt is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.answers import AnswerKind, final_answer, read_question, same_answer
from consensus.execution import computed_answer, confirmed
from consensus.execution.computed import written_literal

REVERSE = "```python\ndef f(s):\n    return s[::-1]\n```"
COUNT = "```python\nfor i in range(3):\n    print(i)\n```"
BARE = "def f(n):\n    if n == 0:\n        return 0\n    return n + f(n - 1)"

ASKS = [
    pytest.param(f"What does `f('abc')` return?\n{REVERSE}", "'cba'", id="call in backticks"),
    pytest.param(f"What does f('a)b') return?\n{REVERSE}", "'b)a'", id="bare call"),
    pytest.param(f"What is the output of f('ab')?\n\n{REVERSE}", "'ba'", id="output of a call"),
    pytest.param(f"What is the result of calling f('ab')?\n\n{REVERSE}", "'ba'", id="result of a call"),
    pytest.param(f"What does the function return when called as `f('pq')`?\n{REVERSE}", "'qp'", id="called as"),
    pytest.param(f"Consider\n\n{BARE}\n\nWhat does f(4) return?", "10", id="bare program"),
    pytest.param(f"Complete the assertion.\n{REVERSE}\n\nassert f('ab') == ____", "'ba'", id="assertion apart"),
    pytest.param("[PYTHON]\ndef f(x):\n    return {x: [x]}\nassert f(3) == ??\n[/PYTHON]", "{3: [3]}", id="assertion with its program"),
    pytest.param("```python\ndef f(x):\n    return x, None\n\nassert f(1.5) == # ??\n```", "(1.5, None)", id="assertion with a remark"),
    pytest.param(f"What is printed?\n{COUNT}", "0\n1\n2", id="what is printed"),
    pytest.param(f"What is the output of the following Python code?\n{COUNT}", "0\n1\n2", id="output of the code"),
    pytest.param("x = [1]\nfor i in range(2):\n    x += [i]\nprint(x, len(x))\n\nWhat is the output of this Python program?", "[1, 0, 1] 3", id="bare lines"),
    pytest.param("What does the expression `[1, 2] * 2` evaluate to in Python?", "[1, 2, 1, 2]", id="expression alone"),
    pytest.param(f"次のPythonコードの出力は何ですか。\n{COUNT}", "0\n1\n2", id="Japanese output"),
    pytest.param(f"次のプログラムを実行すると何が表示されますか?\n{COUNT}", "0\n1\n2", id="Japanese printed"),
    pytest.param("What will `sorted([3, 1])` return in Python?", "[1, 3]", id="call alone"),
    pytest.param(f"以下のPythonコードを実行した結果を答えてください。\n{COUNT}", "0\n1\n2", id="Japanese run"),
    pytest.param("What does print(1/2) give in Python 3?", "0.5", id="what a print gives"),
    pytest.param("What is the result of print(7 // 2) in Python?", "3", id="result of a print"),
    pytest.param("Python では `print(1/2)` を実行すると何が出力されますか?", "0.5", id="Japanese print"),
    pytest.param(f"`f('abc')` の戻り値は?\n{REVERSE}", "'cba'", id="Japanese value"),
    pytest.param(f"関数 f について、f('abc') は何を返しますか?\n{REVERSE}", "'cba'", id="Japanese returns"),
    pytest.param(f"次のアサーションを完成させてください: `assert f('ab') == ??`\n{REVERSE}", "'ba'", id="Japanese assertion"),
]  # fmt: skip
OTHER_PROMPTS = [
    "What is 2 + 2?",
    "Who wrote Hamlet?",
    "富士山の高さは?",
    "If f(x) = 2x + 1, what is the value of f(3)?",
    "Write a Python function `f(x)` that reverses a list.",
    f"Explain what this code does.\n{REVERSE}",
    f"Find the bug.\n{COUNT}",
    f"What does f('abc') return if line 2 is removed?\n{REVERSE}",
    f"Suppose we change the slice. What does f('abc') return?\n{REVERSE}",
    f"2行目を変更すると f('abc') の戻り値は?\n{REVERSE}",
    f"What does f('a') return, and what does f('b') return?\n{REVERSE}",
    f"What does g('abc') return?\n{REVERSE}",
    f"How many times does the loop run?\n{COUNT}",
    f"What is the second line printed?\n{COUNT}",
    "What does `len([1, 2])` return in Ruby?",
    "What does print(1/2) return in Python 3?",
    "What does `print(1/2)` evaluate to in Python?",
    "Pythonで `print(1/2)` の戻り値は?",
    "What is printed?\n```javascript\nconsole.log(1)\n```",
    "What is printed?\n```python\nimport random\nprint(random.random())\n```",
    "What is printed?\n```python\nprint({'a', 'b', 'c'})\n```",
    "What is printed?\n```python\nprint(1 / 0)\n```",
    "What is printed?\n```python\nwhile True:\n    print(1)\n```",
    "What is the output?\n```python\nprint(1)\n```\n```python\nprint(2)\n```",
    "What does f(1) return?\n```python\ndef f(x):\n    return lambda: x\n```",
    "[PYTHON]\ndef f(x): return x\nassert f(1) == ??\nassert f(2) == ??\n[/PYTHON]",
    "[PYTHON]\ndef f(x): return x\nassert f(??) == 2\n[/PYTHON]",
]


@pytest.mark.parametrize(("prompt", "answer"), ASKS)
def test_what_a_program_yields_is_computed_and_typed_as_answers_to_the_prompt_are(prompt, answer):
    computed = computed_answer(prompt)

    assert computed is not None
    given = final_answer(read_question(prompt), f"It runs as follows.\n```\n{answer}\n```")
    assert same_answer(computed, given) is True


@pytest.mark.parametrize("prompt", OTHER_PROMPTS)
def test_a_prompt_that_does_not_ask_for_it_or_leaves_a_doubt_has_no_computed_answer(prompt):
    assert computed_answer(prompt) is None


def test_the_option_that_is_the_value_is_computed():
    prompt = "What is the output of this Python code?\n```python\nprint(len('four'))\n```\nA) 3\nB) 4\nC) 5\nD) 6"

    computed = computed_answer(prompt)

    assert computed is not None
    assert (computed.kind, computed.text) == (AnswerKind.CHOICE, "B")


def test_no_option_is_computed_where_none_is_the_value():
    prompt = "What is the output of this Python code?\n```python\nprint(9)\n```\nA) 3\nB) 4\nC) 5\nD) None of these"

    assert computed_answer(prompt) is None


def test_a_value_that_lost_its_quotes_is_confirmed():
    prompt = "[PYTHON]\ndef f(x):\n    return str(x)\nassert f(12) == ??\n[/PYTHON]"
    question, computed = read_question(prompt), computed_answer(prompt)

    assert confirmed(computed, final_answer(question, '{"answer": "12"}')) is True
    assert confirmed(computed, final_answer(question, '{"answer": "\'12\'"}')) is True
    assert confirmed(computed, final_answer(question, '{"answer": "\'13\'"}')) is False
    assert confirmed(computed, final_answer(question, "I cannot run code.")) is not True


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b", "a"}, "{'a', 'b'}"),
        (set(), "set()"),
        ((1,), "(1,)"),
        ({(1, 2): [None, True, b"x"]}, "{(1, 2): [None, True, b'x']}"),
        (float("inf"), None),
        ([object()], None),
        (frozenset({1}), None),
    ],
)
def test_a_value_is_written_as_the_literal_it_is(value, written):
    assert written_literal(value) == written


def test_a_list_in_itself_has_no_literal():
    value = []
    value.append(value)

    assert written_literal(value) is None


HOSTILE = {
    "open fences": "```a b\n" * 1_500,
    "open tags": "[python]" * 1_400,
    "spaces": "what" + " " * 11_000,
    "calls": "what does x(" * 900,
    "words": "a" * 11_000,
    "dots": "a." * 5_500,
    "backticks": "`a" * 5_500,
    "blanks": "assert a ==" + " " * 11_000 + "x",
    "assertions": "assert x == ??\n" * 700,
    "loops": "\nfor" + " in " * 2_700,
    "brackets": "([{" * 3_500,
    "right to left": "\u202e" * 5_000,
    "nulls": "\0" * 5_000,
    "ten megabytes": "x = 1\n" * 1_700_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_prompts_have_no_computed_answer(name):
    assert computed_answer("python def print( " + HOSTILE[name]) is None


PIECES = st.sampled_from(
    [REVERSE, COUNT, "```python\n", "```\n", "[PYTHON]", "[/PYTHON]", "assert f('a') == ??\n", "What does `f('a')` return?", "の出力は?", "def f(x):\n", "    return x\n", "print(f(1))\n", "What is the output?", "\n\n", "`", "("]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES | st.text(max_size=20), max_size=8).map("".join))
def test_no_prompt_raises(prompt):
    computed = computed_answer(prompt)

    assert computed is None or computed.kind in AnswerKind
