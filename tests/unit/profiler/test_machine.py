from __future__ import annotations

import os
import sys

import pytest

from capsim.errors import MissingExtraError
from capsim.profiler import machine


def test_the_description_names_no_machine() -> None:
    said = " ".join(str(value) for value in machine.description().values())
    assert os.uname().nodename not in said or not os.uname().nodename
    assert machine.cpu_name() in said


def test_the_hardware_is_named_by_what_is_used() -> None:
    assert machine.hardware_name(1).endswith(", 1 core")
    assert machine.hardware_name(4).endswith(", 4 cores")


def test_pins_the_process(cores: list[int]) -> None:
    if not cores:
        pytest.skip("this system cannot pin a process")
    machine.pin(cores[:1])
    assert os.sched_getaffinity(0) == {cores[0]}


def test_a_watch_reports_what_disturbed(cores: list[int]) -> None:
    pytest.importorskip("psutil", reason="psutil tells what disturbs a measurement")
    watch = machine.Watch(cores[:1])
    watch.look()
    report = watch.report()
    assert 0 <= float(str(report["steal_percent"])) <= 100
    assert int(str(report["preemptions"])) >= 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux promises memory that it does not have")
def test_memory_beyond_what_is_free_is_refused_and_the_limit_lifted() -> None:
    psutil = pytest.importorskip("psutil", reason="psutil tells the free memory")
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    free = psutil.virtual_memory().available
    with machine.limited_memory(), pytest.raises(MemoryError):
        bytearray(2 * free)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_without_psutil_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(MissingExtraError, match=r"capsim\[measure\]"):
        machine.Watch(())
