"""The text of the model bound as Python: accessors become attributes, rules are called as they are.

The source is read once more and rewritten where it names what only an engine knows: `station_at(m, s)` becomes
`m.stations[s]`, `decide(rule, …)` becomes `rule(…)`, and what is behind a constant that is false is left out. Line
numbers stay, so that a traceback shows the text.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType
from typing import Any

from capsim.engine.kernel.layout import Accessor, Constant, Word
from capsim.engine.simpy.inlining import Body, Inliner, can_be_put, size

RULES = ("decide", "learn", "choose", "admit")
"""Words that call the function of a rule, which comes first."""


SMALL = 120
"""So many parts of the syntax may a word have that is put into those that call it, if it is not meant to be."""


class Binding:
    """The text with the words that an engine brings along.

    Args:
        brought: functions by the name of the word.
        constants: values by the name of the constant.
        known: values of the model's own fields that stay as they are, by name.
    """

    def __init__(
        self,
        brought: Mapping[str, Callable[..., Any]],
        constants: Mapping[str, bool],
        known: Mapping[str, int] | None = None,
    ) -> None:
        self._brought, self._constants, self._known = brought, constants, known or {}
        self._bound: dict[Word, Any] = {}
        self._scopes: dict[str, dict[str, Any]] = {}
        self._bodies: dict[Word, Body | None] = {}

    def bound(self, word: Any) -> Any:
        """The function of a word."""
        if word not in self._bound:
            function = word.function
            self._bound[word] = self._brought.get(function.__name__) if word.brought else self._rewritten(function)
        return self._bound[word]

    def source(self, function: Any) -> tuple[str, int]:
        """The source of a function and its first line."""
        lines, first = inspect.getsourcelines(function)
        return textwrap.dedent("".join(lines)), first

    def _scope(self, module: str) -> dict[str, Any]:
        """The names of a module; words in it are bound when a function names them."""
        if module not in self._scopes:
            self._scopes[module] = dict(vars(sys.modules[module]))
        return self._scopes[module]

    def _rewritten(self, function: Any) -> Any:
        tree = ast.Module([self._definition(function)], [])
        code = compile(ast.fix_missing_locations(tree), inspect.getsourcefile(function) or "", "exec")
        body = next(part for part in code.co_consts if isinstance(part, CodeType))
        scope = self._scope(function.__module__)
        for name in body.co_names:
            if isinstance(scope.get(name), Word):
                scope[name] = self.bound(scope[name])
        return FunctionType(body, scope, function.__name__)

    def _definition(self, function: Any) -> ast.FunctionDef:
        """The text of a function as this engine runs it."""
        source, first = self.source(function)
        tree = ast.parse(source)
        ast.increment_lineno(tree, first - 1)
        (definition,) = tree.body
        assert isinstance(definition, ast.FunctionDef), "the text is of functions"  # noqa: S101 - narrows the type
        definition.decorator_list = []
        _Rewriting(function.__globals__, self._constants, self._known).visit(definition)
        names, scope = function.__globals__, self._scope(function.__module__)

        def named(module: str, name: str) -> str:
            if module == function.__module__ or name not in self._scope(module):
                return name
            unlike = f"{name}@{module}"
            scope.setdefault(unlike, self._scope(module)[name])
            return unlike

        Inliner(lambda name: self._body_of(names.get(name)), named).visit(definition)
        _Folding().visit(definition)
        return definition

    def _body_of(self, word: Any) -> Body | None:
        """What is put into those that call a word; nothing where it stays a call."""
        function = None
        if isinstance(word, Word):
            function = self._brought.get(word.function.__name__) if word.brought else word.function
        if function is None:
            return None
        if word not in self._bodies:
            definition = self._definition(function)
            statements = _reached(definition.body[isinstance(definition.body[0], ast.Expr) :])
            parameters = tuple(each.arg for each in definition.args.args)
            fits = can_be_put(statements) and (word.inline or size(statements) <= SMALL)
            self._bodies[word] = Body(parameters, statements, function.__module__) if fits else None
        return self._bodies[word]


def _reached(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Up to the first that returns, whatever happens."""
    last = next((place for place, each in enumerate(statements) if isinstance(each, ast.Return)), len(statements))
    return statements[: last + 1]


class _Folding(ast.NodeTransformer):
    """Leaves out what is behind a condition that is known to be false."""

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and isinstance(node.operand, ast.Constant):
            return ast.Constant(not node.operand.value)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        decides, left = isinstance(node.op, ast.Or), node.values
        while len(left) > 1 and isinstance(left[0], ast.Constant) and bool(left[0].value) != decides:
            left = left[1:]
        known = isinstance(left[0], ast.Constant)
        return left[0] if known or len(left) == 1 else ast.BoolOp(node.op, left)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        return (node.body if node.test.value else node.orelse) if isinstance(node.test, ast.Constant) else node

    def visit_If(self, node: ast.If) -> Any:
        self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return (node.body if node.test.value else node.orelse) or ast.Pass()
        return node


class _Rewriting(_Folding):
    def __init__(self, names: Mapping[str, Any], constants: Mapping[str, bool], known: Mapping[str, int]) -> None:
        self._names, self._constants, self._known = names, constants, known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self._names.get(node.id)
        return ast.Constant(self._constants[value.name]) if isinstance(value, Constant) else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        of_model = isinstance(node.value, ast.Name) and node.value.id == "m" and isinstance(node.ctx, ast.Load)
        return ast.Constant(self._known[node.attr]) if of_model and node.attr in self._known else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        value = self._names.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if isinstance(value, Accessor):
            part = ast.Attribute(node.args[0], value.name, ast.Load())
            return part if value.kind == "column" else ast.Subscript(part, node.args[1], ast.Load())
        if isinstance(value, Word) and value.brought and value.function.__name__ in RULES:
            return ast.Call(node.args[0], node.args[1:], [])
        return node
