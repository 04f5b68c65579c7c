"""The files that a measurement becomes: YAML of provenance, and beside it a CSV of samples where there are any."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from capsim.documents.files import written_whole

WIDTH = 110


def write_profile(file: Path, document: Mapping[str, object], samples: str | None) -> None:
    """Both files, each whole; the provenance first, since samples without it are worth nothing.

    Args:
        file: the profile.
        document: what it says; names `samples_path(file)` where there are samples.
        samples: the text of the CSV.
    """
    text = yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    write_whole(file, text)
    if samples is not None:
        write_whole(samples_path(file), samples)


def samples_path(file: Path) -> Path:
    """The CSV beside a profile."""
    return file.with_suffix(".csv")


def default_file(kind: str, hardware: str, model: str, precision: str, runtime: str) -> Path:
    """Where a profile is written when nobody says where: `profiles/HARDWARE/MODEL-PRECISION-RUNTIME.yaml`.

    Precision and runtime may be empty, where they are not known.
    """
    name = "-".join(_slug(part, "._") for part in (model, precision, runtime) if part)
    return Path("profiles") / _slug(f"{kind} {hardware}") / f"{name}.yaml"


def _slug(words: str, kept: str = "") -> str:
    return re.sub(rf"[^a-z0-9{kept}]+", "-", words.lower()).strip("-")


def write_whole(file: Path, text: str) -> None:
    """Write a file such that a reader, or a crash, never meets half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(file) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


class _Dumper(yaml.SafeDumper):
    """Lists of plain values on one line, as a person would write them; no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _list(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.Node:
    plain = not any(isinstance(value, dict) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=plain)


_Dumper.add_representer(list, _list)
