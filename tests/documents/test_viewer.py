"""What the viewer makes of a page and of the values of the archive."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.translation import override

from documents import viewer
from documents.models import Document, PageResult, Share, State
from documents.templatetags import reading
from recognition.options import Options
from recognition.page import Code, Line, PageWarning
from recognition.page_warnings import MESSAGES
from tests.support.files import book, upload

BOX = ((0.0, 0.0), (40.0, 0.5), (40.0, 20.0), (0.0, 20.0))


def line(text: str = "字", confidence: float = 0.99, direction: str = "horizontal") -> dict[str, object]:
    return Line(text, confidence, BOX, direction).to_dict()  # type: ignore[arg-type]


@pytest.fixture
def document(receive) -> Document:
    return receive(upload("book.pdf", book(3)))


def read(document: Document, number: int, *lines: dict[str, object]) -> PageResult:
    """Marks a page as read, with these lines."""
    results = document.current_run.results
    text = "\n".join(str(line["text"]) for line in lines)
    results.filter(page__number=number).update(lines=list(lines), text=text, state=State.DONE)
    return results.get(page__number=number)


def view(document: Document, result: PageResult, selected: str = "") -> viewer.PageView:
    return viewer.page_view(document.current_run, result, selected)


@pytest.mark.parametrize(
    ("confidence", "mark", "percent"),
    [(1.0, "sure", 100), (0.9999, "sure", 99), (0.95, "sure", 95), (0.9499, "check", 94), (0.8499, "doubtful", 84)],
)
def test_confidence_is_marked_and_rounded_down(document, confidence, mark, percent):
    (shown,) = view(document, read(document, 1, line(confidence=confidence))).lines
    assert (shown.mark, shown.percent) == (mark, percent)


def test_what_was_not_read_as_it_should_be_is_said_once_and_shown_where_it_is(document, client):
    read(document, 1, line())
    boxes = [(0, 0, 40, 20), (0, 50, 40, 70)]
    warnings = [PageWarning("script-unsupported", box).to_dict() for box in boxes]
    document.current_run.results.filter(page__number=1).update(warnings=warnings)
    shown = view(document, document.current_run.results.get(page__number=1))
    assert [warning["code"] for warning in shown.warnings] == ["script-unsupported"]
    assert shown.warned == ["0,0 40,0 40,20 0,20", "0,50 40,50 40,70 0,70"]
    client.force_login(document.owner)
    html = client.get(f"/documents/{document.pk}/?page=1").content.decode()
    assert MESSAGES["script-unsupported"] in html


def test_electronic_invoices_are_shown_beside_their_page(document, client):
    read(document, 1, line())
    left = "AB123456781150102999900000064000000690000000004595257" + "A" * 24 + ":**********:1:1:1:便當:1:105"
    codes = [Code("QRCode", left, (0, 0, 40, 40)).to_dict()]
    document.current_run.results.filter(page__number=1).update(codes=codes)
    client.force_login(document.owner)
    html = client.get(f"/documents/{document.pk}/?page=1").content.decode()
    assert "<dd>AB12345678</dd>" in html
    assert "<dt>便當</dt><dd>1 × 105</dd>" in html
    assert left in html


def test_a_polygon_is_written_as_svg_wants_it(document):
    (shown,) = view(document, read(document, 1, line())).lines
    assert shown.points == "0,0 40,0.5 40,20 0,20"


@pytest.mark.parametrize(
    ("number", "previous", "following"), [(1, None, 2), (2, 1, 3), (3, 2, None)], ids=["first", "middle", "last"]
)
def test_turning_ends_at_both_covers(document, number, previous, following):
    shown = view(document, read(document, number))
    assert (shown.previous, shown.next) == (previous, following)


@pytest.mark.parametrize(
    ("asked", "selected"), [("2", "2"), ("", None), ("0", None), ("3", None), ("x", None), ("²", None)]
)
def test_only_a_line_that_is_there_is_selected(document, asked, selected):
    assert view(document, read(document, 1, line(), line()), asked).selected == selected


@pytest.mark.parametrize(
    ("asked", "written", "expected"),
    [
        ("auto", ["vertical-rl", "vertical-rl", "horizontal"], True),
        ("auto", ["vertical-rl", "horizontal"], False),
        ("auto", [], False),
        ("horizontal", ["vertical-rl"], False),
        ("vertical-rl", ["horizontal"], True),
    ],
)
def test_a_book_is_turned_as_it_is_written_unless_somebody_said_how(receive, asked, written, expected):
    document = receive(upload("book.pdf", book(3)), Options(direction=asked))
    read(document, 2, *(line(direction=direction) for direction in written))
    assert viewer.reads_right_to_left(document.current_run) is expected


@pytest.mark.parametrize(
    ("text", "script", "expected"),
    [
        ("臺北", "auto", "zh-Hant"),
        ("台北", "t2s", "zh-Hans"),
        ("東京へ", "auto", "ja"),
        ("Taipei 101", "auto", ""),
    ],
)
def test_the_language_is_told_where_the_characters_tell(receive, text, script, expected):
    document = receive(options=Options(script=script))
    assert viewer.language(document.current_run, text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (0.02, "under 0.1 s"),
        (1.24, "1.2 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (timedelta(minutes=61, seconds=5), "1 h 1 min"),
    ],
)
def test_time_spans_are_told_the_coarser_the_longer(value, expected):
    with override("en"):
        assert reading.duration(value) == expected


def test_only_options_off_their_defaults_are_told():
    with override("en"):
        assert reading.described(Options().to_dict()) == []
        assert reading.described(Options(script="none").to_dict()) == [("Characters", "As printed")]
        assert reading.described({"direction": "of another version"}) == [
            ("Direction of writing", "of another version")
        ]


@pytest.mark.django_db(transaction=True)
def test_who_may_only_read_is_offered_no_change(document, as_stranger, as_owner, stranger):
    read(document, 1, line())
    Share.objects.create(document=document, user=stranger)
    mine, theirs = (client.get(f"/documents/{document.pk}/").content.decode() for client in (as_owner, as_stranger))
    for offer in ("data-save=", 'id="editor"', 'id="undo"', "/cancel/", "/runs/", "correct.js"):
        assert offer in mine
        assert offer not in theirs
    assert 'data-line="1"' in theirs


@pytest.mark.django_db(transaction=True)
def test_the_whole_text_comes_with_its_lines_as_printed_or_joined(document, as_owner):
    below = tuple((x, y + 25) for x, y in BOX)
    read(document, 1, line("床前明月光"), line("疑是地上霜") | {"polygon": below})
    address = f"/documents/{document.pk}/text/"
    assert "床前明月光\n疑是地上霜" in as_owner.get(address).content.decode()
    for version in ("corrected", "converted", "raw"):
        shown = as_owner.get(address, {"lines": "joined", "text": version}).content.decode()
        assert "床前明月光疑是地上霜" in shown
    assert as_owner.get(address, {"lines": "otherwise"}).status_code == 404
