"""Which of several configurations, endpoints or paths a file holds is meant."""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Iterable, Sequence

from capsim.errors import Fault, InputError, did_you_mean

MOST_NAMED = 8


def chosen(names: Iterable[str], only: str | None, source: str, kind: str, place: str = "") -> set[str]:
    """The names that `--only` means; without it there must be a single one.

    Args:
        names: of each row.
        only: a name, or a pattern in which `*` stands for any letters.
        source: the file.
        kind: what the names are of, in the plural.
        place: the column, for faults.

    Raises:
        InputError: several names and none chosen, or none that is meant.
    """
    often = Counter(names)
    if only is None:
        if len(often) > 1:
            said = f"has {len(often)} {kind}; choose with --only, where * stands for any letters: {_told(often)}"
            raise InputError(source, [Fault(place, said)])
        return set(often)
    matching = {name for name in often if name == only} or {name for name in often if fnmatch.fnmatchcase(name, only)}
    if not matching:
        said = f"has no '{only}'{did_you_mean(only, often)}; its {kind} are {_told(often)}"
        raise InputError(source, [Fault("--only", said)])
    return matching


def _told(often: Counter[str]) -> str:
    """The most frequent names, quoted, since they may hold commas."""
    named: Sequence[str] = [f"'{name[:100]}'" for name, _ in often.most_common(MOST_NAMED)]
    more = f" and {len(often) - MOST_NAMED} more" if len(often) > MOST_NAMED else ""
    return ", ".join(named) + more
