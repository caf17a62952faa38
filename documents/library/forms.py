"""Forms of the library: what a list shows, and with whom something is shared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Self
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.forms.models import ModelChoiceIterator
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.models import DocumentFilters, Folder, Reach, RefusedError, RunState
from documents.models.filters import DAYS

from . import people


class LoadedChoices(ModelChoiceIterator):  # type: ignore[type-arg]  # takes no argument at run time
    """Looks up once what a page asks for several times: whether there are any, their names, and the menu of them."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        assert isinstance(self.field, forms.ModelChoiceField)
        if self.field.empty_label is not None:
            yield "", str(self.field.empty_label)
        yield from map(self.choice, self.queryset)


class ListForm(forms.Form):
    """What a list of documents shows, as its address says it. ``reach``: of whoever looks."""

    SCOPES = [("", _("All")), ("mine", _("Mine")), ("shared", _("Shared with me"))]
    SORTS = [
        ("-created", _("Newest first")),
        ("created", _("Oldest first")),
        ("title", _("Title")),
        ("-pages", _("Most pages first")),
        ("pages", _("Fewest pages first")),
        ("state", _("State")),
    ]

    scope = forms.ChoiceField(choices=SCOPES, required=False)
    folder = forms.ModelChoiceField(Folder.objects.none(), required=False, empty_label="—")
    tag = forms.CharField(label=_("Tag"), required=False)
    owner = forms.CharField(label=_("Owner"), required=False)
    team = forms.ModelChoiceField(Group.objects.none(), label=_("Team"), required=False, empty_label="—")
    state = forms.ChoiceField(label=_("State"), choices=[("", "—"), *RunState.choices], required=False)
    checked = forms.ChoiceField(
        label=_("Proof-reading"),
        choices=[("", "—"), ("no", _("with unchecked lines")), ("yes", _("all checked"))],
        required=False,
    )
    since = forms.DateField(
        label=_("Uploaded from"), required=False, validators=DAYS, widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(
        label=_("Uploaded until"), required=False, validators=DAYS, widget=forms.DateInput({"type": "date"})
    )
    sort = forms.ChoiceField(label=_("Sorted by"), choices=SORTS, required=False)

    def __init__(self, data: Mapping[str, Any], *, reach: Reach) -> None:
        super().__init__(data)
        for name, queryset in (("folder", Folder.objects.in_reach(reach)), ("team", reach.user.groups.all())):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.iterator = LoadedChoices
            field.queryset = queryset
        for name in ("tag", "owner", "since", "until"):
            self.fields[name].widget.attrs |= {"class": "form-control"}
        for name in ("team", "state", "checked", "sort"):
            self.fields[name].widget.attrs |= {"class": "form-select"}

    def wanted(self) -> dict[str, Any]:
        """What is wanted, without what the address leaves open; Http404 for what its reader has never been shown."""
        if not self.is_valid() and self.errors.keys() & {"folder", "team", "scope"}:
            raise Http404
        return {name: value for name, value in self.cleaned_data.items() if value}

    def filters(self) -> DocumentFilters:
        """What is wanted of the documents themselves."""
        known = {field.name for field in fields(DocumentFilters)}
        return DocumentFilters(**{name: value for name, value in self.wanted().items() if name in known})


class SearchForm(ListForm):
    """What is searched, and in which documents."""

    LANGUAGES = [
        ("", "—"),
        ("zh-Hant", _("Traditional Chinese")),
        ("zh-Hans", _("Simplified Chinese")),
        ("ja", _("Japanese")),
        ("other", _("Others")),
    ]

    q = forms.CharField(label=_("Search for"), required=False, max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)

    def __init__(self, data: Mapping[str, Any], *, reach: Reach) -> None:
        super().__init__(data, reach=reach)
        del self.fields["scope"], self.fields["sort"]  # hits have an order of their own
        self.fields["folder"].label = _("Folder")
        for name in ("folder", "language"):
            self.fields[name].widget.attrs |= {"class": "form-select"}


class MistypedError(RefusedError):
    """A form is not right; its page says why beside the field."""


class GranteeForm(forms.Form):
    """With whom something is to be shared: a person as ``people.find`` finds them, or one of ``user``'s own teams."""

    person = forms.CharField(label=_("Person"), required=False, max_length=300)
    team = forms.ModelChoiceField(Group.objects.none(), label=_("Team"), required=False, empty_label="—")
    may_edit = forms.ChoiceField(
        label=_("They may"), choices=[("", _("read")), ("1", _("read and edit"))], required=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)
        team.queryset = user.groups.all()
        if not team.queryset.exists():
            del self.fields["team"]
        self.user = user
        self.fields["person"].widget.attrs |= {"class": "form-control", "list": "people", "autocomplete": "off"}
        if settings.OCRSITE_FIND_PEOPLE == "search":
            self.fields["person"].widget.attrs |= {
                "hx-get": reverse("documents:people"),
                "hx-trigger": "input changed delay:250ms",
                "hx-target": "#people",
                "hx-sync": "this:replace",
            }
        for name in ("team", "may_edit"):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"class": "form-select"}

    @classmethod
    def typed(cls, sent: QueryDict, *, user: User) -> Self:
        """The form with what ``as_typed`` wrote into the address, and what is wrong with it."""
        return cls(sent if any(sent.get(name) for name in cls.base_fields) else None, user=user)

    @property
    def names(self) -> str:
        """How people can be named, as the site allows it."""
        return str(settings.OCRSITE_FIND_PEOPLE)

    def clean_person(self) -> User | None:
        name = self.cleaned_data["person"].strip()
        if not name:
            return None
        try:
            found = people.find(name)
        except RefusedError as refused:
            raise forms.ValidationError(str(refused)) from None
        if found == self.user:
            raise forms.ValidationError(_("This is you. Name somebody else."))
        return found

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not self.errors and bool(given.get("person")) == bool(given.get("team")):
            raise forms.ValidationError(_("Name a person or a team, one at a time."))
        return given

    def grantee(self) -> dict[str, Any]:
        """As ``organise.share`` takes it; call after ``is_valid()``."""
        given = self.cleaned_data
        return {"user": given["person"], "team": given.get("team"), "may_edit": bool(given["may_edit"])}


def as_typed(sent: QueryDict) -> str:
    """What was typed into a grantee form, for the address of its page: a mistyped name can be corrected there."""
    return urlencode({name: sent[name] for name in GranteeForm.base_fields if sent.get(name)})


def first_error(form: forms.Form) -> str:
    """The first thing to correct, as a sentence."""
    return str(next(error for errors in form.errors.values() for error in errors))
