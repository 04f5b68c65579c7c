"""Words put into those that call them, as machine code does: a call of Python costs as much as what most words do.

A call that stands alone, is returned or is assigned becomes the body of its word, with parameters and locals under new
names. A `return` in the middle becomes a branch; a word that returns from a loop stays a call.
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Statements = list[ast.stmt]
NoneType = ast.Constant(None)


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
        return self._inlined(node, node.value, lambda _: [])

    def visit_Return(self, node: ast.Return) -> ast.stmt | Statements:
        """A call that is returned."""
        return self._inlined(node, node.value, lambda value: [ast.Return(value)])

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | Statements:
        """A call that is assigned."""
        return self._inlined(node, node.value, lambda value: [ast.Assign(node.targets, value)])

    def _inlined(
        self, node: ast.stmt, call: ast.expr | None, give: Callable[[ast.expr], Statements]
    ) -> ast.stmt | Statements:
        body = self._body_of(call.func.id) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else None
        if body is None or not isinstance(call, ast.Call) or call.keywords:
            return node
        number = next(self._numbers)
        renaming = _Renaming(body, lambda name: f"{name}_{number}", self._named)
        given: Statements = []
        for name, argument in zip(body.parameters, call.args, strict=True):
            if isinstance(argument, (ast.Name, ast.Constant)) and name not in renaming.assigned:
                renaming.given[name] = argument
            else:
                given.append(ast.Assign([ast.Name(f"{name}_{number}", ast.Store())], argument))
        told = [renaming.visit(copy.deepcopy(each)) for each in body.statements]
        statements = [*given, *_giving(told, give)]
        for part in (each for statement in statements for each in ast.walk(statement)):
            # A traceback then shows the call.
            if isinstance(part, (ast.stmt, ast.expr)):
                ast.copy_location(part, node)
        return statements or ast.copy_location(ast.Pass(), node)


class _Renaming(ast.NodeTransformer):
    """Names of a body as they are called where it is put."""

    def __init__(self, body: Body, local: Callable[[str], str], named: Callable[[str, str], str]) -> None:
        self.assigned = set(_assigned(body.statements))
        self.given: dict[str, ast.expr] = {}
        self._own = self.assigned | set(body.parameters)
        self._local, self._named, self._module = local, named, body.module

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.given:
            return copy.copy(self.given[node.id])
        name = self._local(node.id) if node.id in self._own else self._named(self._module, node.id)
        return ast.Name(name, node.ctx)


def _assigned(statements: Iterable[ast.stmt]) -> Iterable[str]:
    for part in (each for statement in statements for each in ast.walk(statement)):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id


def can_be_put(statements: Statements) -> bool:
    """Whether each `return` of a body can become the end of a branch."""
    return not any(
        isinstance(part, ast.Return)
        for statement in statements
        for loop in ast.walk(statement)
        if isinstance(loop, (ast.For, ast.While))
        for part in ast.walk(loop)
    )


def size(statements: Statements) -> int:
    """How many parts of the syntax there are."""
    return sum(1 for statement in statements for _ in ast.walk(statement))


def _giving(statements: Statements, give: Callable[[ast.expr], Statements]) -> Statements:
    """The statements, where each `return` gives its value and what would follow it stands in the other branch."""
    for place, statement in enumerate(statements):
        if isinstance(statement, ast.Return):
            return [*statements[:place], *give(statement.value or NoneType)]
        if isinstance(statement, ast.If) and any(isinstance(part, ast.Return) for part in ast.walk(statement)):
            rest = statements[place + 1 :]
            yes = _giving([*statement.body, *copy.deepcopy(rest)], give)
            no = _giving([*statement.orelse, *rest], give)
            return [*statements[:place], ast.If(statement.test, yes or [ast.Pass()], no)]
    return [*statements, *give(NoneType)]
