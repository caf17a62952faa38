"""The recogniser with most of its arithmetic in 8-bit integers, for the fast pass.

Four fifths of the recogniser's time are convolutions, most of them of single pixels. A processor with VNNI
instructions multiplies whole numbers of 8 bits twice as fast as numbers of 16, and what is lost by it is less than what
the fast pass loses by its few pixels. OpenVINO executes a convolution in whole numbers if a ``FakeQuantize`` stands
before each of its inputs, which says how the numbers are rounded.

A *recipe* says for each layer between which bounds its input lies, and by what each channel is divided before it is
rounded, and its weights are multiplied in turn, so that channels of small numbers lose no more than others (Xiao et
al., SmoothQuant, 2023). It also has what is to be added to each output, since rounded weights move its mean (Nagel et
al., Data-Free Quantization, 2019). ``bench.quantise`` makes it from lines that it draws. It is right for one file of
weights only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

RECIPES = Path(__file__).with_name("eight_bits.npz")
WEIGHTS = "rec/inference.onnx"
CPUINFO = Path("/proc/cpuinfo")

NOISE = 2.0
"""Deviation of the pixels of paper, of 255, from which print loses by rounding. Pages that a program has made and scans
cleaned by one have 0 to 0.7, scans and photographs as they come 1 to 6."""

BLOCK, BLOCKS, BLANK = 16, 24, 0.1
"""Pixels of the side of a block, blocks that are looked at along a side of a page, and the part of them that is surely
paper."""

LEVELS = 256
WEIGHT_LEVELS = 255  # symmetric, so that 0 stays 0


class Layer(NamedTuple):
    """What is done to a layer: its inputs from ``low`` to ``high``, after a division by ``scales`` (channels,), become
    LEVELS whole numbers, and ``shifts`` (outputs,) are added to what comes out."""

    low: float
    high: float
    scales: Floats
    shifts: Floats


Recipe = Mapping[str, Layer]


def is_noisy(image: npt.NDArray[np.uint8]) -> bool:
    """Whether the paper of ``image`` (height, width, 3) is so uneven that its lines are better read in full."""
    height, width = (side // BLOCK for side in image.shape[:2])
    rows, columns = (slice(None, side, max(1, side // BLOCKS)) for side in (height, width))
    blocks = image[: height * BLOCK, : width * BLOCK, 1].reshape(height, BLOCK, width, BLOCK)
    deviations = blocks[rows, :, columns].astype(np.float32).std(axis=(1, 3))
    return bool(deviations.size and np.quantile(deviations, BLANK) > NOISE)


def recipe(weights: str, path: Path = RECIPES) -> Recipe | None:
    """By the names of layers, the recipe for a recogniser's file with the SHA-256 ``weights``, if there is one."""
    with np.load(path, allow_pickle=False) as stored:
        if str(stored["weights"]) != weights:
            return None
        arrays = {name: stored[name] for name in stored.files if name != "weights"}
    names = sorted({name.split("/")[0] for name in arrays})
    layers = {}
    for name in names:
        low, high = arrays[f"{name}/bounds"].tolist()
        scales, shifts = (arrays[f"{name}/{part}"].astype(np.float32) for part in ("scales", "shifts"))
        layers[name] = Layer(low, high, scales, shifts)
    return layers


def store(found: Recipe, weights: str, path: Path = RECIPES) -> None:
    """Keeps a recipe for the file with the SHA-256 ``weights``."""
    arrays = {"weights": np.array(weights)}
    for name, layer in found.items():
        arrays[f"{name}/bounds"] = np.array([layer.low, layer.high], np.float32)
        arrays |= {f"{name}/{part}": getattr(layer, part).astype(np.float16) for part in ("scales", "shifts")}
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def pays(cpuinfo: Path = CPUINFO) -> bool:
    """Whether this processor is quicker with numbers of 8 bits: with VNNI, and without AMX.

    Where it has AMX, 16 bits are hardly slower than 8, as measured. What cannot be asked has neither.
    """
    try:
        flags = next(line for line in cpuinfo.read_text().splitlines() if line.startswith("flags")).split()
    except (OSError, StopIteration):
        return False
    return any(flag in flags for flag in ("avx512_vnni", "avx_vnni")) and "amx_int8" not in flags


def quantised(network: Any, recipe: Recipe) -> Any:
    """A copy of ``network`` in which the layers of ``recipe``, convolutions with a bias, are executed in whole numbers.

    Raises KeyError if the network has no such layer.
    """
    copy = network.clone()
    nodes = {node.get_friendly_name(): node for node in copy.get_ops()}
    for name, layer in recipe.items():
        _quantise(nodes[name], layer)
    copy.validate_nodes_and_infer_types()
    return copy


def _quantise(node: Any, layer: Layer) -> None:
    from openvino import opset13 as ops

    def channels(values: Floats) -> Floats:
        return values.reshape(1, -1, 1, 1)

    def whole(value: float) -> Floats:
        return np.full((1, 1, 1, 1), value, np.float32)

    values = ops.fake_quantize(
        node.input_value(0),
        channels(layer.low * layer.scales),
        channels(layer.high * layer.scales),
        whole(layer.low),
        whole(layer.high),
        LEVELS,
    )
    weights = weights_of(node) * channels(layer.scales)
    most = np.maximum(np.abs(weights).max(axis=(1, 2, 3), keepdims=True), np.finfo(np.float32).tiny)
    rounded = ops.fake_quantize(ops.constant(weights), -most, most, -most, most, WEIGHT_LEVELS)
    (after,) = node.output(0).get_target_inputs()
    bias = after.get_node().input(1)
    shifted = np.asarray(bias.get_source_output().get_node().data, np.float32) + channels(layer.shifts)
    bias.replace_source_output(ops.constant(shifted).output(0))
    node.input(0).replace_source_output(values.output(0))
    node.input(1).replace_source_output(rounded.output(0))


def weights_of(convolution: Any) -> Floats:
    """The weights (outputs, channels, height, width) of a convolution."""
    node = convolution.input_value(1).get_node()
    while node.get_type_name() != "Constant":
        node = node.input_value(0).get_node()
    return np.asarray(node.data, np.float32)
