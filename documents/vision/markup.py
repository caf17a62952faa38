"""The text in what vision models write: they answer in Markdown or HTML where a page has headings and tables.

What is marked up becomes what is printed, so that it can be compared with lines: cells and list items on lines of
their own, and no signs that stand for a heading or for bold type. A sign that OCR has read as well stays.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

_FENCE = re.compile(r"^\s*(?:```|~~~)\w*\s*$", re.MULTILINE)
_BLOCKS = "table|thead|tbody|tfoot|caption|tr|td|th|br|p|div|h[1-6]|ul|ol|li|page|header|footer|figure|figcaption|img"
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCKS})\b[^<>]*>", re.IGNORECASE)
_INLINE_TAG = re.compile(
    r"</?(?:b|i|u|s|em|strong|span|sup|sub|small|ruby|rt|rp|center|font|a)\b[^<>]*>", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|nbsp|#\d{1,6}|#x[\da-f]{1,6});", re.IGNORECASE)
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{3,}:?\s*(?:\|\s*:?-{3,}:?\s*)*\|?\s*$", re.MULTILINE)
_TABLE_ROW = re.compile(r"^\s*\|(.*)\|\s*$", re.MULTILINE)
_IMAGE = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)")
_HEADING = re.compile(r"^\s*#{1,6}\s+", re.MULTILINE)
_QUOTE = re.compile(r"^\s*>\s?", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")


def plain_lines(answer: str, ours: Sequence[str]) -> list[str]:
    """The lines of an answer without its markup, as far as none of ``ours`` has the same signs."""
    read = "\n".join(ours)
    text = _FENCE.sub("", answer)
    if "<" not in read:
        text = _INLINE_TAG.sub("", _BLOCK_TAG.sub("\n", text))
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    if "|" not in read:
        text = _TABLE_ROW.sub(lambda row: row[1].replace("|", "\n"), _TABLE_RULE.sub("", text))
    if "#" not in read:
        text = _HEADING.sub("", text)
    if ">" not in read:
        text = _QUOTE.sub("", text)
    if "**" not in read and "__" not in read:
        text = _EMPHASIS.sub(r"\2", text)
    text = _IMAGE.sub("", text)
    return [" ".join(line.split()) for line in text.splitlines()]
