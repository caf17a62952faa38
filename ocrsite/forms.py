"""How forms become HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class FormRenderer(DjangoTemplates):
    """Writes a menu in one go. Django renders two templates for each of its choices: 0.1 ms each, and a person with
    many folders has hundreds of them.
    """

    def render(self, template_name: str, context: Mapping[str, Any], request: Any = None) -> str:
        widget = context.get("widget", {})
        if template_name == "django/forms/widgets/select.html" and not any(name for name, *_ in widget["optgroups"]):
            return menu(widget)
        return super().render(template_name, dict(context), request)


def menu(widget: Mapping[str, Any]) -> SafeString:
    """The element of a Select from its context, in which no choices are grouped."""
    choices = [choice for _, group, _ in widget["optgroups"] for choice in group]
    options = format_html_join(
        "\n",
        '<option value="{}"{}>{}</option>',
        ((choice["value"], flatatt(choice["attrs"]) if choice["attrs"] else "", choice["label"]) for choice in choices),
    )
    return format_html("<select{}>\n{}\n</select>", flatatt({"name": widget["name"], **widget["attrs"]}), options)
