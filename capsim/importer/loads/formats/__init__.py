"""Load tests that other tools have made: a module for each format, found by its file name.

Each module has

- a docstring whose first line says what it reads,
- `TOOL`, what writes such files,
- `USES`, the attributes of `Given` that it heeds,
- `sniff(head)`, whether a file that begins so is of this format,
- `read(path, given)`, which gives what the file says as `Measurements`.

A new format is one new file and its test.
"""

import sys
from types import ModuleType

from capsim.parameters import modules_of

FORMATS: dict[str, ModuleType] = modules_of(sys.modules[__name__])
"""Reader by the name of its format."""
