"""Every source that machine code is made of. It imports nothing of capsim: a build of the wheel asks it too."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2]
COMPILED = ("random.py", "units.py", "engine/**/*.py", "serving/**/*.py")


@cache
def digest(package: Path = PACKAGE) -> str:
    """A hash of the names and the text of all that is compiled: another text never runs as the code of this one."""
    found = hashlib.blake2b(digest_size=8)
    for source in sorted(file for pattern in COMPILED for file in package.glob(pattern)):
        text = source.read_bytes()
        found.update(f"{source.relative_to(package).as_posix()}:{len(text)}\n".encode() + text)
    return found.hexdigest()
