"""The profile that a measurement becomes: a YAML file of provenance beside the CSV of samples."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import yaml

from capsim.errors import Fault, InputError
from capsim.profile.quantiles import Quantile, quantile
from capsim.profile.write import samples_path, write_profile
from capsim.profiler import order, timing, together, warmup
from capsim.profiler.measure import Measurement
from capsim.profiler.plan import Plan
from capsim.profiler.runtime import Runtime
from capsim.profiler.samples import Cell, Samples, read_samples

T = TypeVar("T")

# What two sessions must share for their samples to stand in one file.
_SAME = ("model", "hardware", "runtime", "precision")
_SAME_MEASURED = ("threads", "weights", "variant", "inputs", "provider", "device", "file", "sha256", "callable")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured, in the words of the profile.

    Attributes:
        model: name of the model.
        hardware_kind: `cpu`, `gpu` or `edge`.
        hardware_name: what the hardware is called.
        command: the command that takes this measurement, without paths of this machine.
        origin: where the weights come from.
        machine: the processor and system as they describe themselves.
    """

    model: str
    hardware_kind: str
    hardware_name: str
    command: str
    origin: Mapping[str, object]
    machine: Mapping[str, object]


def compose(
    subject: Subject,
    runtime: Runtime,
    plan: Plan,
    measurement: Measurement,
    sessions: Sequence[Mapping[str, Any]],
    samples_file: str,
) -> dict[str, object]:
    """The profile as it is written."""
    measured: dict[str, object] = {
        "at": sessions[0]["at"].date(),
        "command": subject.command,
        "threads": plan.threads,
        "cores": list(plan.cores) or "not pinned",
        **subject.machine,
        **subject.origin,
        **runtime.conditions(),
        "warm_up": warmup.RULE,
        "order": f"{order.RULE}, seed {plan.seed}; {timing.RULE}",
        "samples_until": (
            f"the 95 % intervals of the median and of p99 end within {plan.tolerance:.3g} of the value; "
            f"at least {plan.samples} and at most {plan.most_samples} of each batch size"
        ),
        **({"instances": together.RULE} if plan.instances != (1,) else {}),
        "sessions": [dict(session) for session in sessions],
    }
    unstable = [_key(cell) for cell, warm in measurement.warm.items() if not warm.stable]
    if unstable:
        measured["not_stable_after_warm_up"] = unstable
    if measurement.left_out:
        measured["left_out"] = by_cell(measurement.left_out)
    if measurement.samples.rows:
        measured["intervals_95"] = _intervals(measurement.samples)
    return {
        "model": subject.model,
        "hardware": {"kind": subject.hardware_kind, "name": subject.hardware_name},
        "runtime": f"{runtime.name} {runtime.version}",
        "precision": runtime.precision,
        "measured": measured,
        "samples": samples_file,
    }


def by_cell(values: Mapping[Cell, T]) -> dict[int | str, T]:
    """Values by batch size, and by the number of instances where there are several."""
    return {_key(cell): values[cell] for cell in sorted(values)}


def _key(cell: Cell) -> int | str:
    return cell.batch_size if cell.instances == 1 else str(cell).removeprefix("batch size ")


def _intervals(samples: Samples) -> dict[int | str, dict[str, list[float | None]]]:
    """Value, lower and upper end (ms); none where the samples are too few to tell."""
    return by_cell(
        {
            cell: {
                name: _ends(quantile(np.asarray(latencies), level))
                for name, level in (("p50_ms", 0.5), ("p99_ms", 0.99))
            }
            for cell, latencies in samples.by_cell().items()
        }
    )


def _ends(quantile: Quantile) -> list[float | None]:
    return [_rounded(each) for each in (quantile.value, quantile.low, quantile.high)]


def _rounded(value: float) -> float | None:
    return float(f"{value:.5g}") if 0 < value < math.inf else None


def write(file: Path, document: Mapping[str, object], samples: Samples) -> None:
    """Both files, whole or neither."""
    write_profile(file, document, samples.to_csv())


def earlier(file: Path, now: Mapping[str, Any]) -> tuple[Samples, list[dict[str, Any]]]:
    """Samples and sessions of an earlier measurement into the same file; empty where there is none.

    Args:
        file: the profile.
        now: the profile as this measurement would write it, to compare conditions with.

    Raises:
        InputError: the earlier measurement was of something else, or its files are damaged.
    """
    samples = samples_path(file)
    if not samples.is_file():
        if file.exists():
            said = f"exists already, without {samples.name} of a measurement to go on with"
            raise InputError(str(file), [Fault("", f"{said}; choose another --output, or --force")])
        return Samples(), []
    if not file.is_file():
        missing = f"{file.name}, which says how it was measured, is missing"
        raise InputError(str(samples), [Fault("", missing)])
    then = _load(file)
    faults = [
        Fault(path, f"was measured with {old}, now {new}; choose another --output, or --force to measure anew")
        for path, old, new in _differences(then, now)
    ]
    if faults:
        raise InputError(str(file), faults)
    return read_samples(samples), list(then["measured"].get("sessions", []))


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, object, object]]:
    pairs = [(key, then.get(key), now.get(key)) for key in _SAME]
    was, be = then["measured"], now["measured"]
    pairs += [(f"measured.{key}", was.get(key), be.get(key)) for key in _SAME_MEASURED]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _load(file: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(str(file), [Fault("", "is not YAML")]) from error
    if not isinstance(document, dict) or not isinstance(document.get("measured"), dict):
        raise InputError(str(file), [Fault("measured", "expected what an earlier measurement wrote")])
    return document
