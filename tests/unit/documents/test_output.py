from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from capsim.documents.files import files_read
from capsim.documents.load import read_text
from capsim.documents.output import check_outputs, written_together, written_whole
from capsim.errors import InputError


def write(paths: list[Path], text: str) -> None:
    with written_together(paths) as files:
        for number, file in enumerate(files):
            file.write_text(f"{text} {number}")


def held(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_two_writers_have_a_file_each_until_they_are_done(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with written_whole(path) as first, written_whole(path) as second:
        assert first != second
        first.write_text("first, and longer")
        second.write_text("second")
    assert held(tmp_path) == {"out.csv": "first, and longer"}


def test_pairs_of_many_writers_are_never_mixed(tmp_path: Path) -> None:
    paths = [tmp_path / "a.csv", tmp_path / "a.visits.csv"]

    def writer(number: int) -> None:
        for _ in range(20):
            write(paths, f"writer {number}")

    threads = [threading.Thread(target=writer, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    requests, visits = held(tmp_path).values() if len(held(tmp_path)) == 2 else ("", "")
    assert sorted(held(tmp_path)) == ["a.csv", "a.visits.csv"]
    assert requests[: len("writer n")] == visits[: len("writer n")]


@pytest.mark.parametrize("stop", [OSError(errno.EIO, os.strerror(errno.EIO)), KeyboardInterrupt()])
@pytest.mark.parametrize("before", [{}, {"a": "old a", "b": "old b"}, {"b": "old b"}, {"a": "old a"}])
def test_what_stops_between_two_files_leaves_both_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException, before: dict[str, str]
) -> None:
    for name, text in before.items():
        (tmp_path / name).write_text(text)
    replace = Path.replace

    def stopped(self: Path, target: Path) -> Path:
        if self.name.startswith(".b.") and self.read_text().startswith("new"):
            raise stop
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises((InputError, KeyboardInterrupt)):
        write([tmp_path / "a", tmp_path / "b"], "new")
    assert held(tmp_path) == before


def test_without_hard_links_a_copy_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Path, _target: Path) -> None:
        raise PermissionError(errno.EPERM, "no links here", str(self))

    monkeypatch.setattr(Path, "hardlink_to", refused)
    test_what_stops_between_two_files_leaves_both_as_they_were(tmp_path, monkeypatch, KeyboardInterrupt(), {"a": "old"})


def test_a_clean_up_that_fails_does_not_hide_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "unlink", read_only)
    with pytest.raises(InputError, match="cannot be written: No space left"), written_whole(tmp_path / "x"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(ZeroDivisionError), written_whole(tmp_path / "x"):
        raise ZeroDivisionError


def test_where_no_file_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "open", read_only)
    monkeypatch.setattr(Path, "unlink", read_only)
    with (
        pytest.raises(InputError, match="--output  cannot be written: Read-only file system"),
        written_whole(tmp_path / "x", "--output"),
    ):
        pass
    monkeypatch.undo()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="its folder is read-only"):
        check_outputs({"": tmp_path / "x"}, force=True)


def test_a_link_stays_one_and_a_device_stays_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to("file")
    write([tmp_path / "link"], "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "new 0"
    for path in (Path(os.devnull), tmp_path):
        with pytest.raises(InputError, match=r"is (not a file|a folder)"):
            check_outputs({"": path}, force=True)
        with pytest.raises(InputError, match="cannot be written"), written_whole(path):
            pass


def test_rights_of_the_file_that_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old")
    (tmp_path / "x").chmod(0o640)
    write([tmp_path / "x", tmp_path / "y"], "new")
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640
    (tmp_path / "z").write_text("")
    assert (tmp_path / "y").stat().st_mode == (tmp_path / "z").stat().st_mode


@pytest.mark.parametrize("name", ["n" * 255, "é" * 127, "n" * 256, "é" * 200])
def test_long_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if len(name.encode()) <= 255:
        write([path], "long")
        assert path.read_text() == "long 0"
        return
    with pytest.raises(InputError, match="cannot be written: File name too long"):
        check_outputs({"": path}, force=True)
    with pytest.raises(InputError, match="cannot be written: File name too long"), written_whole(path):
        pass


def test_what_is_there_is_replaced_only_when_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(InputError, match="--html  exists already; choose another name, or --force"):
        check_outputs({"--output": None, "--html": tmp_path / "a"}, force=False)
    check_outputs({"--html": tmp_path / "a"}, force=True)
    with pytest.raises(InputError, match=r"--png .*is given twice"):
        check_outputs({"--html": tmp_path / "b", "--png": tmp_path / "." / "b"}, force=False)


def test_all_that_stands_against_the_files_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        check_outputs({"--html": tmp_path, "--png": tmp_path / "no" / "x"}, force=False)
    assert [fault.path for fault in caught.value.faults] == ["--html", "--png"]


@pytest.mark.parametrize("by", ["name", "link", "hard link", "other spelling"])
def test_an_input_is_never_replaced(tmp_path: Path, by: str) -> None:
    source, other = tmp_path / "in.yaml", tmp_path / "other.yaml"
    source.write_text("a: 1")
    if by == "link":
        other.symlink_to(source)
    elif by == "hard link":
        other.hardlink_to(source)
    else:
        other = source if by == "name" else tmp_path / "x" / ".." / "in.yaml"
        (tmp_path / "x").mkdir()
    with files_read() as read:
        read_text(source, 100)
    with pytest.raises(InputError, match="is an input of this command"):
        check_outputs({"--output": other}, force=True, read=read)
    check_outputs({"--output": tmp_path / "new.yaml"}, force=True, read=read)


def test_a_link_that_leads_back_to_itself_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(InputError, match="it is a link that leads back to itself"):
        check_outputs({"--output": tmp_path / "a"}, force=True)
    with pytest.raises(InputError, match="it is a link that leads back to itself"), written_whole(tmp_path / "a"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
