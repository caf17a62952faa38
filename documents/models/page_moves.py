"""Pages that are turned, put in another order, and moved between documents, with all that was read and written on them.

Call these while the documents are locked and nothing of them is being read. They keep what holds of every document: its
pages count from 1, each of its runs has one result for each of them, and each of its originals is the source of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.models import F

from recognition.geometry import bounds, corners
from recognition.layout import Layout
from recognition.page import Matrix, apply_matrix, box_from, rounded
from recognition.page import to_upright_page as turned_by

from .archive import Document, Original, Page
from .checks import PageCheck
from .replacements import ReplacedLine
from .results import PageResult
from .runs import Run

ASIDE = 2**24
"""Above all numbers of pages: where pages have their numbers while others get theirs."""


def renumber(document: Document, pages: Sequence[Page]) -> None:
    """Gives ``pages``, which are all of the document's, the numbers from 1 on in this order."""
    numbers = {page.pk: number for number, page in enumerate(pages, start=1)}
    before = {page.number: page.pk for page in pages}
    moved = [page for page in pages if page.number != numbers[page.pk]]
    Page.objects.filter(document=document, pk__in=[page.pk for page in moved]).update(number=F("number") + ASIDE)
    for page in moved:
        page.number = numbers[page.pk]
    Page.objects.bulk_update(moved, ["number"], batch_size=500)
    _rename_lines(moved)
    for run in document.runs.filter(page_number__isnull=False):
        read = before.get(run.page_number or 0)
        Run.objects.filter(pk=run.pk).update(page_number=numbers.get(read) if read else None)
    document.page_count = len(pages)
    Document.objects.filter(pk=document.pk).update(page_count=len(pages))


def turn(page: Page, degrees: int) -> None:
    """Turns ``page`` clockwise by 90, 180 or 270 degrees. The image in storage is turned when somebody looks at it."""
    if page.width and page.height:
        matrix = turned_by(degrees, page.width, page.height)
        for result in page.results.all():
            _turn_result(result, degrees, matrix)
        for correction in page.corrections.all():
            correction.polygon = _turned_polygon(correction.polygon, matrix)
            correction.outline = _turned_polygon(correction.outline, matrix) if correction.outline else None
            correction.save(update_fields=["polygon", "outline"])
        for arrangement in page.arrangements.all():
            arrangement.turn(matrix)
        for check in PageCheck.objects.filter(page=page):
            check.lines = [[_turned_polygon(polygon, matrix), text] for polygon, text in check.lines]
            check.save(update_fields=["lines"])
    size = (page.height, page.width) if degrees % 180 else (page.width, page.height)
    page.width, page.height = size
    page.turn = (page.turn + degrees) % 360
    page.save(update_fields=["width", "height", "turn"])


def part(document: Document, pages: Sequence[Page], new: Document) -> None:
    """Moves ``pages``, which are not all of the document's, into ``new``, which has none yet, in this order.

    ``new`` gets a copy of each run of the document, with what that run made of these pages.
    """
    new.page_count = len(pages)
    new.save(force_insert=True)
    copies: dict[Any, Run] = {}
    for run in document.runs.order_by("created", "pk"):
        copies[run.pk] = copy = Run.objects.get(pk=run.pk)
        copy.pk, copy.document, copy.page_number = uuid4(), new, None
        copy.based_on = copies.get(run.based_on_id)
        copy.save(force_insert=True)
        run.results.filter(page__in=pages).update(run=copy)
    new.current_run = copies.get(document.current_run_id)
    new.save(update_fields=["current_run"])
    _adopt(pages, new)
    renumber(new, pages)
    renumber(document, list(document.pages.exclude(pk__in=[page.pk for page in pages])))
    for run in [*document.runs.all(), *copies.values()]:
        run.settle()
    drop_unused_originals(document)


def join(document: Document, other: Document, before: Page | None = None) -> None:
    """Moves all pages of ``other`` into the document, in front of its page ``before`` or to its end, and deletes it.

    Its current run goes into the document's: as pages that were read with other options, where it had other ones. Each
    earlier run of either stays one of all pages, those that it lacks as they are at present.
    """
    came, here = list(other.pages.all()), list(document.pages.all())
    current, others = document.current_run, other.current_run
    assert current is not None
    assert others is not None
    if others.options != current.options:
        others.results.filter(options__isnull=True).update(options=others.options)
    for run in document.runs.exclude(pk=current.pk):
        copy_results(others, run)
    for run in other.runs.exclude(pk=others.pk):
        Run.objects.filter(pk=run.pk).update(document=document, page_number=None)
        copy_results(current, run)
    others.results.update(run=current)
    _adopt(came, document)
    document.take_conditions(other)
    place = here.index(before) if before else len(here)
    renumber(document, [*here[:place], *came, *here[place:]])
    Document.objects.filter(pk=other.pk).update(current_run=None)
    drop_unused_originals(other)
    other.delete()
    for run in document.runs.all():
        run.settle()


