"""Which profiles there are."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recordings import write_profile

from capsim.errors import InputError
from capsim.profile.catalogue import Catalogue, profiles_in, shipped_profiles
from capsim.profile.selection import Wanted, chosen
from capsim.shipped import locate


@functools.cache
def everything_shipped() -> Catalogue:
    return shipped_profiles()


def test_what_is_shipped_can_be_named() -> None:
    found = everything_shipped()
    assert found.profiles
    assert not found.unreadable
    for profile in found.profiles:
        assert locate(profile.file, "profiles").is_file()


def test_a_folder_is_searched_to_its_bottom(tmp_path: Path) -> None:
    deep = tmp_path / "deep"
    deep.mkdir()
    write_profile(tmp_path, "one", {1: np.linspace(5, 6, 100)})
    write_profile(deep, "two", {1: np.linspace(5, 6, 100)})
    (tmp_path / "scenario.yaml").write_text("name: small\n")
    found = profiles_in(tmp_path)
    assert [Path(profile.file).name for profile in found.profiles] == ["two.yaml", "one.yaml"]
    assert [Path(error.source).name for error in found.unreadable] == ["scenario.yaml"]


def test_a_folder_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        profiles_in(tmp_path / "absent")


# selection


def shown(**wanted: Any) -> list[str]:
    return [profile.file for profile in chosen(everything_shipped().profiles, Wanted(**wanted))]


def test_profiles_are_chosen_by_parts_of_names_in_any_letters() -> None:
    everything = shown()
    assert [name for name in everything if "/bert-large-384" in name] == shown(model="BERT large")
    both = shown(hardware="t4", runtime="TensorRT", precision="fp16")
    assert both == [name for name in everything if "nvidia-t4/" in name and "fp16" in name and "tensorrt" in name]
    assert {name.partition("-")[0] for name in shown(kind="edge")} == {"shipped:edge"}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"hardware": "NVIDIA T5"}, "--hardware  no profile has 'NVIDIA T5'; did you mean NVIDIA T4"),
        ({"precision": "fp8"}, "--precision  no profile has 'fp8'; there is 'bf16', 'fp16', 'fp32'"),
        (
            {"model": "dlrm", "runtime": "vllm"},
            "no profile with --model dlrm has 'vllm'; there is 'tensorflow-tensorrt in",
        ),
        ({"model": "llama", "kind": "edge"}, "no profile with --model llama has 'edge'; there is 'gpu'"),
    ],
)
def test_what_leaves_nothing_is_named_and_what_there_is(wanted: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        shown(**wanted)


def test_nothing_may_be_chosen_from_nothing() -> None:
    assert chosen([], Wanted(model="x")) == []


def test_what_a_profile_does_not_say_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "model: null\nhardware: null\nruntime: null\nprecision: null\nmeasured: {}\nsamples: mine.csv\n"
    )
    (tmp_path / "mine.csv").write_text("batch_size,latency_ms\n1,5\n1,6\n")
    profiles = profiles_in(tmp_path).profiles
    assert chosen(profiles, Wanted(model="mine")) == profiles
    with pytest.raises(InputError, match=r"no profile has 't4'; none says it"):
        chosen(profiles, Wanted(hardware="t4"))
