"""Write the reference pages from the code: `python docs/generate.py`.

`tests/docs/test_reference.py` fails while a page differs from what this writes.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from textwrap import shorten
from typing import Any

import typer

import capsim
from capsim.cli import app
from capsim.profile import LatencyProfile, read_recording
from capsim.profile.catalogue import shipped_profiles
from capsim.profile.inspection import inspect_profile
from capsim.report.profile_list import date_of, samples_of, sizes_of, tail_of
from capsim.scenario import Scenario
from capsim.shipped import locate
from capsim.units import BANDWIDTH, RATE, SHARE, SIZE, TIME, Unit

HERE = Path(__file__).parent / "reference"
LONGEST_COMMAND = 180
NOTE = "<!-- Written by docs/generate.py; edit the docstrings instead. -->\n"


def scenario_page() -> str:
    """Every field of a scenario, section by section."""
    schema = Scenario.model_json_schema()
    parts = [NOTE, "# Scenario", "", schema["description"], ""]
    parts += _fields(schema)
    for name, section in sorted(schema["$defs"].items()):
        if "properties" in section:
            parts += [
                "",
                f"## {_title(name, section, schema)}",
                "",
                section.get("description", ""),
                "",
                *_fields(section),
            ]
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
    unit = _unit(field)
    if unit is not None and isinstance(value, (int, float)):
        return f"`{unit.format(value)}`"
    return "" if value is None or isinstance(value, (dict, list)) else f"`{value}`"


def _unit(field: dict[str, Any]) -> Unit | None:
    """The unit that a field is written in, told by its example."""
    options = [field, *field.get("anyOf", []), *field.get("oneOf", [])]
    examples = {option["examples"][0] for option in options if "examples" in option}
    return next((unit for unit in (TIME, RATE, SIZE, BANDWIDTH, SHARE) if unit.example in examples), None)


def _title(name: str, section: dict[str, Any], schema: dict[str, Any]) -> str:
    """Policies share the name `Parameters`; the word that chooses them tells them apart.

    Other sections of one name are told apart by the field that holds them.
    """
    for tag in ("policy", "process"):
        constant = section["properties"].get(tag, {}).get("const")
        if constant:
            return f"{tag}: {constant}"
    if "__" not in name:
        return name
    holders = [
        field
        for holder in (schema, *schema["$defs"].values())
        for field, rule in holder.get("properties", {}).items()
        if f'#/$defs/{name}"' in json.dumps(rule)
    ]
    return f"{name.rpartition('__')[2]} of `{holders[0]}`" if holders else name.rpartition("__")[2]


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
        f"`{shorten(str(profile.measured.get('command', '–')), LONGEST_COMMAND, placeholder=' …')}`",
        ", ".join(f"`{warning.code}`" for warning in doubts) or "none",
    ]


def api_page() -> str:
    """Everything that `import capsim` offers, from its docstrings."""
    said = "What `import capsim` offers. Each command of the command line is one call; names are imported on first use."
    example = """```python
from capsim import load_grid, load_scenario, plan, simulate

result = simulate(load_scenario("shipped:image-classification", ["pools.cpu.servers=8", "run.horizon=20 s"]))
assert result.latency_s["p99"].value > 0
grid = load_grid("shipped:image-classification", ["pools.cpu.servers=5:9"], ["run.horizon=60 s"])
assert len(plan(grid).candidates) == 5
```"""
    parts = [NOTE, "# Python", "", said, "", example]
    for name in sorted(capsim.__all__, key=lambda name: (name[0].isupper(), name)):
        thing = getattr(capsim, name)
        if name.startswith("_"):
            continue
        if inspect.isclass(thing):
            parts += ["", f"## {name}", "", *_docstring(thing), *_methods(thing)]
        else:
            parts += ["", f"## {name}", "", f"```text\n{name}{_signature(thing)}\n```", "", *_docstring(thing)]
    return "\n".join(parts) + "\n"


def _signature(function: Any) -> str:
    return str(inspect.signature(function)).replace("'", "")


def _docstring(thing: Any) -> list[str]:
    """The docstring, with its indented parts as lists."""
    lines = (inspect.getdoc(thing) or "").splitlines()
    return [f"- {line.strip()}" if line.startswith("    ") and line[4] != " " else line.strip() for line in lines]


def _methods(cls: type[Any]) -> list[str]:
    rows = []
    for name, member in sorted(vars(cls).items()):
        function = member.fget if isinstance(member, property) else member
        if name.startswith("_") or not inspect.isfunction(function) or not function.__doc__:
            continue
        shown = name if isinstance(member, property) else f"{name}()"
        rows.append(f"| `{shown}` | {inspect.cleandoc(function.__doc__).splitlines()[0]} |")
    return ["", "| | |", "|---|---|", *rows] if rows else []


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


PAGES = {
    "scenario.md": scenario_page,
    "commands.md": commands_page,
    "profiles.md": profiles_page,
    "api.md": api_page,
}

if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for page, write in PAGES.items():
        (HERE / page).write_text(write(), encoding="utf-8")
