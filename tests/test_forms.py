"""Menus are written as Django writes them, but for white space."""

from __future__ import annotations

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.test import SimpleTestCase
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from ocrsite.forms import FormRenderer

MENUS = {
    "plain": [("", "—"), ("a", "A"), (3, 5)],
    "escaped": [('"><b>', "<script>"), ("safe", mark_safe("&mdash;")), ("lazy", _("State"))],
    "grouped": [("", "—"), ("Group", [("a", "A"), ("b", "<B>")])],
    "empty": [],
}


@pytest.mark.parametrize("name", MENUS)
def test_a_menu_says_what_django_says(name: str) -> None:
    class Form(forms.Form):
        menu = forms.ChoiceField(choices=MENUS[name], widget=forms.Select({"class": "<x>", "autofocus": True}))
        several = forms.MultipleChoiceField(choices=MENUS[name], required=False, widget=forms.SelectMultiple)

    for data in (None, {"menu": "a"}, {"menu": 3, "several": ["a", "lazy"]}):
        for field in ("menu", "several"):
            ours, theirs = (str(Form(data, renderer=made())[field]) for made in (FormRenderer, DjangoTemplates))
            SimpleTestCase().assertHTMLEqual(ours, theirs)


def test_all_forms_are_written_so() -> None:
    assert isinstance(forms.Form().renderer, FormRenderer)
