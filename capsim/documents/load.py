"""Bounded, safe YAML: size, depth, aliases and tags are checked on the parser's events before anything is built."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from capsim.documents.files import note_read, what_stands_there
from capsim.errors import Fault, InputError

Path_ = tuple[str | int, ...]

MOST_BYTES = 256 * 1024
MOST_DEPTH = 80
MOST_ALIASES = 64
MOST_VALUES = 100_000

BASE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(BASE_LOADER):  # type: ignore[misc]  # which base exists depends on how PyYAML was built
    """YAML 1.2 scalars: `yes` and `on` are words, `1e3` is a number, a date is text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own protocol


for tag, pattern, first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]{1,30}$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("float", r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$", "-+."),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)
# PyYAML's own would read 010 as eight.
Loader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))


@dataclass(frozen=True)
class Document:
    """A parsed document and where its values stand.

    Attributes:
        source: the file's name, for faults.
        data: plain dicts, lists and scalars.
        lines: path of a value to its line, counted from 1.
        folder: what relative paths inside the document are relative to.
        overridden: path of a value set from outside to the text that set it.
        closed: it may name no files but those in its folder, see `named_file`.
        before: the data before anything was set from outside, where something was.
        files: what was read of the files that it names, kept for others made of it.
    """

    source: str
    data: Any
    lines: dict[Path_, int] = field(default_factory=dict)
    folder: Path = Path()
    overridden: dict[Path_, str] = field(default_factory=dict)
    closed: bool = False
    before: Any = None
    files: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def line(self, path: Path_) -> int | None:
        """The line of a value, or of the nearest thing that holds it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None

    def fault(self, path: Path_, message: str) -> Fault:
        """A fault at a path: with its line, or with what has set it from outside."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.overridden:
                return Fault(text_of(path), f"{message} (set by {self.overridden[path[:end]]})")
        return Fault(text_of(path), message, self.line(path))


def read_text(path: Path, most_bytes: int) -> str:
    """The text of a file of at most `most_bytes`.

    Raises:
        InputError: no such file, not a file, too large, or not UTF-8 text.
    """
    source = str(path)
    note_read(path)
    try:
        if not path.is_file():
            raise InputError(source, [Fault("", what_stands_there(path))])
        with path.open("rb") as stream:
            raw = stream.read(most_bytes + 1)
    except OSError as error:
        raise InputError(source, [Fault("", f"cannot be read: {error.strerror}")]) from None
    return text_from(raw, source, most_bytes)


