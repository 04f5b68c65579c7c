"""Where profiles come from: a module for each tool, found by its file name."""

import sys
from types import ModuleType

from capsim.parameters import modules_of

SOURCES: dict[str, ModuleType] = modules_of(sys.modules[__name__])
"""Source by name."""
