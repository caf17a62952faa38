"""PaddleOCR's own pipeline, with its own line order."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .protocol import Read, Reading, serve, versions


def load(settings: Mapping[str, Any]) -> tuple[Read, Mapping[str, str]]:
    """``settings``: ``folder`` of the weights, ``model``, ``engine`` (paddle or onnxruntime), ``threads``."""
    os.environ["PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK"] = "True"
    from paddleocr import PaddleOCR

    model, folder = settings["model"], Path(settings["folder"])
    pipeline = PaddleOCR(
        engine=settings["engine"],
        device="cpu",
        cpu_threads=settings["threads"],
        text_detection_model_name=f"{model}_det",
        text_detection_model_dir=str(folder / model / "det"),
        text_recognition_model_name=f"{model}_rec",
        text_recognition_model_dir=str(folder / model / "rec"),
        use_doc_orientation_classify=False,
        use_doc_unwarping=False,
        use_textline_orientation=False,
    )

    def read(path: str) -> Reading:
        return Reading("\n".join(line for page in pipeline.predict(path) for line in page["rec_texts"]))

    backend = "paddlepaddle" if settings["engine"] == "paddle" else settings["engine"]
    return read, versions("paddleocr", backend)


if __name__ == "__main__":
    serve(load)
