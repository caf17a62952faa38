"""The networks of a model, executed by one of three backends with settings for one page at a time.

A *runner* is a callable from a batch, as the keyword ``x``, to a list of arrays. For the recogniser this module also
picks the best character of each step (``characters``), so that the probabilities of some 18,000 characters a step
need not be copied, and with OpenVINO most of them not even be computed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recognition import weights
from recognition.errors import EngineError

from . import eight_bits, heap
from .characters import Best, TwoPartLayer, best_of_logits, best_of_probabilities
from .model_settings import DetectorSettings, RecogniserSettings, detector_settings, recogniser_settings
from .transposed_convolutions import without_transposed_convolutions

Array = npt.NDArray[Any]
Runner = Callable[..., list[Array]]

REDUCED_HEIGHT = {"PP-OCRv6_small": 32}  # pixels; the tiny model loses by it
CLEAR_LOGIT = {"PP-OCRv6_small": 14.0}  # of the best usual character, from which no other one is better
USUAL_CHARACTERS = 6144  # 99.7% of those on our pages
SURENESS = {"PP-OCRv6_tiny": 0.9}  # of clear print, as part of that of the other models: it is rarely as sure


KERNELS = "CPU_RUNTIME_CACHE_CAPACITY"
"""OpenVINO's property for how many kernels a network keeps. Each shape of its input takes kernels of its own, in all
four to seven megabytes, and 15 to 20 ms where they are missing."""

DETECTOR_KERNELS = 400  # of each kind, as twelve sizes of images take; there are hundreds of sizes
RECOGNISER_KERNELS = 2000  # ... and as 95 widths of strips take, or 74 in 8 bits; there are 39 for each height
SECOND_PASS_KERNELS = 700  # ... or as 33 take, where another network makes the first pass of most pages


def _nothing() -> None:
    """What is given back where nothing has been kept."""


@dataclass(frozen=True)
class Networks:
    """An opened model.

    ``detector``: a runner from a float batch (1, 3, height, width) to the probabilities (1, 1, height, width) that its
    pixels are within text.
    ``best``: from a float batch (1, 3, height, width) to the best character of each step and its probability, both
    (steps,), and by step the other candidates for a doubtful one, the likeliest first. Probability and candidates are
    right only at steps where a character begins, and blanks are no candidates. ``best_fast``: the same from a quicker
    network, which errs a little more, if there is one. ``reduced_height``: a strip height below that of the training at
    which horizontal lines are still read well, if there is one. ``sureness``: this recogniser's confidence on clear
    print, as part of that of others. ``release``: gives back the memory that the detector took for an image; it takes
    it again for the next one.
    """

    detector: Runner
    detector_settings: DetectorSettings
    best: Callable[[Array], Best]
    recogniser_settings: RecogniserSettings
    best_fast: Callable[[Array], Best] | None = None
    reduced_height: int | None = None
    sureness: float = 1.0
    release: Callable[[], None] = _nothing


def open_networks(
    model: str, folder: Path, backend: str, device: str, threads: int, settings: Mapping[str, str]
) -> Networks:
    """Opens ``model`` from ``folder``. Raises EngineError."""
    path = folder / model
    best: Callable[..., Best]
    detector: Runner
    recogniser: Runner
    try:
        settings_of = detector_settings(path / "det"), recogniser_settings(path / "rec")
        best_fast, reduced_height, release = None, None, _nothing
        if backend == "openvino":
            heap.keep_large_blocks_apart()
            # Below OpenVINO, oneDNN would keep a thousand kernels as well, also those that OpenVINO has dropped.
            os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "0")
            recipe = _recipe(model, folder, device, settings)
            kept = {KERNELS: str(SECOND_PASS_KERNELS if recipe else RECOGNISER_KERNELS), **settings}
            execute = partial(_OpenVino, device=device, threads=threads, settings=kept)
            network = without_transposed_convolutions(_network(path / "det"))
            text_map = execute(network, settings={**kept, KERNELS: str(DETECTOR_KERNELS), **settings})
            detector, release = _with_sigmoid(text_map), text_map.release
            network = _network(path / "rec")
            best = best_of_logits
            if model in CLEAR_LOGIT:
                network, best = _in_two_parts(network, CLEAR_LOGIT[model], execute)
            if model in REDUCED_HEIGHT and _take_any_height(network):
                reduced_height = REDUCED_HEIGHT[model]
            recogniser = execute(network)
            if recipe:
                fast = eight_bits.quantised(network, recipe)
                best_fast = partial(_best, best, execute(fast, settings={KERNELS: str(RECOGNISER_KERNELS), **settings}))
        else:
            open_network = _onnxruntime if backend == "onnxruntime" else partial(_paddle, model)
            detector, recogniser = (open_network(path / kind, device, threads) for kind in ("det", "rec"))
            best = best_of_probabilities
    except Exception as error:  # each backend has its own errors
        raise EngineError(f"{backend} cannot open the model {model}: {error}", backend=backend, model=model) from error
    return Networks(
        detector,
        settings_of[0],
        partial(_best, best, recogniser),
        settings_of[1],
        best_fast,
        reduced_height,
        SURENESS.get(model, 1.0),
        release,
    )


def _best(best: Callable[..., Best], run: Runner, batch: Array) -> Best:
    return best(*(output[0] for output in run(x=[batch])))


def _recipe(model: str, folder: Path, device: str, settings: Mapping[str, str]) -> eight_bits.Recipe | None:
    """How the recogniser is rounded to 8 bits, if the processor is quicker by it and the settings ask for no
    precision."""
    if device != "cpu" or "INFERENCE_PRECISION_HINT" in settings or not eight_bits.pays():
        return None
    return eight_bits.recipe(weights.require(model, folder)[eight_bits.WEIGHTS])


def metadata(model: str, folder: Path, backend: str, device: str) -> dict[str, Any]:
    """What the engine is made of, as plain JSON types; nothing is opened.

    Raises WeightsError if ``model`` is not installed.
    """
    return {
        "backend": backend,
        "device": device,
        "model": model,
        "versions": {name: version(name) for name in _packages(backend)},
        "weights": weights.require(model, folder),
    }


def _packages(backend: str) -> tuple[str, ...]:
    """The installed packages of a backend. Its builds for GPUs have names of their own."""
    name = {"paddle": "paddlepaddle"}.get(backend, backend)
    gpu = f"{name}-gpu"
    installed = gpu if any(True for _ in distributions(name=gpu)) else name
    return ("paddleocr", "paddlex", installed) if backend == "paddle" else (installed,)


def _paddle(model: str, path: Path, device: str, threads: int) -> Runner:
    """PaddleOCR's runner for the detector or the recogniser of ``model``, which is in ``path``."""
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    from paddleocr import TextDetection, TextRecognition

    cls = TextDetection if path.name == "det" else TextRecognition
    chosen: dict[str, Any] = {"engine": "paddle", "device": device, "cpu_threads": threads, "enable_mkldnn": True}
    predictor = cls(model_name=f"{model}_{path.name}", model_dir=str(path), **chosen).paddlex_predictor
    runner: Runner = predictor.runner
    return runner


