"""YAML documents and CSV tables read safely, with the line of every value, and their faults explained."""

from capsim.documents.explain import validate
from capsim.documents.files import named_file
from capsim.documents.load import Document, parse_yaml, read_text, read_yaml
from capsim.documents.table import read_columns, read_table

__all__ = ["Document", "named_file", "parse_yaml", "read_columns", "read_table", "read_text", "read_yaml", "validate"]
