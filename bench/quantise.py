"""Find how the recogniser's layers are rounded to 8 bits (``recognition.engine.eight_bits``).

    python -m bench.quantise --weights FOLDER [--lines 240] [--seed 1] [--out recognition/engine/eight_bits.npz]

The network reads lines that are drawn here: characters by chance in the fonts of Debian (fonts-noto-cjk and what else
fontconfig finds), horizontal and vertical, clean, faint, blurred, noisy, tilted and inverted. For each layer the bounds
and the scales of the channels are taken that change its output least.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from recognition import weights
from recognition.engine import eight_bits
from recognition.engine.eight_bits import Layer
from recognition.engine.lines import resized
from recognition.engine.networks import REDUCED_HEIGHT, recogniser_network
from recognition.engine.recogniser import MIN_STRIP_WIDTH, SQUEEZE, padded_width
from recognition.options import DEFAULT_MODEL
from recognition.page import Pixels

Floats = npt.NDArray[np.float32]

FULL_HEIGHT = 48
COLOURS = 3
POSITIONS = 32
"""Of each line and layer, so many windows of its input are looked at."""

SMOOTHNESS = 0.0, 0.2, 0.35, 0.5, 0.65, 0.8
CLIPS = 1.0, 0.9, 0.8, 0.7, 0.6, 0.5

LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
MARKS = ".,;:!?()-/%&@#$*+=\"'"
HAN_MARKS = "，。、；：！？「」『』（）《》—…"


@cache
def han() -> str:
    """The characters that are most usual in Taiwan and in mainland China: the first levels of Big5 and GB 2312."""
    big5 = (
        bytes((first, second)) for first in range(0xA4, 0xC7) for second in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    )
    gb = (bytes((first, second)) for first in range(0xB0, 0xD8) for second in range(0xA1, 0xFF))
    decoded = (*(code.decode("big5", "ignore") for code in big5), *(code.decode("gb2312", "ignore") for code in gb))
    return "".join(dict.fromkeys("".join(decoded)))


@cache
def fonts(chinese: bool) -> list[tuple[str, int]]:
    """File and index of the fonts that have Han characters, or of the others with Latin letters."""
    listed = subprocess.run(
        ["fc-list", "-f", "%{file}|%{index}|%{variable}\n", ":lang=zh-tw" if chinese else ":lang=en"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    found = [(file, int(index)) for file, index, variable in (line.split("|") for line in listed) if variable != "True"]
    return sorted(each for each in found if Path(each[0]).suffix.lower() in (".ttf", ".ttc", ".otf"))


def text(chance: random.Random, chinese: bool) -> str:
    if chinese:
        return "".join(
            chance.choice(HAN_MARKS) if chance.random() < 0.1 else chance.choice(han())
            for _ in range(chance.randint(2, 40))
        )
    kinds = LATIN[26:], LATIN, DIGITS, LATIN[:26]
    words = (
        "".join(chance.choices(chance.choices(kinds, (8, 2, 2, 1))[0], k=chance.randint(1, 9)))
        + chance.choice(["", "", "", chance.choice(MARKS)])
        for _ in range(chance.randint(1, 12))
    )
    return " ".join(words)


def strip(chance: random.Random) -> Pixels:
    """A drawn line as the fast pass sees it."""
    chinese = chance.random() < 0.65
    vertical = chinese and chance.random() < 0.3
    file, index = chance.choice(fonts(chinese))
    size = chance.randint(14, 60)
    font = ImageFont.truetype(file, size, index=index)
    line, direction = text(chance, chinese), "ttb" if vertical else "ltr"
    left, top, right, bottom = (round(edge) for edge in font.getbbox(line, direction=direction))
    room = [round(size * chance.uniform(0.02, 0.2)) for _ in range(4)]
    paper = tuple(chance.randint(205, 255) for _ in range(3))
    ink = tuple(round(shade * chance.uniform(0.0, 0.6)) for shade in paper)
    if chance.random() < 0.1:
        paper, ink = ink, paper
    picture = Image.new("RGB", (right - left + room[0] + room[1], bottom - top + room[2] + room[3]), paper)
    ImageDraw.Draw(picture).text((room[0] - left, room[2] - top), line, font=font, fill=ink, direction=direction)
    if vertical:
        picture = picture.transpose(Image.Transpose.ROTATE_90)
    pixels = worn(np.asarray(picture, np.uint8), chance)
    height = FULL_HEIGHT if vertical else REDUCED_HEIGHT[DEFAULT_MODEL]
    width = round(pixels.shape[1] / pixels.shape[0] * FULL_HEIGHT * SQUEEZE)
    return resized(pixels, min(max(MIN_STRIP_WIDTH, width), 1600), height)


def worn(pixels: Pixels, chance: random.Random) -> Pixels:
    """As a scanner or a camera gives it, more or less."""
    height, width = pixels.shape[:2]
    if chance.random() < 0.3:
        lean = np.array([[1, chance.uniform(-0.1, 0.1), 0], [chance.uniform(-0.1, 0.1) * height / width, 1, 0]])
        pixels = cv2.warpAffine(pixels, lean, (width, height), borderMode=cv2.BORDER_REPLICATE)
    if chance.random() < 0.4:
        pixels = cv2.GaussianBlur(pixels, (0, 0), chance.uniform(0.3, height / 40 + 0.3))
    if chance.random() < 0.4:
        noise = np.random.default_rng(chance.getrandbits(32)).normal(0, chance.uniform(2, 25), pixels.shape)
        pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    if chance.random() < 0.3:
        _, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, chance.randint(20, 80)])
        pixels = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    if chance.random() < 0.2:
        pixels = np.where(pixels < chance.randint(90, 170), 0, 255).astype(np.uint8)
    return np.asarray(pixels, np.uint8)


def batch_of(strip: Pixels) -> Floats:
    """The network's input (1, 3, height, padded width), as ``Recogniser.read_strip`` makes it."""
    height, width = strip.shape[:2]
    batch = np.zeros((1, 3, height, padded_width(width)), np.float32)
    batch[0, :, :, :width] = strip[:, :, ::-1].transpose(2, 0, 1) / 127.5 - 1.0
    return batch


