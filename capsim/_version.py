"""The version of capsim."""

from importlib.metadata import version

VERSION = version("capsim")
