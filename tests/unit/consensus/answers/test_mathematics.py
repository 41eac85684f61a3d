"""Mathematical answers: expressions, points, intervals, sets, equations, lists of numbers."""

from fractions import Fraction
from math import factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.answers import AnswerKind, final_answer, read_question, same_answer
from consensus.answers.latex import plain
from consensus.answers.symbols import agree


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        pytest.param("x+1", "1+x", True, id="order of a sum"),
        pytest.param("2x(x+1)", "2x^2+2x", True, id="multiplied out"),
        pytest.param("x^2-1", "(x-1)(x+1)", True, id="factored"),
        pytest.param("x^2-1", "(x-1)^2", False, id="another polynomial"),
        pytest.param(r"\frac{\sqrt{2}}{2}", r"1/\sqrt2", True, id="rationalised"),
        pytest.param(r"\frac{x}{2}+C", r"\frac12 x + C", True, id="LaTeX fractions"),
        pytest.param(r"2\sin x\cos x", r"\sin(2x)", True, id="trigonometry"),
        pytest.param("log_2(8)", "3", True, id="logarithm"),
        pytest.param("e^{2x}", "(e^x)^2", True, id="powers"),
        pytest.param("n!", "n(n-1)!", True, id="factorial"),
        pytest.param("3-i", "10", False, id="complex against real"),
        pytest.param("(1+i)(1-i)", "2", True, id="complex product"),
        pytest.param("sqrt(x^2)", "x", None, id="same for positive x alone"),
        pytest.param(r"2\pi r", "2πr", True, id="pi"),
        pytest.param("1,000x", "1000x", True, id="thousands"),
        pytest.param("(1,2)", "( 1, 2 )", True, id="one point"),
        pytest.param("(1,2)", "(2,1)", False, id="two points"),
        pytest.param("[0,1)", "(0,1)", False, id="intervals differ in an end"),
        pytest.param(
            r"(-\infty, 2) \cup (3, \infty)", r"(3,\infty)\cup(-\infty,2)", True, id="union"
        ),
        pytest.param(r"\{1,2\}", r"\{2, 1\}", True, id="sets have no order"),
        pytest.param(r"\{1,1,2\}", r"\{1,2\}", True, id="nor doubles"),
        pytest.param(r"\pm 3", "3, -3", True, id="plus or minus"),
        pytest.param(r"x = \pm\sqrt{2}", r"x=\sqrt{2} or x=-\sqrt2", True, id="solutions"),
        pytest.param("x > 3", "3 < x", True, id="inequality turned"),
        pytest.param("x>=3", "x>3", False, id="strict or not"),
        pytest.param("1 < x < 3", "3 > x > 1", True, id="between"),
        pytest.param("y=2x+1", "2x - y + 1 = 0", True, id="one line"),
        pytest.param("y=2x+1", "y=2x+2", False, id="two lines"),
        pytest.param("(x-1)^2+(y-2)^2=9", "x^2-2x+y^2-4y=4", True, id="one circle"),
        pytest.param(
            r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
            r"\begin{bmatrix}1&2\\3&4\end{bmatrix}",
            True,
            id="matrix",
        ),
        pytest.param("a long sentence", "x", None, id="words"),
    ],
)
def test_mathematical_answers_are_compared_by_what_they_mean(a, b, expected):
    assert agree(plain(a), plain(b)) is expected
    assert agree(plain(b), plain(a)) is expected


LEAVES = st.sampled_from(["x", "y", "1", "2", "3", "0.5"])


def trees():
    return st.recursive(
        LEAVES,
        lambda part: st.tuples(st.sampled_from("+-*"), part, part),
        max_leaves=7,
    )


def written(tree):
    """The tree in full brackets."""
    if isinstance(tree, str):
        return tree
    operator, left, right = tree
    return f"({written(left)}{operator}{written(right)})"


def rewritten(tree, draw):
    """The same by another wording: sums and products turned, a(b+c) multiplied out, x as x+1-1."""
    if isinstance(tree, str):
        return tree if draw(st.booleans()) else f"({tree}+1-1)"
    operator, left, right = tree
    a, b = rewritten(left, draw), rewritten(right, draw)
    if operator == "*" and isinstance(right, tuple) and right[0] == "+" and draw(st.booleans()):
        c, d = rewritten(right[1], draw), rewritten(right[2], draw)
        return f"({a}*{c}+{a}*{d})"
    if operator == "-":
        return f"(-{b}+{a})" if draw(st.booleans()) else f"({a}-{b})"
    return f"({b}{operator}{a})" if draw(st.booleans()) else f"({a}{operator}{b})"


@given(st.data(), trees())
@settings(max_examples=150, deadline=None)
def test_an_expression_equals_all_its_rewritings(data, tree):
    assert agree(written(tree), rewritten(tree, data.draw)) is not False
    assert agree(f"x+{written(tree)}", f"{written(tree)}+x+1") is not True


@given(
    st.lists(st.integers(-99, 99), min_size=2, max_size=6, unique=True),
    st.randoms(use_true_random=False),
    st.sampled_from(["{}", r"\boxed{{{}}}", "The answer is {}.", r"$\{{{}\}}$"]),
)
@settings(deadline=None)
def test_solutions_are_the_same_in_any_order(numbers, random, form):
    question = read_question("Find all real solutions of the equation p(x) = 0.")
    shuffled = random.sample(numbers, len(numbers))
    a = final_answer(question, ", ".join(map(str, numbers)))
    b = final_answer(question, form.format(", ".join(map(str, shuffled))))
    fewer = final_answer(question, form.format(", ".join(map(str, shuffled[1:]))))
    assert same_answer(a, b) is True
    assert same_answer(a, fewer) is False


