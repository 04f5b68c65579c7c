"""What a document is that was taken for something else: a hint in place of a fault for each of its fields."""

from __future__ import annotations

from typing import Any

from capsim.documents.load import Document, parse_yaml
from capsim.documents.table import separated_otherwise
from capsim.errors import Fault, InputError

SCENARIO, PROFILE, MEASUREMENTS = "a scenario", "a latency profile", "measurements"
FIELDS = {
    SCENARIO: {"workload", "pools", "route", "objective", "run"},
    PROFILE: {"model", "hardware", "runtime", "precision", "measured", "samples", "extrapolated"},
}
TELLING = 2
"""So many fields of a kind, and none of the wanted one, say what a document is."""
MEANT = {
    SCENARIO: "capsim run and plan take it; profile commands take a latency profile, --measured what was measured",
    PROFILE: "a scenario names it: pools: [{name: cpu, servers: 1, profile: FILE}]",
}


def expect(document: Document, wanted: str) -> None:
    """See that a document is not plainly of another kind than the wanted one.

    Raises:
        InputError: it is, and the fault says what it is and where it belongs.
    """
    kind = _kind(document.data, wanted)
    if kind:
        raise InputError(document.source, [Fault("", f"is {kind}")])


def kind_of(text: str, wanted: str) -> str | None:
    """What a text is that was taken for `wanted` and is YAML of another kind; nothing where that cannot be told."""
    try:
        data = parse_yaml(text, wanted).data
    except InputError:
        return None
    return _kind(data, wanted) if isinstance(data, dict) else None


def _kind(data: Any, wanted: str) -> str | None:
    if isinstance(data, str):
        return _table(data, wanted)
    if not isinstance(data, dict):
        return None
    if str(data.get("schema", "")).startswith("capsim."):
        return f"an answer of capsim ({data['schema']}), not {wanted}"
    for kind, fields in FIELDS.items():
        own = FIELDS.get(wanted, set()) - fields
        if kind != wanted and len(fields & data.keys()) >= TELLING and not own & data.keys():
            return f"{kind}, not {wanted}; {MEANT[kind]}"
    return None


def _table(text: str, wanted: str) -> str | None:
    """YAML reads a CSV table as one long text, its lines joined by blanks."""
    first, _, rest = text.partition(" ")
    if not rest or not ("," in first or separated_otherwise(first)):
        return None
    where = "as workload.arrivals.file or as the profile of a pool; --measured takes load points"
    return f"a CSV table, not {wanted}; a scenario names it, {where}"
