"""What of a blueprint no engine runs."""

from __future__ import annotations

from capsim.engine.blueprint import Blueprint


def uncovered(blueprint: Blueprint) -> list[str]:
    """The parts of a scenario that no engine runs, by what they are called there."""
    return ["clients"] if any(each.senders is not None for each in blueprint.classes) else []
