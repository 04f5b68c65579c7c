"""The files that a measurement becomes: YAML of provenance, and beside it a CSV of samples where there are any."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from capsim.documents.output import written_together
from capsim.errors import Fault, InputError

WIDTH = 110


def write_profile(file: Path, document: Mapping[str, object], samples: str | None) -> None:
    """Both files, whole or neither.

    Args:
        file: the profile.
        document: what it says; names `samples_path(file)` where there are samples.
        samples: the text of the CSV.

    Raises:
        InputError: they cannot be written.
    """
    text = yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    texts = {file: text} if samples is None else {file: text, samples_path(file): samples}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(str(file), [Fault("", f"cannot be written: {error.strerror}")]) from None
    with written_together([*texts]) as unfinished:
        for part, content in zip(unfinished, texts.values(), strict=True):
            part.write_text(content, encoding="utf-8")


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


class _Dumper(yaml.SafeDumper):
    """Lists of plain values on one line, as a person would write them; no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _list(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.Node:
    plain = not any(isinstance(value, dict) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=plain)


_Dumper.add_representer(list, _list)
