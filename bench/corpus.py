"""The pages to read, and what is written on them.

A corpus is a folder. ``manifest.json`` in it is a list of objects with ``file``, ``category`` and, where
the truth does not keep upper and lower case, ``"caseless": true``. Without a manifest each image and PDF
of the folder is taken, in the category "pages". ``<stem>.gt.txt`` holds the text of a file in reading
order; a file without it is only timed. ``<stem>.json``, an object with ``tables`` (a list of objects with ``rows``),
has the tables of a page.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

from PIL import Image

from recognition import raster
from recognition.page import PageImage

from .table_scoring import TableRows

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".pdf"}
PLAIN = {"image/jpeg", "image/png"}


class CorpusError(Exception):
    """The folder is no corpus; the message says why."""


@dataclass(frozen=True)
class Item:
    """One file. ``pages``: its page images, as every system can open them. ``truth``: its text, if known, and
    ``tables`` in it (see ``table_scoring``)."""

    stem: str
    category: str
    pages: tuple[Path, ...]
    truth: str | None
    caseless: bool = False
    tables: tuple[TableRows, ...] = ()


def read(folder: Path, drawn: Path, per_category: int | None = None) -> list[Item]:
    """The items of ``folder``, categories in turn, the first ``per_category`` of each (None: all).

    What is no single JPEG or PNG (PDFs above all) is drawn page by page into the folder ``drawn``, so that
    all systems read the same pixels. Raises CorpusError.
    """
    entries = defaultdict(list)
    for entry in _entries(folder):
        entries[entry["category"]].append(entry)
    chosen = (of_one[:per_category] for of_one in entries.values())
    in_turn = [entry for entry in chain.from_iterable(zip_longest(*chosen)) if entry]
    if not in_turn:
        raise CorpusError(f"There are no pages in {folder}.")
    return [_item(folder, entry, drawn) for entry in in_turn]


def _entries(folder: Path) -> Sequence[dict[str, str]]:
    manifest = folder / "manifest.json"
    if not folder.is_dir():
        raise CorpusError(f"There is no folder {folder}.")
    if not manifest.is_file():
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        return [{"file": path.name, "category": "pages"} for path in files]
    try:
        entries: list[dict[str, str]] = json.loads(manifest.read_text(encoding="utf-8"))
        categories = {entry["file"]: entry["category"] for entry in entries}
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{manifest} is not a list of objects with file and category: {error!r}") from error
    missing = [file for file in categories if not (folder / file).is_file()]
    if missing:
        raise CorpusError(f"{manifest} names files that are not there: {', '.join(missing)}")
    return entries


def _item(folder: Path, entry: dict[str, str], drawn: Path) -> Item:
    path = folder / entry["file"]
    truth = path.with_suffix(".gt.txt")
    return Item(
        stem=path.stem,
        category=entry["category"],
        pages=tuple(_page_images(path, drawn)),
        truth=truth.read_text(encoding="utf-8") if truth.is_file() else None,
        caseless=bool(entry.get("caseless")),
        tables=_tables(path.with_suffix(".json")),
    )


def _tables(path: Path) -> tuple[TableRows, ...]:
    if not path.is_file():
        return ()
    return tuple(table["rows"] for table in json.loads(path.read_text(encoding="utf-8")).get("tables", ()))


def _page_images(path: Path, drawn: Path) -> Iterable[Path]:
    info = raster.inspect(path)
    if info.media_type in PLAIN and info.page_count == 1:
        yield path.resolve()
        return
    for number, page in raster.pages(path):
        if not isinstance(page, PageImage):
            raise CorpusError(f"{path}, page {number}: {page.message}")
        target = drawn / f"{path.stem}-{number}.png"
        Image.fromarray(page.pixels).save(target, compress_level=1)
        yield target
