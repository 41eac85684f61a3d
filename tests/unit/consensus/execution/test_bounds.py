"""No program escapes, runs on, or grows: at its bounds a run is undecided."""

import pytest

from consensus.execution import Completed, Undecided, run_program

ESCAPES = [
    "().__class__",
    "().__class__.__bases__[0].__subclasses__()",
    "f.__globals__",
    "f.__name__",
    "f.__code__",
    "len.__self__",
    "''.join.__self__",
    "int.__subclasses__",
    "str.mro()",
    "type(1).__base__",
    "type('X', (), {})",
    "'{0.__class__}'.format(1)",
    "'{0.real}'.format(1)",
    "'{x[__class__].y}'.format(x={})",
    "'{:{}}'.format(1, 9)",
    "'{a.b}'.format_map({'a': 1})",
    "f'{().__class__}'",
    "getattr(1, '__class__')",
    "getattr('', 'for' + 'mat')",
    "vars(f)",
    "dir(f)",
    "globals()",
    "locals()",
    "eval('1')",
    "exec('1')",
    "compile('1', '', 'eval')",
    "__import__('os')",
    "__builtins__",
    "object()",
    "super()",
    "print.operation",
    "(lambda: 0).node",
    "(x for x in [1]).gi_frame",
    "memoryview(b'a')",
    "breakpoint()",
]
BOMBS = {
    "power": ("", "10**10**10"),
    "repeated text": ("", "'a' * 10**9"),
    "repeated list": ("", "[0] * 10**9"),
    "nested comprehensions": ("", "[[[0 for i in range(10**3)] for j in range(10**3)] for k in range(10**3)]"),
    "deep recursion": ("def f(n): return f(n + 1)", "f(0)"),
    "recursion in handlers": ("def f():\n  try:\n    return f()\n  except Exception:\n    return f()", "f()"),
    "recursion of generators": ("def g(n):\n  yield n\n  yield from g(n + 1)", "list(g(0))"),
    "endless loop": ("while True: pass", None),
    "endless generator": ("def g():\n  while True: yield 1", "sum(g())"),
    "endless filter": ("from itertools import count", "next(filter(None, (0 for _ in count())))"),
    "endless zip": ("from itertools import cycle", "list(zip(cycle([1]), cycle([2])))"),
    "growing text": ("s = 'ab'\nwhile True: s += s", None),
    "growing list": ("s = [1]\nwhile True: s += s", None),
    "growing integer": ("s = 3\nwhile True: s *= s", None),
    "growing dictionary": ("d = {}\nwhile True: d[len(d)] = 0", None),
    "growing print": ("while True: print('a' * 1000)", None),
    "shared items": ("x = [1]\nfor i in range(100): x = [x, x]", "str(x)"),
    "list in itself": ("x = []\nx.append(x)", "repr(x)"),
    "deep list": ("x = []\nfor i in range(3000): x = [x]", "repr(x)"),
    "equal deep lists": ("x, y = [], []\nfor i in range(3000): x, y = [x], [y]", "x == y"),
    "deep key": ("x = ()\nfor i in range(3000): x = (x,)", "{x: 1}"),
    "colliding integers": ("d = {}\nfor i in range(4000): d[i * (2**61 - 1)] = 0", "len(d)"),
    "colliding tuples": ("from itertools import product", "len(set(product([-1, -2], repeat=11)))"),
    "long range summed": ("", "sum(range(10**10))"),
    "long range searched": ("", "1.5 in range(10**12)"),
    "long range unpacked": ("a, *b = range(10**9)", None),
    "width": ("", "'{:>999999999}'.format(1)"),
    "width of an f-string": ("", "f'{1:{10**9}}'"),
    "percent width": ("", "'%999999999d' % 1"),
    "percent precision": ("", "'%.999999999f' % 1"),
    "percent star": ("", "'%*d' % (10**9, 1)"),
    "zfill": ("", "'1'.zfill(10**9)"),
    "ljust": ("", "'1'.ljust(10**9)"),
    "center": ("", "'1'.center(10**9)"),
    "expandtabs": ("", "('\\t' * 5000).expandtabs(10**6)"),
    "replace": ("s = 'a' * 5000", "s.replace('a', s)"),
    "replace of nothing": ("s = 'a' * 5000", "s.replace('', s)"),
    "join": ("s = 'a' * 5000", "s.join(s)"),
    "translate": ("s = 'a' * 5000", "s.translate({97: s})"),
    "digits": ("", "int('9' * 5000)"),
    "shift": ("", "1 << 10**10"),
    "power modulo": ("", "pow(3, 10**300, 10**300 + 1)"),
    "round": ("", "round(5, -10**10)"),
    "factorial": ("from math import factorial", "factorial(10**9)"),
    "permutations": ("from itertools import permutations", "list(permutations(range(60)))"),
    "product": ("from itertools import product", "list(product(range(4000), repeat=60))"),
    "separator": ("", "print(*range(2000), sep='a' * 5000)"),
    "text of objects": ("class A:\n  def __repr__(self): return 'x' * 9000", "str([A() for i in range(1000)])"),
    "nested defaults": ("from collections import defaultdict\ndef f(): return defaultdict(f)\nd = f()\nfor i in range(9999): d = d[0]", None),
}  # fmt: skip
SOURCES = {
    "ten megabytes": "x = 1\n" * 1_700_000,
    "open brackets": "[" * 100_000,
    "nested brackets": "(" * 90 + ")" * 90,
    "signs": "x = " + "-" * 5_000 + "1",
    "not not not": "x = " + "not " * 1_000 + "1",
    "lambdas": "x = " + "lambda: " * 500 + "1",
    "conditionals": "x = " + "1 if 1 else " * 300 + "1",
    "attributes": "x = a" + ".b" * 700,
    "indents": "\n".join(" " * i + "if 1:" for i in range(90)) + " pass",
    "null": "x\0",
    "surrogate": "x = '\ud800'\ny = x.encode()",
    "right to left": "\u202ex = 1",
}


@pytest.mark.parametrize("expression", ESCAPES)
def test_objects_of_the_host_are_out_of_reach(expression):
    assert isinstance(run_program("def f(): return 1", expression), Undecided)


@pytest.mark.parametrize("name", BOMBS)
def test_what_would_run_on_or_grow_is_undecided(name):
    assert isinstance(run_program(*BOMBS[name]), Undecided)


@pytest.mark.parametrize("name", SOURCES)
def test_no_source_breaks_the_parser(name):
    assert not isinstance(run_program(SOURCES[name]), Completed)


def test_an_ordinary_program_is_far_from_the_bounds():
    source = """
def primes(n):
    found = []
    for candidate in range(2, n):
        if all(candidate % p for p in found):
            found.append(candidate)
    return found
"""
    assert run_program(source, "sum(primes(100))") == Completed(1060, "")


def test_recursion_goes_fifty_calls_deep():
    source = "def f(n):\n    if n == 0:\n        return 0\n    return 1 + f(n - 1)"

    assert run_program(source, "f(50)") == Completed(50, "")
