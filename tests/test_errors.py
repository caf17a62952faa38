"""Every error knows itself: its code, its words in each language, and whether the input is to blame."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from babel.messages.pofile import read_po
from django.utils.translation import override

import documents
import recognition
from documents import messages
from documents.admin.documents import failure_codes
from documents.api.problems import status_of
from recognition.errors import RecognitionError, error_class, error_classes

ROOT = Path(__file__).parent.parent
GROUPS = {"FileError", "IntakeError", "LaterError", "QuotaExceededError", "TooManyError"}
"""Classes without a code: they are caught, and not raised."""

VALUES = {"limit": 5 * 2**20, "found": "a film", "count": 3, "width": 1, "height": 2, "number": 7, "model": "m"}


def every_subclass(parent: type[RecognitionError] = RecognitionError) -> set[type[RecognitionError]]:
    return {parent}.union(*(every_subclass(child) for child in parent.__subclasses__()))


for package in (documents, recognition):
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.startswith("documents.migrations."):
            import_module(module.name)

KINDS = sorted(every_subclass(), key=lambda error: error.__name__)
CODED = [error for error in KINDS if error.__name__ not in GROUPS]


def test_each_error_has_a_code_of_its_own():
    assert set(CODED) == set(error_classes())
    assert len({error.code for error in CODED}) == len(CODED) > 20
    assert all(error_class(error.code) is error for error in CODED)


def test_a_code_that_nobody_knows_has_no_class():
    assert error_class("brand-new") is None


@pytest.mark.parametrize("error", CODED, ids=lambda error: error.code)
def test_each_error_has_explanations_of_its_own_in_english_and_chinese(error):
    assert "explanations" in vars(error)
    with (ROOT / "locale/zh_Hant/LC_MESSAGES/django.po").open("rb") as file:
        catalog = read_po(file)
    assert all(explanation in catalog and catalog[explanation].string for explanation in error.explanations)


@pytest.mark.parametrize("error", CODED, ids=lambda error: error.code)
@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_each_error_is_explained_with_and_without_its_values(error, language):
    with override(language):
        texts = [messages.explain({"code": error.code, "message": "", "params": params}) for params in ({}, VALUES)]
    assert all(texts)
    assert not [text for text in texts if "%" in text]


def test_a_limit_is_told_in_the_units_of_people():
    error = {"code": "file-too-large", "message": "plain", "params": {"limit": 200 * 2**20, "size": 3}}
    with override("en"):
        assert "200 MB" in messages.explain(error)


def test_an_unknown_error_keeps_its_own_words():
    assert (
        messages.explain({"code": "brand-new", "message": "Said by the engine.", "params": {}}) == "Said by the engine."
    )


def test_pages_that_fail_by_fault_of_the_server_are_not_counted_twice():
    assert {error.code for error in CODED if not error.blames_input} == {
        "cancelled",
        "duplicate",
        "engine-failed",
        "file-incomplete",
        "image-unreachable",
        "manifest-invalid",
        "manifest-unreachable",
        "no-model-answer",
        "no-space",
        "original-damaged",
        "original-missing",
        "original-parted",
        "other-refused",
        "quota-pages",
        "quota-storage",
        "recognition-failed",
        "server-error",
        "throttled",
        "too-many-at-once",
        "too-many-exports",
        "too-many-megabytes",
        "too-many-pages-together",
        "too-many-regions",
        "too-many-searches",
        "too-many-searches-at-once",
        "too-many-unfinished",
        "too-many-uploads",
        "transcription-mismatch",
        "weights-corrupt",
        "weights-missing",
    }


def test_the_administration_lists_every_reason_for_which_a_page_may_fail():
    refusals = {
        "duplicate",
        "file-incomplete",
        "image-unreachable",
        "manifest-invalid",
        "manifest-unreachable",
        "no-space",
        "original-parted",
        "other-refused",
        "quota-pages",
        "quota-storage",
        "server-error",
        "throttled",
        "too-many-at-once",
        "too-many-exports",
        "too-many-megabytes",
        "too-many-pages-together",
        "too-many-regions",
        "too-many-searches",
        "too-many-unfinished",
        "too-many-uploads",
        "transcription-mismatch",
    }
    assert failure_codes() == sorted({error.code for error in CODED} - refusals)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("duplicate", 409),
        ("file-too-large", 413),
        ("file-type-unsupported", 415),
        ("server-error", 500),
        ("file-broken", 422),
        ("quota-pages", 422),
        ("too-many-at-once", 429),
        ("too-many-exports", 429),
        ("no-space", 507),
        ("option-invalid", 400),
        ("page-failed", 400),
    ],
)
def test_each_error_has_the_status_of_its_kind(code, status):
    assert status_of(error_class(code)) == status
