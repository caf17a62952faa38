"""The networks of a model, opened as PaddleOCR's predictors and executed by one of three backends.

PaddleOCR's predictors bring what belongs to a model: preparation of its input, DB post-processing of
the text map, the list of characters. What executes the network is the predictor's ``runner``, a callable
from a batch to a list of arrays; here it is replaced by OpenVINO or ONNX Runtime with the settings that
serve one page at a time, and the recogniser's is extended by the choice of the best character, so that a
probability for each of some 18,000 characters at each step is never handed to Python.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recognition import weights
from recognition.errors import EngineError

Array = npt.NDArray[Any]
Runner = Callable[..., list[Array]]
Best = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]


@dataclass(frozen=True)
class Networks:
    """An opened model. ``detector``, ``recogniser``: PaddleX predictors. ``best``: from a float batch
    (n, 3, 48, width) to the best character of each step and its probability, both (n, steps).
    ``orientation``: from a float batch (n, 3, 224, 224) to probabilities of 0, 90, 180 and 270 degrees."""

    model: str
    backend: str
    detector: Any
    recogniser: Any
    best: Callable[[Array], Best]
    orientation: Callable[[Array], Array]
    description: Mapping[str, Any]


def open_networks(
    model: str, folder: Path, backend: str, device: str, threads: int, settings: Mapping[str, str]
) -> Networks:
    """Open ``model`` from ``folder``. Raises WeightsError and EngineError."""
    checksums = {name: weights.require(name, folder) for name in (model, weights.ORIENTATION)}
    run = _runners(backend, device, threads, settings)
    try:
        detector = _predictor("det", model, folder, backend, device, threads)
        recogniser = _predictor("rec", model, folder, backend, device, threads)
        if backend == "paddle":
            best = _best_of_all(recogniser.runner)
            orientation = _runners("onnxruntime", "cpu", threads, {})(folder / weights.ORIENTATION, False)
        else:
            detector.runner = run(folder / model / "det", False)
            recogniser.runner = run(folder / model / "rec", True)
            best = _best_as_given(recogniser.runner)
            orientation = run(folder / weights.ORIENTATION, False)
    except Exception as error:  # each backend has its own errors
        raise EngineError(f"{backend} cannot open the model {model}: {error}", backend=backend, model=model) from error
    description = {
        "backend": backend,
        "device": device,
        "model": model,
        "versions": _versions(backend),
        "weights": {f"{name}/{file}": sha256 for name, files in checksums.items() for file, sha256 in files.items()},
    }
    return Networks(model, backend, detector, recogniser, best, lambda x: orientation(x=[x])[0], description)


def _versions(backend: str) -> dict[str, str]:
    package = {"paddle": "paddlepaddle"}.get(backend, backend)
    return {name: version(name) for name in ("paddleocr", "paddlex", package)}


def _predictor(kind: str, model: str, folder: Path, backend: str, device: str, threads: int) -> Any:
    """PaddleOCR's predictor for the detector ("det") or the recogniser ("rec") of ``model``."""
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    from paddleocr import TextDetection, TextRecognition

    cls = TextDetection if kind == "det" else TextRecognition
    chosen: dict[str, Any] = (
        {"engine": "paddle", "device": device, "cpu_threads": threads, "enable_mkldnn": True}
        if backend == "paddle"
        else {"engine": "onnxruntime", "device": "cpu", "engine_config": {"graph_optimization_level": 0}}
    )
    return cls(model_name=f"{model}_{kind}", model_dir=str(folder / model / kind), **chosen).paddlex_predictor


def _runners(backend: str, device: str, threads: int, settings: Mapping[str, str]) -> Callable[[Path, bool], Runner]:
    """What makes a runner of a model's folder; the flag says that it is to give the best characters only."""
    if backend == "openvino":
        return lambda path, best: _openvino(path / "inference.onnx", device, threads, settings, best)
    return lambda path, best: _onnxruntime(path / "inference.onnx", device, threads, best)


def _openvino(path: Path, device: str, threads: int, settings: Mapping[str, str], best: bool) -> Runner:
    import openvino as ov
    from openvino import opset13 as ops

    core = ov.Core()
    model = core.read_model(path)
    if best:
        probabilities = model.output(0).get_node().input_value(0)
        model = ov.Model(
            [ops.topk(probabilities, 1, -1, "max", "none").output(i) for i in (1, 0)], model.get_parameters()
        )
    properties = {
        "INFERENCE_NUM_THREADS": str(threads),
        "NUM_STREAMS": "1",
        "PERFORMANCE_HINT": "LATENCY",
        "ENABLE_CPU_PINNING": "NO",  # two processes would be pinned to the same core
        **settings,
    }
    request = core.compile_model(model, device.upper(), properties).create_infer_request()

    def run(x: Sequence[Array]) -> list[Array]:
        request.infer([np.ascontiguousarray(x[0])])
        return [np.array(output.data) for output in request.output_tensors]

    return run


def _onnxruntime(path: Path, device: str, threads: int, best: bool) -> Runner:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    providers = ["CPUExecutionProvider"] if device == "cpu" else ["CUDAExecutionProvider", "CPUExecutionProvider"]
    session = ort.InferenceSession(str(path), options, providers=providers)
    name = session.get_inputs()[0].name

    def run(x: Sequence[Array]) -> list[Array]:
        outputs: list[Array] = session.run(None, {name: np.ascontiguousarray(x[0])})
        return [outputs[0].argmax(-1), outputs[0].max(-1)] if best else outputs

    return run


def _best_as_given(runner: Runner) -> Callable[[Array], Best]:
    def best(x: Array) -> Best:
        indices, probabilities = runner(x=[x])
        return indices.reshape(indices.shape[:2]), probabilities.reshape(probabilities.shape[:2])

    return best


def _best_of_all(runner: Runner) -> Callable[[Array], Best]:
    def best(x: Array) -> Best:
        probabilities = runner(x=[x])[0]
        return probabilities.argmax(-1), probabilities.max(-1)

    return best
