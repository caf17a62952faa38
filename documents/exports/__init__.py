"""What people and programs can take away: one module for each format, each a pure function of an ``Export``.

Nothing here knows requests, storage or where the pages come from: the web builds an ``Export`` from
the database, the command line from what the pipeline has just read, and both get the same bytes.
"""

from .content import CHOICES, Export, ExportLine, ExportPage, Version, as_read, text_of
from .formats import FORMATS, Format
from .ocrsite_json import as_json
from .paragraphs import paragraphs
from .plain_text import txt

__all__ = [
    "CHOICES",
    "FORMATS",
    "Export",
    "ExportLine",
    "ExportPage",
    "Format",
    "Version",
    "as_json",
    "as_read",
    "paragraphs",
    "text_of",
    "txt",
]
