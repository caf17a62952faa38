"""The end of a detector, which enlarges its map of text to the size of the image, with less memory and time.

Its two transposed convolutions make 2 by 2 pixels of each one, without overlaps, and 4 by 4 in all. The same sums are
those of convolutions of single pixels, if the pixels that come of one are its channels until the end (Shi et al.,
Real-Time Single Image and Video Super-Resolution, 2016). Then only the result is as large as the image.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

TRANSPOSED = "ConvolutionBackpropData"
END = ["Add", TRANSPOSED, "Relu", "Add", TRANSPOSED]


def without_transposed_convolutions(detector: Any) -> Any:
    """``detector``, a model of OpenVINO, without those at its end, or as it is if it ends otherwise."""
    import openvino as ov
    from openvino import opset13 as ops

    nodes = [detector.output(0).get_node().input_value(0).get_node()]
    while len(nodes) < len(END):
        nodes.append(nodes[-1].input_value(0).get_node())
    if [node.get_type_name() for node in nodes] != END:
        return detector
    last_bias, last, _, first_bias, first = nodes
    inner, outer = (node.input_value(1).get_node().data for node in (first, last))  # (inputs, outputs, 2, 2)
    channels = inner.shape[1]
    weights = np.zeros((4, 4, 4, channels), np.float32)  # of each of 4 pixels, from its own channels only
    weights[range(4), :, range(4)] = outer[:, 0].transpose(1, 2, 0).reshape(4, channels)
    values = _convolution(first.input_value(0), inner.transpose(2, 3, 1, 0).reshape(4 * channels, -1), first_bias)
    values = _convolution(ops.relu(values), weights.reshape(16, 4 * channels), last_bias)
    # From (1, 16, height, width) to (1, 1, 4 * height, 4 * width), the channels being rows and columns, twice.
    size = ops.gather(ops.shape_of(values), np.array([2, 3]), np.array(0))
    values = ops.reshape(values, ops.concat([np.array([2, 2, 2, 2]), size], 0), False)
    values = ops.transpose(values, np.array([4, 0, 2, 5, 1, 3]))
    values = ops.reshape(values, ops.concat([np.array([1, 1]), ops.multiply(size, np.array([4, 4]))], 0), False)
    return ov.Model([values.output(0)], detector.get_parameters())


def _convolution(values: Any, weights: Floats, add: Any) -> Any:
    """Of single pixels, by ``weights`` (outputs, inputs), with what ``add`` adds to fewer outputs for all of them."""
    from openvino import opset13 as ops

    bias = add.input_value(1).get_node().data.reshape(-1)
    bias = np.tile(bias, len(weights) // len(bias)).reshape(1, -1, 1, 1)
    return ops.add(
        ops.convolution(values, np.ascontiguousarray(weights[:, :, None, None]), [1, 1], [0, 0], [0, 0], [1, 1]), bias
    )
