"""Names and where they live: a frame a call, and which names of a function are its own."""

from __future__ import annotations

import ast
from typing import Any, Final

from consensus.execution.outcomes import UndecidedError

Scope = ast.FunctionDef | ast.Lambda
_COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Frame:
    """The names of a call, of a comprehension or of the module, and the frame around it."""

    __slots__ = ("elsewhere", "function", "local", "names", "outer")

    def __init__(
        self,
        outer: Frame | None,
        local: frozenset[str] = frozenset(),
        elsewhere: dict[str, Frame] | None = None,
    ) -> None:
        """A new frame without values.

        Args:
            outer: The frame in which the function stands; None for the module.
            local: Names that are this frame's even before they are bound.
            elsewhere: Names declared global or nonlocal, and the frames that hold them.
        """
        self.names: dict[str, Any] = {}
        self.outer = outer
        self.local = local
        self.elsewhere = elsewhere
        self.function: object = None

    def load(self, name: str) -> Any:
        """The value of a name; `LookupError` where no frame has it, `UnboundLocalError` before it is bound."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.names:
                return frame.names[name]
            if name in frame.local:
                raise UnboundLocalError(name)
            if frame.elsewhere is not None and name in frame.elsewhere:
                frame = frame.elsewhere[name]
                continue
            frame = frame.outer
        raise LookupError(name)

    def store(self, name: str, value: Any) -> None:
        """Bind a name here, or where it was declared to live."""
        if self.elsewhere is not None and name in self.elsewhere:
            self.elsewhere[name].names[name] = value
        else:
            self.names[name] = value

    def delete(self, name: str) -> None:
        """Unbind a name of this frame."""
        if self.elsewhere is not None and name in self.elsewhere:
            raise UndecidedError("del of a global name")
        if name not in self.names:
            raise UnboundLocalError(name) if self.local else NameError(name)
        del self.names[name]

    def module(self) -> Frame:
        """The outermost frame."""
        frame = self
        while frame.outer is not None:
            frame = frame.outer
        return frame


class ScopeNames:
    """What a function's body says of its names: which it binds, which are global or nonlocal."""

    __slots__ = ("local", "nonlocals", "shared", "yields")

    def __init__(self, scope: Scope) -> None:
        bound: set[str] = set()
        self.shared: set[str] = set()
        self.nonlocals: set[str] = set()
        self.yields = False
        parameters = scope.args
        every = [*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs]
        bound.update(parameter.arg for parameter in every)
        bound.update(star.arg for star in (parameters.vararg, parameters.kwarg) if star)
        waiting: list[ast.AST] = list(scope.body) if isinstance(scope.body, list) else [scope.body]
        while waiting:
            node = waiting.pop()
            self._note(node, bound)
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                continue
            if isinstance(node, _COMPREHENSIONS):
                # Its targets are its own; only its first iterable is evaluated out here.
                waiting.append(node.generators[0].iter)
                if any(isinstance(inner, ast.NamedExpr) for inner in ast.walk(node)):
                    raise UndecidedError("a name bound inside a comprehension")
                continue
            if not isinstance(node, ast.Lambda):
                waiting.extend(ast.iter_child_nodes(node))
        self.local = frozenset(bound - self.shared - self.nonlocals)

    def _note(self, node: ast.AST, bound: set[str]) -> None:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.ExceptHandler(name=str(name)):
                bound.add(name)
            case ast.alias(name=name, asname=asname):
                bound.add(asname or name.partition(".")[0])
            case ast.Global(names=names):
                self.shared.update(names)
            case ast.Nonlocal(names=names):
                self.nonlocals.update(names)
            case ast.Yield() | ast.YieldFrom():
                self.yields = True
            case _:
                pass

    def frame(self, outer: Frame) -> Frame:
        """A frame for one call of the function."""
        if not self.shared and not self.nonlocals:
            return Frame(outer, self.local)
        elsewhere = dict.fromkeys(self.shared, outer.module())
        for name in self.nonlocals:
            holder: Frame | None = outer
            while holder is not None and name not in holder.local:
                holder = holder.outer
            if holder is None:
                raise UndecidedError("nonlocal of no enclosing function")
            elsewhere[name] = holder
        return Frame(outer, self.local, elsewhere)


class ClassFrame(Frame):
    """The names of a class body while it runs; functions defined in it do not see them."""

    __slots__ = ()
