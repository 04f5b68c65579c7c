"""Measurements that other tools have made, as latency profiles.

Each module of `sources` reads what one tool writes. It has

- a docstring whose first line is what `capsim profile import` says of it,
- `TOOL`, the name of the tool in the provenance,
- `FILES`, what the files are called in the help; empty where there are none,
- `Options`, a parameter class: the options of the command,
- `read(files, options)`, which gives what the files say as `Imported`.

It is found by its file name, so that a new source is one new file and its test.
"""

from capsim.importer.imported import Imported
from capsim.importer.profile import Told, Written, write

__all__ = ["Imported", "Told", "Written", "write"]
