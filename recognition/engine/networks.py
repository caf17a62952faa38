"""The networks of a model, opened as PaddleOCR's predictors and executed by one of three backends.

A predictor of PaddleOCR has all that belongs to a model: the preparation of its input, the DB post-processing of the
text map, the list of characters. Its ``runner``, a callable from a batch to a list of arrays, executes the network.
This module replaces the runner by OpenVINO or ONNX Runtime with settings for one page at a time. For the recogniser it
also picks the best character of each step, so that the probabilities of some 18,000 characters a step need not be
copied.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recognition import weights
from recognition.errors import EngineError

from .bands import TextMap

Array = npt.NDArray[Any]
Runner = Callable[..., list[Array]]
Others = Mapping[int, Sequence[int]]
Best = Callable[[Array], tuple[npt.NDArray[np.int64], npt.NDArray[np.float32], Others]]

DOUBTFUL_CHARACTER = 0.8  # probability below which a character has other candidates ...
LEAST_PROBABLE = 0.02  # ... as far as they are as likely as this ...
MOST_CANDIDATES = 4  # ... and no more than these

REDUCED_HEIGHT = {"PP-OCRv6_small": 32}  # pixels; the tiny model loses by it
SURENESS = {"PP-OCRv6_tiny": 0.9}  # of clear print, as part of that of the other models: it is rarely as sure


@dataclass(frozen=True)
class Networks:
    """An opened model.

    ``detector``, ``recogniser``: PaddleX predictors, the first with a ``TextMap`` in place of its post-processing.
    ``best``: from a float batch (1, 3, height, width) to the best character of each step and its probability, both
    (steps,), and by step the other candidates for a doubtful one, the likeliest first. Probability and candidates are
    right only at steps where a character begins, and blanks are no candidates. ``reduced_height``: a strip height
    below that of the training at which horizontal lines are still read well, if there is one. ``sureness``: this
    recogniser's confidence on clear print, as part of that of others.
    """

    detector: Any
    recogniser: Any
    best: Best
    reduced_height: int | None = None
    sureness: float = 1.0


def open_networks(
    model: str, folder: Path, backend: str, device: str, threads: int, settings: Mapping[str, str]
) -> Networks:
    """Opens ``model`` from ``folder``. Raises EngineError."""
    path = folder / model
    try:
        reduced_height = None
        detector = predictor("det", model, path, backend, device, threads)
        recogniser = predictor("rec", model, path, backend, device, threads)
        if backend == "openvino":
            text_map = _openvino(_network(path / "det"), device, threads, settings)
            detector.runner = lambda x: [_sigmoid(logits) for logits in text_map(x=x)]
            network = _network(path / "rec")
            if model in REDUCED_HEIGHT and _take_any_height(network):
                reduced_height = REDUCED_HEIGHT[model]
            recogniser.runner = _openvino(network, device, threads, settings)
        elif backend == "onnxruntime":
            detector.runner = _onnxruntime(path / "det", device, threads)
            recogniser.runner = _onnxruntime(path / "rec", device, threads)
    except Exception as error:  # each backend has its own errors
        raise EngineError(f"{backend} cannot open the model {model}: {error}", backend=backend, model=model) from error
    best = _best_of_logits if backend == "openvino" else _best_of_probabilities
    return Networks(
        detector,
        recogniser,
        lambda batch: best(recogniser.runner(x=[batch])[0][0]),
        reduced_height,
        SURENESS.get(model, 1.0),
    )


def metadata(model: str, folder: Path, backend: str, device: str) -> dict[str, Any]:
    """What the engine is made of, as plain JSON types; nothing is opened.

    Raises WeightsError if ``model`` is not installed.
    """
    return {
        "backend": backend,
        "device": device,
        "model": model,
        "versions": {name: version(name) for name in ("paddleocr", "paddlex", _package(backend))},
        "weights": weights.require(model, folder),
    }


def _package(backend: str) -> str:
    """The installed package of a backend. Its builds for GPUs have names of their own."""
    name = {"paddle": "paddlepaddle"}.get(backend, backend)
    gpu = f"{name}-gpu"
    return gpu if any(True for _ in distributions(name=gpu)) else name


def predictor(kind: str, model: str, path: Path, backend: str, device: str, threads: int) -> Any:
    """PaddleOCR's predictor for the detector ("det") or the recogniser ("rec") of ``model`` in ``path``.

    The detector's has a ``TextMap`` in place of its post-processing.
    """
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    from paddleocr import TextDetection, TextRecognition

    cls = TextDetection if kind == "det" else TextRecognition
    chosen: dict[str, Any] = (
        {"engine": "paddle", "device": device, "cpu_threads": threads, "enable_mkldnn": True}
        if backend == "paddle"  # else its runner is replaced, so it need not be optimised
        else {"engine": "onnxruntime", "device": "cpu", "engine_config": {"graph_optimization_level": 0}}
    )
    opened = cls(model_name=f"{model}_{kind}", model_dir=str(path / kind), **chosen).paddlex_predictor
    if kind == "det":
        opened.post_op = TextMap(opened.post_op)
    return opened


def _network(path: Path) -> Any:
    """The network in ``path`` for OpenVINO, without the softmax or sigmoid at its end. These are faster in NumPy."""
    import openvino as ov

    model = ov.Core().read_model(path / "inference.onnx")
    activation = model.output(0).get_node().input_value(0).get_node()
    if activation.get_type_name() not in ("Softmax", "Sigmoid"):
        raise EngineError(f"{path} ends in {activation.get_type_name()}, which is not supported.")
    return ov.Model([activation.input_value(0)], model.get_parameters())


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


def _openvino(model: Any, device: str, threads: int, settings: Mapping[str, str]) -> Runner:
    import openvino as ov

    properties = {
        "INFERENCE_NUM_THREADS": str(threads),
        "NUM_STREAMS": "1",
        "PERFORMANCE_HINT": "LATENCY",
        "ENABLE_CPU_PINNING": "NO",  # two processes would be pinned to the same core
        **settings,
    }
    request = ov.Core().compile_model(model, device.upper(), properties).create_infer_request()

    def run(x: Sequence[Array]) -> list[Array]:
        """The results are views of the network's memory, valid until the next call."""
        request.infer([x[0]], share_inputs=True)
        return [output.data for output in request.output_tensors]

    return run


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


