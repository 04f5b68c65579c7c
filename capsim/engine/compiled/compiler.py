"""The compiler: Numba, kept from being imported where all code is on disk.

Words are compiled with those that call them, for given values of constants; Numba then leaves out what is behind a
false one before it looks at it.
"""

from __future__ import annotations

import dis
from collections.abc import Mapping
from types import CellType, FunctionType
from typing import Any

import llvmlite.binding as llvm
import numba
from numba.core import compiler as pipeline
from numba.core.errors import NumbaError
from numba.core.registry import cpu_target

from capsim.engine.compiled import access, functions, words
from capsim.engine.compiled.machine import NotCompiledError
from capsim.engine.compiled.part import Part
from capsim.engine.kernel.layout import Accessor, Constant, Layout, Word

RULES = {name: getattr(functions, name) for name in ("decide", "learn", "choose", "admit")}
BROUGHT = vars(words) | RULES | {"bits": access.bits}
"""What this engine brings along, by the name of the word."""


class _Parts:
    """Functions for a layout and for given values of constants."""

    def __init__(self, layout: Layout | None, constants: Mapping[str, Any]) -> None:
        self._layout, self._constants = layout, constants
        self._compiled: dict[Any, Any] = {}

    def bound(self, function: Any) -> Any:
        """The function with constants, and with compiled parts in the place of the words that it names."""
        named = {each.argval for each in dis.get_instructions(function) if each.opname == "LOAD_GLOBAL"}
        scope = {
            name: self._resolved(value) if name in named else value for name, value in function.__globals__.items()
        }
        cells = tuple(CellType(self._resolved(cell.cell_contents)) for cell in function.__closure__ or ())
        copy = FunctionType(function.__code__, scope, function.__name__, function.__defaults__, cells)
        copy.__module__, copy.__qualname__ = function.__module__, function.__qualname__
        return copy

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, Constant):
            return self._constants[value.name]
        if isinstance(value, Accessor) and self._layout is not None:
            return self._resolved(access.bound(value, self._layout))
        if isinstance(value, Word) and value.brought:
            return self._resolved(BROUGHT[value.function.__name__])
        if not isinstance(value, (Part, Word)):
            return value
        if value not in self._compiled:
            signature = (
                value.signature if isinstance(value, Part) else access.signature_of(value.function, self._layout)
            )
            self._compiled[value] = self._part(value, signature)
        return self._compiled[value]

    def _part(self, value: Part | Word, signature: Any) -> Any:
        compiled: Any = numba.njit(forceinline=value.inline, no_cpython_wrapper=True, no_cfunc_wrapper=True)(
            self.bound(value.function)
        )
        resolve = compiled.get_call_template
        # Numba would compile it anew for every literal that it is called with; it has its one signature.
        compiled.get_call_template = lambda _args, _kws: resolve(signature.args, {})
        return compiled


def compiled(
    function: Any, layout: Layout | None = None, constants: Mapping[str, Any] | None = None, signature: Any = None
) -> tuple[str, bytes]:
    """Symbol and object code of a function, with all words that it names.

    Args:
        function: of the text, or of a rule.
        layout: of the model that the text works on.
        constants: their values by name.
        signature: the annotations of the function say it unless given.

    Raises:
        NotCompiledError: Numba can't, or the code would need something outside.
    """
    if numba.config.DISABLE_JIT:
        raise NotCompiledError("NUMBA_DISABLE_JIT is set")
    function = function.function if isinstance(function, (Part, Word)) else function
    signature = signature or access.signature_of(function, layout)
    flags = pipeline.Flags()
    flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.nrt = True
    typing, target = cpu_target.typing_context, cpu_target.target_context
    typing.refresh()
    target.refresh()
    bound = _Parts(layout, constants or {}).bound(function)
    try:
        found = pipeline.compile_extra(typing, target, bound, signature.args, signature.return_type, flags, {})
    except NumbaError as error:
        raise NotCompiledError(str(error).strip().splitlines()[0]) from error
    module = found.library._final_module
    for name in (each.name for each in (*module.functions, *module.global_variables) if each.is_declaration):
        if not name.startswith("llvm.") and not llvm.address_of_symbol(name):
            raise NotCompiledError(f"its code needs {name}")
    return found.fndesc.llvm_func_name, found.library._get_compiled_object()
