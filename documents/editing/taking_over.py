"""Lines of one run are taken over into what the document says now, as corrections."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from documents.models import PageResult, at_places

from .lines import ConflictError, Drawing, LineChange, change

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from documents.transcript import TranscriptLine


def take_over(
    result: PageResult,
    lines: Sequence[TranscriptLine],
    without: Sequence[TranscriptLine] = (),
    *,
    author: User,
    seen: Collection[int],
) -> None:
    """Has the page of ``result`` say what ``lines`` of another reading say, where they stand, and nothing at the lines
    ``without``. What has no place in ``result`` is drawn there.

    ``seen``: the corrections on the page that the author was looking at. Raises ConflictError if somebody else has
    written to one of the places since; then nothing is changed.
    """
    placement = result.placement()
    wanted = [*((line, line.text) for line in lines), *((line, "") for line in without)]
    changes, drawings = dict[str, LineChange](), list[Drawing]()
    for (line, text), name in zip(
        wanted, at_places([line.line.box for line, _ in wanted], placement.lines), strict=True
    ):
        if name is not None:
            held = placement.by_line.get(name)
            if held and held.pk not in seen:
                raise ConflictError(name, held)
            if text != (held.text if held else placement.lines[name].text):
                changes[name] = LineChange(name, text, held.pk if held else None)
        elif text:
            drawings.append(Drawing(line.line.polygon, text, line.line.direction))
    if changes or drawings:
        change(result, list(changes.values()), drawings, author=author, seen=seen)
