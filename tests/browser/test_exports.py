"""Taking text away: the menu of formats in the viewer, and many documents at once."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pypdfium2
from playwright.sync_api import expect

from tests.support.browser import POEMS, entry, faults


def test_a_vertical_page_becomes_a_pdf_whose_columns_come_from_right_to_left(window, library, tmp_path: Path):
    page = window()
    page.goto(library["唐詩"])
    page.get_by_role("button", name="More formats").click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Searchable PDF").click()
    assert downloading.value.suggested_filename == "唐詩.pdf"
    downloading.value.save_as(tmp_path / "poems.pdf")
    pdf = pypdfium2.PdfDocument(tmp_path / "poems.pdf")
    assert [shown.get_textpage().get_text_range().split("\r\n") for shown in pdf] == POEMS


def test_selected_documents_come_as_one_archive(window, library, tmp_path: Path):
    page = window()
    page.goto("/")
    for title in ("唐詩", "六十行"):
        entry(page, title).get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Download").click()
    expect(page).to_have_title("Download as ZIP · ocrsite")
    assert faults(page) == []
    page.get_by_label("Markdown", exact=True).check()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download").click()
    downloading.value.save_as(tmp_path / "documents.zip")
    names = zipfile.ZipFile(tmp_path / "documents.zip").namelist()
    assert sorted(names) == sorted(["唐詩.txt", "唐詩.md", "六十行.txt", "六十行.md"])
