"""PyTorch, JAX and onnxruntime: durations of named spans by batch size."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from imports import SAMPLES, codes, faults, imported

TORCH, JAX, ORT = "pytorch.pt.trace.json", "jax.trace.json.gz", "onnxruntime_profile.json"


def trace(folder: Path, *events: dict[str, Any], name: str = "trace.json") -> Path:
    """A Chrome trace of complete events, 1 ms long and a second apart unless they say otherwise."""
    whole = [{"ph": "X", "ts": i * 1e6, "dur": 1000, **event} for i, event in enumerate(events)]
    (folder / name).write_text(json.dumps({"traceEvents": whole}))
    return folder / name


def test_pytorch_spans_tell_their_batch_size_in_their_name() -> None:
    found = imported("pytorch", TORCH, span="forward_b{batch_size}", skip=1)
    events = json.loads((SAMPLES / TORCH).read_text())["traceEvents"]
    for size in (1, 8):
        durations = [event["dur"] / 1e3 for event in events if event["name"] == f"forward_b{size}"]
        assert len(durations) == 6
        assert found.samples[1, size] == pytest.approx(durations[1:])
    assert "processor" in str(found.measured["latency_holds"])


def test_a_slow_first_span_is_told() -> None:
    assert codes(imported("pytorch", TORCH, span="forward_b{batch_size}")) == ["slow_first_span"]
    assert codes(imported("pytorch", TORCH, span="forward_b{batch_size}", skip=1)) == []


def test_on_a_gpu_the_span_there_is_taken(tmp_path: Path) -> None:
    """The processor is done in 0.2 ms; the kernels that it launched take 5 ms."""
    both = trace(
        tmp_path,
        {"name": "infer 4", "cat": "user_annotation", "dur": 200},
        {"name": "infer 4", "cat": "gpu_user_annotation", "dur": 5000},
        {"name": "gemm", "cat": "kernel", "dur": 4000},
    )
    found = imported("pytorch", both, span="infer {batch_size}")
    assert found.samples == {(1, 4): [5.0]}
    assert "on the GPU" in str(found.measured["latency_holds"])
    assert codes(found) == []
    launched = trace(tmp_path, {"name": "infer 4", "cat": "user_annotation"}, {"name": "gemm", "cat": "kernel"})
    assert codes(imported("pytorch", launched, span="infer {batch_size}")) == ["gpu_work_left_out"]


def test_jax_spans_tell_their_batch_size_in_an_argument() -> None:
    found = imported("jax", JAX, span="predict")
    events = json.loads(gzip.decompress((SAMPLES / JAX).read_bytes()))["traceEvents"]
    for size in (1, 8):
        durations = [e["dur"] / 1e3 for e in events if e.get("args") == {"batch_size": str(size)}]
        assert len(durations) == 6
        assert found.samples[1, size] == pytest.approx(durations)
    assert imported("jax", JAX, span="predict_b{batch_size}").samples.keys() == {(1, 1), (1, 8)}


def test_onnxruntime_shapes_tell_the_batch_size() -> None:
    found = imported("onnxruntime", ORT, skip=1)
    events = json.loads((SAMPLES / ORT).read_text())
    runs = [event["dur"] / 1e3 for event in events if event["name"] == "model_run"]
    assert found.samples == {(1, 1): runs[2::2], (1, 8): runs[3::2]}
    assert found.runtime == "onnxruntime"
    assert found.measured["providers"] == ["CPUExecutionProvider"]
    assert "profiling" in str(found.measured["latency_holds"])


def test_files_may_be_of_a_batch_size_each(tmp_path: Path) -> None:
    files = [trace(tmp_path, {"name": "run"}, {"name": "run", "dur": 3000}, name=f"{i}.json") for i in range(2)]
    found = imported("jax", *files, span="run", batch_sizes="2,16")
    assert found.samples == {(1, 2): [1, 3], (1, 16): [1, 3]}
    [(_, path, said)] = faults("jax", *files, span="run", batch_sizes="2")
    assert (path, "each of the 2 files" in said) == ("--batch-sizes", True)


def test_batches_that_overlap_are_told(tmp_path: Path) -> None:
    two = trace(tmp_path, {"name": "run", "dur": 1.5e6}, {"name": "run"})
    assert codes(imported("jax", two, span="run", batch_sizes="1")) == ["spans_overlap"]


@pytest.mark.parametrize(
    ("event", "path", "said"),
    [
        ({"dur": 0}, "traceEvents[1].dur", "'run' takes 0 ms; expected more than 0"),
        ({"dur": -5}, "traceEvents[1].dur", "'run' takes -0.005 ms; expected more than 0"),
        ({"dur": 1e11}, "traceEvents[1].dur", "at most an hour"),
        ({"dur": "long"}, "traceEvents[1].dur", "expected microseconds, got 'long'"),
        ({"ts": None}, "traceEvents[1].ts", "expected microseconds, got None"),
    ],
)
def test_times_that_make_no_sense_are_refused(tmp_path: Path, event: dict[str, Any], path: str, said: str) -> None:
    [found] = faults("jax", trace(tmp_path, {"name": "run"}, {"name": "run", **event}), span="run", batch_sizes="1")
    assert found[1] == path
    assert said in found[2]


@pytest.mark.parametrize(
    ("span", "path", "said"),
    [
        ("predicts", "--span", "did you mean predict?"),
        ("zzz", "--span", "the most frequent are 'predict'"),
        ("{batch_size}{batch_size}", "--span", "more than once"),
        ("predict_b8", "traceEvents[", "does not say its batch size"),
    ],
)
def test_a_span_that_is_not_there_is_a_fault(span: str, path: str, said: str) -> None:
    [found] = faults("jax", JAX, span=span)
    assert found[1].startswith(path)
    assert said in found[2]


def test_numbers_that_are_no_batch_size_are_left_open(tmp_path: Path) -> None:
    """torch.profiler numbers its steps: ProfilerStep#3 to #8, each 12 ms."""
    events = [{"name": f"ProfilerStep#{n}", "dur": 12_000 + n} for n in range(3, 9)]
    steps = trace(tmp_path, *events)
    found = imported("pytorch", steps, span="ProfilerStep#{n}", batch_sizes="8")
    assert found.samples == {(1, 8): pytest.approx([12 + n / 1000 for n in range(3, 9)])}
    [(_, path, said)] = faults("pytorch", steps, span="ProfilerStep#{batch_size}", batch_sizes="8")
    assert (path, "write 'ProfilerStep#{n}'" in said) == ("--span", True)
    [(_, _, said)] = faults("pytorch", steps, span="ProfilerStep#", batch_sizes="8")
    assert said == "there is no span 'ProfilerStep#'; did you mean ProfilerStep#{n}, where {n} is any number?"


