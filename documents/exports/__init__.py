"""The export formats: one module each, a pure function of a ``Transcript``.

Nothing here knows requests, storage or where the pages come from: the web builds a ``Transcript`` from
the database, the command line from what the pipeline has just read, and both get the same bytes.
"""

from .formats import FORMATS, Format
from .ocrsite_json import as_json
from .paragraphs import paragraphs
from .plain_text import txt

__all__ = [
    "FORMATS",
    "Format",
    "as_json",
    "paragraphs",
    "txt",
]
