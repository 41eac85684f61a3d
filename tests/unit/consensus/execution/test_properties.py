"""For programs of the subset the interpreter yields what Python yields, or nothing."""

import contextlib
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.execution import Completed, Raised, Undecided, run_program

NUMBERS = st.integers(-9, 9).map(str)
WORDS = st.sampled_from(["''", "'a'", "'Ab c'", "'x,y,,z'", "'07'", "'ÀßΣ'", "'-3'", "'aXbXa'"])
TEXT_METHODS = st.sampled_from(
    [
        "upper",
        "lower",
        "title",
        "swapcase",
        "capitalize",
        "strip",
        "casefold",
        "isalpha",
        "isdigit",
        "isupper",
        "istitle",
        "split",
        "splitlines",
        "isalnum",
    ]
)
ARITHMETIC = st.sampled_from(["+", "-", "*", "//", "%", "/", "**", "&", "|", "^", "<<", ">>"])
COMPARISON = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])


def numbers(depth=3):
    leaf = NUMBERS | st.sampled_from(["n", "m", "len(s)", "len(xs)", "True"])
    if not depth:
        return leaf
    inner = numbers(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} {} {})".format, inner, ARITHMETIC, inner),
        st.builds("({} if {} {} {} else {})".format, inner, inner, COMPARISON, inner, inner),
        st.builds("{}({})".format, st.sampled_from(["abs", "int", "bool", "round", "-", "~", "not "]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max", "divmod"]), inner, inner),
        st.builds("{}({})".format, st.sampled_from(["sum", "min", "max", "len", "any", "all"]), lists(depth - 1)),
        st.builds("{}.{}({})".format, texts(depth - 1), st.sampled_from(["count", "find", "index", "rfind"]), WORDS),
        st.builds("{}[{}]".format, lists(depth - 1), inner),
    )  # fmt: skip


def texts(depth=2):
    leaf = WORDS | st.just("s")
    if not depth:
        return leaf
    inner, number = texts(depth - 1), numbers(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} + {})".format, inner, inner),
        st.builds("{} * ({} % 4)".format, inner, number),
        st.builds("{}.{}()".format, inner, TEXT_METHODS),
        st.builds("{}[{}:{}:{}]".format, inner, number, number, st.sampled_from(["1", "-1", "2", "", "0"])),
        st.builds("{}.replace({}, {})".format, inner, WORDS, inner),
        st.builds("{}.{}({}, {})".format, inner, st.sampled_from(["ljust", "rjust", "center"]), number, st.just("'*'")),
        st.builds("{}.join(str(v) for v in {})".format, WORDS, lists(depth - 1)),
        st.builds("f'{{{}:{}}}'".format, st.sampled_from(["n", "m"]), st.sampled_from(["", ">5", "05d", "+", ",", "x", ".2f", "^7.1e", "b", "%", "s"])),
        st.builds("str({})".format, number),
        st.builds("'%s-%5d|%r' % (s, n, {})".format, inner),
        st.builds("{}.partition({})[{}]".format, inner, WORDS, number),
    )  # fmt: skip


def lists(depth=2):
    leaf = st.sampled_from(["xs", "[]", "[3, 1, 2]", "list(d)", "list(s)", "[n, m]", "range(n)"])
    if not depth:
        return leaf
    inner, number = lists(depth - 1), numbers(depth - 1)
    return st.one_of(
        leaf,
        st.builds("[{}, {}]".format, number, number),
        st.builds("sorted({}, reverse={})".format, inner, st.sampled_from(["True", "False"])),
        st.builds("sorted({}, key=lambda v: (str(v), {}))".format, inner, number),
        st.builds("[v for v in {} if v {} {}]".format, inner, COMPARISON, number),
        st.builds("[(i, v) for i, v in enumerate({})]".format, inner),
        st.builds("list(map(lambda v: v * 2, {}))".format, inner),
        st.builds("list(zip({}, {}))".format, inner, inner),
        st.builds("({} + {})".format, inner, inner),
        st.builds("{}[{}:{}]".format, inner, number, number),
        st.builds("list(reversed({}))".format, inner),
        st.builds("[*{}, *{}]".format, inner, inner),
        st.builds("{}.split({})".format, texts(depth - 1), WORDS),
        st.builds("list({{v: i for i, v in enumerate({})}}.items())".format, inner),
        st.builds("sorted(set({}))".format, inner),
    )  # fmt: skip


def values():
    return numbers() | texts() | lists()


