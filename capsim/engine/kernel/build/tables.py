"""What a model begins with, put together from what each of its nouns adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.typing import NDArray


class Rules(Protocol):
    """How an engine names the functions of rules."""

    def decide(self, rule: str) -> Any:
        """That of a batching rule."""

    def learn(self, rule: str) -> Any:
        """That by which a batching rule learns; 0 where it has none."""

    def choose(self, rule: str) -> Any:
        """That of a balancer."""

    def admit(self, rule: str) -> Any:
        """That of an admission rule."""


@dataclass
class Tables:
    """Parts of a model by name.

    Attributes:
        clock: what there is once.
        records: tables, as lists of records.
        columns: columns of numbers.
        rows: rows of numbers.
    """

    clock: dict[str, int] = field(default_factory=dict)
    records: dict[str, list[Any]] = field(default_factory=dict)
    columns: dict[str, NDArray[Any]] = field(default_factory=dict)
    rows: dict[str, list[Sequence[Any] | NDArray[Any]]] = field(default_factory=dict)

    def __or__(self, other: Tables) -> Tables:
        """The parts of both."""
        return Tables(
            self.clock | other.clock,
            self.records | other.records,
            self.columns | other.columns,
            self.rows | other.rows,
        )
