"""Everything that people read exists in Traditional Chinese."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from recognition.page_warnings import MESSAGES, WarningCode

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
    for folder in ("ocrsite", "accounts", "documents", "recognition"):
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


def test_every_warning_of_a_page_has_words_in_both_languages(catalog):
    assert set(MESSAGES) == set(get_args(WarningCode))
    assert all(catalog.get(message).string for message in MESSAGES.values())
