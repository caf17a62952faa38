"""How forms become HTML."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

INPUTS = frozenset(
    f"django/forms/widgets/{name}.html" for name in ("checkbox", "date", "hidden", "number", "text", "url")
)
"""The templates of elements that are one tag."""


class FormRenderer(DjangoTemplates):
    """Writes menus, labels and inputs in one go. Django renders two templates for each choice of a menu and for each
    label: 0.1 ms each, and a person with many folders has hundreds of them.
    """

    def render(self, template_name: str, context: Mapping[str, Any], request: Any = None) -> str:
        widget = context.get("widget", {})
        if template_name == "django/forms/widgets/select.html" and not any(name for name, *_ in widget["optgroups"]):
            return menu(widget)
        if template_name in INPUTS:
            return format_html("<input{}>", flatatt(input_attributes(widget)))
        if template_name == "django/forms/label.html" and context["use_tag"]:
            return format_html("<{0}{1}>{2}</{0}>", context["tag"], flatatt(context["attrs"] or {}), context["label"])
        return super().render(template_name, dict(context), request)


def input_attributes(widget: Mapping[str, Any]) -> dict[str, Any]:
    """Of the element of an Input from its context."""
    return {"type": widget["type"], "name": widget["name"], "value": widget["value"], **widget["attrs"]}


def menu(widget: Mapping[str, Any]) -> SafeString:
    """The element of a Select from its context, in which no choices are grouped."""
    choices = [choice for _, group, _ in widget["optgroups"] for choice in group]
    options = "\n".join([_option(choice) for choice in choices])
    attributes = flatatt({"name": widget["name"], **widget["attrs"]})
    return mark_safe(f"<select{attributes}>\n{options}\n</select>")


def _option(choice: Mapping[str, Any]) -> str:
    attributes = flatatt(choice["attrs"]) if choice["attrs"] else ""
    return f'<option value="{_escaped(choice["value"])}"{attributes}>{_escaped(choice["label"])}</option>'


def _escaped(value: Any) -> str:
    """As ``conditional_escape``, which looks at each value twice in case it is to be translated later."""
    return value.__html__() if hasattr(value, "__html__") else html.escape(str(value))
