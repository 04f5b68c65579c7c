"""Words put into those that call them do what they did as calls."""

from __future__ import annotations

import ast
import textwrap
from typing import Any

import pytest

from capsim.engine.model import waiting
from capsim.engine.simpy import replication
from capsim.engine.simpy.bind import Binding
from capsim.engine.simpy.inlining import Body, Inliner, can_be_put

WORDS = {
    "scale": """def scale(x, y):
    x = x * FACTOR
    return x + y""",
    "clip": """def clip(x, most):
    if x > most:
        return most
    if x < 0:
        x = 0
        return x
    return x""",
    "note": """def note(seen, x):
    twice = 2 * x
    if x > 5:
        return
    seen.append(twice)""",
    "search": """def search(xs, x):
    for i in range(len(xs)):
        if xs[i] == x:
            return i
    return -1""",
    "twice": """def twice(x):
    return FACTOR * (x + x)""",
    "total": """def total(xs):
    x = 0
    for each in xs:
        x += each
    return x""",
}
CALLERS = {
    "a parameter that is assigned leaves the caller's as it was": "x = scale(n, 1)\nreturn x, n",
    "locals of one name stay apart": "x = n\ntwice = 7\nnote(seen, x)\ny = total(seen)\nreturn x, twice, y, seen",
    "returns in the middle": "return clip(n, 3)",
    "a call twice": "x = clip(n, 3)\nx = scale(x, x)\ny = clip(x, n)\nnote(seen, y)\nnote(seen, n)\nreturn x, y, seen",
    "a search that returns from its loop": "note(seen, n)\nx = search(seen, 2 * n)\nreturn x",
    "an argument that is worked out once": "seen.append(n)\nx = scale(seen.pop(), 2)\nreturn x, seen",
    "an expression within others": """x = twice(n) + twice(n)
if twice(n) > 5 or twice(x) < 0:
    x = 0
return twice(x + 1)""",
    "calls inside of others": "x = scale(clip(n, 3), total([n, n]))\nreturn x",
    "in a branch and in a loop": """x = 0
for i in range(n):
    if i % 2:
        x = scale(x, i)
    else:
        note(seen, i)
return x, seen""",
}


def parsed(source: str) -> ast.FunctionDef:
    """A function."""
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    return definition


def body_of(name: str) -> Body | None:
    """That of a word that can be put elsewhere."""
    if name not in WORDS:
        return None
    word = parsed(WORDS[name])
    parameters = tuple(each.arg for each in word.args.args)
    return Body(parameters, word.body, "elsewhere") if can_be_put(word.body) else None


def ran(definition: ast.FunctionDef, n: int) -> Any:
    """What it gives where words have their names, and where the globals of words are called otherwise."""
    scope: dict[str, Any] = {"FACTOR": "not this one", "FACTOR@elsewhere": 10}
    exec("\n".join(WORDS.values()).replace("FACTOR", "10"), scope)  # noqa: S102 - our own source
    exec(ast.unparse(definition).replace("FACTOR@elsewhere", "10"), scope)  # noqa: S102 - our own source
    return scope["caller"](n, [])


def named(module: str, name: str) -> str:
    """Globals of words."""
    return f"{name}@{module}" if name == "FACTOR" else name


@pytest.mark.parametrize("caller", CALLERS)
def test_a_function_with_words_put_into_it_gives_what_it_gave(caller: str) -> None:
    source = f"def caller(n, seen):\n{textwrap.indent(CALLERS[caller], '    ')}"
    put = Inliner(body_of, named).visit(parsed(source))
    for n in (-1, 0, 2, 3, 7):
        assert ran(put, n) == ran(parsed(source), n)


def test_no_call_is_left_of_what_can_be_put() -> None:
    source = f"def caller(n, seen):\n{textwrap.indent(CALLERS['a call twice'], '    ')}"
    put = ast.unparse(Inliner(body_of, named).visit(parsed(source)))
    assert all(f"{name}(" not in put for name in WORDS)


def test_lines_are_those_of_the_call() -> None:
    source = "def caller(n, seen):\n    x = n\n    x = clip(x, 3)\n    return x"
    put = Inliner(body_of, named).visit(parsed(source))
    assert {part.lineno for part in ast.walk(put) if isinstance(part, ast.If)} == {3}


def test_what_a_run_does_not_use_is_left_out() -> None:
    for plain in (True, False):
        text = Binding(replication.BROUGHT, replication.CONSTANTS | {"plain": plain}).bound(waiting.wait)
        assert ("copies" in text.__code__.co_names) != plain
