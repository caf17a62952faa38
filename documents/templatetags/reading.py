"""Filters of the viewer: values of the archive in the words of people."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents import messages, viewer, vision
from documents.forms import LABELS, OptionsForm
from documents.models import Correction, Document, Run
from documents.search.passages import Piece
from recognition.options import Options

register = template.Library()


@register.simple_tag
def line_link(view: viewer.PageView, line: viewer.LineView) -> SafeString:
    """The attributes of a line's link on a page."""
    return view.link(line)


@register.filter
def marked(pieces: Iterable[Piece]) -> SafeString:
    """A text with what was searched marked in it."""
    texts = [(escape(piece.text), piece.found) for piece in pieces]
    return mark_safe("".join(f"<mark>{text}</mark>" if found else text for text, found in texts))


@register.filter
def explain(error: Mapping[str, Any]) -> str:
    """A stored error as a sentence."""
    return messages.explain(error)


@register.filter
def duration(value: timedelta | float | None) -> str:
    """A time span, coarser the longer it is."""
    if value is None:
        return ""
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if seconds < 0.1:
        return _("under 0.1 s")
    if seconds < 10:
        return _("%(seconds).1f s") % {"seconds": seconds}
    if round(seconds) < 60:
        return _("%(seconds)d s") % {"seconds": round(seconds)}
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    hours, minutes = divmod(minutes, 60)
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


@register.simple_tag
def moment(time: datetime) -> SafeString:
    """A point in time, to the minute, for people and programs."""
    local = localtime(time)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), f"{local:%Y-%m-%d %H:%M}")


@register.filter
def pages_read(document: Document) -> str:
    """How many pages of a document in a list have been read."""
    text = ngettext("%(done)s of %(total)s page", "%(done)s of %(total)s pages", document.page_count)
    return text % {"done": document.pages_done, "total": document.page_count}  # type: ignore[attr-defined]


@register.filter
def percent(fraction: float | None) -> str:
    """A fraction as whole per cent, rounded down, so that 100 % is never a near miss."""
    return "" if fraction is None else f"{math.floor(fraction * 100)}%"


@register.filter
def described(options: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label and value, in words, of each option that is not at its default."""
    fields = OptionsForm.base_fields
    chosen = [(name, options.get(name)) for name in LABELS]
    defaults = {name: values[0] for name, values in Options.choices().items()}
    return [
        (str(fields[name].label), str(LABELS[name].get(value, value)))
        for name, value in chosen
        if value is not None and value != defaults[name]
    ]


@register.filter
def choices(name: str) -> list[tuple[str, str]]:
    """The values of an option with their words."""
    return [(value, str(LABELS[name][value])) for value in Options.choices()[name]]


@register.filter
def engine_name(engine: Mapping[str, Any]) -> str:
    """Model and backend of a run's engine, or which program's text it is."""
    if engine.get("backend") == "import":
        parts = [engine.get("model", ""), engine.get("creator", "")]
        return _("brought in as %(what)s") % {"what": " · ".join(filter(None, parts))}
    if engine.get("backend") == "vision":
        return _("read by the vision model %(model)s") % {"model": engine.get("model", "")}
    return " · ".join(str(engine[part]) for part in ("model", "backend") if part in engine)


@register.simple_tag
def vision_model() -> str:
    """The name of the model that reads single pages, if there is one."""
    return str(settings.OCRSITE_VISION_MODEL) if vision.is_configured() else ""


@register.filter
def canvas_names(canvases: Sequence[Mapping[str, Any]]) -> str:
    """Canvases that a manifest's import has left out: their numbers, labels, and how many more images they have."""
    return _(", ").join(map(_canvas_name, canvases))


def _canvas_name(canvas: Mapping[str, Any]) -> str:
    facts = [canvas["label"]] if canvas["label"] else []
    if images := canvas.get("images"):
        facts.append(ngettext("%(images)d more image", "%(images)d more images", images) % {"images": images})
    if not facts:
        return str(canvas["number"])
    return _("%(number)d (%(facts)s)") % {"number": canvas["number"], "facts": _(", ").join(facts)}


@register.filter
def language_in(text: str, run: Run) -> str:
    """The language tag of a text that ``run`` has read."""
    return viewer.language(run, text)


@register.filter
def written_by(correction: Correction) -> str:
    """Who corrected, and when."""
    return viewer.written_by(correction)