def copy_results(base: Run, run: Run, but: Sequence[int] = ()) -> None:
    """Copies the results of ``base`` for all its pages ``but`` those with these keys into ``run``.

    The database does it by itself: the lines of a book are some hundred megabytes.
    """
    options = PageResult._meta.get_field("options")
    chosen = ("id", "run_id", options.column)
    columns = [str(field.column) for field in PageResult._meta.concrete_fields if field.column not in chosen]
    names = ", ".join(map(connection.ops.quote_name, columns))
    table, key = connection.ops.quote_name(PageResult._meta.db_table), Run._meta.pk
    numbers = [key.get_db_prep_value(each.pk, connection) for each in (run, base)]
    kept = connection.ops.quote_name(str(options.column))
    usual = None if base.options == run.options else options.get_db_prep_value(base.options, connection)
    copy = (
        f"INSERT INTO {table} (run_id, {kept}, {names}) SELECT %s, COALESCE({kept}, %s), {names} FROM {table} "
        f"WHERE run_id = %s AND page_id NOT IN ({', '.join(['%s'] * len(but)) or '0'})"
    )
    with connection.cursor() as cursor:
        cursor.execute(copy, [numbers[0], usual, numbers[1], *but])


def drop_unused_originals(document: Document) -> None:
    """Takes from the document the originals of which it has no page any more. The files are where their pages went."""
    document.originals.filter(pages=None).delete()


def _adopt(pages: Sequence[Page], document: Document) -> None:
    """Makes ``pages`` pages of ``document``, with numbers above those that it has, and their originals its own."""
    originals: dict[int, Original] = {}
    for page in pages:
        if page.original_id not in originals:
            values = {name: getattr(page.original, name) for name in _CONTENT}
            found, _new = Original.objects.get_or_create(
                document=document, sha256=page.original.sha256, defaults=values
            )
            originals[page.original_id] = found
    for number, page in enumerate(pages, start=2 * ASIDE):
        page.document, page.original, page.number = document, originals[page.original_id], number
    Page.objects.bulk_update(pages, ["document", "original", "number"], batch_size=500)


_CONTENT = ("file", "name", "kind", "media_type", "bytes", "page_count")


def _rename_lines(pages: Iterable[Page]) -> None:
    """Replacements name lines by the page's number: "3-17"."""
    numbers = {page.pk: page.number for page in pages}
    found = ReplacedLine.objects.filter(result__page__in=numbers).select_related("result")
    for line in found:
        line.line_id = f"{numbers[line.result.page_id]}-{line.key}"
    ReplacedLine.objects.bulk_update(found, ["line_id"], batch_size=500)


def _turn_result(result: PageResult, degrees: int, matrix: Matrix) -> None:
    turned = Layout(lines=tuple(result.read_lines()), blocks=tuple(result.read_blocks())).mapped(matrix)
    result.lines = [line.to_dict() for line in turned.lines]
    result.blocks = [block.to_dict() for block in turned.blocks]
    result.warnings, result.codes = _turned(result.warnings, matrix), _turned(result.codes, matrix)
    result.rotation = (result.rotation - degrees) % 360
    result.save(update_fields=["lines", "blocks", "warnings", "codes", "rotation"])


def _turned_polygon(corners: list[list[float]], matrix: Matrix) -> list[list[float]]:
    return [[round(x, 1), round(y, 1)] for x, y in apply_matrix(matrix, [(x, y) for x, y in corners])]


def _turned(things: Iterable[dict[str, Any]], matrix: Matrix) -> list[dict[str, Any]]:
    """Things with a ``box``, or with None for all of the page."""

    def turned(box: list[float] | None) -> list[float] | None:
        return rounded(bounds(apply_matrix(matrix, corners(box_from(box))))) if box else None

    return [thing | {"box": turned(thing["box"])} for thing in things]
