"""Machine code that is kept between processes."""

from __future__ import annotations

import ctypes
from functools import partial
from pathlib import Path

import llvmlite.binding as llvm
import pytest

from capsim.engine.compiled import machine


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(machine, "_places", [tmp_path])
    monkeypatch.setattr(machine, "_loaded", {})
    return tmp_path


def giving(number: int) -> tuple[str, bytes]:
    """A function that gives this number, always under the same symbol."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    module = llvm.parse_assembly(f"define i64 @answer() {{ ret i64 {number} }}")
    return "answer", llvm.Target.from_default_triple().create_target_machine().emit_object(module)


def answer(address: int) -> int:
    return int(ctypes.CFUNCTYPE(ctypes.c_int64)(address)())


def must_not_compile() -> tuple[str, bytes]:
    raise AssertionError("it is on disk")


def test_functions_whose_symbols_are_the_same_are_told_apart() -> None:
    addresses = [machine.address(f"f{number}", partial(giving, number)) for number in (1, 2)]
    assert [answer(address) for address in addresses] == [1, 2]


def test_another_process_finds_the_code_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    machine.address("f", lambda: giving(7))
    monkeypatch.setattr(machine, "_loaded", {})
    assert answer(machine.address("f", must_not_compile)) == 7


@pytest.mark.parametrize("damage", [lambda code: code[:-9], lambda _: b"", lambda code: code[:60] + b"x" + code[61:]])
def test_a_damaged_file_is_compiled_anew(damage: object, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.address("f", lambda: giving(7))
    monkeypatch.setattr(machine, "_loaded", {})
    assert callable(damage)
    (kept / "f").write_bytes(damage((kept / "f").read_bytes()))
    assert answer(machine.address("f", lambda: giving(8))) == 8
    assert [file.name for file in kept.iterdir()] == ["f"]


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    machine.settle(tmp_path / "file" / "gone")
    assert answer(machine.address("f", lambda: giving(7))) == 7


def test_that_nothing_can_be_kept_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(machine.ENVIRONMENT, str(tmp_path / "file"))
    machine.folder.cache_clear()
    machine._tell_unkept.cache_clear()
    machine.settle(machine.folder())
    try:
        for number in range(3):
            assert answer(machine.address(f"f{number}", partial(giving, number))) == number
    finally:
        machine.folder.cache_clear()
    assert [record.getMessage().partition(" (")[0] for record in caplog.records] == [
        f"Machine code cannot be kept in {tmp_path / 'file' / 'compiled'}"
    ]


def test_what_a_function_could_not_do_is_an_error() -> None:
    module = llvm.parse_assembly("define i32 @fails(i8** %result, i8** %fault) { ret i32 1 }")
    code = llvm.Target.from_default_triple().create_target_machine().emit_object(module)
    with pytest.raises(ArithmeticError, match="divided by zero"):
        machine.call(machine.address("fails", lambda: ("fails", code)))
