"""If-Match: which version a program has seen of what it changes."""

from __future__ import annotations

from typing import Any, Literal

from rest_framework.request import Request

from documents.access import MOST_DIGITS
from documents.editing import UNCONDITIONAL, Unconditional

from .problems import ProblemError

Kind = Literal["line", "order"]

VERSIONS: dict[Kind, str] = {
    "line": "the line's version in double quotes, as its ETag has it",
    "order": "the page's order_version in double quotes",
}


def expected_version(request: Request, kind: Kind) -> int | Unconditional:
    """The version that If-Match names; UNCONDITIONAL without that header.

    Raises a ProblemError (412) for what names no version: a weak tag, several, ``*``.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return UNCONDITIONAL
    version = header.strip().strip('"')
    if not version.isdecimal() or len(version) > MOST_DIGITS:
        raise ProblemError(412, f"{kind}-changed", f"If-Match takes {VERSIONS[kind]}.")
    return int(version)


def conflicting(expected: int | Unconditional, kind: Kind, message: str, current: dict[str, Any]) -> ProblemError:
    """The ProblemError that somebody else has changed it meanwhile: 412 to who named a version, 409 to who did not.

    ``current``: what stands there now.
    """
    if expected is UNCONDITIONAL:
        return ProblemError(409, f"{kind}-conflict", message, current=current)
    return ProblemError(412, f"{kind}-changed", message, current=current)
