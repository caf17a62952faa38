"""The systems that are compared: how each is started, and the environments of those that are not ours."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recognition import weights
from recognition.options import DEFAULT_MODEL

PADDLE_MODEL = "PP-OCRv4_mobile"

ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "paddleocr": ("paddleocr==3.7.0", "paddlepaddle==3.2.2", "onnxruntime==1.32.0"),
    "rapidocr": ("rapidocr==3.10.0", "onnxruntime==1.32.0", "openvino==2026.4.1"),
    "rapidocrlite": ("rapidocrlite==5.0.0a15",),
    "faster-paddle": ("faster-paddle==1.0.4",),
}
"""What is installed for the peers, by environment. Apart, because each brings its own OpenCV."""


@dataclass(frozen=True)
class System:
    """One way to read pages. ``runner``: its module in ``bench.runners``, with ``settings``.

    ``environment``: one of ENVIRONMENTS, or none for the product's own (and for Debian's Tesseract).
    ``per_core``: one process per core with a single thread; else one process with all cores.
    """

    runner: str
    description: str
    environment: str | None = None
    per_core: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)

    def python(self, folder: Path) -> Path:
        return folder / self.environment / "bin" / "python" if self.environment else Path(sys.executable)

    def installed(self, folder: Path) -> bool:
        if self.runner == "tesseract":
            return shutil.which("tesseract") is not None
        return self.python(folder).exists()

    def command(self, folder: Path) -> list[str]:
        return [str(self.python(folder)), "-m", f"bench.runners.{self.runner}"]


def _ours(description: str, *, model: str = DEFAULT_MODEL, backend: str = "openvino", **settings: str) -> System:
    return System("ocrsite", description, settings={"model": model, "backend": backend, "settings": settings})


OURS: dict[str, System] = {
    "ocrsite": _ours("our pipeline as it is by default"),
    "ocrsite-f32": _ours("our pipeline, OpenVINO in f32", INFERENCE_PRECISION_HINT="f32"),
    "ocrsite-onnxruntime": _ours("our pipeline on ONNX Runtime", backend="onnxruntime"),
    "ocrsite-paddle": _ours("our pipeline on Paddle, PP-OCRv4", model=PADDLE_MODEL, backend="paddle"),
    "ocrsite-tiny": _ours("our pipeline, PP-OCRv6 tiny", model="PP-OCRv6_tiny"),
}

PEERS: dict[str, System] = {
    "paddleocr-paddle-v4": System(
        "paddleocr",
        "PaddleOCR's pipeline on Paddle, PP-OCRv4, kept warm: what our predecessor ran",
        "paddleocr",
        per_core=False,
        settings={"engine": "paddle", "model": PADDLE_MODEL},
    ),
    "paddleocr-onnxruntime": System(
        "paddleocr",
        "PaddleOCR's pipeline on ONNX Runtime, PP-OCRv6 small",
        "paddleocr",
        per_core=False,
        settings={"engine": "onnxruntime", "model": DEFAULT_MODEL},
    ),
    "rapidocr-onnxruntime": System(
        "rapidocr",
        "RapidOCR on ONNX Runtime as shipped, PP-OCRv6 small",
        "rapidocr",
        per_core=False,
        settings={"engine": "onnxruntime", "parameters": {}},
    ),
    "rapidocr-openvino": System(
        "rapidocr",
        "RapidOCR on OpenVINO as shipped, PP-OCRv6 small",
        "rapidocr",
        per_core=False,
        settings={"engine": "openvino", "parameters": {}},
    ),
    "rapidocr-openvino-tuned": System(
        "rapidocr",
        "the same with one process per core, detection at 1280 pixels, no line classifier",
        "rapidocr",
        settings={
            "engine": "openvino",
            "parameters": {
                "EngineConfig.openvino.inference_num_threads": 1,
                "EngineConfig.openvino.num_streams": 1,
                "EngineConfig.openvino.performance_hint": "LATENCY",
                "EngineConfig.openvino.enable_cpu_pinning": False,
                "Det.limit_type": "max",
                "Det.limit_side_len": 1280,
                "Global.use_cls": False,
            },
        },
    ),
    "rapidocrlite": System("rapidocrlite", "RapidOCRLite with its own lite models", "rapidocrlite"),
    "faster-paddle-tiny": System(
        "faster_paddle", "faster-paddle, PP-OCRv6 tiny", "faster-paddle", settings={"size": "tiny"}
    ),
    "faster-paddle-small": System(
        "faster_paddle", "faster-paddle, PP-OCRv6 small", "faster-paddle", settings={"size": "small"}
    ),
    "tesseract": System(
        "tesseract",
        "Tesseract, one process per core",
        settings={"languages": "chi_tra+eng"},
    ),
}

SYSTEMS = OURS | PEERS


def install(folder: Path, weights_folder: Path, report: Callable[[str], None]) -> None:
    """Make the peers' environments in ``folder`` and fetch what weights they need.

    What is there already is brought to the pinned versions. Raises WeightsError and CalledProcessError.
    """
    for name, requirements in ENVIRONMENTS.items():
        report(f"Installing {', '.join(requirements)} ...")
        python = folder / name / "bin" / "python"
        if not python.exists():
            _uv("venv", "--python", sys.executable, str(folder / name))
        _uv("pip", "install", "--python", str(python), *requirements)
    weights.install([DEFAULT_MODEL, PADDLE_MODEL], weights_folder, report=report)
    if not PEERS["tesseract"].installed(folder):
        report("Tesseract is missing: apt-get install tesseract-ocr tesseract-ocr-chi-tra")


def _uv(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "uv", "--quiet", *arguments], check=True)


def missing(names: Sequence[str], folder: Path) -> list[str]:
    """Those of ``names`` whose environment is not installed."""
    return [name for name in names if not SYSTEMS[name].installed(folder)]
