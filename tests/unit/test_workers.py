from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from capsim.errors import WorkerDiedError
from capsim.workers import in_processes

DIE_ONCE = """
import os, pathlib
file = pathlib.Path({file!r})
if not file.exists():
    file.touch()
    os._exit(1)
"""


def test_work_of_a_process_that_dies_is_done_by_another(tmp_path: Path) -> None:
    deadly = DIE_ONCE.format(file=str(tmp_path / "died"))
    tasks = [(0, (deadly,)), *((number, ("pass",)) for number in (1, 2, 3))]
    assert sorted(in_processes(exec, tasks, 2)) == [(number, None) for number in range(4)]
    assert (tmp_path / "died").exists()


def test_work_at_which_processes_die_twice_ends_all() -> None:
    with pytest.raises(WorkerDiedError, match="the same command continues"):
        list(in_processes(os._exit, [(0, (1,))], 2))
    assert dict(in_processes(abs, [(0, (-1,)), (1, (-2,))], 2)) == {0: 1, 1: 2}


def test_ctrl_c_does_not_reach_the_processes() -> None:
    asked = "__import__('signal').pthread_sigmask(0, [])"
    ((_, held),) = in_processes(eval, [(0, (asked,))], 2)
    assert signal.SIGINT in held
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_work_that_is_no_longer_wanted_is_ended() -> None:
    answers = in_processes(eval, [(0, ("__import__('os').getpid()",)), (1, ("__import__('time').sleep(60)",))], 2)
    _, worker = next(answers)
    answers.close()
    assert not Path(f"/proc/{worker}").exists() or not Path("/proc").exists()
