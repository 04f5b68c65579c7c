"""The profile that an import becomes: checked like any other before a file is written."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from capsim.errors import CodedWarning, Fault, InputError
from capsim.importer.imported import COMMAND_LINE, Imported, Key
from capsim.profile import LatencyProfile, read_profile
from capsim.profile.load import QuantileRow
from capsim.profile.model import HardwareKind
from capsim.profile.write import default_file, samples_path, write_profile

DIGITS = 6
"""Significant digits of a latency that is written, finer than any clock's repeatability."""

MOST_DOUBTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the user says where the source does not, or says otherwise.

    Attributes:
        model: the model.
        hardware: cpu, gpu or edge.
        hardware_name: the device in words.
        runtime: the software that ran it, with its version.
        precision: fp32, fp16 …
    """

    model: str | None = None
    hardware: HardwareKind | None = None
    hardware_name: str | None = None
    runtime: str | None = None
    precision: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An import that is done.

    Attributes:
        file: the profile.
        profile: as it reads back.
        unknown: what neither the source nor the user has said: model, hardware, runtime, precision.
        warnings: what is doubtful about the source and about the profile.
    """

    file: Path
    profile: LatencyProfile
    unknown: list[str]
    warnings: list[CodedWarning]


def write(
    imported: Imported,
    told: Told,
    origin: Mapping[str, object],
    output: Path | None,
    *,
    force: bool = False,
    inputs: Sequence[Path] = (),
) -> Written:
    """Write a profile, and its samples beside it.

    Args:
        imported: what the source says.
        told: what the user says.
        origin: the tool, the files and the command, for the provenance.
        output: the profile to write; named after model and hardware if not given.
        force: replace a profile that is there.
        inputs: what it was made of, which is never replaced.

    Raises:
        InputError: no batch was measured alone, a file is there, is an input, or cannot be written.
    """
    facts = _facts(imported, told)
    file = output or _default_file(facts)
    paths = [file, samples_path(file)] if imported.samples else [file]
    _check_output(file, paths, inputs, force=force)
    unknown = [name for name, value in facts.items() if value is None]
    measured = {**origin, "imported": datetime.datetime.now(tz=datetime.UTC).date(), **imported.measured}
    if unknown:
        measured["not_known"] = unknown
    document: dict[str, object] = {**facts, "measured": measured}
    if imported.samples:
        document["samples"] = samples_path(file).name
    else:
        rows = sorted(imported.quantiles, key=lambda row: (row.instances, row.batch_size))
        document["quantiles"] = [_plain(row) for row in rows]
    if imported.warnings:
        document["doubts"] = [
            {"code": doubt.code, "message": doubt.message} for doubt in imported.warnings[:MOST_DOUBTS]
        ]
    samples = _csv(imported.samples) if imported.samples else None
    _check_readable(file.name, document, samples, origin)
    write_profile(file, document, samples)
    profile = read_profile(file)
    return Written(file, profile, unknown, profile.warnings())


def _check_readable(
    name: str, document: Mapping[str, object], samples: str | None, origin: Mapping[str, object]
) -> None:
    """Refuse what would not read back as a profile, before anything is written where it belongs.

    Raises:
        InputError: what is wrong with it, said of the files that it is from.
    """
    files = origin.get("files")
    source = ", ".join(map(str, files)) if isinstance(files, list) else str(origin.get("imported_from", COMMAND_LINE))
    with TemporaryDirectory() as folder:
        try:
            write_profile(Path(folder) / name, document, samples)
            read_profile(Path(folder) / name)
        except InputError as error:
            faults = [Fault(fault.path, fault.message) for fault in error.faults]
            raise InputError(source, faults, error.uncollected) from None


def _facts(imported: Imported, told: Told) -> dict[str, object]:
    """Model, hardware, runtime and precision: the user's word before the source's."""
    kind = told.hardware or (imported.hardware and imported.hardware.kind)
    name = told.hardware_name or (imported.hardware and imported.hardware.name)
    if bool(kind) != bool(name):
        missing = "--hardware-name" if kind else "--hardware"
        raise InputError(COMMAND_LINE, [Fault(missing, "is needed too: the kind (cpu, gpu or edge) and the name")])
    return {
        "model": told.model or imported.model,
        "hardware": {"kind": kind, "name": name} if kind and name else None,
        "runtime": told.runtime or imported.runtime,
        "precision": told.precision or imported.precision,
    }


def _default_file(facts: Mapping[str, object]) -> Path:
    hardware, model = facts["hardware"], facts["model"]
    if not isinstance(hardware, dict) or not isinstance(model, str):
        said = "is needed where the model or the hardware is not known (--model, --hardware, --hardware-name)"
        raise InputError(COMMAND_LINE, [Fault("--output", said)])
    precision, runtime = (str(facts[name] or "") for name in ("precision", "runtime"))
    runtime = runtime.partition(" ")[0]
    return default_file(hardware["kind"], hardware["name"], model, precision, runtime)


def _check_output(file: Path, paths: Sequence[Path], inputs: Sequence[Path], *, force: bool) -> None:
    """See that a profile, and its samples where it has any, take the places of nothing that must stay."""
    if file.suffix not in {".yaml", ".yml"}:
        raise InputError(COMMAND_LINE, [Fault("--output", f"expected a .yaml file, got {file.name}")])
    for path in paths:
        if path.is_file() and any(path.samefile(each) for each in inputs if each.exists()):
            said = "is an input of this command, and would be lost; choose another --output"
            said = said if path == file else f"{said}: the samples of {file.name} go to {path.name}"
            raise InputError(str(path), [Fault("", said)])
        if path.exists() and not (force and path.is_file()):
            raise InputError(str(path), [Fault("", "is there already; --force replaces it")])


def _plain(row: QuantileRow) -> dict[str, object]:
    values = {name: value for name, value in asdict(row).items() if value is not None}
    if row.instances == 1:
        del values["instances"]
    return {name: _rounded(value) if name.endswith("_ms") else value for name, value in values.items()}


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _csv(samples: Mapping[Key, Sequence[float]]) -> str:
    several = any(instances > 1 for instances, _ in samples)
    lines = ["batch_size,latency_ms" + (",instances" if several else "")]
    for (instances, size), latencies in samples.items():
        end = f",{instances}" if several else ""
        lines += [f"{size},{latency:.{DIGITS}g}{end}" for latency in latencies]
    return "\n".join(lines) + "\n"
