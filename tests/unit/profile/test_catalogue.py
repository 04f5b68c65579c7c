"""Which profiles there are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from recordings import write_profile

from capsim.errors import InputError
from capsim.profile.catalogue import profiles_in, shipped_profiles
from capsim.shipped import locate


def test_what_is_shipped_can_be_named() -> None:
    found = shipped_profiles()
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
