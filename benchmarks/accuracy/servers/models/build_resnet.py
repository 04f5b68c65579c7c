"""ResNet-56 for images of 32 x 32 as an ONNX file, with random weights: latency does not depend on their values.

He, Zhang, Ren, Sun, "Deep residual learning for image recognition" (2016), section 4.2; batch normalisation is folded
into the convolutions, as runtimes do.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

BLOCKS = 9
CHANNELS = (16, 32, 64)
CLASSES = 10


class Network:
    """Nodes and weights as they are added; `last` names the latest output."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.last = "input"
        self.random = np.random.default_rng(0)

    def weight(self, *shape: int) -> str:
        """A tensor of random numbers."""
        name = f"w{len(self.weights)}"
        values = self.random.normal(0, (2 / np.prod(shape[1:] or (1,))) ** 0.5, shape).astype(np.float32)
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """A node behind the latest."""
        out = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [out], **attributes))
        self.last = out
        return out

    def convolution(self, source: str, before: int, after: int, kernel: int, stride: int) -> str:
        """A convolution with its bias."""
        pads = [kernel // 2] * 4
        weights = (self.weight(after, before, kernel, kernel), self.weight(after))
        return self.add("Conv", source, *weights, kernel_shape=[kernel] * 2, pads=pads, strides=[stride] * 2)

    def block(self, before: int, after: int, stride: int) -> None:
        """Two convolutions and the way around them."""
        source = self.last
        first = self.add("Relu", self.convolution(source, before, after, 3, stride))
        second = self.convolution(first, after, after, 3, 1)
        around = source if before == after else self.convolution(source, before, after, 1, stride)
        self.add("Relu", self.add("Add", second, around))


def build() -> Any:
    """The whole network."""
    network = Network()
    network.add("Relu", network.convolution("input", 3, CHANNELS[0], 3, 1))
    before = CHANNELS[0]
    for stage, channels in enumerate(CHANNELS):
        for i in range(BLOCKS):
            network.block(before, channels, 2 if stage and i == 0 else 1)
            before = channels
    pooled = network.add("Flatten", network.add("GlobalAveragePool", network.last))
    network.nodes.append(
        helper.make_node("Gemm", [pooled, network.weight(before, CLASSES), network.weight(CLASSES)], ["output"])
    )
    graph = helper.make_graph(
        network.nodes,
        "resnet56",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 3, 32, 32])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", CLASSES])],
        network.weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


if __name__ == "__main__":
    onnx.save(build(), sys.argv[1])
