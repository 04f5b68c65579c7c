"""Built-in architectures with random weights.

Latency depends on the shapes of the weights, not on their values, so that nothing needs to be downloaded:
the configuration classes of transformers give the published architecture. To add one: a function that builds
it and a row in `ARCHITECTURES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from capsim.errors import Fault, InputError, did_you_mean

_BERT_VOCABULARY = 30522


@dataclass(frozen=True, slots=True)
class Build:
    """A PyTorch module and what is needed to export it.

    Attributes:
        module: the model, in evaluation mode.
        example: one example input per argument, by name.
        free: positions of the free dimensions of each input.
    """

    module: Any
    example: dict[str, Any]
    free: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Architecture:
    """A published architecture.

    Attributes:
        name: as on the command line and in the profile.
        build: builds it in PyTorch; imports torch and transformers when called.
        sequence_length: the length that is measured where none is given; None for a model without one.
        integer_limits: for integer inputs, by name, the bound below which values are drawn.
    """

    name: str
    build: Callable[[], Build]
    sequence_length: int | None = None
    integer_limits: Mapping[str, int] = field(default_factory=dict)


def architecture(name: str) -> Architecture:
    """The built-in architecture of this name.

    Raises:
        InputError: there is none.
    """
    if name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        message = f"unknown architecture '{name}'; choose one of {known}{did_you_mean(name, ARCHITECTURES)}"
        raise InputError("the command line", [Fault("--architecture", message)])
    return ARCHITECTURES[name]


def _resnet50() -> Build:
    import torch
    from transformers import ResNetConfig, ResNetForImageClassification

    # The defaults of the configuration are ResNet-50; 1000 classes as in ImageNet.
    module = ResNetForImageClassification(ResNetConfig(num_labels=1000))
    example = {"pixel_values": torch.randn(2, 3, 224, 224)}
    return Build(module, example, {"pixel_values": (0,)})


def _bert_base() -> Build:
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    # The defaults of the configuration are BERT-base.
    module = BertForSequenceClassification(BertConfig(num_labels=2))
    ids = torch.randint(0, _BERT_VOCABULARY, (2, 64))
    example = {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "token_type_ids": torch.zeros_like(ids),
    }
    return Build(module, example, dict.fromkeys(example, (0, 1)))


ARCHITECTURES: Mapping[str, Architecture] = {
    row.name: row
    for row in (
        Architecture("resnet50", _resnet50),
        Architecture("bert-base", _bert_base, 128, {"input_ids": _BERT_VOCABULARY}),
    )
}
