"""A last layer that is executed in two parts says what the whole of it says."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from recognition.engine import networks
from recognition.engine.characters import TwoPartLayer, best_of_logits
from recognition.engine.networks import Networks, open_networks
from tests.support import synthetic_pages

F32 = {"INFERENCE_PRECISION_HINT": "f32"}


@pytest.fixture(scope="module")
def whole_and_two_parts(weights_folder: Path) -> tuple[Networks, Networks]:
    """The recogniser with one last layer, and with one in two parts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(networks, "CLEAR_LOGIT", {})
        whole = open_networks("PP-OCRv6_small", weights_folder, "openvino", "cpu", 1, F32)
    return whole, open_networks("PP-OCRv6_small", weights_folder, "openvino", "cpu", 1, F32)


def strip(text: str, blur: float) -> npt.NDArray[np.float32]:
    page = np.array(synthetic_pages.horizontal([text], size=40).convert("RGB"))
    height, width = page.shape[:2]
    inner = synthetic_pages.MARGIN - 4
    line = page[inner : height - inner, inner : width - inner]
    if blur:
        line = cv2.GaussianBlur(line, (0, 0), blur)
    shown = cv2.resize(line, (line.shape[1] * 32 // line.shape[0], 32), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(shown.transpose(2, 0, 1)[None] / np.float32(127.5) - 1, np.float32)


@pytest.mark.parametrize("blur", [0.0, 2.0, 4.0])
@pytest.mark.parametrize("text", ["罌罍饕餮魑魅魍魎尪堃鱻", "公文分為令、呈、咨、函四種", "Plain text, 12.5% of it"])
def test_rare_usual_and_blurred_characters_are_found(whole_and_two_parts, text: str, blur: float) -> None:
    batch = strip(text, blur)
    whole, parts = (network.best(batch) for network in whole_and_two_parts)
    assert np.array_equal(parts[0], whole[0])
    assert np.allclose(parts[1], whole[1], atol=0.01)
    assert {step for step in whole[2] if whole[1][step] < 0.79} <= set(parts[2])


def test_all_characters_are_compared_only_where_no_usual_one_is_clear() -> None:
    random = np.random.default_rng(1)
    weights = random.normal(size=(8, 60)).astype(np.float32)
    features = random.normal(size=(40, 8)).astype(np.float32)
    usual, logits = np.array([0, 3, 5, 8, 13, 40, 41, 59]), features @ weights
    rare = np.setdiff1d(np.arange(60), usual)
    clear = float(np.median(logits[:, usual].max(axis=1)))
    asked = list[int]()

    def rest(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        asked.append(len(rows))
        return rows @ weights[:, rare]

    indices, probabilities, others = TwoPartLayer(usual, rare, clear, rest).best(logits[:, usual], features)
    unclear = logits[:, usual].max(axis=1) < clear
    assert asked == [20]
    assert np.array_equal(indices[unclear], logits.argmax(axis=1)[unclear])
    assert np.array_equal(indices[~unclear], usual[logits[:, usual].argmax(axis=1)][~unclear])
    assert all({each for each, _ in others[step]} <= set(usual) for step in others if not unclear[step])
    _, of_all, candidates = best_of_logits(logits)
    begins = [step for step in np.flatnonzero(unclear) if indices[step] and indices[step] != indices[step - 1]]
    assert begins
    assert probabilities[begins] == pytest.approx(of_all[begins])
    assert all([c for c, _ in others.get(step, ())] == [c for c, _ in candidates.get(step, ())] for step in begins)


def test_a_strip_that_is_clear_throughout_needs_one_part_only() -> None:
    logits = np.array([[20.0, 1, 2], [3, 21, 1], [22, 2, 1]], np.float32)

    def rest(_: object) -> npt.NDArray[np.float32]:
        raise AssertionError("asked for the other characters")

    usual, rare = np.array([0, 7, 9]), np.array([1, 2])
    indices, probabilities, others = TwoPartLayer(usual, rare, 14.0, rest).best(logits, logits)
    assert indices.tolist() == [0, 7, 0]
    assert probabilities == pytest.approx(best_of_logits(logits)[1])
    assert others == {}
