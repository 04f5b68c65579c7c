"""A scenario with settings as text can be read wherever it lands."""

from __future__ import annotations

from pathlib import Path

from capsim import load_scenario
from capsim.documents import read_yaml
from capsim.export.scenario import scenario_text
from capsim.shipped import locate


def test_a_shipped_scenario_names_shipped_profiles_and_keeps_its_settings(tmp_path: Path) -> None:
    settings = ["pools.cpu.servers=12", "workload.arrivals.rate=80 /s"]
    text = scenario_text(read_yaml(locate("shipped:image-classification", "scenarios")), settings, ["As explored"])
    assert text.startswith("# As explored\n")
    (tmp_path / "there.yaml").write_text(text)
    there = load_scenario(tmp_path / "there.yaml")
    here = load_scenario("shipped:image-classification", settings)
    assert there.pools[0].profile is not None
    assert there.pools[0].profile.file == "shipped:cpu-amd-epyc-zen4-1core/resnet50-fp32-onnxruntime"
    without = {"pools": {0: {"profile"}}}
    assert there.model_dump(exclude=without) == here.model_dump(exclude=without)


def test_other_files_keep_their_names(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("pools: [{name: a, profile: ../p.yaml}]\nworkload: {arrivals: {process: trace, file: t.csv}}\n")
    text = scenario_text(read_yaml(file), [])
    assert "../p.yaml" in text
    assert "t.csv" in text
