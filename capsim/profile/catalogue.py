"""Which profiles there are: those that come with capsim, or those in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from capsim.errors import Fault, InputError
from capsim.profile.load import read_profile
from capsim.profile.model import LatencyProfile
from capsim.shipped import PREFIX, folder, names

SCHEMA = "capsim.profiles/1"
MOST_FILES = 1000


@dataclass(frozen=True)
class Catalogue:
    """The profiles of a folder.

    Attributes:
        profiles: those that could be read, by name.
        unreadable: YAML files that are no profile, or a faulty one, and why.
    """

    profiles: Sequence[LatencyProfile]
    unreadable: Sequence[InputError]

    def to_dict(self) -> dict[str, Any]:
        """What `capsim profile list --json` prints."""
        return {
            "schema": SCHEMA,
            "profiles": [_to_dict(profile) for profile in self.profiles],
            "unreadable": [{"file": error.source, "message": str(error)} for error in self.unreadable],
        }


def shipped_profiles() -> Catalogue:
    """The profiles that come with capsim."""
    root = folder("profiles")
    return _read({f"{PREFIX}{name}": root / f"{name}.yaml" for name in names("profiles")})


def profiles_in(root: Path) -> Catalogue:
    """The profiles in a folder and below it.

    Raises:
        InputError: no such folder, or too many files.
    """
    if not root.is_dir():
        raise InputError(str(root), [Fault("", "no such folder")])
    files = sorted(path for ending in ("*.yaml", "*.yml") for path in root.rglob(ending))
    if len(files) > MOST_FILES:
        raise InputError(str(root), [Fault("", f"holds more than {MOST_FILES} YAML files; name a folder further down")])
    return _read({str(path): path for path in files})


def _read(files: dict[str, Path]) -> Catalogue:
    profiles, unreadable = [], []
    for name, path in files.items():
        try:
            profiles.append(read_profile(path, name))
        except InputError as error:
            unreadable.append(error)
    return Catalogue(profiles, unreadable)


def _to_dict(profile: LatencyProfile) -> dict[str, Any]:
    return {
        "profile": profile.file,
        "model": profile.model,
        "hardware": None if profile.hardware is None else asdict(profile.hardware),
        "runtime": profile.runtime,
        "precision": profile.precision,
        "batch_sizes": profile.batch_sizes,
        "samples": profile.samples,
        "tail_known": profile.tail_known,
        "p99_open_ended": sorted({size for (_, size), worth in profile.worth.items() if not worth.ends}),
        "measured": dict(profile.measured),
    }
