"""YAML documents read safely, with the line of every value, and their faults explained."""

from capsim.documents.explain import validate
from capsim.documents.load import Document, parse_yaml, read_text, read_yaml

__all__ = ["Document", "parse_yaml", "read_text", "read_yaml", "validate"]
