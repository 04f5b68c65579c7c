"""Machine code that is compiled ahead of time, and which of it a processor takes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import llvmlite.binding as llvm
import pytest
from pinned import ledger_digest, tally_digest, tally_of
from random_scenarios import random_scenario

from capsim.engine import compiled, lower, simpy
from capsim.engine.compiled import ahead, baselines, entries, machine, sources
from capsim.engine.compiled.baselines import BASELINES, V2, V3, V4


def asked_for(monkeypatch: pytest.MonkeyPatch, answer: Callable[..., int] = machine.address) -> set[str]:
    """The names of the functions that are asked for from now on."""
    names: set[str] = set()

    def noted(name: str, compile_it: Callable[[], tuple[str, bytes]]) -> int:
        names.add(name)
        return answer(name, compile_it)

    monkeypatch.setattr(entries, "address", noted)
    return names


def test_all_that_answers_need_is_compiled_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = asked_for(monkeypatch)
    for number in range(40):
        for plain in (False, True):
            blueprint = lower(random_scenario(number, plain))
            compiled.run(blueprint)
            tally_of(blueprint)
    monkeypatch.undo()
    listed = asked_for(monkeypatch, lambda *_: 1)
    for function in ahead.functions():
        function()
    assert len(needed) > 15
    assert needed <= listed


@pytest.mark.parametrize(
    ("features", "best"),
    [(V4, "x86-64-v4"), (V3, "x86-64-v3"), (set(V4) - {"fma"}, "x86-64-v2"), (V2, "x86-64-v2"), ((), None)],
)
def test_a_processor_takes_the_best_baseline_all_of_which_it_has(
    features: set[str], best: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    has = {name: name in features for name in V4} | {"mmx": True}
    monkeypatch.setattr(llvm, "get_process_triple", lambda: "x86_64-unknown-linux-gnu")
    monkeypatch.setattr(llvm, "get_host_cpu_features", lambda: has)
    fitting = baselines.of_this_processor()
    assert (fitting[0].cpu if fitting else None) == best
    assert len(baselines.of_this_family()) == 3


@pytest.mark.parametrize("family", ["aarch64", "arm64"])
def test_another_family_has_code_of_its_own(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llvm, "get_process_triple", lambda: f"{family}-apple-darwin24.0.0")
    monkeypatch.setattr(llvm, "get_host_cpu_features", dict)
    assert [baseline.cpu for baseline in baselines.of_this_processor()] == ["generic"]
    assert len({baseline.folder for baseline in BASELINES}) == len(BASELINES)


@contextmanager
def anew() -> Iterator[None]:
    """As in a process that has loaded no machine code yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machine, "_loaded", {})
        patch.setattr(machine, "_places", [])
        yield


def of_this(**_: object) -> tuple[str, bytes]:
    raise AssertionError("it came with capsim")


def test_what_came_with_capsim_is_used_where_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    best = baselines.of_this_processor()[0]
    shipped = tmp_path / sources.digest() / best.folder
    shutil.copytree(machine.folder(), shipped)
    monkeypatch.setattr(machine, "SHIPPED", tmp_path)
    monkeypatch.setattr(machine, "folder", lambda: tmp_path / "kept")
    with anew():
        assert machine.places() == [tmp_path / "kept", shipped]
        machine.address("fill", of_this)
        with pytest.raises(AssertionError, match="it came"):
            machine.address("no function of this name", of_this)
    assert not (tmp_path / "kept").exists()


def test_code_of_other_sources_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "SHIPPED", tmp_path)
    for baseline in BASELINES:
        (tmp_path / "of other sources" / baseline.folder).mkdir(parents=True)
    with anew():
        assert machine.places() == [machine.folder()]


@pytest.mark.parametrize("edited", ["random.py", "engine/compiled/loop.py", "serving/batching/triton.py"])
def test_every_source_that_is_compiled_counts(edited: str, tmp_path: Path) -> None:
    package = tmp_path / "capsim"
    shutil.copytree(sources.PACKAGE, package, ignore=shutil.ignore_patterns("*.yaml", "__pycache__", "ui", "cli"))
    uncached = sources.digest.__wrapped__
    assert uncached(package) == sources.digest()
    (package / edited).write_text((package / edited).read_text() + "\n")
    assert uncached(package) != sources.digest()


def test_functions_are_compiled_into_a_folder(tmp_path: Path) -> None:
    wanted = [partial(entries.part_at, "chance", "add_up"), partial(entries.part_at, "chance", "fill")]
    assert ahead.compile_into(tmp_path / "code", wanted, baselines.of_this_family()[-1]) == []
    assert sorted(file.name for file in (tmp_path / "code").iterdir()) == ["add_up", "fill"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert ahead.main([str(tmp_path / "file")]) == 1
    assert f"Not compiled: {tmp_path / 'file'}" in capsys.readouterr().err


@pytest.mark.slow
def test_code_for_every_baseline_gives_the_answers_of_code_for_this_processor(tmp_path: Path) -> None:
    assert ahead.ship(tmp_path) == []
    assert (tmp_path / sources.digest() / ahead.MANIFEST).is_file()
    blueprints = [lower(random_scenario(number, plain)) for number in range(150) for plain in (False, True)]

    def answers() -> list[tuple[str, str]]:
        return [(ledger_digest(compiled.run(each)), tally_digest(tally_of(each))) for each in blueprints]

    here = answers()
    assert [ledger for ledger, _ in here] == [ledger_digest(simpy.run(each)) for each in blueprints]
    for baseline in baselines.of_this_processor():
        with anew():
            machine.settle(tmp_path / sources.digest() / baseline.folder)
            assert answers() == here, baseline.cpu