def _network(path: Path) -> Any:
    """The network in ``path`` for OpenVINO, without the softmax or sigmoid at its end. These are faster in NumPy."""
    import openvino as ov

    model = ov.Core().read_model(path / "inference.onnx")
    activation = model.output(0).get_node().input_value(0).get_node()
    if activation.get_type_name() not in ("Softmax", "Sigmoid"):
        raise EngineError(f"{path} ends in {activation.get_type_name()}, which is not supported.")
    return ov.Model([activation.input_value(0)], model.get_parameters())


def recogniser_network(path: Path) -> Any:
    """The recogniser of the model in ``path`` for OpenVINO, without its softmax, for strips of any height."""
    network = _network(path / "rec")
    _take_any_height(network)
    return network


def _take_any_height(recogniser: Any) -> bool:
    """Changes the network to take strips of any height; False if its structure does not allow it.

    Its convolutions take any height. Only one layer does not: the average pooling that reduces the rows left of a
    strip, three at the height of the training, to one, by a window of three rows and two columns. The mean over all
    rows, by two columns, is the same for three rows.
    """
    from openvino import opset13 as ops

    pools = [node for node in recogniser.get_ops() if node.get_type_name() == "AvgPool"]
    if [list(pool.get_attributes()["kernel"]) for pool in pools] != [[3, 2]]:
        return False
    columns = ops.avg_pool(pools[0].input_value(0), [1, 2], [0, 0], [0, 0], [1, 2], exclude_pad=True)
    pools[0].output(0).replace(ops.reduce_mean(columns, [2], keep_dims=True).output(0))
    recogniser.reshape([1, 3, -1, -1])
    return True


