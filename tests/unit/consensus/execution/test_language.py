"""Each construct of the subset does what it does in Python."""

import contextlib
import io
import textwrap

import pytest

from consensus.execution import Completed, Raised, Undecided, run_program

PROGRAMS = {
    "defaults, keywords, stars": """
        def f(a, b=2, *rest, key, other=4, **more):
            return a, b, rest, key, other, more
        print(f(1, key=3), f(1, 5, 6, 7, key=8, z=9), f(*[1, 2], **{"key": 3}))
    """,
    "defaults are evaluated once": """
        def f(x, seen=[]):
            seen.append(x)
            return seen
        f(1)
        print(f(2))
    """,
    "closures and nonlocal": """
        def counter():
            count = 0
            def step(by=1):
                nonlocal count
                count += by
                return count
            return step
        a, b = counter(), counter()
        print(a(), a(5), b())
    """,
    "closures see the last value of a loop": """
        print([f() for f in [lambda: i for i in range(3)]])
        fs = []
        for i in range(3):
            fs.append(lambda i=i: i)
        print([f() for f in fs])
    """,
    "global names": """
        n = 1
        def f():
            global n
            n += 1
        f(); f()
        print(n)
    """,
    "a local read before it is bound": """
        n = 1
        def f():
            print(n)
            n = 2
        try:
            f()
        except UnboundLocalError:
            print("unbound")
    """,
    "loops with else, break and continue": """
        for i in range(5):
            if i == 1:
                continue
            if i == 3:
                break
            print(i)
        else:
            print("never")
        while i:
            i -= 1
        else:
            print("done", i)
    """,
    "changing a list while going over it": """
        xs = [1, 2, 3, 4]
        for x in xs:
            xs.remove(x)
        print(xs)
    """,
    "changing a dictionary while going over it": """
        d = {1: 1}
        try:
            for k in d:
                d[k + 1] = 0
        except RuntimeError:
            print("changed", d)
    """,
    "exceptions pass handlers and finally in order": """
        def f(x):
            try:
                print("try", x)
                if x == 1:
                    raise ValueError("one")
                if x == 2:
                    return "returned"
                [][x]
            except ValueError as e:
                print("caught", e)
            except (KeyError, IndexError):
                print("index")
                raise
            else:
                print("else")
            finally:
                print("finally")
            return "end"
        print(f(1), f(2))
        try:
            f(3)
        except LookupError:
            print("again")
    """,
    "exceptions of its own": """
        class Odd(ValueError):
            pass
        class Named(Exception):
            def __init__(self, name):
                super().__init__("named " + name)
                self.name = name
        for kind in (Odd("x"), Named("n")):
            try:
                raise kind
            except ValueError as e:
                print("value", e)
            except Exception as e:
                print(e, e.name)
    """,
    "generators stop and go on": """
        def g(n):
            while True:
                n += 1
                yield n
                if n > 3:
                    return
                print("on", n)
        it = g(0)
        print(next(it), next(it), list(it), next(it, "over"))
        def chain(*parts):
            for part in parts:
                yield from part
        print(list(chain("ab", g(2))))
    """,
    "generator expressions are lazy": """
        def loud(x):
            print("at", x)
            return x > 1
        print(any(loud(x) for x in [1, 2, 3]))
    """,
    "unpacking": """
        a, (b, *c), d = 1, "xyz", [4]
        *e, f = range(4)
        a, d = d, a
        print(a, b, c, d, e, f)
        for i, (j, k) in enumerate({"p": 1}.items()):
            print(i, j, k)
    """,
    "slices and del": """
        xs = list(range(8))
        xs[1:3] = "abc"
        del xs[-1], xs[0]
        xs[::2] = [0] * len(xs[::2])
        print(xs, xs[::-1], xs[5:1:-2], "text"[-3:], (1, 2, 3)[slice(None, 2)])
    """,
    "comprehensions": """
        print([x * y for x in range(3) if x for y in "ab"], {c: ord(c) for c in "hi"}, sorted({v % 3 for v in range(9)}))
    """,
    "augmented assignment changes lists in place": """
        a = b = [1]
        a += (2,)
        t = s = (1,)
        t += (2,)
        print(b, s, t)
    """,
    "integers and reals": """
        print(-7 // 2, -7 % 3, 7 // -2, 2 ** -1, 7 / 2, 1e16, 1e-7, 0.1 + 0.2, 10 ** 20, 3.0, -0.0, round(2.5), round(3.14159, 2), round(1234, -2))
        print(True + True, 5 & 3, 5 ^ 1, ~5, 1 << 10, divmod(-7, 2), int("-12"), int("ff", 16), float("1.5"), bin(10), hex(255), 1_000)
    """,
    "text methods": """
        s = "Hello, World"
        print(s.split(", "), s.partition(","), s.find("o", 5), s.replace("l", "L", 2), s.swapcase(), s.center(20, "*"), "7".zfill(3), "a\\tb".expandtabs(4))
        print("x".join("abc"), s.startswith(("He", "x")), s.strip("Hd"), s.count("l"), s.title(), "ab" * 3, "b" in "abc", s.translate(str.maketrans("lo", "01")))
        print(list(map(str.upper, "ab")), sorted("bAc", key=str.lower), "a b".split(), repr("it's"), "héß".encode())
    """,
    "formatting": """
        x, name = 3.14159, "Bo"
        print(f"{x:.2f} {name!r:>6} {x:10.3e}|{5:03d}|{name:*^7}|{1234567:,}|{0.25:.0%}|{{}}|{x:{8}.{3}}|{255:#x}")
        print("{0} {1} {0}".format(1, 2), "{a[0]}{b}".format(a=[7], b=8), "%s %5.1f %03d %%" % ("a", 2.25, 7))
    """,
    "dictionaries keep the order of insertion": """
        d = {"b": 1, "a": 2}
        d["c"] = 3
        d["b"] = 4
        d.update({"z": 5}, y=6)
        print(d, d.pop("a"), d.popitem(), list(d.items()), d.get("q", 0), d.setdefault("n", []), {**d, "b": 0}, d | {"m": 1})
    """,
    "sorting is stable": """
        xs = [("b", 2), ("a", 2), ("c", 1)]
        print(sorted(xs, key=lambda p: p[1]), sorted(xs, key=lambda p: p[1], reverse=True), max(xs, key=lambda p: p[1]), min("hello"))
        xs.sort(key=lambda p: (-p[1], p[0]))
        print(xs)
    """,
    "iterators": """
        it = iter([1, 2, 3])
        print(next(it), list(it), list(zip("ab", range(9))), list(enumerate("ab", 1)), list(map(lambda a, b: a + b, [1, 2], [3, 4])), list(filter(None, [0, 1, ""])), list(reversed("abc")))
    """,
    "classes": """
        class Shape:
            count = 0
            def __init__(self, name):
                self.name = name
                Shape.count += 1
            def area(self):
                return 0
            def __repr__(self):
                return f"{self.name}:{self.area()}"
            @property
            def loud(self):
                return self.name.upper()
            @staticmethod
            def unit():
                return Square(1)
            @classmethod
            def named(cls, n):
                return cls(n)
        class Square(Shape):
            def __init__(self, side):
                super().__init__("square")
                self.side = side
            def area(self):
                return self.side ** 2
            def __eq__(self, other):
                return self.side == other.side
            def __lt__(self, other):
                return self.side < other.side
            def __add__(self, other):
                return Square(self.side + other.side)
            def __len__(self):
                return self.side
        s = Square(3)
        print(s, Shape.count, s.loud, Shape.unit(), Shape.named("n"), isinstance(s, Shape), s == Square(3), sorted([s, Square(1)]), s + s, len(s), [Square(2)] == [Square(2)])
    """,
    "imports": """
        import math
        from collections import Counter, defaultdict, deque
        from itertools import chain, combinations, groupby, accumulate
        from functools import reduce, lru_cache
        d = defaultdict(list)
        for k, v in [("a", 1), ("b", 2), ("a", 3)]:
            d[k].append(v)
        q = deque([1, 2], maxlen=2)
        q.append(3)
        @lru_cache(maxsize=None)
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        print(Counter("banana").most_common(2), dict(d), list(q), list(chain([1], (2,))), list(combinations("abc", 2)), fib(20))
        print(reduce(lambda a, b: a * b, [1, 2, 3], 2), [(k, len(list(g))) for k, g in groupby("aab")], list(accumulate([1, 2, 3])), math.gcd(12, 18), math.sqrt(2), math.floor(-1.5), math.pi)
    """,
    "printing": """
        print()
        print(1, "a", None, [True, 'b'], sep="-", end="!\\n")
        if __name__ == "__main__":
            print(int, (1,), {}, set(), 1.0)
    """,
    "short circuits and chains": """
        print(0 or [] or "x", 1 and 2 and 0, 1 < 2 < 3 > 2, not "", None is None, 3 if [] else 4, (n := 5) + n)
    """,
    "small sets lie in order": """
        print({3, 1, 2}, list({5, 0, 7}), {1, 2} | {3}, {1, 2} & {2}, {1} <= {1, 2}, set("a"), sorted(set("hello")), len(set("hello")))
    """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_prints_what_python_prints(name):
    source = textwrap.dedent(PROGRAMS[name])
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(source, {"__name__": "__main__"})

    assert run_program(source) == Completed(None, printed.getvalue())


@pytest.mark.parametrize(
    ("expression", "exception"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("[][0]", "IndexError"),
        ("{}['a']", "KeyError"),
        ("int('x')", "ValueError"),
        ("1 + 'a'", "TypeError"),
        ("missing", "NameError"),
        ("[].nothing()", "AttributeError"),
        ("next(iter([]))", "StopIteration"),
        ("f()", "TypeError"),
        ("'a'.index('b')", "ValueError"),
    ],
)
def test_an_exception_that_the_program_does_not_catch_is_told_by_name(expression, exception):
    assert run_program("def f(x): return x", expression) == Raised(exception)


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("list({'a', 'b'})", id="order of a set of texts"),
        pytest.param("str({'a', 'b'})", id="text of a set of texts"),
        pytest.param("[x for x in {100, 5, 3000}]", id="order of a set of large integers"),
        pytest.param("{'a', 'b'}.pop()", id="any item of a set"),
        pytest.param("sorted({'ab', 'cd'}, key=len)", id="ties in the order of a set"),
        pytest.param(
            "max({(1, 'a'), (1, 2), (2, 0)})", id="a set whose items cannot all be compared"
        ),
        pytest.param("sorted({float('nan'), 1.5, 2.5})", id="a set without order"),
        pytest.param("isinstance(map(str, []), map)", id="type of an iterator"),
        pytest.param("str(lambda: 0)", id="text with an address"),
        pytest.param("id([])", id="an address"),
        pytest.param("hash('a')", id="a salted hash"),
        pytest.param("'ab' is 'ab'", id="identity of constants"),
        pytest.param("input()", id="input"),
        pytest.param("open('x')", id="files"),
        pytest.param("1j * 1j", id="complex numbers"),
    ],
)
def test_what_may_differ_from_run_to_run_or_is_outside_the_subset_is_undecided(expression):
    assert isinstance(run_program("", expression), Undecided)


@pytest.mark.parametrize(
    "source",
    [
        "import random\nx = random.random()",
        "import time",
        "import os",
        "import re",
        "from math import nothing",
        "return 1",
        "yield 1",
        "break",
        "async def f(): pass",
        "with open('x') as f: pass",
        "match 1:\n    case 1: pass",
        "def (",
        "try:\n    int('x')\nexcept ValueError as e:\n    x = str(e)",
    ],
)
def test_a_statement_outside_the_subset_is_undecided(source):
    assert isinstance(run_program(source), Undecided)


def test_no_handler_catches_that_a_run_is_undecided():
    source = "try:\n    import os\nexcept Exception:\n    pass\nfinally:\n    print('on')"

    assert isinstance(run_program(source), Undecided)
