"""People and teams in the administration: accounts begin with an invitation, and nobody sees secrets of others."""

from __future__ import annotations

import smtplib
from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, ngettext

from documents.models import QuotaOverride, RefusedError, Verb, record

from . import invitations, retirement

DJANGO_TERMS = [
    gettext_noop("group"),
    gettext_noop("groups"),
    gettext_noop("The groups this user belongs to. A user will get all permissions granted to each of their groups."),
    gettext_noop("Social Accounts"),
    gettext_noop("social account"),
    gettext_noop("social accounts"),
]
"""Terms of Django and allauth that our catalogue translates instead of theirs, with the words of the glossary."""

admin.site.unregister([User, Group, Authenticator, EmailAddress, SocialApp, SocialToken, UserSession])


class QuotaOverrideInline(admin.StackedInline):
    model = QuotaOverride
    extra = 0
    max_num = 1
    fields = ("megabytes", "pages_a_day")


class InvitationForm(forms.ModelForm):
    """A new account: its person and their rights. They set the password themselves."""

    class Meta:
        model = User
        fields = ["username", "email", "first_name", "last_name", "groups", "is_staff"]


class RetirementForm(forms.Form):
    """Who gets what a person has, and whether the name stays by what that person wrote."""

    heir = forms.ModelChoiceField(User.objects.none(), label=_("Documents, folders, shares and teams go to"))
    authorship = forms.ChoiceField(
        label=_("Corrections"),
        choices=[
            ("name", _("keep the name; the account stays, closed")),
            ("anonymous", _("become anonymous; the account is deleted")),
        ],
        widget=forms.RadioSelect,
        initial="name",
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        heir = self.fields["heir"]
        assert isinstance(heir, forms.ModelChoiceField)
        heir.queryset = User.objects.filter(is_active=True).exclude(pk=person.pk).order_by("username")

    def chosen(self) -> dict[str, Any]:
        return {"heir": self.cleaned_data["heir"], "anonymous": self.cleaned_data["authorship"] == "anonymous"}


@admin.register(User)
class PersonAdmin(UserAdmin):
    add_form = InvitationForm
    add_fieldsets = [(None, {"fields": InvitationForm.Meta.fields})]
    list_display = ["username", "email", "first_name", "last_name", "is_staff", "is_active", "last_login"]
    actions = ["invite_again", "remove_factors", "retire"]
    inlines = [QuotaOverrideInline]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[type[InlineModelAdmin]]:
        """An invitation has no quota override."""
        return self.inlines if obj else []

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Staff cannot edit accounts with more rights than theirs: by setting a password, they would gain them."""
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return [] if request.user.is_superuser else ["is_superuser", "user_permissions"]

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        """Only superusers add people to teams that have rights. Members remain members."""
        form: type[forms.ModelForm] = super().get_form(request, obj, change=change, **kwargs)
        groups = form.base_fields.get("groups")
        if isinstance(groups, forms.ModelMultipleChoiceField) and not request.user.is_superuser:
            here = Q(pk__in=obj.groups.all()) if obj else Q()
            groups.queryset = Group.objects.filter(Q(permissions=None) | here).distinct().order_by("name")
        return form

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        return self._invite(request, [obj])

    @admin.action(description=_("Invite again: send a new link and remove the old password"), permissions=["change"])
    def invite_again(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
        chosen = [user for user in users if self.has_change_permission(request, user)]
        if len(chosen) < len(users) or request.user in chosen:
            messages.error(request, _("You cannot invite people with more rights than yours again, or yourself."))
            return None
        return self._invite(request, chosen)

    @admin.action(description=_("Remove second factors and passkeys of people who lost them"), permissions=["change"])
    def remove_factors(self, request: HttpRequest, users: QuerySet[User]) -> None:
        chosen = [user for user in users if self.has_change_permission(request, user)]
        for user in chosen:
            with transaction.atomic():
                Authenticator.objects.filter(user=user).delete()
                record(Verb.SECURITY, None, request.user, what="factors", name=user.username)
        text = ngettext("Done for %(count)d person.", "Done for %(count)d people.", len(chosen))
        self.message_user(request, text % {"count": len(chosen)})

    @admin.action(description=_("Retire an account"), permissions=["delete"])
    def retire(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
        """Asks who gets what the person has, then closes the account."""
        person = users.first()
        if person is None or users.count() > 1 or not self.has_delete_permission(request, person):
            messages.error(request, _("Choose one person, with no more rights than yours."))
            return None
        form = RetirementForm(request.POST if "heir" in request.POST else None, person=person)
        if form.is_valid():
            try:
                begun = retirement.retire(person, actor=cast(User, request.user), **form.chosen())
            except RefusedError as refused:
                messages.error(request, str(refused))
                return None
            return redirect("admin:documents_bulkaction_change", begun.pk)
        context = self.admin_site.each_context(request) | {
            "title": _("Retire an account"),
            "person": person,
            "form": form,
            "opts": self.opts,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return render(request, "admin/auth/user/retire.html", context)

    def _invite(self, request: HttpRequest, users: list[User]) -> HttpResponse:
        """Shows each person's link, only once."""
        invited = []
        for user in users:
            address = invitations.invite(user, request, request.user)
            try:
                mailed = invitations.mail(user, address)
            except (OSError, smtplib.SMTPException) as error:
                mailed = False
                messages.error(
                    request, _("The mail to %(name)s was not sent: %(error)s") % {"name": user, "error": error}
                )
            invited.append((user, address, mailed))
        context = self.admin_site.each_context(request) | {
            "title": _("Invitation"),
            "invited": invited,
            "days": invitations.valid_days(),
            "opts": self.opts,
        }
        return render(request, "admin/auth/user/invited.html", context)


@admin.register(Group)
class TeamAdmin(GroupAdmin):
    """Teams: documents are shared with them, and they give their members rights in the administration."""

    inlines = [QuotaOverrideInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> list[str]:
        """Only superusers grant rights: others could grant them to their own team."""
        return [] if request.user.is_superuser else ["permissions"]


def _may_touch(request: HttpRequest, person: User | None) -> bool:
    """Whether the administrator has all the rights of ``person``, who need not be active."""
    if person is None or request.user.is_superuser:
        return True
    return not person.is_superuser and _rights(person) <= _rights(request.user)


def _rights(person: User | AnonymousUser) -> set[int]:
    found = Permission.objects.filter(Q(user=person.pk) | Q(group__user=person.pk))
    return set(found.values_list("pk", flat=True))
