"""Machine code, where it is kept between processes, and how it is called.

A file holds the object code of one function, so that a process with all that it needs on disk starts without
importing the compiler. It is looked for where this machine keeps it, then in what came with capsim, which was compiled
ahead of time for a baseline that this processor has. Either folder is named after a hash of every source that is
compiled: an edited policy is compiled anew.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import current_process
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm

from capsim.engine.compiled import baselines, sources

SHIPPED = sources.PACKAGE / "shipped" / "machine-code"
"""What came with capsim, in folders by hash of sources, then by baseline."""
ENVIRONMENT = "CAPSIM_CACHE"
"""Names another folder for what capsim keeps between runs."""


class NotCompiledError(Exception):
    """A function has no machine code, for the reason told."""


_LOCK = threading.RLock()
_loaded: dict[str, tuple[int, Any]] = {}
"""Addresses, and what keeps the code there."""
_places: list[Path] = []


@cache
def folder() -> Path:
    """Where this machine keeps the machine code of these sources, in a folder of its own for what compiled it."""
    features = llvm.get_host_cpu_features().flatten()
    told = (sys.version, _version("numba"), _version("llvmlite"), llvm.get_host_cpu_name(), features)
    digest = hashlib.blake2b(repr((sources.digest(), *told)).encode(), digest_size=8).hexdigest()
    home = os.environ.get(ENVIRONMENT) or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "capsim"
    return Path(home) / "compiled" / digest


def places() -> list[Path]:
    """Where machine code of these sources may be; what is new goes to the first."""
    if not _places:
        came = [SHIPPED / sources.digest() / baseline.folder for baseline in baselines.of_this_processor()]
        _places.extend([folder(), *[place for place in came if place.is_dir()][:1]])
    return _places


def settle(place: Path) -> None:
    """Keep what this process compiles in a folder, and look for machine code nowhere else."""
    _places[:] = [place]


@cache
def _tell_unkept(place: Path, why: str) -> None:
    """Say once that each process will compile anew."""
    if current_process().name == "MainProcess":
        logging.getLogger("capsim").warning(
            "Machine code cannot be kept in %s (%s), so that each start compiles it anew, some 10 s; "
            "%s names another folder.",
            place,
            why,
            ENVIRONMENT,
        )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _placed(code: bytes) -> Any:
    """Object code in this process; apart from all other, as symbols of two compilations can be the same."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


def address(name: str, compile_it: Callable[[], tuple[str, bytes]]) -> int:
    """Where the function of this name begins; it is compiled if its object code is not on disk.

    Args:
        name: unlike any other's.
        compile_it: gives the symbol of the function and an object file that needs nothing outside.

    Raises:
        NotCompiledError: it has none.
    """
    with _LOCK:
        if name not in _loaded:
            kept = next((file for place in places() if (file := _read(place / name))), None)
            symbol, code = kept or compile_it()
            if kept is None:
                _write(places()[0] / name, symbol, code)
            engine = _placed(code)
            _loaded[name] = engine.get_function_address(symbol), engine
        return _loaded[name][0]


def _read(file: Path) -> tuple[str, bytes] | None:
    """Symbol and code, if they are there and as they were written."""
    try:
        digest, symbol, code = file.read_bytes().split(b"\n", 2)
    except (OSError, ValueError):
        return None
    return (symbol.decode(), code) if digest == _digest(symbol, code) else None


def _write(file: Path, symbol: str, code: bytes) -> None:
    """Keep it, whole or not at all; where that fails the next process compiles it anew."""
    part = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(b"\n".join((_digest(symbol.encode(), code), symbol.encode(), code)))
        part.replace(file)
    except OSError as error:
        _tell_unkept(file.parents[1], error.strerror or str(error))
        with suppress(OSError):
            part.unlink()


def _digest(symbol: bytes, code: bytes) -> bytes:
    return hashlib.blake2b(symbol + code, digest_size=8).hexdigest().encode()


def call(function: int, *arguments: int) -> None:
    """Call a function that returns nothing with addresses and whole numbers; it lets other threads run meanwhile.

    Raises:
        ArithmeticError: it could not go on.
    """
    result, fault = ctypes.c_void_p(), ctypes.c_void_p()
    if _callable(function, len(arguments))(ctypes.byref(result), ctypes.byref(fault), *arguments):
        raise ArithmeticError("a policy divided by zero or raised an error; the SimPy engine shows where")


@cache
def _callable(function: int, arguments: int) -> Any:
    """The function at an address in Numba's calling convention: where its result and its fault go come first."""
    return ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * arguments)(function)
