"""What the viewer makes of the blocks of a page."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from lxml import html

from documents.models import Document, PageResult, Share
from recognition.page import Block, Cell, Table

pytestmark = pytest.mark.django_db(transaction=True)

CELLS = ((Cell((10, 60, 50, 90), (1,)), Cell((50, 60, 90, 90))),)
BLOCKS = [Block("title", (10, 10, 90, 40), (0,)), Block("table", (10, 60, 90, 90), (1,), Table(CELLS))]


@pytest.fixture
def page(document: Document) -> str:
    """The address of a page with a heading and a table of two cells."""
    PageResult.objects.update(blocks=[block.to_dict() for block in BLOCKS])
    return f"/documents/{document.pk}/pages/1/"


def test_a_page_shows_its_blocks_as_frames_groups_and_tables(page: str, as_owner: Client) -> None:
    shown = html.fromstring(as_owner.get(page).content)
    frames = shown.xpath("//*[@class='blocks']/g")
    assert [frame.text_content().strip() for frame in frames] == ["1 Heading", "2 Table"]
    assert shown.xpath("//ol[@id='lines']/li[@class='block-bar']/@data-kind") == ["title", "table"]
    first, second = shown.xpath("//table[@class='grid']//td")
    assert first.xpath(".//a/@data-line") == ["2"]
    assert second.xpath("button/@aria-label") == ["Empty cell"]
    assert second.get("data-place") == "50 60 40 30"


def test_who_may_only_read_a_page_is_not_offered_to_change_its_blocks(
    page: str, document: Document, stranger: User, as_stranger: Client
) -> None:
    Share.objects.create(document=document, user=stranger)
    shown = html.fromstring(as_stranger.get(page).content)
    assert len(shown.xpath("//li[@class='block-bar']")) == 2
    assert not shown.xpath("//li[@class='block-bar']//*[self::input or self::select] | //td/button")


def test_a_block_whose_lines_were_deleted_has_no_frame(page: str, document: Document, as_owner: Client) -> None:
    PageResult.objects.update(blocks=[Block("text", (10, 10, 90, 90), (0, 1)).to_dict()])
    changes = '[{"line": "1", "text": "", "seen": null}, {"line": "2", "text": "", "seen": null}]'
    assert as_owner.post(f"/documents/{document.pk}/pages/1/lines/", {"changes": changes}).status_code == 200
    assert not html.fromstring(as_owner.get(page).content).xpath("//*[@class='blocks']/g")
