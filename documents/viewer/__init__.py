"""What the viewer shows of one page: its lines with their shapes, and where turning leads."""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any, Literal

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from documents.models import Arrangement, Correction, PageResult, Run, State, Work, is_doubtful, place
from documents.models.checks import COUNTED
from documents.search.passages import Piece, places, split_at
from documents.search.query import phrases_of
from documents.search.text import Span
from documents.transcript import TranscriptLine
from recognition.geometry import corners
from recognition.invoices import Invoice, invoices
from recognition.page import Doubt

from .blocks import BlockView, block_views

Mark = Literal["sure", "check", "doubtful", "drawn"]

SURE, CHECK = 0.95, 0.85
"""Confidence from which a line is marked as sure, and from which as worth a look."""

PAGES_TO_JUDGE = 3
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile(r"[\u3040-\u30ff]")


@dataclass(frozen=True)
class LineView:
    """One text line. ``number`` counts in reading order, from 1; ``points``: its polygon as SVG writes it, in pixels.

    ``key`` names it on its page: its number as it was read, or "c42" for one that a person drew.
    ``text``: as it holds now, empty where the line was deleted, ``former``: what stood there before that.
    ``read``: before anybody corrected it, ``raw``: before its script was converted.
    ``strip``: the part of the page image that shows it (left, top, width, height). ``doubts``: of the characters of
    ``read``, none where these are not those that the engine read one by one.
    """

    number: int
    key: str
    text: str
    former: str
    read: str
    raw: str
    correction: Correction | None
    strip: str
    confidence: float
    points: str
    direction: str
    language: str
    found: Sequence[Span] = ()
    checked: bool = False
    is_doubtful: bool = False
    doubts: Sequence[Doubt] = ()

    @property
    def attributes(self) -> dict[str, str | int | bool | None]:
        """What scripts have to know of it."""
        return {
            "data-line": self.key,
            "data-mark": self.mark,
            "data-percent": self.percent,
            "data-strip": self.strip,
            "data-text": self.text,
            "data-read": self.read,
            "data-raw": self.raw,
            "data-direction": self.direction,
            "data-checked": self.checked,
            "data-doubtful": self.is_doubtful,
            "data-doubts": self.doubts_json or None,
            "data-seen": self.correction.pk if self.correction else None,
            "title": written_by(self.correction) if self.correction else None,
        }

    @property
    def doubts_json(self) -> str:
        """Of the text as it was read: where, how sure, and what else, as a script reads it; empty without doubts."""
        doubts = [[doubt.index, math.floor(100 * doubt.confidence), *doubt.candidates] for doubt in self.doubts]
        return json.dumps(doubts, ensure_ascii=False) if doubts else ""

    @property
    def pieces(self) -> list[Piece]:
        """The text, split where it says what is searched."""
        return split_at(self.text, self.found)

    @property
    def is_drawn(self) -> bool:
        return self.key.startswith("c")

    @property
    def is_gone(self) -> bool:
        """Whether somebody took it away."""
        return not self.text

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 is never a near miss."""
        return math.floor(self.confidence * 100)

    @property
    def mark(self) -> Mark:
        if self.is_drawn:
            return "drawn"
        if self.confidence >= SURE:
            return "sure"
        return "check" if self.confidence >= CHECK else "doubtful"


@dataclass(frozen=True)
class PageView:
    """One page of a run. ``selected``: the line that the address names, if it is there.

    ``find``: what is searched; ``found``: its places in the picture, as SVG writes polygons.
    """

    result: PageResult
    lines: list[LineView]
    page_count: int
    right_to_left: bool
    unplaced: list[Correction]
    selected: str | None = None
    find: str = ""
    found: Sequence[str] = ()
    arrangement: Arrangement | None = None
    blocks: Sequence[BlockView] = ()

    @property
    def blank_line(self) -> LineView:
        """What a script makes the entry of a new line from."""
        return LineView(0, "c", "…", "", "", "", None, "", 1.0, "", "horizontal", "")

    @property
    def block_size(self) -> int:
        """Pixels: how tall the numbers of blocks are in the picture."""
        return max(1, round(min(self.result.page.width or 0, self.result.page.height or 0) / 45))

    @property
    def arrangement_number(self) -> int:
        """Counts the changes of order and blocks."""
        return self.arrangement.number if self.arrangement else 0

    @cached_property
    def address(self) -> SafeString:
        """What the query of each of its lines begins with; its key follows. As HTML."""
        query: dict[str, str | int] = {"run": str(self.result.run_id), "page": self.number}
        if self.find:
            query["find"] = self.find
        return format_html("?{}&amp;line=", urlencode(query))

    def link(self, line: LineView) -> SafeString:
        """The attributes of a line's link, as HTML: at once, since a page has many lines."""
        is_first = self.selected is None and line.number == 1
        found = {
            "class": "line is-gone" if line.is_gone else "line",
            **line.attributes,
            "aria-current": "true" if line.key == self.selected else None,
            "tabindex": None if is_first or line.key == self.selected else -1,
        }
        return mark_safe(f' href="{self.address}{escape(line.key)}"{_as_html(found)}')

    @property
    def polygons(self) -> SafeString:
        """The shapes of the lines, as SVG."""
        shapes = (
            {"data-line": line.key, "data-mark": line.mark, "class": "is-gone" if line.is_gone else None}
            | {"points": line.points}
            for line in self.lines
        )
        return mark_safe("\n".join(f"<polygon{_as_html(shape)}/>" for shape in shapes))

    @property
    def is_arranged(self) -> bool:
        return self.arrangement is not None and not self.arrangement.is_as_read

    @property
    def number(self) -> int:
        return self.result.page.number

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What was not read as it should be, each thing once."""
        return list({warning["code"]: warning for warning in self.result.warnings}.values())

    @property
    def warned(self) -> list[str]:
        """Where that is, as SVG writes polygons."""
        boxes = [warning["box"] for warning in self.result.warnings if warning["box"]]
        return [_points(corners((left, top, right, bottom))) for left, top, right, bottom in boxes]

    @property
    def invoices(self) -> list[Invoice]:
        """The electronic invoices that the codes of the page describe."""
        return invoices([code["text"] for code in self.result.codes])

    def shown(self, keys: Collection[str]) -> list[LineView]:
        """The lines of these keys, in reading order."""
        return [line for line in self.lines if line.key in keys]

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.page_count else None


def _as_html(attributes: Mapping[str, str | int | bool | None]) -> str:
    """As Django's ``flatatt``, at a fifth of the time."""
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None and value is not False
    )


