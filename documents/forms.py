"""Forms: what people may ask for, checked."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Self

from django import forms
from django.conf import settings
from django.core.validators import URLValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from documents.models import Scope, Subject
from recognition import weights
from recognition.options import Options

from . import exports, models, transcript
from .ingest import manifest_imports
from .webhooks import safe_http

LABELS = {
    "direction": {
        "auto": _("Find out for each page"),
        "horizontal": _("Horizontal"),
        "vertical-rl": _("Vertical, right to left"),
    },
    "script": {
        "auto": _("To Traditional (Taiwan) where it is Simplified"),
        "s2twp": _("Simplified to Traditional with Taiwan wording"),
        "none": _("As printed"),
        "s2t": _("Simplified to Traditional, characters only"),
        "s2tw": _("Simplified to Traditional (Taiwan characters)"),
        "t2s": _("Traditional to Simplified"),
        "tw2sp": _("Taiwan Traditional to Simplified with mainland wording"),
    },
    "preprocess": {
        "none": _("As it is"),
        "auto": _("Clean up where it helps"),
        "binarize": _("Black and white"),
    },
    "text_layer": {
        "auto": _("Use the text of digital PDFs"),
        "ignore": _("Always read the picture"),
    },
    "layout": {
        "auto": _("Find out for each page"),
        "table": _("One table on each page"),
        "single-line": _("One line of text on each page"),
    },
}

MODELS = {"PP-OCRv6_small": _("Standard"), "PP-OCRv6_tiny": _("Quick")}
"""What those that are installed with the platform are called."""


class OptionsForm(forms.Form):
    """Recognition options; what is left out keeps its default."""

    direction = forms.ChoiceField(
        label=_("Direction of writing"),
        help_text=_("Choose it only if a page comes out in the wrong order."),
        required=False,
    )
    script = forms.ChoiceField(
        label=_("Characters"),
        help_text=_("Whether the text is converted between Simplified and Traditional Chinese."),
        required=False,
    )
    preprocess = forms.ChoiceField(
        label=_("Picture"),
        help_text=_("Stains, shadows or faint print may read better after cleaning up."),
        required=False,
    )
    text_layer = forms.ChoiceField(
        label=_("PDF text"),
        help_text=_("PDFs made by a program carry their own text, which is exact."),
        required=False,
    )

    layout = forms.ChoiceField(
        label=_("Layout"),
        help_text=_("Choose it only if all pages are alike."),
        required=False,
    )

    model = forms.ChoiceField(
        label=_("Model"),
        help_text=_(
            "Quick is for a first look. It takes half of the time, and misreads more than twice as many "
            "characters: a few more in horizontal print, many in columns and in old prints."
        ),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models = weights.installed_models(settings.OCRSITE_WEIGHTS)
        model = self.fields["model"]
        assert isinstance(model, forms.ChoiceField)
        names = sorted({settings.OCRSITE_MODEL, *models})
        model.choices = [
            (name, format_lazy("{} ({})", MODELS[name], name) if name in MODELS else name) for name in names
        ]
        model.initial = settings.OCRSITE_MODEL
        model.widget.attrs["class"] = "form-select"
        for name, values in Options.choices().items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(value, LABELS[name][value]) for value in values]
            field.initial = values[0]
            field.widget.attrs["class"] = "form-select"

    @classmethod
    def starting_with(cls, remembered: Mapping[str, str]) -> Self:
        """A form in which the ``remembered`` options are chosen, as far as they still exist."""
        form = cls()
        for name, value in remembered.items():
            field = form.fields.get(name)
            if isinstance(field, forms.ChoiceField) and field.valid_value(value):
                form.initial[name] = value
        return form

    def options(self) -> Options:
        """The options chosen; call after ``is_valid()``."""
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        return Options.parse({"model": settings.OCRSITE_MODEL} | chosen)


class ProposalsForm(forms.Form):
    """Which lines a language model is asked about."""

    page = forms.IntegerField(
        label=_("Page"),
        min_value=1,
        max_value=10**6,
        required=False,
        widget=forms.NumberInput({"class": "form-control", "placeholder": _("all")}),
    )
    below = forms.TypedChoiceField(
        label=_("Lines read with"),
        choices=[("0.8", _("little confidence")), ("0.9", _("some doubt")), ("0.97", _("any doubt"))],
        initial="0.9",
        coerce=float,
        empty_value=None,
        required=False,
        widget=forms.Select({"class": "form-select"}),
    )

    def wanted(self) -> dict[str, Any]:
        """As ``proposals.ask`` takes it; call after ``is_valid()``."""
        return {"page": self.cleaned_data["page"], "below": self.cleaned_data["below"] or 0.9}


class ExportForm(forms.Form):
    """Which text, and what plain text is like; what is left out keeps its default."""

    text = forms.ChoiceField(choices=[(value, value) for value in transcript.CHOICES["text"]], required=False)
    pages = forms.ChoiceField(choices=[(value, value) for value in transcript.CHOICES["pages"]], required=False)
    lines = forms.ChoiceField(choices=[(value, value) for value in transcript.CHOICES["lines"]], required=False)
    margins = forms.ChoiceField(choices=[(value, value) for value in transcript.CHOICES["margins"]], required=False)
    size = forms.IntegerField(min_value=transcript.SMALLEST_CHUNK, max_value=transcript.LARGEST_CHUNK, required=False)

    def choices(self) -> dict[str, Any]:
        """For ``Transcript.chosen``. The form must be valid."""
        return {name: self.cleaned_data[name] for name in transcript.DEFAULTS if self.cleaned_data.get(name)}


class BundleForm(ExportForm):
    """The same for many documents, in any of the formats."""

    formats = forms.MultipleChoiceField(
        label=_("Formats"),
        choices=[(name, known.label) for name, known in exports.FORMATS.items()],
        widget=forms.CheckboxSelectMultiple({"class": "form-check-input"}),
        initial=["txt"],
    )
    text = forms.ChoiceField(
        label=_("Text"),
        choices=[
            ("corrected", _("With corrections")),
            ("converted", _("As read")),
            ("raw", _("Before conversion")),
        ],
        widget=forms.Select({"class": "form-select"}),
        required=False,
    )

    lines = forms.ChoiceField(
        label=_("Lines of plain text"),
        choices=[("printed", _("As on the page")), ("joined", _("Joined to paragraphs"))],
        widget=forms.Select({"class": "form-select"}),
        required=False,
    )
    margins = forms.ChoiceField(
        label=_("Headers, footers and page numbers in plain text"),
        choices=[("kept", _("Keep them")), ("left-out", _("Leave them out"))],
        widget=forms.Select({"class": "form-select"}),
        required=False,
    )

    field_order = ["formats", "text", "lines", "margins"]


class ReplaceForm(forms.Form):
    """What is looked for and what is to stand there. ``places``: where, as values and labels of ``where``.

    Blanks count, so nothing is stripped.
    """

    find = forms.CharField(label=_("Find"), max_length=models.LONGEST_FIND, strip=False)
    replacement = forms.CharField(
        label=_("Replace with"), max_length=models.LONGEST_REPLACEMENT, strip=False, required=False
    )
    where = forms.ChoiceField(label=_("Where"))
    ignore_case = forms.BooleanField(label=_("Capitals and small letters alike"), required=False)
    ignore_width = forms.BooleanField(label=_("Full and half width alike"), required=False)
    ignore_script = forms.BooleanField(label=_("Traditional and Simplified alike (臺, 台)"), required=False)

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        where = self.fields["where"]
        assert isinstance(where, forms.ChoiceField)
        where.choices = places
        where.widget.attrs["class"] = "form-select"
        for name in ("find", "replacement"):
            self.fields[name].widget.attrs |= {"class": "form-control", "autocomplete": "off", "spellcheck": "false"}
        for name in self.alike:
            self.fields[name].widget.attrs["class"] = "form-check-input"

    alike = ("ignore_case", "ignore_width", "ignore_script")

    @property
    def switches(self) -> list[forms.BoundField]:
        return [self[name] for name in self.alike]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for name in ("find", "replacement"):
            if any(unicodedata.category(character) == "Cc" for character in given.get(name, "")):
                self.add_error(name, _("A line has no line breaks or tabs in it. Leave them out."))
        if not self.errors and given["find"] == given["replacement"]:
            self.add_error("replacement", _("This is what is looked for. Write what is to stand there instead."))
        return given


class LinkForm(forms.Form):
    """A link for people without an account: for whom, how long, with what password, and whether with downloads."""

    name = forms.CharField(
        label=_("For whom"), max_length=80, required=False, help_text=_("A note for you; readers do not see it.")
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[(1, _("a day")), (7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
        initial=7,
    )
    password = forms.CharField(
        label=_("Password"), max_length=128, strip=False, required=False, help_text=_("Empty: the address is enough.")
    )
    may_export = forms.BooleanField(label=_("with downloads"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "link_%s"} | kwargs)
        for name, kind in {"name": "form-control", "days": "form-select", "password": "form-control"}.items():
            self.fields[name].widget.attrs |= {"class": kind, "autocomplete": "off"}
        self.fields["may_export"].widget.attrs["class"] = "form-check-input"


class TokenForm(forms.Form):
    """What a new access token is called, may do, and how long it holds."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("The program that will use it, such as “scanner”.")
    )
    scope = forms.ChoiceField(label=_("It may"), choices=Scope.choices)
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
        initial=90,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("scope", "days"):
            self.fields[name].widget.attrs["class"] = "form-select"

    def lifetime(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])