def _sigmoid(logits: Array) -> Array:
    with np.errstate(over="ignore"):  # it is 0 there
        result = np.exp(np.negative(logits))
    result += 1
    return np.asarray(np.reciprocal(result, out=result))


def _best_of_probabilities(probabilities: Array) -> tuple[Array, Array, Others]:
    indices = probabilities.argmax(axis=-1)
    best = np.take_along_axis(probabilities, indices[:, None], axis=-1)[:, 0]
    begins = indices * np.diff(indices, prepend=0)
    doubtful = np.flatnonzero((begins != 0) & (best < DOUBTFUL_CHARACTER))
    return indices, best, {int(step): _candidates(probabilities[step]) for step in doubtful}


def _best_of_logits(logits: Array) -> tuple[Array, Array, Others]:
    """The same from logits (steps, characters). The softmax is computed only at steps where a character begins.

    The probability of a blank, or of a character that continues, is given as 1.
    """
    indices = logits.argmax(axis=-1)
    probabilities = np.ones(len(indices), np.float32)
    others = {}
    for step in np.flatnonzero(indices * np.diff(indices, prepend=0)):
        # One row at a time stays in the processor's cache; all of them at once would be many megabytes.
        powers = np.exp(logits[step] - logits[step, indices[step]])
        probabilities[step] = 1 / powers.sum()
        if probabilities[step] < DOUBTFUL_CHARACTER:
            others[int(step)] = _candidates(powers * probabilities[step])
    return indices, probabilities, others


def _candidates(probabilities: Array) -> list[int]:
    """The likeliest characters of a step (characters,) after the best one, without the blank."""
    most = np.argpartition(probabilities, -(MOST_CANDIDATES + 2))[-(MOST_CANDIDATES + 2) :]
    ranked = most[np.argsort(probabilities[most])[::-1]]
    return [int(each) for each in ranked[1:] if each and probabilities[each] >= LEAST_PROBABLE][:MOST_CANDIDATES]
