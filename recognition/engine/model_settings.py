"""What belongs to a model beside its networks, from the ``inference.yml`` that PaddleOCR writes for each of them.

PaddleOCR's predictors read the same. But importing them takes two seconds and a hundred megabytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

Channels = tuple[float, float, float]

BLANK = "blank"


@dataclass(frozen=True)
class DetectorSettings:
    """``factors``, ``summands``: for the values of pixels (0 to 255) by channel, blue first.

    Of DB post-processing: ``text``: the probability from which a pixel is text. ``band``: the mean probability from
    which its pixels are a band. ``unclip_ratio``: by which bands are widened, times area by circumference.
    ``most_bands``: those of an image that are looked at.
    """

    factors: Channels
    summands: Channels
    text: float
    band: float
    unclip_ratio: float
    most_bands: int


@dataclass(frozen=True)
class RecogniserSettings:
    """``height``: of the strips of the training, in pixels. ``characters``: by their numbers, the blank first."""

    height: int
    characters: tuple[str, ...]


def detector_settings(path: Path) -> DetectorSettings:
    """Of the detector in ``path``. Raises OSError or KeyError if it has no such file, or one of another kind."""
    config = _config(path, "DBPostProcess")
    normalize, post = _operation(config, "NormalizeImage"), config["PostProcess"]
    first, second, third = (
        (1 / 255 / deviation, -mean / deviation)
        for mean, deviation in zip(normalize["mean"], normalize["std"], strict=True)
    )
    factors, summands = zip(first, second, third, strict=True)
    return DetectorSettings(
        factors, summands, post["thresh"], post["box_thresh"], post["unclip_ratio"], post["max_candidates"]
    )


def recogniser_settings(path: Path) -> RecogniserSettings:
    """Of the recogniser in ``path``. Raises OSError or KeyError if it has no such file, or one of another kind."""
    config = _config(path, "CTCLabelDecode")
    _, height, _ = _operation(config, "RecResizeImg")["image_shape"]
    return RecogniserSettings(height, (BLANK, *config["PostProcess"]["character_dict"], " "))


def _config(path: Path, decoder: str) -> dict[str, Any]:
    import yaml

    text = (path / "inference.yml").read_text(encoding="utf-8")
    config: dict[str, Any] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if config["PostProcess"]["name"] != decoder:
        raise KeyError(decoder)
    return config


def _operation(config: dict[str, Any], name: str) -> dict[str, Any]:
    """The arguments of a step of preparation."""
    found: dict[str, Any] = next(step[name] for step in config["PreProcess"]["transform_ops"] if name in step)
    return found