class AddressField(forms.URLField):
    """What the administrator allows in the own network may have a name that no host in the Internet has."""

    default_validators = []  # the forms look at it


class ManifestForm(forms.Form):
    """The address of a IIIF manifest."""

    manifest = AddressField(
        label=_("Address of the manifest"),
        max_length=2000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "form-control", "placeholder": "https://"}),
    )
    folder = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def clean_manifest(self) -> str:
        url: str = self.cleaned_data["manifest"]
        try:
            manifest_imports.check(url)
        except safe_http.UnreachableError as error:
            raise forms.ValidationError(gettext(manifest_imports.why(error))) from error
        return url


class WebhookForm(forms.Form):
    """An address, and what it is to be told."""

    url = AddressField(
        label=_("Address"),
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    subjects = forms.MultipleChoiceField(
        label=_("Notify when"),
        choices=Subject.choices,
        initial=Subject.values,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            parts = safe_http.target(url, settings.OCRSITE_WEBHOOK_HOSTS)
        except safe_http.UnreachableError:
            raise forms.ValidationError(
                _("Enter an address that begins with https:// and has no user name or password in it.")
            ) from None
        if not safe_http.is_trusted(parts, settings.OCRSITE_WEBHOOK_HOSTS):
            URLValidator()(url)
        return url
