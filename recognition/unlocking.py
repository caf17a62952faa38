"""PDFs that are locked with a password, and their copies without it."""

from __future__ import annotations

from pathlib import Path

import pikepdf

from .errors import BrokenFileError, WrongPasswordError


def unlock(path: Path, password: str, out: Path) -> None:
    """Writes the PDF at ``path``, which ``password`` opens, to ``out`` without a password. Its pages are the same.

    Equal files give equal bytes. Raises WrongPasswordError or BrokenFileError.
    """
    try:
        with pikepdf.open(path, password=password) as pdf:
            pdf.save(out, encryption=False, deterministic_id=True)
    except pikepdf.PasswordError as error:
        raise WrongPasswordError from error
    except (pikepdf.PdfError, LookupError) as error:
        raise BrokenFileError("This PDF is damaged or has no pages. Export or scan it again.") from error
