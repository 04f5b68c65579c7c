"""`capsim profile show`, `compare` and `list` as a user calls them."""

from __future__ import annotations

import json
import re
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from capsim.cli import app
from capsim.errors import InputError, MissingExtraError
from capsim.profile.catalogue import shipped_profiles
from capsim.profile.selection import Wanted, chosen
from capsim.report.profile_list import catalogue_lines

SHIPPED = "shipped:cpu-amd-epyc-zen4-1core/resnet50-fp32-onnxruntime"


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["profile", *words], env={"COLUMNS": "130"})


@pytest.fixture
def samples(tmp_path: Path) -> dict[str, str]:
    """Two measurements of a device, and one that takes a fifth longer, 300 batches of 1, 2, 4 and 8."""
    chance = np.random.default_rng(1)
    files = {}
    for name, factor in (("a", 1.0), ("b", 1.0), ("slow", 1.2)):
        rows = [
            f"{size},{factor * (9 + size) * float(np.exp(0.03 * chance.standard_normal())):.6g}"
            for _ in range(300)
            for size in (1, 2, 4, 8)
        ]
        file = tmp_path / f"{name}.csv"
        file.write_text("\n".join(["batch_size,latency_ms", *rows, ""]))
        files[name] = str(file)
    return files


# show


def test_show_tells_everything_on_one_screen() -> None:
    said = invoke("show", SHIPPED, "--within", "400 ms").stdout
    assert said.startswith("resnet50, fp32, on AMD EPYC")
    assert "capsim profile measure --architecture resnet50" in said
    assert re.search(r"^ +8 +200 +\d+ +643 ms \[\d+, \d+\] +758 ms \[\d+, ∞\) +1.18 +12.32$", said, re.MULTILINE)
    for word in ("indep.", "◂ knee", "median = ", "p99 ≤ 400 ms", "batches of up to 4"):
        assert word in said
    assert len(said.splitlines()) <= 40


def test_show_as_json(samples: dict[str, str]) -> None:
    document = json.loads(invoke("show", samples["a"], "--json", "--within", "13 ms").stdout)
    assert document["schema"] == "capsim.profile/1"
    assert [row["batch_size"] for row in document["batch_sizes"]] == [1, 2, 4, 8]
    assert document["affine_law"]["per_item_ms"] == pytest.approx(1, rel=0.05)
    assert document["within"]["batch_size"] == 2
    assert document["knee"] == {"batch_size": 8, "reached": False, "balanced": 8}


def test_a_bare_table_says_that_its_origin_is_unknown(samples: dict[str, str]) -> None:
    assert "nothing is said of when and how it was measured" in invoke("show", samples["a"]).stdout


def test_what_an_imported_profile_leaves_out_is_told() -> None:
    words = " ".join(invoke("show", "shipped:gpu-nvidia-b200-sxm/qwen3-0.6b-prefill-512-bf16-vllm").stdout.split())
    assert "imported from aiconfigurator-core" in words
    assert "latency holds medians of kernels" in words
    assert re.search(r" 16 – – 9\.58 ms – – 1,671 ", words)


def test_the_page_needs_no_network_and_no_script(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert invoke("show", SHIPPED, "--html", str(file)).exit_code == 0
    text = file.read_text(encoding="utf-8")
    assert text.count("<svg") == 2
    assert text.count("<td>") == 6 * 8
    assert "<script" not in text
    addresses = set(re.findall(r"https?://[^\"' <)]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_what_a_profile_says_cannot_break_out_of_the_page(tmp_path: Path) -> None:
    evil = "</script><script>alert(1)</script>"
    (tmp_path / "s.csv").write_text("batch_size,latency_ms\n1,5\n1,6\n2,8\n2,9\n")
    profile = tmp_path / "p.yaml"
    profile.write_text(
        f"model: '{evil}'\nhardware: {{kind: cpu, name: '{evil}'}}\nruntime: r\nprecision: fp32\n"
        f"measured: {{at: 2026-01-01, command: '{evil}'}}\nsamples: s.csv\n"
    )
    file = tmp_path / "page.html"
    assert invoke("show", str(profile), "--html", str(file)).exit_code == 0
    assert "<script>alert" not in file.read_text(encoding="utf-8")


def test_the_picture_is_a_png(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    assert invoke("show", SHIPPED, "--png", str(file)).exit_code == 0
    content = file.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    assert width > 2 * height > 1000, "two charts beside each other"


def test_without_what_draws_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    answer = invoke("show", SHIPPED, "--png", str(tmp_path / "picture.png"))
    assert isinstance(answer.exception, MissingExtraError)
    assert "pip install 'capsim[pictures]'" in str(answer.exception)


def test_a_file_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    answer = invoke("show", SHIPPED, "--html", str(tmp_path / "absent" / "page.html"))
    assert isinstance(answer.exception, InputError)
    assert "--html" in str(answer.exception)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "shipped:cpu-amd-epyc-zen4-1core/resnet5-fp32-onnxruntime"), "did you mean"),
        (("show", "absent.yaml"), "no such file"),
        (("compare", SHIPPED, "absent.csv"), "no such file"),
        (("list", "absent"), "no such folder"),
    ],
)
def test_bad_input(words: tuple[str, ...], said: str) -> None:
    answer = invoke(*words)
    assert isinstance(answer.exception, InputError)
    assert said in str(answer.exception)


