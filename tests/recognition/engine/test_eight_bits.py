"""The network in 8-bit integers reads what the full one reads, and is used only where it pays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import openvino as ov
import pytest
from rapidfuzz.distance import Levenshtein

from bench import quantise
from recognition import weights
from recognition.engine import eight_bits
from recognition.engine.lines import LineCrop, TextQuad
from recognition.engine.networks import Networks, open_networks, recogniser_network
from recognition.engine.reader import Engine
from recognition.engine.recogniser import Recogniser
from recognition.page import PageImage
from tests.support import synthetic_pages

TEXTS = (
    "公文分為令、呈、咨、函四種，各有其用。",
    "Minutes of the 12th meeting, page 3 of 40 (draft)",
    "国务院办公厅关于进一步做好工作的通知",
    "總計 NT$ 1,234,567 元整，不含稅 5%",
    "中華民國一百一十四年十一月三十日星期日",
    "Please answer within 14 days of receipt",
)


@pytest.fixture(scope="module")
def networks(weights_folder: Path) -> Networks:
    """As they are opened where 8 bits pay, whatever processor this is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(eight_bits, "pays", lambda: True)
        return open_networks("PP-OCRv6_small", weights_folder, "openvino", "cpu", 1, {})


@pytest.fixture(scope="module")
def recipe(weights_folder: Path) -> eight_bits.Recipe:
    found = eight_bits.recipe(weights.require("PP-OCRv6_small", weights_folder)[eight_bits.WEIGHTS])
    assert found
    return found


def line(text: str, blur: float = 0.0, *, vertical: bool = False) -> LineCrop:
    draw = synthetic_pages.vertical if vertical else synthetic_pages.horizontal
    page = np.array(draw([text], size=32).convert("RGB"))
    if blur:
        page = np.asarray(cv2.GaussianBlur(page, (0, 0), blur), np.uint8)
    height, width = page.shape[:2]
    edge = synthetic_pages.MARGIN - 4
    left, top, right, bottom = edge, edge, width - edge, height - edge
    quad = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return LineCrop(page, TextQuad(quad, vertical), 0.0)


@pytest.mark.skipif(
    not eight_bits.pays(), reason="read in 8 bits only where it pays; elsewhere sums may overflow 16 bits"
)
@pytest.mark.parametrize("blur", [0.0, 2.0])
def test_lines_are_read_as_the_full_network_reads_them(networks: Networks, blur: float) -> None:
    """But for one character in a hundred, and blanks. What is doubtful is read again in either case."""
    fast, full = Recogniser(networks), Recogniser(replace(networks, best_fast=None))
    pairs = [(fast.read(line(text, blur)), full.read(line(text, blur))) for text in TEXTS]
    words = ["".join(str(text).split()) for pair in pairs for text in pair]
    assert sum(map(Levenshtein.distance, words[::2], words[1::2])) <= 0.01 * sum(map(len, TEXTS))
    for a, b in pairs:
        assert a.confidence == pytest.approx(b.confidence, abs=0.03)


def test_all_layers_of_the_recipe_are_executed_in_whole_numbers(
    weights_folder: Path, recipe: eight_bits.Recipe
) -> None:
    network = eight_bits.quantised(recogniser_network(weights_folder / "PP-OCRv6_small"), recipe)
    request = ov.Core().compile_model(network, "CPU", {"PERF_COUNT": "YES"}).create_infer_request()
    request.infer([np.zeros((1, 3, 32, 64), np.float32)])
    kernels = [layer.exec_type for layer in request.get_profiling_info() if layer.node_type == "Convolution"]
    assert len(recipe) == 30
    assert sum(kernel.endswith("I8") for kernel in kernels) == len(recipe)


def test_lines_and_columns_are_first_read_so(networks: Networks) -> None:
    seen: list[str] = []

    def noting(name: str):  # type: ignore[no-untyped-def]
        def best(batch: npt.NDArray[np.float32]):  # type: ignore[no-untyped-def]
            seen.append(name)
            return networks.best(batch)

        return best

    recogniser = Recogniser(replace(networks, best=noting("full"), best_fast=noting("fast")))
    recogniser.read_fast(line(TEXTS[0]))
    recogniser.read_full(line(TEXTS[0]))
    recogniser.read_fast(line(TEXTS[0], vertical=True))
    recogniser.read_squeezed(line(TEXTS[0], vertical=True))
    assert seen == ["fast", "full", "fast", "full"]


