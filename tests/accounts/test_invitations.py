"""Accounts begin with an invitation: a link that works once, for whom it was made, for a while."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission, User
from django.core import mail
from django.test import Client

from documents.models import Event, Verb
from tests.support.accounts import is_in, log_in

pytestmark = pytest.mark.django_db(transaction=True)

NEW = {"new_password1": "battery staple 9", "new_password2": "battery staple 9"}


def invite(boss: Client, **more: object) -> str:
    """Invites somebody as an administrator does; the address that is shown, without its host."""
    answer = boss.post("/admin/auth/user/add/", {"username": "newcomer"} | more)
    return address_in(answer.content.decode())


def address_in(page: str) -> str:
    return re.findall(r"http://testserver(/accounts/invitation/[^<\s]+)", page)[0]


def accept(visitor: Client, address: str):
    return visitor.post(visitor.get(address).headers["Location"], NEW)


def test_an_invited_person_sets_a_password_and_is_in_their_team(boss: Client, visitor: Client) -> None:
    team = Group.objects.create(name="readers")
    address = invite(boss, groups=[team.pk])
    assert not User.objects.get(username="newcomer").has_usable_password()
    assert accept(visitor, address).headers["Location"] == "/accounts/login/"
    log_in(visitor, "newcomer", "battery staple 9")
    assert is_in(visitor)
    assert list(User.objects.get(username="newcomer").groups.all()) == [team]
    verbs = list(Event.objects.order_by("id").values_list("actor_name", "verb"))
    assert verbs == [("boss", Verb.INVITED), ("newcomer", Verb.JOINED), ("newcomer", Verb.LOGGED_IN)]


def test_a_link_works_once(boss: Client, visitor: Client) -> None:
    address = invite(boss)
    accept(visitor, address)
    assert "This link is used up" in Client(headers={"accept-language": "en"}).get(address).content.decode()


def test_a_link_expires(boss: Client, visitor: Client) -> None:
    address = invite(boss)
    later = datetime.now() + timedelta(days=8)  # noqa: DTZ005  # as Django counts
    with patch("accounts.invitations.InvitationTokens._now", return_value=later):
        assert "This link is used up" in visitor.get(address).content.decode()


def test_a_new_link_takes_the_place_of_the_old_one_and_of_the_password(boss: Client, owner: User, visitor) -> None:
    def again() -> str:
        answer = boss.post("/admin/auth/user/", {"action": "invite_again", "_selected_action": [owner.pk]})
        return address_in(answer.content.decode())

    first, second = again(), again()
    assert log_in(visitor, "owner").status_code == 200
    assert "This link is used up" in visitor.get(first).content.decode()
    assert accept(visitor, second).status_code == 302


def test_easy_passwords_are_refused_here_too(boss: Client, visitor: Client) -> None:
    form = visitor.get(invite(boss)).headers["Location"]
    answer = visitor.post(form, {"new_password1": "newcomer", "new_password2": "newcomer"})
    assert answer.context["form"].errors


def test_the_link_is_mailed_where_mail_is_set_up(boss: Client, settings) -> None:
    settings.MAIL_IS_SET_UP = True
    address = invite(boss, email="new@example.org")
    assert mail.outbox[0].to == ["new@example.org"]
    assert address in mail.outbox[0].body


def test_mail_that_fails_is_told_and_the_link_is_shown(boss: Client, settings) -> None:
    settings.MAIL_IS_SET_UP = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = boss.post("/admin/auth/user/add/", {"username": "newcomer", "email": "new@example.org"})
    assert "was not sent" in answer.content.decode()
    assert address_in(answer.content.decode())


@pytest.fixture
def clerk(db) -> Client:
    """Staff who may manage people, and no more."""
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__model="user"))
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def test_staff_manage_people_but_no_superusers(clerk: Client, boss: Client, owner: User) -> None:
    chief = User.objects.get(username="boss")
    assert address_in(clerk.post("/admin/auth/user/add/", {"username": "newcomer"}).content.decode())
    change = clerk.get(f"/admin/auth/user/{owner.pk}/change/").content.decode()
    assert 'name="is_superuser"' not in change
    clerk.post("/admin/auth/user/", {"action": "invite_again", "_selected_action": [chief.pk]})
    assert Event.objects.filter(verb=Verb.INVITED, details={"name": "boss"}).count() == 0
    assert clerk.post(f"/admin/auth/user/{chief.pk}/password/", NEW).status_code == 403


@pytest.fixture
def governors(db) -> Group:
    """A team that has rights in the administration."""
    team = Group.objects.create(name="governors")
    team.permissions.set(Permission.objects.filter(content_type__model="document"))
    return team


def change_groups(client: Client, user: User, *teams: Group):
    """Sends the form of an account as it is shown, with these teams."""
    address = f"/admin/auth/user/{user.pk}/change/"
    shown = client.get(address).context["adminform"].form
    form = {"username": user.username, "is_active": "on", "groups": [team.pk for team in teams]}
    form |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00", "is_staff": "on" if user.is_staff else ""}
    form |= {"quota_override-TOTAL_FORMS": "0", "quota_override-INITIAL_FORMS": "0"}
    return shown.fields["groups"].queryset, client.post(address, form)


def test_staff_put_nobody_into_teams_that_have_rights(clerk: Client, boss: Client, governors: Group) -> None:
    readers, user = Group.objects.create(name="readers"), User.objects.get(username="clerk")
    offered, answer = change_groups(clerk, user, governors)
    assert (list(offered), answer.status_code) == ([readers], 200)
    assert not user.has_perm("documents.change_document")
    answer = clerk.post("/admin/auth/user/add/", {"username": "newcomer", "groups": [governors.pk], "is_staff": "on"})
    assert answer.context["adminform"].form.errors.keys() == {"groups"}
    assert change_groups(clerk, user, readers)[1].status_code == 302
    assert change_groups(boss, user, readers, governors)[1].status_code == 302
    assert set(user.groups.all()) == {readers, governors}


def test_staff_leave_people_in_the_teams_they_are_in(clerk: Client, owner: User) -> None:
    readers, clerks = Group.objects.create(name="readers"), Group.objects.create(name="clerks")
    clerks.permissions.set(Permission.objects.filter(content_type__model="user"))
    owner.groups.add(clerks)
    assert change_groups(clerk, owner, clerks, readers)[1].status_code == 302
    assert set(owner.groups.all()) == {readers, clerks}


@pytest.mark.parametrize("active", [True, False])
def test_staff_get_into_no_account_with_more_rights(clerk: Client, owner: User, governors: Group, active: bool) -> None:
    owner.groups.add(governors)
    User.objects.filter(pk=owner.pk).update(is_active=active)
    assert clerk.post(f"/admin/auth/user/{owner.pk}/password/", NEW).status_code == 403
    assert clerk.post(f"/admin/auth/user/{owner.pk}/change/", {"username": "mine"}).status_code == 403
    clerk.post("/admin/auth/user/", {"action": "invite_again", "_selected_action": [owner.pk]})
    assert Event.objects.filter(verb=Verb.INVITED).count() == 0


def test_lost_second_factors_are_removed_and_never_shown(boss: Client, clerk: Client, owner: User) -> None:
    chief = User.objects.get(username="boss")
    for user in (owner, chief):
        Authenticator.objects.create(user=user, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    assert boss.get("/admin/mfa/authenticator/").status_code == 404
    form = {"action": "remove_factors", "_selected_action": [owner.pk, chief.pk]}
    assert "Done for 1 person." in clerk.post("/admin/auth/user/", form, follow=True).content.decode()
    assert Authenticator.objects.get().user == chief
    assert Event.objects.get(verb=Verb.SECURITY).details == {"what": "factors", "name": "owner"}
