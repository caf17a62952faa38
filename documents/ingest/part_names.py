"""Names of files in multipart requests, as people wrote them.

Django drops a file whose name it cannot read, without a word: one in Big5, as old programs send it, one in a character
set that nobody knows, or an empty one. It refuses a request with a name of some hundred characters, and takes
characters out of names that Python's tables do not know. None of this can be set, so ``install`` puts two functions of
ours in place of its own, for forms and API alike.
"""

from __future__ import annotations

import html
import re
from typing import Any

from django.http import multipartparser

from documents.models.names import without_controls

UNTITLED = "untitled"
NAME = re.compile(rb'(filename=")([^"\r\n]*)(")', re.IGNORECASE)
CHARSET = re.compile(rb"(filename\*=)([^';\r\n]*)(')", re.IGNORECASE)
LONGEST_HEADER = 16_384
"""Bytes of the headers of a part. Django's own limit is 1,024, and a character of a name may take nine."""

_parse = multipartparser.parse_boundary_stream  # type: ignore[attr-defined]  # the stubs leave it out


def install() -> None:
    multipartparser.parse_boundary_stream = _parse_named  # type: ignore[attr-defined]
    multipartparser.MultiPartParser.sanitize_file_name = _name_of  # type: ignore[method-assign, assignment]


def _parse_named(stream: Any, max_header_size: int) -> Any:
    """As Django's own, for a part whose headers have been made readable."""
    chunk = stream.read(LONGEST_HEADER)
    header, end, body = chunk.partition(b"\r\n\r\n")
    if end:
        header = CHARSET.sub(_known, _readable(header))
        if body:  # a form whose field for files was left empty sends a part without name and content
            header = NAME.sub(lambda found: found[1] + (found[2] or UNTITLED.encode()) + found[3], header)
    stream.unget(header + end + body)
    return _parse(stream, LONGEST_HEADER)


def _known(found: re.Match[bytes]) -> bytes:
    """The beginning of a name that tells its character set; UTF-8 in place of one that names are not written in."""
    try:
        b"a\xff".decode(found[2].decode("ascii"), "replace")
    except (LookupError, ValueError):
        return found[1] + b"utf-8" + found[3]
    return found[0]


def _readable(header: bytes) -> bytes:
    """A header in UTF-8, also if it came in Big5, or in bytes that are neither: those become question marks."""
    for encoding in ("utf-8", "cp950", "big5hkscs"):
        try:
            return header.decode(encoding).encode()
        except UnicodeDecodeError:
            continue
    return header.decode("ascii", "replace").replace("\ufffd", "?").encode()


def _name_of(parser: object, name: str) -> str:
    """The last part of a path, in either manner of writing it."""
    last = re.split(r"[/\\]", html.unescape(name))[-1]
    kept = " ".join(without_controls(last).split())
    return UNTITLED if kept in {"", ".", ".."} else kept