@pytest.mark.parametrize(
    "words", [("show", SHIPPED, "--within", "400"), ("compare", SHIPPED, SHIPPED, "--fail-above", "much")]
)
def test_a_quantity_needs_its_unit(words: tuple[str, ...]) -> None:
    answer = invoke(*words)
    assert answer.exit_code == 2
    assert words[-2] in answer.stderr


# compare


def test_two_measurements_of_one_device_agree(samples: dict[str, str]) -> None:
    answer = invoke("compare", samples["a"], samples["b"], "--fail-above", "1%")
    assert answer.exit_code == 0
    assert answer.stdout.startswith("No significant difference: the medians agree to within ")


def test_a_slower_device_raises_the_alarm(samples: dict[str, str]) -> None:
    answer = invoke("compare", samples["a"], samples["slow"], "--fail-above", "5%")
    assert answer.exit_code == 1
    assert "significant at 4 of 4 batch sizes" in answer.stdout
    assert "p50 at batch size 8 is higher by" in answer.stderr
    assert invoke("compare", samples["a"], samples["slow"], "--fail-above", "30%").exit_code == 0
    assert invoke("compare", samples["slow"], samples["a"], "--fail-above", "5%").exit_code == 0


def test_compare_as_json(samples: dict[str, str]) -> None:
    answer = invoke("compare", samples["a"], samples["slow"], "--json")
    document = json.loads(answer.stdout)
    told = document["batch_sizes"][0]["latency_ms"]["p50"]
    low, high = told["ratio"]["ci95"]
    assert low < 1.2 < high
    assert told["significant"]
    assert told["p"] < 0.001
    assert answer.exit_code == 0


# list


def test_list_names_what_is_shipped() -> None:
    said = invoke("list").stdout
    assert re.search(rf"^{SHIPPED} +1–32 \(6\) +≥ 200 +open above +2026-11-23$", said, re.MULTILINE)
    assert "AMD EPYC (Zen 4), virtual machine, 1 core (cpu)" in said.splitlines()
    document = json.loads(invoke("list", "--json").stdout)
    [row] = [row for row in document["profiles"] if row["profile"] == SHIPPED]
    assert row["batch_sizes"] == [1, 2, 4, 8, 16, 32]
    assert row["tail_known"]


def test_list_is_narrowed_by_what_profiles_say() -> None:
    lines = invoke("list", "--hardware", "t4", "--model", "bert large").stdout.splitlines()
    assert lines[2] == "NVIDIA T4 (gpu)"
    assert [line.split()[0] for line in lines[3:]] == [
        f"shipped:gpu-nvidia-t4/bert-large-384-fp16-{runtime}" for runtime in ("onnxruntime", "pytorch", "tensorrt")
    ]


def test_list_says_the_model_where_files_are_not_called_so(samples: dict[str, str]) -> None:
    folder = Path(samples["a"]).parent
    (folder / "mine.yaml").write_text(
        "model: scorer\nhardware: null\nruntime: null\nprecision: int8\nmeasured: {}\nsamples: a.csv\n"
    )
    line = invoke("list", str(folder)).stdout.splitlines()[-1]
    assert re.search(r"mine.yaml +scorer, int8 +1–8 \(4\) +≥ 300 ", line)


@pytest.mark.parametrize("width", [80, 200])
def test_the_list_fits_on_its_terminal_and_keeps_names_whole(width: int) -> None:
    profiles = chosen(shipped_profiles().profiles, Wanted(hardware="t4"))
    lines = [line.plain for line in catalogue_lines(profiles, width)]
    names = {profile.file for profile in profiles}
    assert {line.split()[0] for line in lines if line.startswith("shipped:")} == names
    assert all(len(line) <= width or line in names for line in lines)


def test_list_leaves_out_what_is_no_profile(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text("name: small\n")
    answer = invoke("list", str(tmp_path))
    assert answer.exit_code == 0
    assert "There are no profiles." in answer.stdout
    assert "scenario.yaml, no profile: " in answer.stderr