@given(st.permutations([2, 3, 5, 7]))
def test_order_counts_where_the_question_says_so(shuffled):
    question = read_question("List the first four primes in ascending order, separated by commas.")
    asked = final_answer(question, "2, 3, 5, 7")
    given_answer = final_answer(question, ", ".join(map(str, shuffled)))
    assert same_answer(asked, given_answer) is (shuffled == [2, 3, 5, 7])


@pytest.mark.parametrize(
    ("prompt", "a", "b", "expected"),
    [
        pytest.param(
            "Find all real solutions of x^2 = 4.", "-2 and 2", "x = 2 or x = -2", True, id="set"
        ),
        pytest.param(
            "Find all real solutions of x^2 = 4.", "2", "-2, 2", False, id="one of two is not all"
        ),
        pytest.param(
            "Find all real solutions of x^2 = -4.",
            "There are no real solutions.",
            "Answer: no solution",
            True,
            id="no solution",
        ),
        pytest.param(
            "Find all real solutions of x^2 = -4.", "no solution", "2", False, id="none against one"
        ),
        pytest.param(
            "Factor x^2 - 1.", "(x-1)(x+1)", "The answer is $(x+1)(x-1)$.", True, id="factors"
        ),
        pytest.param(
            "What is the derivative of x^2?", "The derivative is $2x$.", "2x", True, id="derivative"
        ),
        pytest.param("What is the derivative of x^2?", "2x", "2", False, id="2x is not 2"),
        pytest.param(
            "x^2-1を因数分解してください。", "(x+1)(x-1)です。", "(x-1)(x+1)", True, id="因数分解"
        ),
        pytest.param(
            "Find the equation of the line through (0,1) with slope 2.",
            "y = 2x + 1",
            "The equation is 2x - y + 1 = 0.",
            True,
            id="equation",
        ),
        pytest.param(
            "What is the ratio of a to b?", "3:2", "The ratio is 6 to 4.", True, id="ratio"
        ),
        pytest.param("男子と女子の比はいくつですか。", "3対2です", "3:2", True, id="対"),
        pytest.param("What is the ratio of a to b?", "3:2", "2:3", False, id="ratio turned"),
    ],
)
def test_answers_of_several_parts_are_read_from_text(prompt, a, b, expected):
    question = read_question(prompt)
    first, second = final_answer(question, a), final_answer(question, b)
    assert same_answer(first, second) is expected
    assert same_answer(second, first) is expected


@given(
    number=st.integers(1, 9_999),
    write=st.sampled_from(
        [
            lambda n: f"{n // 100}.{n % 100:02d}",
            lambda n: rf"\frac{{{n}}}{{100}}",
            lambda n: f"{n}/100",
            lambda n: f"{n}e-2",
            lambda n: f"答えは{n // 100}.{n % 100:02d}です",
            lambda n: f"${n // 100}.{n % 100:02d}",
            lambda n: f"**{n / 100}**",
            lambda n: f"{n // 100},{n % 100:02d} €",
            lambda n: f"x = {n // 100}.{n % 100:02d}",
        ]
    ),
)
@settings(max_examples=200, deadline=None)
def test_a_decimal_is_one_value_in_every_notation(number, write):
    found = final_answer(read_question("What is the value of x?"), write(number))
    assert (found.kind, found.value) == (AnswerKind.NUMBER, Fraction(number, 100))


def counted(answer):
    return final_answer(read_question("How many ways are there?"), answer)


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        (r"\boxed{10!}", 3628800),
        (r"\boxed{\binom{10}{5}}", 252),
        (r"\boxed{\dbinom{6}{3} \cdot 2}", 40),
        (r"\boxed{\tbinom52}", 10),
        (r"\boxed{{10 \choose 5}}", 252),
        (r"\boxed{10 \choose 5}", 252),
        (r"\boxed{\frac{10!}{5!5!}}", 252),
        (r"\boxed{2^3!}", 64),
        (r"\boxed{10!\text{ ways}}", 3628800),
        (r"\boxed{5! = 120}", 120),
        (r"\boxed{n = 5!}", 120),
        (r"\boxed{3\!}", 3),
        (r"\boxed{10 \text{ apples}}", 10),
        (r"\boxed{42\,\mathrm{cm}}", 42),
        ("The answer is $5!$.", 120),
        (r"The answer is $\binom{10}{5}$ ways.", 252),
        ("The answer is 42!", 42),
        ("So there are $5!$ ways.", 120),
    ],
)
def test_factorials_and_binomials_of_a_formula_are_computed(answer, value):
    assert counted(answer).value == value


def test_the_largest_factorial_is_exact():
    assert counted(r"\boxed{170!}").value == Fraction(factorial(170))


@pytest.mark.parametrize(
    ("formula", "number"),
    [
        (r"(10^{10})!", 10**10),
        (r"200!", 200),
        (r"5!!", 5),
        (r"10!!!", 10),
        (r"\binom{n}{2}", 2),
        (r"\binom{2000}{3}", 2000),
        (r"10 \bmod 3", 10),
        (r"\lfloor 10.5 \rfloor", Fraction(21, 2)),
        (r"\gcd(12, 18)", 12),
    ],
)
def test_a_box_that_is_not_read_whole_never_gives_its_first_number(formula, number):
    for prompt in ("How many ways are there?", "Explain.", "Simplify x^2/x."):
        answer = final_answer(read_question(prompt), rf"So it is \boxed{{{formula}}}.")
        assert answer.kind is not AnswerKind.NUMBER
        assert answer.value != number


def test_binomials_of_variables_are_compared_by_value():
    assert agree(plain(r"\binom{n}{2}"), plain(r"\frac{n(n-1)}{2}")) is True
    assert agree(plain(r"{n \choose 2}"), "n^2") is False