def test_a_batch_size_is_told_once(tmp_path: Path) -> None:
    two = trace(tmp_path, {"name": "step 4"}, {"name": "step 4"})
    [(_, path, said)] = faults("jax", two, span="step {batch_size}", batch_sizes="8")
    assert (path, "{n}" in said) == ("--batch-sizes", True)


def test_batch_sizes_that_count_up_are_doubtful(tmp_path: Path) -> None:
    steps = trace(tmp_path, *({"name": f"step {n}"} for n in range(10, 15)))
    assert codes(imported("jax", steps, span="step {batch_size}")) == ["batch_size_doubtful"]
    twice = trace(tmp_path, *({"name": f"step {1 + n % 5}"} for n in range(10)))
    assert codes(imported("jax", twice, span="step {batch_size}")) == []


GPU = {"cat": "gpu_user_annotation", "name": "infer 4", "pid": 0}


def test_a_span_on_several_streams_is_one_batch(tmp_path: Path) -> None:
    """Stream 7 works from 0 to 5 ms, stream 20 from 1 to 7, and again a second later."""
    events = [
        {**GPU, "tid": tid, "ts": start + at, "dur": took}
        for start in (0, 1e6)
        for tid, at, took in ((7, 0, 5000), (20, 1000, 6000))
    ]
    both = trace(tmp_path, *events)
    assert imported("pytorch", both, span="infer {batch_size}").samples == {(1, 4): [7.0, 7.0]}
    assert imported("pytorch", both, span="infer {batch_size}", lane="0/7").samples == {(1, 4): [5.0, 5.0]}
    [(_, path, said)] = faults("pytorch", both, span="infer {batch_size}", lane="0/8")
    assert (path, said) == ("--lane", "no such span is on '0/8'; it is on 0/20 (2 times), 0/7 (2 times)")
    [(_, path, said)] = faults("pytorch", trace(tmp_path, *events[:3]), span="infer {batch_size}")
    assert (path, "not equally often on each stream" in said) == ("--lane", True)


def test_spans_on_several_devices_must_be_chosen_from(tmp_path: Path) -> None:
    ranks = trace(tmp_path, {**GPU, "tid": 7}, {**GPU, "pid": 1, "tid": 7})
    [(_, path, said)] = faults("pytorch", ranks, span="infer {batch_size}")
    assert (path, "0/7 (1 times), 1/7 (1 times)" in said) == ("--lane", True)
    assert imported("pytorch", ranks, span="infer {batch_size}", lane="1/7").samples == {(1, 4): [1.0]}


