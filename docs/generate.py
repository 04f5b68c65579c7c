"""Write the reference pages from the code: `python docs/generate.py`.

`tests/docs/test_reference.py` fails while a page differs from what this writes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from capsim.cli import app
from capsim.profile import LatencyProfile, read_recording
from capsim.profile.catalogue import shipped_profiles
from capsim.profile.inspection import inspect_profile
from capsim.report.profile_list import date_of, samples_of, sizes_of, tail_of
from capsim.scenario import Scenario
from capsim.shipped import locate

HERE = Path(__file__).parent / "reference"
NOTE = "<!-- Written by docs/generate.py; edit the docstrings instead. -->\n"


def scenario_page() -> str:
    """Every field of a scenario, section by section."""
    schema = Scenario.model_json_schema()
    parts = [NOTE, "# Scenario", "", schema["description"], ""]
    parts += _fields(schema)
    for name, section in sorted(schema["$defs"].items()):
        if "properties" in section:
            parts += ["", f"## {_title(name, section)}", "", section.get("description", ""), "", *_fields(section)]
    return "\n".join(parts) + "\n"


def _fields(section: dict[str, Any]) -> list[str]:
    needed = section.get("required", [])
    rows = ["| field | type | default | |", "|---|---|---|---|"]
    # A constant is the word that chooses the section.
    for name, field in sorted(section["properties"].items(), key=lambda pair: "const" not in pair[1]):
        default = "needed" if name in needed else _default(field)
        rows.append(f"| `{name}` | {_type(field)} | {default} | {field.get('description', '')} |")
    return rows


def _default(field: dict[str, Any]) -> str:
    value = field.get("default")
    return "" if value is None or isinstance(value, (dict, list)) else f"`{value}`"


def _title(name: str, section: dict[str, Any]) -> str:
    """Policies share the name `Parameters`; the word that chooses them tells them apart."""
    for tag in ("policy", "process"):
        constant = section["properties"].get(tag, {}).get("const")
        if constant:
            return f"{tag}: {constant}"
    return name


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return "mapping"
    if "oneOf" in field or "anyOf" in field:
        kinds = [_type(option) for option in field.get("oneOf", field.get("anyOf", []))]
        return " or ".join(dict.fromkeys(kind for kind in kinds if kind != "null"))
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "examples" in field:
        return f"such as `{field['examples'][0]}`"
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}"
    if field.get("type") == "object":
        return "mapping"
    words = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false"}
    return words.get(str(field.get("type")), str(field.get("type", "mapping")))


def commands_page() -> str:
    """Every command with its arguments and options."""
    parts = [NOTE, "# Commands", "", str(typer.main.get_command(app).epilog)]
    for name, command in _commands(typer.main.get_command(app), "capsim"):
        parts += ["", f"## {name}", "", command.help or "", "", "| | |", "|---|---|"]
        for parameter in command.params:
            if parameter.name == "help":
                continue
            words = ", ".join(f"`{option}`" for option in parameter.opts)
            named = words if parameter.param_type_name == "option" else f"`{str(parameter.name).upper()}`"
            parts.append(f"| {named} | {getattr(parameter, 'help', '') or ''} |")
    return "\n".join(parts) + "\n"


def _commands(command: Any, name: str) -> list[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        return [(name, command)]
    below = [_commands(child, f"{name} {word}") for word, child in command.commands.items()]
    return [pair for pairs in below for pair in pairs]


def profiles_page() -> str:
    """Every profile that comes with capsim."""
    said = "What comes with capsim, from the files themselves; `capsim profile show PROFILE` tells more of each."
    names = "profile, model, precision, hardware, runtime, batch sizes, samples, tail, measured, command, doubts"
    heads = names.split(", ")
    parts = [NOTE, "# Profiles", "", said, "", _line(heads), _line(["---"] * len(heads))]
    return "\n".join([*parts, *(_line(_profile(profile)) for profile in shipped_profiles().profiles)]) + "\n"


def _profile(profile: LatencyProfile) -> list[str]:
    hardware = f"{profile.hardware.name} ({profile.hardware.kind})" if profile.hardware else "–"
    doubts = inspect_profile(read_recording(locate(profile.file, "profiles"))).warnings()
    return [
        f"`{profile.file}`",
        *(part or "–" for part in (profile.model, profile.precision, hardware, profile.runtime)),
        sizes_of(profile),
        samples_of(profile),
        tail_of(profile),
        date_of(profile),
        f"`{profile.measured.get('command', '–')}`",
        ", ".join(f"`{warning.code}`" for warning in doubts) or "none",
    ]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


PAGES = {"scenario.md": scenario_page, "commands.md": commands_page, "profiles.md": profiles_page}

if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for page, write in PAGES.items():
        (HERE / page).write_text(write(), encoding="utf-8")
