"""How people come in: limits, second factors, sessions, single sign-on; and that nobody makes their own account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import encryption, invitations, urls
from accounts.templatetags.browsers import browser
from documents.management.commands import reconcile
from documents.models import AccessToken, Event, Verb
from tests.support.accounts import PASSWORD, code_of, is_in, log_in
from tests.support.stack import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

WITHOUT_LOGIN = {
    "account_inactive",
    "account_invitation",
    "account_login",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "openid_connect_callback",
    "openid_connect_login",
    "socialaccount_login_cancelled",
    "socialaccount_signup",
}
ARGUMENTS = {
    "account_end_session": {"pk": 1},
    "account_invitation": {"uidb64": "MQ", "token": "x-y"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "x-y"},
    "mfa_edit_webauthn": {"pk": 1},
    "mfa_remove_webauthn": {"pk": 1},
    "openid_connect_login": {"provider_id": "sso"},
    "openid_connect_callback": {"provider_id": "sso"},
    "openid_connect_connect": {"provider_id": "sso"},
}


def names(patterns: list[URLPattern | URLResolver]) -> set[str]:
    found = set()
    for pattern in patterns:
        found |= names(pattern.url_patterns) if isinstance(pattern, URLResolver) else {str(pattern.name)}
    return found


@pytest.mark.parametrize("name", sorted(names(urls.urlpatterns)))
def test_the_account_is_for_those_who_are_logged_in(name: str, visitor: Client) -> None:
    answer = visitor.get(reverse(name, kwargs=ARGUMENTS.get(name, {})))
    sent_away = answer.headers.get("Location", "").startswith(f"{reverse('account_login')}?next=")
    assert sent_away == (name not in WITHOUT_LOGIN and name != "account_logout")


def test_nobody_signs_up_by_themselves(visitor: Client) -> None:
    assert not [name for name in get_resolver().reverse_dict if "signup" in str(name) and "social" not in str(name)]
    assert visitor.get("/accounts/signup/").status_code in {302, 404}


def test_a_name_and_a_password_let_in_and_are_noted(owner: User, visitor: Client) -> None:
    assert log_in(visitor, "owner").headers["Location"] == "/"
    assert is_in(visitor)
    assert Event.objects.get().verb == Verb.LOGGED_IN


def test_the_way_in_leads_to_where_one_wanted(owner: User, visitor: Client) -> None:
    page = visitor.get("/accounts/login/?next=/accounts/").content.decode()
    assert 'name="next"' in page
    answer = visitor.post("/accounts/login/", {"login": "owner", "password": PASSWORD, "next": "/accounts/"})
    assert answer.headers["Location"] == "/accounts/"
    elsewhere = {"login": "owner", "password": PASSWORD, "next": "https://evil.example/"}
    assert Client().post("/accounts/login/", elsewhere).headers["Location"] == "/"


def test_a_wrong_password_is_told_and_noted_without_saying_which_names_exist(owner: User, visitor: Client) -> None:
    told = [
        re.findall(r'role="alert">(.*?)</p>', log_in(visitor, name, "wrong").content.decode(), re.S)
        for name in ("owner", "nobody")
    ]
    assert told[0] == told[1] != []
    event = Event.objects.get()
    assert (event.verb, event.actor, event.details) == (Verb.LOGIN_FAILED, None, {"name": "owner"})


def test_leaving_is_noted(owner: User, visitor: Client) -> None:
    log_in(visitor, "owner")
    visitor.post("/accounts/logout/")
    assert not is_in(visitor)
    visitor.post("/accounts/logout/")  # nobody is left to go
    noted = Event.objects.order_by("id").values_list("verb", "actor")
    assert list(noted) == [(Verb.LOGGED_IN, owner.pk), (Verb.LOGGED_OUT, owner.pk)]


def test_guessing_is_stopped_even_if_the_next_guess_is_right(owner: User, visitor: Client) -> None:
    for _ in range(5):
        log_in(visitor, "owner", "wrong")
    assert "Too many failed login attempts" in log_in(visitor, "owner").content.decode()
    assert not is_in(visitor)


def test_a_stranger_who_guesses_keeps_nobody_out_elsewhere_or_at_a_known_browser(owner: User, visitor: Client) -> None:
    known = Client()
    log_in(known, "owner")
    known.post("/accounts/logout/")
    for _ in range(6):
        log_in(visitor, "owner", "wrong")
    assert is_in(known) is False
    log_in(known, "owner")
    assert is_in(known)
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    log_in(elsewhere, "owner")
    assert is_in(elsewhere)


def test_guesses_from_many_networks_are_stopped_except_at_known_browsers(owner: User, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed_anywhere": "7/h/key"}
    known = Client()
    log_in(known, "owner")
    known.post("/accounts/logout/")
    for network in range(8):
        log_in(Client(REMOTE_ADDR=f"203.0.113.{network}"), "owner", "wrong")
    fresh = Client(REMOTE_ADDR="198.51.100.1", headers={"accept-language": "en"})
    assert "Too many failed login attempts" in log_in(fresh, "owner").content.decode()
    log_in(known, "owner")
    assert is_in(known)


def test_a_known_browser_may_not_guess_without_end_either(owner: User) -> None:
    known = Client(headers={"accept-language": "en"})
    log_in(known, "owner")
    known.post("/accounts/logout/")
    for _ in range(5):
        log_in(known, "owner", "wrong")
    assert "Too many failed login attempts" in log_in(known, "owner").content.decode()


def test_a_browser_is_known_by_a_cookie_that_nobody_can_make_or_read(owner: User, visitor: Client) -> None:
    log_in(visitor, "owner")
    cookie = visitor.cookies["known_browser"]
    assert cookie["httponly"]
    assert "owner" not in cookie.value
    forged = Client(REMOTE_ADDR="203.0.113.9", headers={"accept-language": "en"})
    forged.cookies["known_browser"] = cookie.value[:-1] + ("A" if cookie.value[-1] != "A" else "B")
    for _ in range(5):
        log_in(forged, "owner", "wrong")
    assert "Too many failed login attempts" in log_in(forged, "owner").content.decode()


def test_fifty_people_of_one_office_log_in_at_nine(db) -> None:
    for number in range(50):
        User.objects.create_user(f"reader{number}", password=PASSWORD)
    people = [Client() for _ in range(50)]
    for number, person in enumerate(people):
        log_in(person, f"reader{number}")
    assert all(map(is_in, people))


def test_a_flood_of_logins_is_refused_with_a_page_that_says_so(visitor: Client, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "10/m/ip"}
    answers = [log_in(visitor, f"name{n}", "wrong") for n in range(11)]
    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].content.decode()


def test_the_administration_is_entered_by_the_same_door(visitor: Client, as_owner: Client) -> None:
    assert visitor.get("/admin/login/?next=/admin/").headers["Location"].startswith("/accounts/login/?next=")
    assert as_owner.get("/admin/login/").status_code == 403


def test_a_second_factor_is_set_up_asked_for_and_noted(owner: User, visitor: Client) -> None:
    log_in(visitor, "owner")
    visitor.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = visitor.get("/accounts/security/totp/activate/")
    secret = page.context["form"].secret
    assert "data:image/svg" in page.content.decode()
    assert visitor.post("/accounts/security/totp/activate/", code_of(secret)).status_code == 302
    assert Event.objects.filter(verb=Verb.SECURITY, details={"what": "totp"}).exists()

    other = Client()
    assert log_in(other, "owner").headers["Location"] == "/accounts/security/authenticate/"
    assert not is_in(other)
    assert other.post("/accounts/security/authenticate/", {"code": "000000"}).status_code == 200
    assert not is_in(other)
    failed = Event.objects.get(verb=Verb.LOGIN_FAILED)
    assert (failed.actor, failed.details) == (None, {"name": "owner", "factor": "totp"})
    ahead = Client()  # with a phone whose clock is half a minute ahead
    log_in(ahead, "owner")
    ahead.post("/accounts/security/authenticate/", code_of(secret, ahead=1))
    assert is_in(ahead)
    recovery = visitor.get("/accounts/security/recovery-codes/").context["unused_codes"][0]
    other.post("/accounts/security/authenticate/", {"code": recovery})
    assert is_in(other)


def test_who_has_the_database_alone_has_no_second_factors(owner: User, visitor: Client, settings) -> None:
    log_in(visitor, "owner")
    visitor.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = visitor.get("/accounts/security/totp/activate/").context["form"].secret
    visitor.post("/accounts/security/totp/activate/", code_of(secret))
    kept = {each.type: each.data for each in Authenticator.objects.all()}
    assert kept["totp"]["secret"].startswith(encryption.MARK)
    assert kept["recovery_codes"]["seed"].startswith(encryption.MARK)
    assert secret not in str(kept)

    settings.SECRET_KEY = "another one"
    other = Client()
    log_in(other, "owner")
    fresh = code_of(secret, ahead=1)  # one that was not used before would be good with the key of the site
    assert other.post("/accounts/security/authenticate/", fresh).status_code == 200
    assert not is_in(other)


def test_a_second_factor_from_before_there_were_seals_is_good(owner: User, visitor: Client) -> None:
    Authenticator.objects.create(user=owner, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    log_in(visitor, "owner")
    visitor.post("/accounts/security/authenticate/", code_of("JBSWY3DPEHPK3PXP"))
    assert is_in(visitor)


def test_the_name_of_a_passkey_is_asked_for_in_chinese(owner: User) -> None:
    person = Client(headers={"accept-language": "zh-hant"})
    log_in(person, "owner")
    person.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert "名稱" in person.get("/accounts/security/webauthn/add/").context["form"]["name"].label


def test_what_lets_people_in_is_changed_only_by_who_has_just_given_their_password(as_owner: Client) -> None:
    answer = as_owner.get("/accounts/security/totp/activate/")
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")


def test_a_changed_password_ends_the_other_sessions(owner: User, visitor: Client) -> None:
    other = Client()
    log_in(visitor, "owner")
    log_in(other, "owner")
    form = {"oldpassword": PASSWORD, "password1": "battery staple 9", "password2": "battery staple 9"}
    assert visitor.post("/accounts/password/change/", form).headers["Location"] == "/accounts/"
    assert is_in(visitor)
    assert not is_in(other)


@pytest.mark.parametrize("password", ["short", "owner", "12345678901", "password123"])
def test_easy_passwords_are_refused(password: str, as_owner: Client) -> None:
    form = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    assert as_owner.post("/accounts/password/change/", form).context["form"].errors


def test_one_session_can_be_ended_from_another(owner: User, stranger: User, visitor: Client) -> None:
    other, foreign = Client(), Client()
    log_in(visitor, "owner")
    log_in(other, "owner")
    log_in(foreign, "stranger", "battery staple")
    page = visitor.get("/accounts/sessions/").content.decode()
    assert page.count("this browser") == 1
    mine, theirs = (UserSession.objects.get(session_key=client.session.session_key) for client in (other, foreign))
    assert visitor.post(f"/accounts/sessions/{theirs.pk}/end/").status_code == 404
    assert visitor.post(f"/accounts/sessions/{mine.pk}/end/").status_code == 302
    assert not is_in(other)
    assert is_in(visitor)
    assert is_in(foreign)


def test_a_forgotten_password_is_a_matter_for_administrators_where_there_is_no_mail(visitor: Client) -> None:
    assert "Ask an administrator" in visitor.get("/accounts/password/reset/").content.decode()
    assert visitor.post("/accounts/password/reset/", {"email": "a@b.c"}).status_code == 200


def test_a_forgotten_password_is_replaced_by_mail_where_there_is(owner: User, visitor: Client, settings) -> None:
    settings.MAIL_IS_SET_UP = True
    owner.email = "owner@example.org"
    owner.save()
    visitor.post("/accounts/password/reset/", {"email": "owner@example.org"})
    wait_for(lambda: mail.outbox, 10)
    sent = mail.outbox[0]
    assert sent.subject == "A new password for ocrsite"
    assert "your account owner on ocrsite" in sent.body
    link = re.search(r"http://testserver(\S+)", str(sent.body))[1]
    form_address = visitor.get(link).headers["Location"]
    new = {"password1": "battery staple 9", "password2": "battery staple 9"}
    assert visitor.post(form_address, new).headers["Location"] == "/accounts/login/"
    assert "This link is used up" in Client(headers={"accept-language": "en"}).get(link).content.decode()
    assert log_in(visitor, "owner", "battery staple 9").headers["Location"] == "/"


def test_a_mail_that_cannot_be_sent_tells_nobody_which_addresses_exist(owner: User, visitor: Client, settings) -> None:
    settings.MAIL_IS_SET_UP = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # where nobody listens
    owner.email = "owner@example.org"
    owner.save()
    answers = [visitor.post("/accounts/password/reset/", {"email": f"{name}@example.org"}) for name in ("owner", "no")]
    assert [answer.headers["Location"] for answer in answers] == ["/accounts/password/reset/done/"] * 2


def test_tokens_end_with_a_password_that_was_forgotten_or_taken_back(
    owner: User, visitor: Client, boss: Client, settings
) -> None:
    settings.MAIL_IS_SET_UP = True
    owner.email = "owner@example.org"
    owner.save()
    AccessToken.issue(owner, "scanner", "write", timedelta(days=1))
    visitor.post("/accounts/password/reset/", {"email": "owner@example.org"})
    wait_for(lambda: mail.outbox, 10)
    link = re.search(r"http://testserver(\S+)", str(mail.outbox[0].body))[1]
    new = {"password1": "battery staple 9", "password2": "battery staple 9"}
    visitor.post(visitor.get(link).headers["Location"], new)
    assert not owner.access_tokens.exists()
    assert Event.objects.filter(verb=Verb.SECURITY, details={"what": "token_revoked", "name": "scanner"}).exists()
    AccessToken.issue(owner, "scanner", "write", timedelta(days=1))
    invitations.invite(owner, RequestFactory().get("/"), None)
    assert not owner.access_tokens.exists()


def test_whoever_changes_their_password_is_offered_to_end_their_tokens(owner: User, as_owner: Client) -> None:
    assert "end_tokens" not in as_owner.get("/accounts/password/change/").content.decode()
    AccessToken.issue(owner, "scanner", "write", timedelta(days=1))
    assert "end_tokens" in as_owner.get("/accounts/password/change/").content.decode()
    form = {"oldpassword": PASSWORD, "password1": "battery staple 9", "password2": "battery staple 9"}
    as_owner.post("/accounts/password/change/", form)
    assert owner.access_tokens.count() == 1
    form = {"oldpassword": "battery staple 9", "password1": PASSWORD + "!", "password2": PASSWORD + "!"}
    as_owner.post("/accounts/password/change/", form | {"end_tokens": "on"})
    assert not owner.access_tokens.exists()


@pytest.mark.parametrize("page", ["/", "/accounts/", "/search/?q=台北", "/programs/"])
def test_no_cache_keeps_a_page_of_somebody(page: str, as_owner: Client) -> None:
    answer = as_owner.get(page)
    assert answer.status_code == 200
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))


def test_a_stranger_who_asks_for_a_new_password_keeps_nobody_from_second_factors(
    owner: User, visitor: Client, settings
) -> None:
    settings.MAIL_IS_SET_UP = True
    owner.email = "owner@example.org"
    owner.save()
    Client().post("/accounts/password/reset/", {"email": "owner@example.org"})
    log_in(visitor, "owner")
    visitor.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for factor in ("totp/activate/", "webauthn/add/"):
        assert visitor.get(f"/accounts/security/{factor}").status_code == 200


def test_an_address_of_nobody_is_answered_as_any_other_and_gets_no_mail(db, visitor: Client, settings) -> None:
    settings.MAIL_IS_SET_UP = True
    answer = visitor.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert answer.headers["Location"] == "/accounts/password/reset/done/"
    assert mail.outbox == []


PAGES = ["", "activity/", "password/change/", "security/", "sessions/", "services/"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_the_pages_of_the_account_open_in_both_languages(page: str, language: str, owner: User) -> None:
    client = Client(headers={"accept-language": language})
    client.force_login(owner)
    answer = client.get(f"/accounts/{page}")
    assert answer.status_code == 200
    assert f'<html lang="{"zh-Hant" if language == "zh-hant" else "en"}"'.lower() in answer.content.decode().lower()


def test_the_activity_is_ones_own(owner: User, as_owner: Client, visitor: Client, stranger: User) -> None:
    log_in(visitor, "stranger", "battery staple")
    log_in(Client(), "owner")
    rows = b"".join(as_owner.get("/accounts/activity/table/")).decode()
    assert "owner,logged in" in rows
    assert "stranger" not in rows
    assert "logged in" in as_owner.get("/accounts/activity/").content.decode()


@pytest.mark.parametrize(
    ("user_agent", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/150.0 Safari/537.36 Edg/150.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox · Linux"),
        ("curl/8.0", "curl/8.0"),
    ],
)
def test_browsers_have_names(user_agent: str, shown: str) -> None:
    assert browser(user_agent) == shown


def test_people_log_in_while_redis_is_away(visitor: Client, owner: User, settings, tmp_path) -> None:
    owner.set_password(PASSWORD)
    owner.save()
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": f"unix://{tmp_path}/nobody-listens"}}
    log_in(visitor, owner.username)
    assert is_in(visitor)


def test_sessions_that_are_over_do_not_stay(owner: User, as_owner: Client, visitor: Client, redis_server) -> None:
    visitor.force_login(owner)
    Session.objects.filter(pk=visitor.session.session_key).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert Session.objects.count() == 2
    reconcile.Command().reconcile()
    assert [session.pk for session in Session.objects.all()] == [as_owner.session.session_key]