def test_threads_that_overlap_are_named(tmp_path: Path) -> None:
    events = [{"name": "run", "pid": 1, "tid": tid, "ts": tid * 100, "dur": 1000} for tid in (1, 2)]
    found = imported("jax", trace(tmp_path, *events), span="run", batch_sizes="1")
    assert codes(found) == ["spans_overlap"]
    assert "on 1/1, 1/2 (--lane takes one)" in found.warnings[0].message
    assert codes(imported("jax", trace(tmp_path, *events), span="run", batch_sizes="1", lane="1/2")) == []


def test_a_template_is_no_pattern(tmp_path: Path) -> None:
    """Other signs stand for themselves."""
    dotted = trace(tmp_path, {"name": "a.b(4)*"}, {"name": "aXb(4)*"})
    assert imported("jax", dotted, span="a.b({batch_size})*").samples == {(1, 4): [1.0]}


def test_warm_up_must_leave_something() -> None:
    assert faults("onnxruntime", ORT, skip=-1) == [(None, "--skip", "expected a number from 0, got -1")]
    [(_, path, said)] = faults("onnxruntime", ORT, skip=4)
    assert path == "--skip"
    assert "has 4 spans of batch size 1, and --skip leaves out 4" in said


def test_shapes_that_disagree_do_not_tell_a_batch_size(tmp_path: Path) -> None:
    nodes = [
        {"name": f"{size}", "cat": "Node", "ts": 1, "args": {"output_type_shape": [{"float": [size, 2]}]}}
        for size in (3, 4, 5)
    ]
    path = trace(tmp_path, {"name": "model_run", "cat": "Session", "ts": 0}, *nodes)
    [(_, _, said)] = faults("onnxruntime", path)
    assert "say --batch-sizes" in said
    assert imported("onnxruntime", path, batch_sizes="4").samples == {(1, 4): [1.0]}


def nodes(folder: Path, *outputs: list[list[int]]) -> Path:
    """A profile of onnxruntime with one run, of nodes with these shapes."""
    events = [
        {
            "name": f"node{i}",
            "cat": "Node",
            "ts": 1,
            "args": {"output_type_shape": [{"float": each} for each in shapes]},
        }
        for i, shapes in enumerate(outputs)
    ]
    return trace(folder, {"name": "model_run", "cat": "Session", "ts": 0}, *events)


STEPS_FIRST = [[50, 4, 128]]


def test_recurrent_nodes_tell_the_batch_size_behind_the_steps(tmp_path: Path) -> None:
    """50 steps of 4 items: Y is [steps, directions, batch, hidden]; with layout 1 the batch comes first."""
    first = [[50, 1, 4, 128], [1, 4, 128], [1, 4, 128]]
    batch_first = [[4, 50, 2, 64], [4, 2, 64]]
    assert imported("onnxruntime", nodes(tmp_path, first, *[STEPS_FIRST] * 8)).samples.keys() == {(1, 4)}
    assert imported("onnxruntime", nodes(tmp_path, batch_first, [[4, 50, 128]])).samples.keys() == {(1, 4)}


def test_where_a_sequence_may_come_first_the_batch_size_is_asked_for(tmp_path: Path) -> None:
    [(_, _, said)] = faults("onnxruntime", nodes(tmp_path, *[STEPS_FIRST] * 8))
    assert "begin with 50 and 4, either of which may be the batch size; say --batch-sizes" in said


@pytest.mark.parametrize("batch", [1, 8])
def test_batch_and_sequence_folded_into_one_are_not_the_batch_size(tmp_path: Path, batch: int) -> None:
    folded = [[128 * batch, 768]]
    [(_, _, said)] = faults("onnxruntime", nodes(tmp_path, folded, folded, folded, [[batch, 2]]))
    assert f"begin with {128 * batch} and {batch}, either of which may be the batch size" in said


@pytest.mark.parametrize(
    "outputs",
    [
        [[[8, 128, 768]], [[8, 12, 128, 64]], [[8, 128, 768]], [[8, 12, 128, 128]]],
        [[[8, 128, 768]], [[8, 128, 768]], [[8, 768]]],
        [[[8, 64, 56, 56]], [[8, 64, 28, 28]], [[8, 64, 14, 14]]],
        [[[8, 512]], [[8, 512]], [[8, 1]]],
    ],
    ids=["attention", "pooled", "convolutions", "dense"],
)
def test_what_tells_the_axes_apart_needs_no_word(tmp_path: Path, outputs: list[list[list[int]]]) -> None:
    assert imported("onnxruntime", nodes(tmp_path, *outputs)).samples.keys() == {(1, 8)}
