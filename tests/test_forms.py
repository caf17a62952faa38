"""Menus, inputs and labels are written as Django writes them, but for white space."""

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


def test_inputs_and_labels_say_what_django_says() -> None:
    class Form(forms.Form):
        text = forms.CharField(label='<b>"', max_length=9, help_text="help", widget=forms.TextInput({"data-x": '"<x>'}))
        day = forms.DateField(label=_("Since"), required=False, widget=forms.DateInput({"type": "date"}))
        number = forms.IntegerField(min_value=1, max_value=10**6, required=False)
        address = forms.URLField(assume_scheme="https", disabled=True)
        hidden = forms.CharField(widget=forms.HiddenInput)
        sure = forms.BooleanField()
        one = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)

    sent = {"text": '"><script>', "day": "2026-11-30", "number": "1000", "address": "x", "hidden": "&", "sure": "on"}
    for data in (None, {}, sent):
        ours, theirs = (Form(data, renderer=made()) for made in (FormRenderer, DjangoTemplates))
        for field in Form.base_fields:
            SimpleTestCase().assertHTMLEqual(str(ours[field]), str(theirs[field]))
            SimpleTestCase().assertHTMLEqual(ours[field].label_tag(), theirs[field].label_tag())
            SimpleTestCase().assertHTMLEqual(ours[field].legend_tag(), theirs[field].legend_tag())


def test_no_template_is_looked_up_for_what_is_one_tag() -> None:
    class Alone(FormRenderer):
        def get_template(self, template_name: str) -> None:
            raise AssertionError(template_name)

    class Form(forms.Form):
        text = forms.CharField()
        sure = forms.BooleanField()
        menu = forms.ChoiceField(choices=MENUS["plain"])

    for field in Form({"sure": "on"}, renderer=Alone()):
        assert f'name="{field.name}"' in str(field)


def test_all_forms_are_written_so() -> None:
    assert isinstance(forms.Form().renderer, FormRenderer)