def _in_two_parts(
    recogniser: Any, clear: float, execute: Callable[[Any], Runner]
) -> tuple[Any, Callable[[Array, Array], Best]]:
    """The network with a last layer for the usual characters only, and what finds the best ones in its outputs.

    ``clear``: the logit from which one of the usual characters is certain. The usual characters are those with the
    largest weights: what a network has often seen in its training grows in it.
    """
    import openvino as ov
    from openvino import opset13 as ops

    add = recogniser.output(0).get_node().input_value(0).get_node()
    while add.get_type_name() == "Identity":
        add = add.input_value(0).get_node()
    product = add.input_value(0).get_node()
    features, weights, bias = product.input_value(0), product.input_value(1).get_node().data, add.input_value(1)
    bias = bias.get_node().data.reshape(-1)
    size = np.linalg.norm(weights, axis=0)
    size[0] = np.inf  # the blank is usual, too
    usual = np.sort(np.argsort(-size)[:USUAL_CHARACTERS])

    def layer(values: Any, characters: Any) -> Any:
        return ops.add(ops.matmul(values, weights[:, characters], False, False), bias[characters])

    others = np.setdiff1d(np.arange(len(bias)), usual)
    row = ops.parameter([-1, len(weights)], np.float32)
    execute_rest = execute(ov.Model([layer(row, others)], [row]))

    def rest(rows: Array) -> Array:
        padded = np.zeros((1 << (len(rows) - 1).bit_length(), len(weights)), np.float32)  # of few sizes
        padded[: len(rows)] = rows
        return execute_rest(x=[padded])[0][: len(rows)]

    network = ov.Model([layer(features, usual).output(0), features], recogniser.get_parameters())
    return network, TwoPartLayer(usual, others, clear, rest).best


class _OpenVino:
    """A runner of ``model``."""

    def __init__(self, model: Any, device: str, threads: int, settings: Mapping[str, str]) -> None:
        import openvino as ov

        properties = {
            "INFERENCE_NUM_THREADS": str(threads),
            "NUM_STREAMS": "1",
            "PERFORMANCE_HINT": "LATENCY",
            "ENABLE_CPU_PINNING": "NO",  # two processes would be pinned to the same core
            **settings,
        }
        self._compiled = ov.Core().compile_model(model, device.upper(), properties)
        self._request = self._compiled.create_infer_request()

    def __call__(self, x: Sequence[Array]) -> list[Array]:
        """The results are views of the network's memory, valid until the next call."""
        self._request.infer([x[0]], share_inputs=True, share_outputs=True)
        return [output.data for output in self._request.output_tensors]

    def release(self) -> None:
        """Gives back the memory of what lies between the layers; the next call takes it again."""
        self._compiled.release_memory()
        heap.trim()


def _onnxruntime(path: Path, device: str, threads: int) -> Runner:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    providers = ["CPUExecutionProvider"] if device == "cpu" else ["CUDAExecutionProvider", "CPUExecutionProvider"]
    session = ort.InferenceSession(str(path / "inference.onnx"), options, providers=providers)
    if session.get_providers()[0] != providers[0]:  # it would continue on the CPU without a word, and many times slower
        raise EngineError("ONNX Runtime cannot use the graphics card. Check its driver and CUDA, or choose cpu.")
    name = session.get_inputs()[0].name

    def run(x: Sequence[Array]) -> list[Array]:
        outputs: list[Array] = session.run(None, {name: np.ascontiguousarray(x[0])})
        return outputs

    return run


def _with_sigmoid(text_map: Runner) -> Runner:
    return lambda x: [_sigmoid(logits) for logits in text_map(x=x)]


def _sigmoid(logits: Array) -> Array:
    with np.errstate(over="ignore"):  # it is 0 there
        result = np.negative(logits)
        np.exp(result, out=result)
    result += 1
    return np.asarray(np.reciprocal(result, out=result))
