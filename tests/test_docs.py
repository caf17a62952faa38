"""What the documents of the project name exists, and nothing that they have to name is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ocrsite import install
from recognition import weights

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
NOTICE = (ROOT / "NOTICE").read_text()
GLOSSARY = (ROOT / "docs/glossary.md").read_text()
TRANSLATIONS = (ROOT / "locale/zh_Hant/LC_MESSAGES/django.po").read_text()


def anchors(text: str) -> set[str]:
    """What a link can point to in a document: its headings, as GitHub makes addresses of them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_to_one_and_to_a_heading_of_it(document):
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", document.read_text()):
        path, _, heading = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), f"{document.name} links to {link}"
        assert not heading or heading in anchors(target.read_text()), f"{document.name} links to {link}"


def test_the_notice_names_each_package_that_weights_or_front_end_files_come_from():
    packages = {(part.package.name, part.package.version) for model in weights.CATALOGUE.values() for part in model}
    libraries = {pattern.partition("/")[0] for patterns in install.FRONTEND.values() for pattern in patterns}
    assert packages
    assert {f"{name} {version}" for name, version in packages if f"{name} {version}" not in NOTICE} == set()
    assert {name for name in libraries if not re.search(rf"^  {re.escape(name)} ", NOTICE, re.MULTILINE)} == set()


def test_translations_keep_to_the_words_of_the_glossary():
    _, _, table = GLOSSARY.partition("## Words to avoid")
    words = re.findall(r"^\| ([^\x00-\x7f]+) \| ([^\x00-\x7f]+) \|$", table, re.MULTILINE)
    assert words
    for avoided, wanted in words:
        assert avoided not in TRANSLATIONS.replace(wanted, ""), f"write {wanted} instead of {avoided}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_commands_that_documents_name_exist(document):
    ours = {path.stem for path in (ROOT / "documents/management/commands").glob("*.py")}
    assert set(re.findall(r"manage\.py (\w+)", document.read_text())) <= ours | {"check"}


def test_the_image_carries_licence_notice_and_version():
    taken = (ROOT / ".dockerignore").read_text().splitlines()
    assert {"!LICENSE", "!NOTICE", "!pyproject.toml"} <= set(taken)