def layers(network: Any) -> list[Any]:
    """The convolutions, but for the first one, those of one pixel a channel, and those of the network's head."""
    found = [
        node
        for node in network.get_ordered_ops()
        if node.get_type_name() == "Convolution"
        and all(node.input_value(0).get_partial_shape()[axis].is_dynamic for axis in (2, 3))
    ]
    return [node for node in found if eight_bits.weights_of(node).shape[1] > COLOURS]


def inputs(network: Any, nodes: Sequence[Any], batches: Sequence[Floats]) -> Iterator[list[Floats]]:
    """For each batch the inputs of ``nodes``, in 32 bits: of each some windows of the size of its kernel (POSITIONS,
    channels, pixels)."""
    import openvino as ov
    from openvino import opset13 as ops

    seen = ov.Model([ops.result(node.input_value(0)) for node in nodes], network.get_parameters())
    properties = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": "1"}
    request = ov.Core().compile_model(seen, "CPU", properties).create_infer_request()
    chance = np.random.default_rng(1)
    for batch in batches:
        request.infer([batch], share_inputs=True)
        yield [
            windows(request.get_output_tensor(i).data[0], eight_bits.weights_of(node).shape[2:], chance)
            for i, node in enumerate(nodes)
        ]


def windows(values: Floats, size: Sequence[int], chance: np.random.Generator) -> Floats:
    """(POSITIONS, channels, pixels): windows of ``size`` (height, width) of ``values`` (channels, height, width)."""
    views = np.lib.stride_tricks.sliding_window_view(values, (len(values), *size))[0]
    rows, columns = (chance.integers(count, size=POSITIONS) for count in views.shape[:2])
    return np.asarray(views[rows, columns].reshape(POSITIONS, len(values), -1))


def bounds(low: float, high: float) -> tuple[float, float, float]:
    """Bounds near ``low`` and ``high`` between which one of the levels is 0, and the step between two levels."""
    low, high = min(low, 0.0), max(high, 0.0)
    step = (high - low) / (eight_bits.LEVELS - 1)
    below = round(-low / step)
    return -below * step, (eight_bits.LEVELS - 1 - below) * step, step


def best(values: Floats, matrix: Floats) -> tuple[Layer, float]:
    """How ``values`` (windows, channels, pixels) are rounded so that their product with ``matrix`` (channels, pixels,
    outputs), rounded as well, changes least, and by what share of its power it changes.

    Rounded weights change the mean of an output, since inputs have a mean: half of the error, and easily made good.
    """
    exact = np.tensordot(values, matrix, 2)
    found = []
    for smoothness in SMOOTHNESS:
        scales = np.abs(values).max(axis=(0, 2)) ** smoothness / np.abs(matrix).max(axis=(1, 2)) ** (1 - smoothness)
        scales = np.where(scales > 0, scales, 1.0) if smoothness else np.ones(len(matrix))
        scales = (scales / np.exp(np.log(scales).mean())).astype(np.float32)
        scaled, weight = values / scales[:, None], matrix * scales[:, None, None]
        steps = np.abs(weight).max(axis=(0, 1)) / (eight_bits.WEIGHT_LEVELS // 2)
        weight = np.round(weight / steps) * steps
        for clip in CLIPS:
            low, high, step = bounds(float(scaled.min()) * clip, float(scaled.max()) * clip)
            rounded = np.round((np.clip(scaled, low, high) - low) / step) * step + low
            change = np.tensordot(rounded, weight, 2) - exact
            shifts = -change.mean(axis=0)
            found.append((float(((change + shifts) ** 2).sum()), Layer(low, high, scales, shifts)))
    error, layer = min(found, key=lambda each: each[0])
    return layer, error / float((exact**2).sum())


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=eight_bits.RECIPES)
    options = parser.parse_args(arguments)
    checksum = weights.require(DEFAULT_MODEL, options.weights)[eight_bits.WEIGHTS]
    network = recogniser_network(options.weights / DEFAULT_MODEL)
    chance = random.Random(options.seed)
    batches = [batch_of(strip(chance)) for _ in range(options.lines)]
    nodes = layers(network)
    seen = [np.concatenate(parts) for parts in zip(*inputs(network, nodes, batches), strict=True)]
    recipe: dict[str, Layer] = {}
    for node, values in zip(nodes, seen, strict=True):
        weight = eight_bits.weights_of(node)
        matrix = weight.reshape(*weight.shape[:2], -1).transpose(1, 2, 0)
        name = node.get_friendly_name()
        recipe[name], error = best(values, matrix)
        sys.stdout.write(f"{name}: {values.min():.2f} to {values.max():.2f}, {error:.4%} of the power lost\n")
    eight_bits.store(recipe, checksum, options.out)


if __name__ == "__main__":
    main()
