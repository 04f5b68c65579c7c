"""Words of the command line that cannot be read, told so that a user sees what is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from capsim.errors import did_you_mean

FOREIGN = "Value error, "
"""What the conversion of a value puts before its own words."""
CHOICES = re.compile(r"'(?P<given>.*)' is not one of (?P<known>'.*')\.?$", re.DOTALL)
EXTRA = re.compile(r"unexpected extra arguments?(?:\(s\))? \((?P<word>\S+).*\)$", re.DOTALL)


def explain(usage: Any, words: Sequence[str]) -> None:
    """Put the message of a usage error into plain words, with what may have been meant by the `words` given."""
    if isinstance(usage.message, str):
        said = usage.message.replace(FOREIGN, "").removesuffix(".")
        usage.message = said + _meant(said, words)


def _meant(said: str, words: Sequence[str]) -> str:
    if choices := CHOICES.search(said):
        return did_you_mean(choices["given"], re.findall(r"'([^']*)'", choices["known"]))
    extra = EXTRA.search(said)
    return taken_for_another(extra["word"], words) if extra else ""


def taken_for_another(word: str, words: Sequence[str]) -> str:
    """A hint where a word stands behind an option and its value, as if the option took several; or nothing."""
    place = words.index(word) if word in words else 0
    if place < 2 or not words[place - 2].startswith("--") or words[place - 1].startswith("-"):
        return ""
    option, value = words[place - 2], words[place - 1]
    if "=" in value:
        return f"; {option} takes one setting, give it again: {option} {value} {option} {word}"
    return f"; {option} takes one value; several are parted by commas: {option} {value},{word}"