def test_lines_of_noisy_pages_are_read_in_full(networks: Networks) -> None:
    page = np.array(synthetic_pages.horizontal(list(TEXTS), size=32).convert("RGB"))
    noise = np.random.default_rng(1).normal(0, 4, page.shape)
    noisy = np.clip(page + noise, 0, 255).astype(np.uint8)
    assert not eight_bits.is_noisy(page)
    assert eight_bits.is_noisy(noisy)
    assert not eight_bits.is_noisy(page[:9, :9])

    def asked_for(pixels: npt.NDArray[np.uint8]) -> int:
        asked: list[int] = []

        def best_fast(batch: npt.NDArray[np.float32]):  # type: ignore[no-untyped-def]
            asked.append(1)
            return networks.best(batch)

        engine = Engine({}, lambda: replace(networks, best_fast=best_fast))
        engine.read(PageImage(pixels))
        return len(asked)

    assert asked_for(page) == len(TEXTS)
    assert asked_for(noisy) == 0


@pytest.mark.parametrize(
    ("flags", "pays"),
    [
        ("fpu sse4_2 avx2 avx512f avx512_vnni avx512_bf16", True),
        ("fpu sse4_2 avx2 avx_vnni", True),
        ("fpu sse4_2 avx2 avx512f", False),
        ("fpu avx2 avx512f avx512_vnni amx_bf16 amx_tile amx_int8", False),
    ],
)
def test_it_pays_with_instructions_for_8_bits_but_without_amx(tmp_path: Path, flags: str, pays: bool) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t:\n", encoding="utf-8")
    assert eight_bits.pays(cpuinfo) is pays


def test_of_an_unknown_processor_it_is_not_assumed(tmp_path: Path) -> None:
    assert not eight_bits.pays(tmp_path / "missing")


@pytest.mark.parametrize(
    ("pays", "properties", "checksum_of"),
    [
        (False, {}, eight_bits.WEIGHTS),
        (True, {"INFERENCE_PRECISION_HINT": "bf16"}, eight_bits.WEIGHTS),
        (True, {}, "det/inference.onnx"),
    ],
    ids=["another processor", "a precision that is asked for", "other weights"],
)
def test_elsewhere_there_is_the_full_network_only(
    weights_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    pays: bool,
    properties: dict[str, str],
    checksum_of: str,
) -> None:
    monkeypatch.setattr(eight_bits, "pays", lambda: pays)
    monkeypatch.setattr(eight_bits, "WEIGHTS", checksum_of)
    networks = open_networks("PP-OCRv6_small", weights_folder, "openvino", "cpu", 1, properties)
    assert networks.best_fast is None


@pytest.mark.parametrize("pixels", [1, 9])
def test_rounding_loses_little_and_leaves_the_mean_of_each_output(pixels: int) -> None:
    random = np.random.default_rng(1)
    values = np.maximum(random.normal(size=(2000, 24, pixels)), -0.1) * np.geomspace(0.1, 5, 24)[:, None]
    matrix = random.normal(size=(24, pixels, 16)).astype(np.float32)
    layer, lost = quantise.best(values.astype(np.float32), matrix)
    step = (layer.high - layer.low) / (eight_bits.LEVELS - 1)
    assert lost < 0.0005
    assert layer.low / step == pytest.approx(round(layer.low / step), abs=1e-3)  # 0 stays 0
    assert layer.scales.shape == (24,)
    assert np.ptp(layer.scales) > 0
    assert np.abs(layer.shifts).max() > 0


def test_windows_are_what_a_kernel_sees_at_once() -> None:
    values = np.arange(2 * 6 * 7, dtype=np.float32).reshape(2, 6, 7)
    seen = quantise.windows(values, (2, 3), np.random.default_rng(1))
    assert seen.shape == (quantise.POSITIONS, 2, 6)
    assert len(np.unique(seen[:, 0, 0])) > 10
    first = seen[:, :1, :1]
    assert (seen - first == np.array([[0, 1, 2, 7, 8, 9], [42, 43, 44, 49, 50, 51]])).all()


def test_a_recipe_is_made_from_drawn_lines_and_stored(
    weights_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recipe: eight_bits.Recipe
) -> None:
    monkeypatch.setattr(quantise, "SMOOTHNESS", (0.5,))
    monkeypatch.setattr(quantise, "CLIPS", (1.0,))
    path = tmp_path / "recipe.npz"
    quantise.main(["--weights", str(weights_folder), "--lines", "2", "--out", str(path)])
    checksum = weights.require("PP-OCRv6_small", weights_folder)[eight_bits.WEIGHTS]
    made = eight_bits.recipe(checksum, path)
    assert made is not None
    assert {name: layer.scales.shape for name, layer in made.items()} == {
        name: layer.scales.shape for name, layer in recipe.items()
    }
    assert eight_bits.recipe("0" * 64, path) is None
