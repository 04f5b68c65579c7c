"""Built-in architectures with random weights.

Latency depends on the shapes of the weights, not on their values, so that nothing needs to be downloaded:
the configuration classes of transformers give the published architecture. To add one: a function that builds
it and a row in `ARCHITECTURES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from capsim.errors import Fault, InputError, did_you_mean
from capsim.profiler import tabular
from capsim.profiler.inputs import Input

_BERT_VOCABULARY = 30522
_GPT2_VOCABULARY = 50257
_T5_VOCABULARY = 32128
_IMAGE = Input("pixel_values", "float32", (3, 224, 224))
_MASK = Input("attention_mask", "int64", (None,))


@dataclass(frozen=True, slots=True)
class Architecture:
    """A published architecture.

    Attributes:
        name: as on the command line and in the profile.
        build: builds the PyTorch module; imports torch and transformers when called. It is given the width,
            the share of its channels, heads and neurons that every layer keeps.
        inputs: of one item.
        sequence_length: the length that is measured where none is given; None for a model without one.
    """

    name: str
    build: Callable[[float], Any]
    inputs: tuple[Input, ...]
    sequence_length: int | None = None


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


def _of(full: int, width: float) -> int:
    """What is left of a number of channels, heads or neurons."""
    return max(1, round(full * width))


def _resnet50(width: float) -> Any:
    from transformers import ResNetConfig, ResNetForImageClassification

    # The defaults of the configuration are ResNet-50; 1000 classes as in ImageNet.
    full = ResNetConfig(num_labels=1000)
    config = ResNetConfig(
        num_labels=1000,
        embedding_size=_of(full.embedding_size, width),
        hidden_sizes=[_of(size, width) for size in full.hidden_sizes],
    )
    return ResNetForImageClassification(config)


def _bert_base(width: float) -> Any:
    from transformers import BertConfig, BertForSequenceClassification

    return BertForSequenceClassification(BertConfig(num_labels=2, **_encoder(12, 64, width)))


def _distilbert(width: float) -> Any:
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    size = _encoder(12, 64, width)
    config = DistilBertConfig(
        num_labels=2, n_heads=size["num_attention_heads"], dim=size["hidden_size"], hidden_dim=size["intermediate_size"]
    )
    return DistilBertForSequenceClassification(config)


def _vit(heads: int) -> Callable[[float], Any]:
    """ViT with patches of 16; DeiT is the same network, trained otherwise."""

    def build(width: float) -> Any:
        from transformers import ViTConfig, ViTForImageClassification

        return ViTForImageClassification(ViTConfig(num_labels=1000, **_encoder(heads, 64, width)))

    return build


def _encoder(heads: int, head_size: int, width: float) -> dict[str, int]:
    """Sizes of a transformer whose feed-forward layers are four times as wide as the rest."""
    kept = _of(heads, width)
    hidden = kept * head_size
    return {"num_attention_heads": kept, "hidden_size": hidden, "intermediate_size": 4 * hidden}


def _gpt2_prefill(width: float) -> Any:
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    heads = _of(12, width)

    class Prefill(torch.nn.Module):  # type: ignore[misc, unused-ignore]  # torch may be absent, and its classes unknown
        """The whole prompt in one pass, up to the scores of its next token."""

        def __init__(self) -> None:
            super().__init__()
            self.model = GPT2LMHeadModel(GPT2Config(n_head=heads, n_embd=64 * heads, use_cache=False))

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask, logits_to_keep=1).logits

    return Prefill()


def _t5_small_encoder(width: float) -> Any:
    from transformers import T5Config, T5EncoderModel

    # The defaults of the configuration are T5-small.
    full = T5Config()
    config = T5Config(
        d_model=_of(full.d_model, width), d_ff=_of(full.d_ff, width), num_heads=_of(full.num_heads, width)
    )
    return T5EncoderModel(config)


def _ids(vocabulary: int) -> Input:
    return Input("input_ids", "int64", (None,), vocabulary)


ARCHITECTURES: Mapping[str, Architecture] = {
    row.name: row
    for row in (
        Architecture("resnet50", _resnet50, (_IMAGE,)),
        Architecture("vit-b-16", _vit(12), (_IMAGE,)),
        Architecture("deit-tiny", _vit(3), (_IMAGE,)),
        Architecture(
            "bert-base", _bert_base, (_ids(_BERT_VOCABULARY), _MASK, Input("token_type_ids", "int64", (None,), 1)), 128
        ),
        Architecture("distilbert", _distilbert, (_ids(_BERT_VOCABULARY), _MASK), 128),
        Architecture("gpt2-prefill", _gpt2_prefill, (_ids(_GPT2_VOCABULARY), _MASK), 128),
        Architecture("t5-small-encoder", _t5_small_encoder, (_ids(_T5_VOCABULARY), _MASK), 128),
        Architecture("wide-and-deep", tabular.wide_and_deep, tabular.RECOMMENDER_INPUTS),
        Architecture("mlp-fraud", tabular.mlp_fraud, tabular.FRAUD_INPUTS),
    )
}