def text_from(raw: bytes, source: str, most_bytes: int) -> str:
    """Bytes as text; see `read_text`."""
    if len(raw) > most_bytes:
        raise InputError(source, [Fault("", f"is larger than {most_bytes // 1024} KiB")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        said = f"is not UTF-8 text (byte {error.start}); save the file as UTF-8"
        raise InputError(source, [Fault("", said, line)]) from None


def read_yaml(path: Path) -> Document:
    """The document in a YAML file.

    Raises:
        InputError: the file cannot be read, is too large or too deep, or is not YAML.
    """
    return parse_yaml(read_text(path, MOST_BYTES), str(path), path.parent)


YAML_PROBLEMS = {
    "mapping values are not allowed": "a second ': ' on the line; quote the value, or indent what belongs to it",
    "could not find expected ':'": "a line without ': ' where a field is expected",
    "did not find expected key": "the indentation fits no field above, or a quote or bracket ended too early",
    "did not find expected ',' or ']'": "a list [ that is not closed by ]",
    "did not find expected ',' or '}'": "a mapping { that is not closed by }",
    "did not find expected '-' indicator": "a list whose members are not all indented alike",
    "found unexpected end of stream": "a quote that is not closed",
    "unexpected end of stream": "a quote that is not closed",
    "did not find expected <document start>": "text behind the end of the value; quote it all",
    "found a tab character": "a tab; YAML is indented with spaces",
    "found character '\\t'": "a tab; YAML is indented with spaces",
    "found character that cannot start any token": "a value that begins with a sign of YAML's own (@, `, % or a tab); "
    "quote it",
    "found undefined alias": "an alias * without its anchor &; quote the value if the star is meant",
    "but found another document": "a second document behind ---; a file holds one",
    "did not find expected node content": "a comma or colon where a value is expected",
    "control characters are not allowed": "a control character",
    "found unknown escape character": "a backslash in double quotes; use single quotes",
    "block sequence entries are not allowed": "a list member - in a place where no list can begin",
    "did not find expected alphabetic or numeric character": "an anchor & or alias * without a name; quote the value",
}
"""What the parser says, and what a person can act on."""


def yaml_problem(said: str | None) -> str:
    """What is wrong with a YAML text, in our words where we have some."""
    return next((ours for theirs, ours in YAML_PROBLEMS.items() if said and theirs in said), said or "cannot be read")


def parse_yaml(text: str, source: str, folder: Path = Path()) -> Document:
    """The document in a YAML text; see `read_yaml`."""
    try:
        _check(text, source)
        loader = Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                raise InputError(source, [Fault("", "is empty")])
            lines: dict[Path_, int] = {}
            faults: list[Fault] = []
            data = _build(loader, node, (), lines, faults)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line: int | None = mark.line + 1 if mark else None
        raise InputError(source, [Fault("", f"is not valid YAML: {yaml_problem(error.problem)}", line)]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(source, [Fault("", f"is not valid YAML: {str(error).splitlines()[0]}")]) from None
    if faults:
        raise InputError(source, faults)
    return Document(source, data, lines, folder)


def _check(text: str, source: str) -> None:
    """Our bounds, on the whole text or on what stands before the first thing that the parser cannot read.

    The scanner reads ahead of the events, so that a limit of its own can come before the events that break ours.
    """
    try:
        _check_events(text, source)
    except yaml.MarkedYAMLError as error:
        if error.problem_mark:
            with contextlib.suppress(yaml.YAMLError):
                _check_events(text[: error.problem_mark.index], source)
        raise


def _check_events(text: str, source: str) -> None:
    aliases = values = 0
    opened: list[tuple[str | None, int]] = []
    held: dict[str | None, int] = {}
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.AliasEvent):
            aliases += 1
            values += held.get(event.anchor, 1)
        elif isinstance(event, yaml.NodeEvent):
            values += 1
        if isinstance(event, yaml.CollectionStartEvent):
            opened.append((event.anchor, values))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = opened.pop()
            held[anchor] = values - before + 1
        wrong = _wrong(event, opened, aliases, values)
        if wrong:
            raise InputError(source, [Fault("", wrong, event.start_mark.line + 1 if event.start_mark else None)])


def _wrong(event: yaml.Event, opened: list[tuple[str | None, int]], aliases: int, values: int) -> str | None:
    """What an event does that it must not, given what is open around it and what came so far."""
    if isinstance(event, yaml.AliasEvent) and any(anchor is not None for anchor, _ in opened):
        itself = any(anchor == event.anchor for anchor, _ in opened)
        return f"goes round: &{event.anchor} holds itself" if itself else "an anchored value must not hold an alias"
    tag = getattr(event, "tag", None)
    if tag is not None:
        return f"a tag such as {tag.replace('tag:yaml.org,2002:', '!!')[:40]} has no meaning here"
    if len(opened) > MOST_DEPTH:
        return f"is nested more than {MOST_DEPTH} deep"
    if aliases > MOST_ALIASES:
        return f"has more than {MOST_ALIASES} aliases"
    return f"holds more than {MOST_VALUES} values" if values > MOST_VALUES else None


def _build(loader: Any, node: Any, path: Path_, lines: dict[Path_, int], faults: list[Fault]) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [_build(loader, item, (*path, i), lines, faults) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_object(node)
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            faults.append(Fault(text_of(path), "a key must be a plain word", line))
            continue
        key = str(key_node.value)
        if key in mapping:
            faults.append(Fault(text_of((*path, key)), "is given twice", line))
        mapping[key] = _build(loader, value_node, (*path, key), lines, faults)
        lines[(*path, key)] = line
    return mapping


def text_of(path: Path_) -> str:
    """A path as people write it: `pools[0].servers`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
