"""Searching on the web: hits with snippets for those who may see them, and nothing at all for anybody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from documents.models import Folder, Share, Tag, archive
from documents.search import index, query, scan
from documents.search.passages import snippet
from tests.support.documents import new_document
from tests.support.search import found

SEARCH = reverse("documents:search")


def get(client, wanted: str, **more) -> str:
    answer = client.get(SEARCH, {"q": wanted} | more)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_hit_shows_the_title_the_page_and_the_snippet_with_the_term_marked(as_owner, owner):
    document = new_document(owner, "年度報告", "第一頁", "前文如此\n臺灣大學在台\n北市，後文")
    shown = get(as_owner, "台北")
    assert "1 hit" in shown
    assert "前文如此臺灣大學在<mark>台北</mark>市，後文" in shown
    assert f"{document.get_absolute_url()}?page=2&amp;find=%E5%8F%B0%E5%8C%97" in shown
    assert "年度<mark>報告</mark>" in get(as_owner, "報告")


def test_corner_brackets_are_quotation_marks_around_a_word_of_the_query_only(owner):
    new_document(owner, "甲", "月光 疑是地上霜")
    new_document(owner, "乙", "疑是月光")
    new_document(owner, "丙", "他說「月光」很好")
    assert found(owner, "「月光 疑是」") == [("甲", 1)]
    assert sorted(found(owner, "『月光』 疑是")) == [("乙", 1), ("甲", 1)]
    assert found(owner, "他說「月光」") == [("丙", 1)]
    assert found(owner, "說月光") == []


def test_markup_in_texts_titles_and_queries_stays_text(as_owner, owner):
    new_document(owner, "<b>報告</b>", "<script>alert(1)</script>\n<img src=x onerror=alert(1)>")
    for wanted in ("alert", "<script>", "報告", '"><script>'):
        shown = get(as_owner, wanted)
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert "<b>" not in shown
    assert "&lt;script&gt;<mark>alert</mark>(1)" in get(as_owner, "alert")


def test_a_stranger_finds_nothing_not_even_a_count(as_stranger, owner):
    document = new_document(owner, "機密", "秘密計畫")
    document.tags.add(Tag.named("秘辛"))
    index.refresh(document.pk, [])
    for wanted in ("機密", "秘密", "秘辛"):
        shown = get(as_stranger, wanted)
        assert "Nothing found" in shown
        assert "計畫" not in shown
        assert str(document.pk) not in shown
    find = reverse("documents:find", args=[document.pk])
    assert as_stranger.get(find, {"find": "秘密"}).status_code == 404


@pytest.mark.parametrize("way", ["person", "team", "folder"])
def test_what_is_shared_is_found_until_the_sharing_is_taken_back(owner, stranger, way):
    folder = Folder.create(owner, "共用")
    document = new_document(owner, "信", "秘密計畫", folder=folder if way == "folder" else None)
    team = Group.objects.create(name="小組")
    stranger.groups.add(team)
    given = {"person": {"document": document, "user": stranger}, "team": {"document": document, "team": team}}
    share = Share.objects.create(**given.get(way, {"folder": folder, "user": stranger}))
    assert found(stranger, "秘密") == [("信", 1)]
    share.delete()
    assert found(stranger, "秘密") == []


def test_what_is_in_the_trash_is_not_found(owner):
    document = new_document(owner, "信", "秘密計畫")
    type(document).objects.filter(pk=document.pk).update(trashed=timezone.now())
    assert found(owner, "秘密") == []


def test_the_filters_leave_what_they_say(as_owner, owner, stranger):
    team = Group.objects.create(name="小組")
    owner.groups.add(team)
    outer = Folder.create(owner, "外")
    old = timezone.now() - timedelta(days=40)
    new_document(owner, "舊", "共同文字", created=old, folder=Folder.create(owner, "內", outer))
    tagged = new_document(owner, "標", "共同文字")
    tagged.tags.add(Tag.named("重要"))
    foreign = new_document(stranger, "外來", "共同文字")
    Share.objects.create(document=foreign, team=team)
    day = (timezone.now() - timedelta(days=20)).date()
    cases = {
        "owner": ("stranger", ["外來"]),
        "team": (team.pk, ["外來"]),
        "tag": ("重要", ["標"]),
        "folder": (outer.pk, ["舊"]),
        "since": (day, ["外來", "標"]),
        "until": (day, ["舊"]),
        "state": ("queued", ["外來", "標", "舊"]),
        "language": ("ja", []),
    }
    for name, (value, expected) in cases.items():
        shown = get(as_owner, "共同文字", **{name: value})
        assert re.findall(r'<section class="hit-group" aria-label="(.*?)">', shown) == expected, name
    assert "Nothing found" in get(as_owner, "共同文字", owner="nobody")
    assert as_owner.get(SEARCH, {"q": "共同", "folder": 10**6}).status_code == 404


def test_hits_come_page_by_page_each_once_and_in_order(as_owner, owner, monkeypatch):
    monkeypatch.setattr(query, "HITS_A_PAGE", 3)
    for number in range(4):
        new_document(owner, f"文件{number}", "共同", "共同")
    seen, address = [], f"{SEARCH}?q=共同"
    while address and len(seen) < 20:
        shown = as_owner.get(address, headers={"HX-Request": "true"}).content.decode()
        seen += re.findall(r"documents/([-0-9a-f]+)/\?page=(\d)", shown)
        further = re.search(r'rel="next" href="([^"]+)"', shown)
        address = further[1].replace("&amp;", "&") if further else None
    assert len(seen) == len(set(seen)) == 8
    assert [page for _, page in seen] == ["1", "2"] * 4


def test_counting_ends_at_a_bound(as_owner, owner, monkeypatch):
    monkeypatch.setattr(query, "MOST_COUNTED", 3)
    new_document(owner, "信", *["共同"] * 5)
    assert "More than 3 hits" in get(as_owner, "共同")


@pytest.mark.parametrize("wanted", ["", "   ", '""', "\u200b", '"'])
def test_a_query_that_asks_for_nothing_finds_nothing(as_owner, owner, wanted):
    new_document(owner, "信", "甲乙丙")
    assert '"hit-group"' not in get(as_owner, wanted)


@pytest.mark.parametrize("wanted", ["甲 AND", "NEAR(甲", "甲*", "stream:甲", "^甲", "%", "_", "\\", "'", "甲\x00乙"])
def test_no_query_is_a_command_to_the_database(as_owner, owner, wanted):
    new_document(owner, "信", "甲乙丙")
    assert '"hit-group"' not in get(as_owner, wanted)


def test_a_query_that_is_too_long_is_refused_with_the_reason(as_owner, db):
    assert "at most 200 characters" in get(as_owner, "甲" * 201)


def test_searching_asks_a_bounded_number_of_queries(as_owner, owner, django_assert_max_num_queries):
    for number in range(12):
        document = new_document(owner, f"共同{number}", "共同", "共同")
        document.tags.add(Tag.named("甲"))
    with django_assert_max_num_queries(16):
        get(as_owner, "共同")
    for number in range(20):  # now a page of titles only
        new_document(owner, f"共同{number}").tags.add(Tag.named("甲"))
    with django_assert_max_num_queries(16):
        get(as_owner, "共同")


def test_the_viewer_marks_what_is_searched_in_picture_and_text(as_owner, owner):
    document = new_document(owner, "信", "第一頁", "第一行\n台北的雨\n第三行在台\n北")
    document.pages.update(width=100, height=100, image="1.jpg")
    shown = as_owner.get(document.get_absolute_url(), {"page": 2, "find": "台北"}).content.decode()
    assert re.findall(r'class="found" points="([^"]+)"', shown) == [
        "0,0 50,0 50,20 0,20",
        "80,0 100,0 100,20 80,20",
        "0,0 100,0 100,20 0,20",
    ]
    assert "<mark>台北</mark>的雨" in shown
    assert re.search(r'data-line="2"[^>]*aria-current="true"', shown, re.DOTALL)


def test_finding_in_a_document_lists_the_lines_of_the_reading_shown(as_owner, owner):
    document = new_document(owner, "信", "甲乙\n丙", "乙", "丁")
    shown = as_owner.get(reverse("documents:find", args=[document.pk]), {"find": "乙"}).content.decode()
    assert re.findall(r'href="\?run=[-0-9a-f]+&amp;(page=\d&amp;line=\d)', shown) == [
        "page=1&amp;line=1",
        "page=2&amp;line=1",
    ]
    assert "甲<mark>乙</mark>" in shown
    assert "2 lines" in shown


@pytest.mark.parametrize("asked", [1, 3, 100])
@pytest.mark.parametrize("listed", [0, 100])
@pytest.mark.parametrize(("sample", "walked"), [(100, 0), (0, 3), (0, 100)])
def test_whatever_is_asked_of_one_entry_after_the_other_or_of_all_at_once_the_same_is_found(
    owner, stranger, monkeypatch, asked, listed, sample, walked
):
    """With a sample of none and a long way, PostgreSQL reads one entry after the other, then looks into its index."""
    monkeypatch.setattr(scan, "FIRST", asked)
    monkeypatch.setattr(scan, "SAMPLE", sample)
    monkeypatch.setattr(scan, "WALK", walked)
    monkeypatch.setattr(archive, "SOME", listed)
    monkeypatch.setattr(query, "HITS_A_PAGE", 2)
    day = timezone.now()
    folder = Folder.create(owner, "共用")
    Share.objects.create(folder=folder, user=stranger)
    for number in range(8):
        shared = {"folder": folder} if number % 2 else {}
        new_document(owner, f"{number}", "共同文字", created=day - timedelta(days=number), **shared)
    given = new_document(owner, "贈", "共同文字", created=day - timedelta(days=8))
    Share.objects.create(document=given, user=stranger)
    gone = new_document(stranger, "棄", "共同文字", created=day)
    type(gone).objects.filter(pk=gone.pk).update(trashed=day)
    new_document(stranger, "自", "共同文字", created=day - timedelta(days=4))

    first = query.search(stranger, "共同")
    second = query.search(stranger, "共同", after=first.after)
    third = query.search(stranger, "共同", after=second.after)

    shown = [hit.document.title for page in (first, second, third) for hit in page.hits]
    assert shown == ["1", "3", "自", "5", "7", "贈"]
    assert (first.total, third.after) == (6, None)


@pytest.mark.parametrize("before", [0, 130, 240, 260, 999])
def test_a_snippet_is_the_same_however_far_down_its_phrase_stands(before):
    text = "甲" * before + "秋月春風" + "乙" * 40 + "秋月" + "丙" * 900 + "\n年末"
    shown = snippet(text, ["秋月"])
    assert [piece.text for piece in shown if piece.found] == ["秋月", "秋月"]
    assert "".join(piece.text for piece in shown).strip("…甲丙") == "秋月春風" + "乙" * 40 + "秋月"
    assert [piece.text for piece in snippet(text, ["秋月", "年末"]) if piece.found] == ["秋月", "秋月", "年末"]
    assert not any(piece.found for piece in snippet(text, ["冬"]))
