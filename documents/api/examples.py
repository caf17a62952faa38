"""Examples for the schema."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

ID = "0b6bcb56-5d3d-4a7c-9f1e-3c2d8a1f0e11"
RUN = "8a5d7d5c-9a29-4a3a-8f5b-0f3c3f6f2d10"
URL = f"https://ocr.example.org/api/v1/documents/{ID}/"
OPTIONS = {"direction": "auto", "script": "auto", "preprocess": "none", "text_layer": "auto", "model": "PP-OCRv6_small"}

_document: dict[str, Any] = {
    "id": ID,
    "title": "使用手冊",
    "status": "done",
    "page_count": 12,
    "pages_done": 12,
    "pages_failed": 0,
    "options": OPTIONS,
    "run": RUN,
    "lines": 340,
    "lines_unchecked": 112,
    "owner": "lin",
    "folder": 7,
    "tags": ["manual"],
    "kind": "pdf",
    "media_type": "application/pdf",
    "bytes": 812345,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "originals": [
        {
            "name": "report.pdf",
            "kind": "pdf",
            "media_type": "application/pdf",
            "bytes": 812345,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "page_count": 12,
        }
    ],
    "rights": "",
    "attribution": "",
    "created": "2026-11-23T14:05:09+08:00",
    "url": URL,
    "html_url": f"https://ocr.example.org/documents/{ID}/",
}
_line = {
    "id": "3-17",
    "text": "本系統可將影像轉換為文字。",
    "raw": "本系统可将影像转换为文字。",
    "corrected": None,
    "confidence": 0.9731,
    "polygon": [[102.0, 310.5], [982.4, 311.0], [982.2, 348.9], [101.8, 348.4]],
    "direction": "horizontal",
    "doubts": [{"index": 2, "confidence": 0.62, "candidates": ["糸"]}],
    "checked": False,
    "version": "0",
}

DOCUMENT = OpenApiExample("A document that has been read", _document, response_only=True)
DOCUMENTS = OpenApiExample(
    "The first page of a list", {"next": None, "previous": None, "results": [_document]}, response_only=True
)
TAKEN = OpenApiExample(
    "A file that was taken",
    {
        "file": "使用手冊.pdf",
        "id": ID,
        "title": "使用手冊",
        "status": "queued",
        "page_count": 12,
        "url": URL,
        "error": None,
    },
    response_only=True,
    status_codes=["201"],
)
REFUSED = OpenApiExample(
    "A file that was refused",
    {
        "file": "notes.docx",
        "id": None,
        "title": None,
        "status": "refused",
        "page_count": None,
        "url": None,
        "error": {"code": "file-type-unsupported", "message": "This is a ZIP archive.", "params": {}},
    },
    response_only=True,
    status_codes=["201"],
)
PAGE = OpenApiExample(
    "A page",
    {
        "number": 3,
        "run": RUN,
        "width": 1654,
        "height": 2339,
        "state": "done",
        "checked": False,
        "error": None,
        "text": _line["text"],
        "seconds": 1.318,
        "warnings": [],
        "codes": [],
        "invoices": [],
        "lines": [_line],
        "blocks": [
            {"id": "3-b1", "type": "text", "box": [101.8, 310.5, 982.4, 348.9], "lines": [_line["id"]], "table": None}
        ],
        "order_version": "0",
        "order_mended": False,
        "image": f"{URL}pages/3/image/",
    },
    response_only=True,
)
PAGE_ENTRY = OpenApiExample(
    "A page that was turned",
    {
        "id": 41,
        "number": 3,
        "width": 1654,
        "height": 2339,
        "turn": 90,
        "state": "done",
        "original": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "original_number": 3,
    },
    response_only=True,
)
LINE = OpenApiExample("A line", _line, response_only=True)
CORRECTION = OpenApiExample("A correction", {"text": "本系統可將影像轉換為文字。"}, request_only=True)
ORDER = OpenApiExample("The lines one by one", {"lines": ["3-17", "3-16", "3-18"]}, request_only=True)
DIRECTION = OpenApiExample("As on a page of vertical text", {"direction": "vertical-rl"}, request_only=True)
BLOCK_TYPE = OpenApiExample("A heading", {"type": "title"}, request_only=True)
BLOCK_POSITION = OpenApiExample("To be read first", {"position": 1}, request_only=True)
GRID_CHANGE = OpenApiExample("A row at the top", {"change": "add-row", "at": 0}, request_only=True)
_share = {
    "id": 12,
    "user": "chen",
    "team": None,
    "may_edit": True,
    "folder": None,
    "created": "2026-11-23T14:05:09+08:00",
}
SHARING = OpenApiExample("With a person, to edit", {"user": "chen", "may_edit": True}, request_only=True)
SHARE = OpenApiExample("With a person", _share, response_only=True)
INHERITED = OpenApiExample(
    "By a folder, with a team",
    _share | {"id": 5, "user": None, "team": "archive", "may_edit": False, "folder": 7},
    response_only=True,
)
READ_AGAIN = OpenApiExample("Vertical text", {"direction": "vertical-rl"}, request_only=True)
ME = OpenApiExample(
    "The holder of a token",
    {
        "username": "lin",
        "token": {"name": "scanner", "scope": "write", "expires": "2027-02-21T00:00:00+08:00"},
        "max_bytes": 209715200,
        "max_pages": 1000,
        "requests_per_minute": 600,
        "version": "0.1.0",
    },
    response_only=True,
)
HITS = OpenApiExample(
    "A page that says it",
    {
        "total": 1,
        "more": False,
        "next": None,
        "results": [
            {
                "document": ID,
                "title": "使用手冊",
                "page": 3,
                "run": RUN,
                "lines": ["3-17"],
                "snippet": [
                    {"text": "本系統可將", "found": False},
                    {"text": "影像", "found": True},
                    {"text": "轉換為文字。", "found": False},
                ],
                "url": f"{URL}pages/3/",
                "html_url": f"https://ocr.example.org/documents/{ID}/?page=3",
            }
        ],
    },
    response_only=True,
)

CHUNK_HITS = OpenApiExample(
    "A piece of text that is about it",
    {
        "results": [
            {
                "document": ID,
                "title": "使用手冊",
                "pages": [3],
                "headings": ["第一章 概述"],
                "text": "本系統可將影像轉換為文字。",
                "lines": [{"id": "3-17", "page": 3, "box": [118.0, 402.5, 764.0, 441.0]}],
                "score": 0.8127,
                "url": f"{URL}pages/3/",
                "html_url": f"https://ocr.example.org/documents/{ID}/?page=3&line=17",
            }
        ],
    },
    response_only=True,
)

FIND = OpenApiExample(
    "己 that should be 已", {"find": "自已", "replacement": "自己", "document": ID}, request_only=True
)
APPLY = OpenApiExample("All but one line", {"leave_out": [4711]}, request_only=True)
REPLACEMENT = OpenApiExample(
    "A replacement to be looked through",
    {
        "id": RUN,
        "state": "preview",
        "find": "自已",
        "replacement": "自己",
        "lines": 12,
        "lines_replaced": 0,
        "lines_left_alone": 0,
        "more": False,
        "created": "2026-11-23T14:05:09+08:00",
        "lines_url": f"https://ocr.example.org/api/v1/replacements/{RUN}/lines/",
        "html_url": f"https://ocr.example.org/replace/{RUN}/",
    },
    response_only=True,
)

CHECK = OpenApiExample(
    "Two lines that somebody has read", {"lines": {"3-1": "前言", "3-2": "第一章"}}, request_only=True
)
