"""Which profiles are meant: those whose model, hardware, runtime and precision hold what is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from capsim.documents.files import last_part
from capsim.errors import Fault, InputError, nearest
from capsim.profile.model import HardwareKind, LatencyProfile

MOST_TOLD = 12
SOURCE = "the command line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What profiles are asked for; each text is any part of the name, in upper or lower case.

    Attributes:
        model: of the model, or of the file's own name where it tells none.
        hardware: of the device.
        kind: cpu, gpu or edge.
        runtime: of the software.
        precision: fp32, fp16, int8 …
    """

    model: str | None = None
    hardware: str | None = None
    kind: HardwareKind | None = None
    runtime: str | None = None
    precision: str | None = None


def chosen(profiles: Sequence[LatencyProfile], wanted: Wanted) -> list[LatencyProfile]:
    """Those that have all that is asked for, in the order given.

    Raises:
        InputError: there are profiles, but none has it; says what there is instead.
    """
    left, before = list(profiles), ""
    for name, text in asdict(wanted).items():
        if text is None or not left:
            continue
        fitting = [profile for profile in left if _holds(profile, name, text)]
        if not fitting:
            said = f"no profile{before} has '{text}'{_instead(left, name, text)}"
            raise InputError(SOURCE, [Fault(f"--{name}", said)])
        left, before = fitting, f"{before or ' with'} --{name} {text}"
    return left


def _holds(profile: LatencyProfile, name: str, text: str) -> bool:
    said = _said(profile, name)
    return text == said if name == "kind" else _plain(text) in _plain(said)


def _said(profile: LatencyProfile, name: str) -> str:
    """What a profile says of it; the file's own name where it tells no model."""
    device = profile.hardware
    said: dict[str, str | None] = {
        "model": profile.model or last_part(profile.file),
        "hardware": device.name if device else None,
        "kind": device.kind if device else None,
        "runtime": profile.runtime,
        "precision": profile.precision,
    }
    return said[name] or ""


def _plain(text: str) -> str:
    """Letters and digits alone, so that `bert large` is a part of BERT-large-384; else the text itself."""
    return re.sub(r"[\W_]+", "", text.lower()) or text


def _instead(profiles: Sequence[LatencyProfile], name: str, text: str) -> str:
    """What there is, the nearest of it or all."""
    there = sorted({said for profile in profiles if (said := _said(profile, name))})
    lowered = {value.lower(): value for value in there}
    near = nearest(text.lower(), lowered) if name != "kind" else None
    if near:
        return f"; did you mean {lowered[near]}?"
    more = f" and {len(there) - MOST_TOLD} more" if len(there) > MOST_TOLD else ""
    return f"; there is {', '.join(map(repr, there[:MOST_TOLD]))}{more}" if there else "; none says it"