def statements(depth=2):
    simple = st.one_of(
        st.builds("n = {}".format, numbers(2)),
        st.builds("n {}= {}".format, ARITHMETIC, numbers(1)),
        st.builds("s += {}".format, texts(1)),
        st.builds("xs.append({})".format, values()),
        st.builds("xs += {}".format, lists(1)),
        st.builds("xs[{}:{}] = {}".format, numbers(1), numbers(1), lists(1)),
        st.builds("del xs[{}]".format, numbers(1)),
        st.builds("d[{}] = {}".format, numbers(1) | texts(1), values()),
        st.builds("m, *xs = {}".format, lists(1)),
        st.builds("n = d.get({}, {})".format, numbers(1), numbers(1)),
        st.builds("xs.{}()".format, st.sampled_from(["sort", "reverse", "pop", "copy", "clear"])),
        st.builds("xs.insert({}, {})".format, numbers(1), numbers(1)),
        st.builds("print({}, {}, sep={})".format, values(), values(), WORDS),
        st.builds("return {}".format, values()),
        st.builds("yielded = list(pairs({}))".format, lists(1)),
        st.just("xs.append(yielded if 'yielded' in d else n)"),
        st.builds("assert {}".format, numbers(1)),
        st.builds("n = helper({}, {})".format, numbers(1), numbers(1)),
    ).map(lambda line: [line])
    if not depth:
        return simple
    body = st.lists(statements(depth - 1), min_size=1, max_size=3).map(
        lambda blocks: [line for b in blocks for line in b]
    )

    def block(head, *rest):
        lines = [head, *("    " + line for line in rest[0])]
        for opening, inner in rest[1:]:
            lines += [opening, *("    " + line for line in inner)]
        return lines

    return st.one_of(
        simple,
        st.builds(lambda c, b, e: block(f"if {c}:", b, ("else:", e)), numbers(1), body, body),
        st.builds(lambda v, b: block(f"for m in {v}:", b), lists(1), body),
        st.builds(lambda b, e: block("for m in range(3):", [*b, "if m: break"], ("else:", e)), body, body),
        st.builds(lambda b: block("while n > 0:", [*b, "n -= 1", "if n % 3: continue", "s += '.'"]), body),
        st.builds(lambda b, h: block("try:", b, ("except (TypeError, ValueError):", h), ("except LookupError:", ["n = 1"])), body, body),
        st.builds(lambda b, h: block("try:", b, ("finally:", h)), body, body),
    )  # fmt: skip


FRAME = """
def helper(a, b=2, *more, key=None):
    if a <= 0:
        return b
    return helper(a - 1, b + a, key=key)

def pairs(values):
    before = None
    for value in values:
        yield before, value
        before = value

def f(n, s, xs, d, m=0):
{body}
    return n, m, s, xs, d
"""
PROGRAMS = st.lists(statements(), min_size=1, max_size=5).map(
    lambda blocks: FRAME.format(body="\n".join("    " + line for b in blocks for line in b))
)
CALLS = st.sampled_from(["f(3, 'Hello', [2, 7, 1], {'a': 1})", "f(-4, 'a,b', [], {2: 'x'})", "f(1, '', ['q'], {})"])  # fmt: skip


def outcome_in_python(source, expression):
    """What Python makes of a program that these strategies generated: its value's form, its print."""
    printed = io.StringIO()
    names = {}
    try:
        with contextlib.redirect_stdout(printed):
            exec(source, names)
            return repr(eval(expression, names)), printed.getvalue()
    except Exception as error:  # noqa: BLE001 - whatever the generated program raises
        return type(error).__name__


def assert_as_in_python(source, expression):
    match run_program(source, expression):
        case Completed(value, printed):
            assert outcome_in_python(source, expression) == (repr(value), printed)
        case Raised(exception):
            assert outcome_in_python(source, expression) == exception
        case Undecided():
            pass


@settings(max_examples=150, deadline=None)
@given(PROGRAMS, CALLS)
def test_a_program_yields_prints_and_raises_what_it_does_in_python(source, call):
    assert_as_in_python(source, call)


@settings(max_examples=150, deadline=None)
@given(values())
def test_an_expression_yields_what_it_does_in_python(expression):
    assert_as_in_python("n, m, s, xs, d = 4, -3, 'Some Text', [5, 3, 5], {'k': 1}", expression)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_as_a_program_has_an_outcome(source):
    assert isinstance(run_program(source, source), Completed | Raised | Undecided)


@settings(max_examples=60, deadline=None)
@given(PROGRAMS, CALLS)
def test_the_same_program_has_the_same_outcome_every_time(source, call):
    assert repr(run_program(source, call)) == repr(run_program(source, call))