def page_view(run: Run, result: PageResult, selected: str = "", find: str = "") -> PageView:
    """``result`` for the viewer, with what ``find`` searches marked.

    ``selected``: the key of a line as the address gives it, possibly nonsense; if none is named, the first one
    that says what is searched.
    """
    edits = result.edits()
    placement = place(result.page.number, result.read_lines(), edits.corrections)
    standing = result.standing(placement, edits.arrangement, edits.check)
    active = standing.lines
    parts = places(active, phrases_of(find))
    spans = defaultdict[str, list[Span]](list)
    for part in parts:
        spans[part.line.id].append((part.start, part.end))
    lines = [
        _line(run, number, line, placement.history.get(line.id, []), spans[line.id])
        for number, line in enumerate(active, start=1)
    ]
    if parts and not selected:
        selected = key_of(parts[0].line)
    return PageView(
        result=result,
        lines=lines,
        page_count=run.document.page_count,
        right_to_left=reads_right_to_left(run, result),
        unplaced=placement.unplaced,
        selected=selected if any(line.key == selected for line in lines) else None,
        find=find,
        found=[_points(part.polygon) for part in parts],
        arrangement=edits.arrangement,
        blocks=block_views(standing.blocks, {line.id: view for line, view in zip(active, lines, strict=True)}),
    )


def checks_of(result: PageResult) -> dict[str, Any]:
    """What a script has to know after something was checked: the keys of the checked lines, and what is left."""
    result = PageResult.objects.select_related("page", "run").get(pk=result.pk)
    lines = result.transcript(result.edits()).lines
    return {
        "checked": [key_of(line) for line in lines if line.checked],
        "page": _left(result.work),
        "document": _left(result.run.work),
    }


