"""Puts machine code into a wheel where `make wheel` has compiled it; without, it is compiled on first use."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MachineCode(BuildHookInterface):  # type: ignore[type-arg]
    """Takes what `python -m capsim.engine.compiled.ahead build/machine-code` has made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See `BuildHookInterface`; an editable install keeps its code where the machine does."""
        root = Path(self.root)
        digest = runpy.run_path(str(root / "capsim/engine/compiled/sources.py"))["digest"]()
        code = root / "build" / "machine-code" / digest
        if version == "editable":
            return
        if (code / "manifest.json").is_file():
            build_data["force_include"][str(code)] = f"capsim/shipped/machine-code/{digest}"
        else:
            self.app.display_warning("Without machine code, which `make wheel` compiles: it is compiled on first use.")
