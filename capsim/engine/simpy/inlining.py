"""Words put into those that call them, as machine code does: a call of Python costs as much as what most words do.

A call that stands alone, is returned or is assigned becomes the body of its word, with parameters and locals under new
names. A `return` in the middle becomes a branch; a word that returns from a loop stays a call. Anywhere else a call
becomes the expression that its word returns, where that is all it does.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Statements = list[ast.stmt]


@dataclass(frozen=True)
class Body:
    """What a word says: its parameters, its statements, and where it finds its globals."""

    parameters: tuple[str, ...]
    statements: Statements
    module: str


class Inliner(ast.NodeTransformer):
    """Puts words into a function.

    Args:
        body_of: the body of the word that a name means, or nothing where it stays a call.
        named: what a global of another module is called in this one.
    """

    def __init__(self, body_of: Callable[[str], Body | None], named: Callable[[str, str], str]) -> None:
        self._body_of, self._named = body_of, named
        self._numbers = itertools.count()

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | Statements:
        """A call that stands alone, whose value nobody wants."""
        return self._inlined(node, lambda _: [])

    def visit_Return(self, node: ast.Return) -> ast.stmt | Statements:
        """A call that is returned."""
        return self._inlined(node, lambda value: [ast.copy_location(ast.Return(value), node)])

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | Statements:
        """A call that is assigned."""
        return self._inlined(node, lambda value: [ast.copy_location(ast.Assign(node.targets, value), node)])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call within an expression."""
        self.generic_visit(node)
        body = self._body(node)
        if body is None or not all(isinstance(argument, (ast.Name, ast.Constant)) for argument in node.args):
            return node
        match body.statements:
            case [ast.Return(value)] if value is not None:
                renaming = _Renaming(body, next(self._numbers), self._named, node.lineno)
                renaming.given.update(zip(body.parameters, node.args, strict=True))
                put: ast.expr = renaming.renamed(value)
                return put
        return node

    def _body(self, call: ast.expr | None) -> Body | None:
        named = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.keywords
        return self._body_of(call.func.id) if named else None  # type: ignore[union-attr]  # it is such a call

    def _inlined(
        self, node: ast.Expr | ast.Return | ast.Assign, give: Callable[[ast.expr], Statements]
    ) -> ast.stmt | Statements:
        self.generic_visit(node)
        body, call = self._body(node.value), node.value
        if body is None or not isinstance(call, ast.Call):
            return node
        renaming = _Renaming(body, next(self._numbers), self._named, node.lineno)
        statements: Statements = []
        for name, argument in zip(body.parameters, call.args, strict=True):
            if isinstance(argument, (ast.Name, ast.Constant)) and name not in renaming.assigned:
                renaming.given[name] = argument
            else:
                own = ast.Name(renaming.local(name), ast.Store())
                statements.append(ast.copy_location(ast.Assign([own], argument), node))
        statements += _giving([renaming.renamed(each) for each in body.statements], give, node)
        return statements or ast.copy_location(ast.Pass(), node)


class _Renaming:
    """A body as it stands where it is put: with other names, and in the line of the call, which a traceback shows."""

    def __init__(self, body: Body, number: int, named: Callable[[str, str], str], line: int) -> None:
        self.assigned = set(_assigned(body.statements))
        self.given: dict[str, ast.expr] = {}
        self._own = self.assigned | set(body.parameters)
        self._number, self._named, self._module, self._line = number, named, body.module, line

    def local(self, name: str) -> str:
        """What a parameter or a local is called."""
        return f"{name}_{self._number}"

    def renamed(self, node: Any) -> Any:
        """A copy of a part of the body."""
        if isinstance(node, list):
            return [self.renamed(each) for each in node]
        if not isinstance(node, ast.AST):
            return node
        if isinstance(node, ast.Name):
            if node.id in self.given:
                return self.given[node.id]
            name = self.local(node.id) if node.id in self._own else self._named(self._module, node.id)
            return ast.Name(name, node.ctx, lineno=self._line, col_offset=0)
        kind: Any = type(node)
        parts = {field: self.renamed(getattr(node, field)) for field in node._fields}
        return kind(**parts, lineno=self._line, col_offset=0)


def _assigned(statements: Iterable[ast.stmt]) -> Iterable[str]:
    for part in (each for statement in statements for each in ast.walk(statement)):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id


def can_be_put(statements: Statements) -> bool:
    """Whether each `return` of a body can become the end of a branch."""
    loops = [part for each in statements for part in ast.walk(each) if isinstance(part, (ast.For, ast.While))]
    return not any(isinstance(part, ast.Return) for loop in loops for part in ast.walk(loop))


def size(statements: Statements) -> int:
    """How many parts of the syntax there are."""
    return sum(1 for statement in statements for _ in ast.walk(statement))


def _giving(statements: Statements, give: Callable[[ast.expr], Statements], call: ast.stmt) -> Statements:
    """The statements, where each `return` gives its value and what would follow it stands in the other branch."""
    for place, statement in enumerate(statements):
        if isinstance(statement, ast.Return):
            return [*statements[:place], *give(statement.value or ast.copy_location(ast.Constant(None), call))]
        if isinstance(statement, ast.If) and any(isinstance(part, ast.Return) for part in ast.walk(statement)):
            rest = statements[place + 1 :]
            yes, no = (_giving([*branch, *rest], give, call) for branch in (statement.body, statement.orelse))
            nothing: Statements = [ast.copy_location(ast.Pass(), call)]
            return [*statements[:place], ast.copy_location(ast.If(statement.test, yes or nothing, no), call)]
    return [*statements, *give(ast.copy_location(ast.Constant(None), call))]
