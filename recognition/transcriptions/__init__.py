"""Transcriptions by other programs: PAGE XML, ALTO and hOCR, by themselves or several in a ZIP archive.

They come from strangers, so they are read in confined processes only. Entities, which could grow without bounds or name
other files, are refused; nothing outside of the file is ever looked up.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lxml import etree

from recognition.errors import (
    BrokenTranscriptionError,
    TooManyPagesError,
    UnknownTranscriptionError,
    UnsafeMarkupError,
)

from . import alto, hocr, page_xml
from .pages import Format, Markup, Transcription, WrittenPage

__all__ = ["Format", "Transcription", "WrittenPage", "read"]

LARGEST = 200 * 2**20
"""Bytes of all markup in an archive, unpacked."""

TOO_LARGE = "This archive grows too large when it is unpacked. Send its files in parts."

MARKUP = (".xml", ".hocr", ".html", ".htm", ".xhtml")


def read(path: Path, name: str, most_pages: int) -> Transcription:
    """What the file at ``path``, called ``name``, says of pages, in the order of the names of its files.

    Raises UnknownTranscriptionError, BrokenTranscriptionError, UnsafeMarkupError and TooManyPagesError.
    """
    pages, formats, creators = [], [], []
    for inner, content in _contents(path, name):
        found = _read_one(content, inner)
        if found is not None:
            pages += [page if page.file else replace(page, file=inner) for page in found.pages]
            formats.append(found.format)
            creators.append(found.creator)
        if len(pages) > most_pages:
            raise TooManyPagesError(f"This transcription has more than {most_pages} pages.", limit=most_pages)
    if not pages:
        raise UnknownTranscriptionError("There is no page in this file. PAGE XML, ALTO and hOCR are read.")
    return Transcription(formats[0], next(filter(None, creators), ""), tuple(pages))


def _contents(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """Each file with markup, by its name."""
    if not zipfile.is_zipfile(path):
        yield name, path.read_bytes()
        return
    left = LARGEST
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [entry for entry in archive.infolist() if entry.filename.lower().endswith(MARKUP)]
            for entry in sorted(inside, key=lambda entry: _natural(entry.filename)):
                with archive.open(entry) as file:
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise UnsafeMarkupError(
                        "This archive grows too large when it is unpacked. Send its files in parts."
                    )
                yield entry.filename, content
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise BrokenTranscriptionError("This archive is damaged, or locked. Pack and send it again.") from error


def _read_one(content: bytes, name: str) -> Transcription | None:
    """None for what goes along with transcriptions, such as METS."""
    if re.search(rb"class\s*=\s*[\"'][^\"']*\bocr_page\b", content):
        return hocr.read(content)
    root = _parsed(content, name)
    kind = etree.QName(root).localname
    if kind == "PcGts":
        return page_xml.read(root)
    if kind == "alto":
        return alto.read(root)
    if kind == "mets":
        return None
    raise UnknownTranscriptionError(f"{name} is neither PAGE XML nor ALTO nor hOCR. Send one of these.", name=name)


def _parsed(content: bytes, name: str) -> Markup:
    """The root of an XML document. Entities are neither resolved nor accepted, and nothing is looked up elsewhere."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        root: Markup = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        if b"<!ENTITY" in content:
            raise _unsafe(name) from error
        raise BrokenTranscriptionError(f"{name} is no well-formed XML. Export it again.", name=name) from error
    internal = root.getroottree().docinfo.internalDTD
    if internal is not None and any(True for _ in internal.iterentities()):
        raise _unsafe(name)
    return root


def _unsafe(name: str) -> UnsafeMarkupError:
    return UnsafeMarkupError(f"{name} declares entities, which is not safe. Save it without them.", name=name)


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts 2 before 10."""
    return [(int(part), "") if part.isdecimal() else (0, part.casefold()) for part in re.split(r"(\d{1,18})", name)]
