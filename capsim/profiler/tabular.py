"""Models of tables: a recommender, and a scorer of payments."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from capsim.profiler.inputs import Input

# Shaped like the Criteo display advertising data: 13 numbers and 26 categories, hashed.
_NUMBERS = 13
_CATEGORIES = 26
_BUCKETS = 20_000
# Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems", section 4.2.
_EMBEDDING = 32
_DEEP = (1024, 512, 256)

# Shaped like the public card fraud data: 28 components, the time and the amount.
_PAYMENT = 30
_SCORER = (256, 128, 64)

RECOMMENDER_INPUTS = (
    Input("numbers", "float32", (_NUMBERS,)),
    Input("categories", "int64", (_CATEGORIES,), _BUCKETS),
)
FRAUD_INPUTS = (Input("features", "float32", (_PAYMENT,)),)


def wide_and_deep(width: float) -> Any:
    """A linear part over hashed categories beside a network over their embeddings."""
    import torch
    from torch import nn

    class WideAndDeep(nn.Module):  # type: ignore[misc, unused-ignore]  # torch may be absent, and its classes unknown
        def __init__(self) -> None:
            super().__init__()
            rows = _CATEGORIES * _BUCKETS
            self.wide = nn.Embedding(rows, 1)
            self.embedding = nn.Embedding(rows, _EMBEDDING)
            self.deep = _layers([_CATEGORIES * _EMBEDDING + _NUMBERS, *_narrowed(_DEEP, width), 1])
            self.register_buffer("offsets", torch.arange(_CATEGORIES) * _BUCKETS)

        def forward(self, numbers: Any, categories: Any) -> Any:
            rows = categories + self.offsets
            deep = self.deep(torch.cat([self.embedding(rows).flatten(1), numbers], dim=1))
            return torch.sigmoid(deep + self.wide(rows).sum(dim=1))

    return WideAndDeep()


def mlp_fraud(width: float) -> Any:
    """A small network that scores one payment."""
    import torch
    from torch import nn

    class Scorer(nn.Module):  # type: ignore[misc, unused-ignore]  # torch may be absent, and its classes unknown
        def __init__(self) -> None:
            super().__init__()
            self.layers = _layers([_PAYMENT, *_narrowed(_SCORER, width), 1])

        def forward(self, features: Any) -> Any:
            return torch.sigmoid(self.layers(features))

    return Scorer()


def _narrowed(sizes: Sequence[int], width: float) -> list[int]:
    return [max(1, round(size * width)) for size in sizes]


def _layers(sizes: Sequence[int]) -> Any:
    from torch import nn

    layers: list[Any] = []
    for before, after in itertools.pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