def document_left(run: Run) -> dict[str, int] | None:
    """How much of the document is checked now, whatever ``run`` knew when it was loaded."""
    return _left(Run.objects.only(*COUNTED).get(pk=run.pk).work)


def _left(work: Work | None) -> dict[str, int] | None:
    if work is None:
        return None
    return {"total": work.total, "unchecked": work.unchecked, "doubtful": work.doubtful}


def arrangement_data(view: PageView) -> dict[str, Any]:
    """How a page is arranged, as a script has to know it after a change."""
    return {
        "seen": view.arrangement_number,
        "edited": view.is_arranged,
        "lines": [line.key for line in view.lines],
        "blocks": [block.data for block in view.blocks],
    }


def reads_right_to_left(run: Run, only: PageResult | None = None) -> bool:
    """Whether the book is turned to the left, as books in vertical writing are. ``only``: a result of the run, which
    decides if there is no other.

    Where nobody said so, the first pages with text decide for the whole book, so that the buttons stay in place.
    """
    direction = run.options.get("direction", "auto")
    if direction != "auto":
        return bool(direction == "vertical-rl")
    if only is not None and run.document.page_count == 1:
        return _is_vertical([only.lines] if only.state == State.DONE else [])
    # By its pages, which have an index by number: so a database stops at the first ones.
    pages = run.results.filter(page__document=run.document_id)
    read = pages.filter(state=State.DONE).exclude(text="").order_by("page__number")
    return _is_vertical(read.values_list("lines", flat=True)[:PAGES_TO_JUDGE])


def _is_vertical(pages: Iterable[list[dict[str, Any]]]) -> bool:
    directions = [line["direction"] for lines in pages for line in lines]
    return 2 * directions.count("vertical-rl") > len(directions)


def language(run: Run, text: str) -> str:
    """A language tag for fonts and screen readers; empty where the characters do not tell."""
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "zh-Hans" if run.options.get("script") in {"t2s", "tw2sp"} else "zh-Hant"
    return ""


def line_data(line: LineView) -> dict[str, Any]:
    """What a script has to know of a line after it was changed."""
    return {
        "key": line.key,
        "text": line.text,
        "former": line.former,
        "read": line.read,
        "seen": line.correction.pk if line.correction else None,
        "author": str(line.correction.author) if line.correction else None,
        "title": written_by(line.correction) if line.correction else "",
        "points": line.points,
        "strip": line.strip,
        "direction": line.direction,
        "checked": line.checked,
    }


def written_by(correction: Correction) -> str:
    """Who corrected, and when."""
    when = date_format(localtime(correction.created), "Y-m-d H:i")
    return _("Corrected by %(author)s, %(when)s") % {"author": correction.author, "when": when}


def _line(
    run: Run, number: int, line: TranscriptLine, corrections: Sequence[Correction], found: Sequence[Span]
) -> LineView:
    read = line.line
    former = next((each.text for each in reversed(corrections) if each.text), read.text)
    return LineView(
        number=number,
        key=key_of(line),
        text=line.text,
        former=former,
        read=read.text,
        raw=read.raw,
        correction=corrections[-1] if corrections else None,
        strip=_strip(read.polygon),
        confidence=read.confidence,
        points=_points(read.polygon),
        direction=read.direction,
        language=language(run, former),
        found=found,
        checked=line.checked,
        is_doubtful=is_doubtful(line),
        doubts=read.doubts if len(read.text) == len(read.raw) else (),
    )


def key_of(line: TranscriptLine) -> str:
    """The name of a line on its page."""
    return line.id.partition("-")[2]


def _points(polygon: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{round(x, 1):g},{round(y, 1):g}" for x, y in polygon)


def _strip(polygon: Iterable[tuple[float, float]]) -> str:
    """The view box of a line with a little of what surrounds it."""
    xs, ys = zip(*polygon, strict=True)
    air = 0.15 * min(max(xs) - min(xs), max(ys) - min(ys))
    left, top = min(xs) - air, min(ys) - air
    return f"{left:.1f} {top:.1f} {max(xs) + air - left:.1f} {max(ys) + air - top:.1f}"
