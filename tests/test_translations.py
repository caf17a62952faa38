"""Everything that people read exists in Traditional Chinese, and every error has words of its own."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.utils.translation import override
from django.utils.translation.template import templatize

from documents import messages
from recognition import errors, legibility

ROOT = Path(__file__).parent.parent
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)|\{\w+\}")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    with (ROOT / "locale/zh_Hant/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file)


def sources() -> Iterator[tuple[str, str]]:
    """Path and text of everything that has strings in it, templates turned into Python calls of gettext."""
    for folder in ("ocrsite", "accounts", "documents"):
        for path in (ROOT / folder).rglob("*.py"):
            yield str(path.relative_to(ROOT)), path.read_text()
    for path in [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "templates").rglob("*.txt"),
        *(ROOT / "documents").rglob("*.html"),
    ]:
        calls = templatize(path.read_text(), origin=str(path))
        yield str(path.relative_to(ROOT)), "\n".join(line.strip() for line in calls.splitlines())


def strings_of(text: str) -> Iterator[str]:
    for _, _, found, _ in extract_python(io.BytesIO(text.encode()), list(KEYWORDS), [], {}):
        if found:  # nothing where a variable is translated
            yield found[0] if isinstance(found, tuple) else found


def test_every_string_is_translated(catalog):
    asked = {(path, message) for path, text in sources() for message in strings_of(text)}
    assert len(asked) > 200
    untranslated = {(path, message) for path, message in asked if message not in catalog or not catalog[message].string}
    assert untranslated == set()


def test_no_translation_is_unfinished_or_left_over(catalog):
    asked = {message for _, text in sources() for message in strings_of(text)}
    for message in catalog:
        if message.id:
            name = message.id[0] if isinstance(message.id, tuple) else message.id
            assert not message.fuzzy, name
            assert name in asked, f"nobody asks for {name!r} any more"
    assert not catalog.obsolete


def test_translations_keep_the_values(catalog):
    for message in catalog:
        ids, texts = (part if isinstance(part, tuple) else (part,) for part in (message.id, message.string))
        for text in texts:
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(ids[-1])), ids


def test_translations_are_chinese_with_full_width_punctuation(catalog):
    for message in catalog:
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            assert not re.search(r"[\u4e00-\u9fff][,.;:?!]", text), text


def error_classes(parent: type[errors.RecognitionError] = errors.RecognitionError) -> set[type]:
    return {parent}.union(*(error_classes(child) for child in parent.__subclasses__()))


@pytest.mark.parametrize(
    "error", sorted(error_classes(), key=lambda error: error.__name__), ids=lambda error: error.code
)
@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_every_error_has_words_with_and_without_its_values(error, language):
    assert error.code in messages.EXPLANATIONS
    values = {"limit": 5 * 2**20, "found": "a film", "count": 3, "width": 1, "height": 2, "number": 7, "model": "m"}
    with override(language):
        texts = [messages.explain({"code": error.code, "message": "", "params": params}) for params in ({}, values)]
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


def test_every_type_that_a_refused_file_may_have_is_named():
    source = (ROOT / "recognition/raster/__init__.py").read_text()
    assert set(messages.FILE_TYPES) == set(re.findall(r'\(rb".*", "(an? .*)"\)', source))


def test_every_warning_has_words_in_the_list(catalog):
    assert set(messages.WARNINGS) == {legibility.WHOLE_PAGE, legibility.REGION, legibility.BOPOMOFO}
