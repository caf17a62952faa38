"""RapidOCRLite with its own "lite" weights, a network for the order of lines among them.

Its package takes the name of RapidOCR's, so it has an environment of its own. The licence of the weights forbids
products that compete with it: it is measured, and nothing of it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .protocol import Read, Reading, serve, versions


def load(settings: Mapping[str, Any]) -> tuple[Read, Mapping[str, str]]:
    """``settings``: ``threads``."""
    from rapidocr import RapidOCR  # type: ignore[import-not-found]  # in its own environment

    system = RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "Det.model_type": "lite",
            "Rec.model_type": "lite",
            "EngineConfig.onnxruntime.intra_op_num_threads": settings["threads"],
        }
    )

    def read(path: str) -> Reading:
        return Reading("\n".join(system(path).txts or ()))

    return read, versions("rapidocrlite")


if __name__ == "__main__":
    serve(load)
