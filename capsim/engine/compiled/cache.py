"""How functions are compiled, and where their machine code is kept between processes.

Numba looks only at the file of a function to see whether its cached code still holds, and would go on running an
edited policy in its old form. The folder is therefore named after a hash of every source that is compiled.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from capsim import random, serving

F = TypeVar("F", bound=Callable[..., Any])

SOURCES = (Path(__file__).parent, Path(serving.__file__).parent)
ENVIRONMENT = "CAPSIM_CACHE"
"""Names another folder for what capsim keeps between runs."""


@cache
def folder() -> Path:
    """Where the machine code of these sources is kept; a folder of this process where none can be written."""
    digest = hashlib.blake2b(numba.__version__.encode(), digest_size=8)
    for source in sorted([Path(random.__file__), *(file for root in SOURCES for file in root.rglob("*.py"))]):
        digest.update(source.name.encode() + source.read_bytes())
    home = os.environ.get(ENVIRONMENT) or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "capsim"
    kept = Path(home) / "compiled" / digest.hexdigest()
    try:
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=kept):
            return kept
    except OSError:
        return Path(tempfile.mkdtemp(prefix="capsim-"))


def entry(function: F, signature: Any = None) -> F:
    """Compile a function that Python calls, and keep its machine code; it lets other threads run meanwhile."""
    # The setting is read when a function is decorated; others who use Numba keep theirs.
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder())
    try:
        decorate = numba.njit(signature, cache=True, nogil=True) if signature else numba.njit(cache=True, nogil=True)
        compiled: F = decorate(function)
    finally:
        numba.config.CACHE_DIR = before
    return compiled


def part(signature: Any, inline: bool = False) -> Callable[[F], F]:
    """Compile a function as a part of those that call it, once they are compiled; `inline` puts it into them.

    Numba would compile it anew for every literal that it is called with; here it always has its one signature.
    """

    def decorate(function: F) -> F:
        compiled: Any = numba.njit(forceinline=inline)(function)
        resolve = compiled.get_call_template
        compiled.get_call_template = lambda _args, _kws: resolve(signature.args, {})
        return cast("F", compiled)

    return decorate
