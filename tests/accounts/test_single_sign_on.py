"""Single sign-on with an OpenID Connect service: a small one of our own, over real HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from documents.models import Event, Verb
from tests.support.accounts import PASSWORD, code_of, is_in, log_in

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Service:
    """An OpenID Connect service at ``url``, at which ``person`` is logged in."""

    url: str
    person: dict[str, object] = field(
        default_factory=lambda: {"sub": "7", "preferred_username": "lin", "email": "l@x.tw"}
    )
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    def configuration(self) -> dict[str, str]:
        parts = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | {
            f"{name}_endpoint": f"{self.url}/{part}" for name, part in parts.items()
        }

    def token(self) -> dict[str, object]:
        claims = {"iss": self.url, "aud": "ocrsite", "exp": time.time() + 60, "iat": time.time(), **self.person}
        signed = jwt.encode(claims, "a key that only the service knows", "HS256")
        return {"access_token": "access", "token_type": "Bearer", "id_token": signed}


@pytest.fixture
def service(settings) -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers = {"/.well-known/openid-configuration": found.configuration, "/userinfo": lambda: found.person}
            self.answer(answers[self.path]())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found.asked.append(parse_qs(body))
            self.answer(found.token())

        def answer(self, data: object) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(data).encode())

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Service(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    offer(settings, found.url)
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def offer(settings, url: str) -> None:
    """As the settings do where OCRSITE_OIDC_URL is given."""
    app = {
        "provider_id": "sso",
        "name": "Office",
        "client_id": "ocrsite",
        "secret": "s",
        "settings": {"server_url": url},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def ask_to_connect(client: Client) -> None:
    """Begins to connect an account, with its password."""
    asked = client.post("/accounts/oidc/sso/connect/").headers["Location"]
    assert asked.startswith("/accounts/reauthenticate/")
    form = {"password": PASSWORD, "next": "/accounts/oidc/sso/connect/"}
    assert "/accounts/oidc/sso/login/?process=connect" in client.post(asked, form).content.decode()


def come_in(client: Client, process: str = "login"):
    """To the service and back; the answer that the service's visitor gets in the end."""
    sent = client.get("/accounts/oidc/sso/login/", {"process": process}).headers["Location"]
    asked = parse_qs(urlsplit(sent).query)
    assert asked["redirect_uri"] == ["http://testserver/accounts/oidc/sso/login/callback/"]
    assert asked["code_challenge_method"] == ["S256"]
    return client.get("/accounts/oidc/sso/login/callback/", {"code": "c", "state": asked["state"][0]}, follow=True)


def test_whom_the_service_knows_gets_an_account_and_finds_it_again(service: Service, visitor: Client) -> None:
    assert "Log in with Office" in visitor.get("/accounts/login/").content.decode()
    come_in(visitor)
    assert is_in(visitor)
    assert service.asked[0]["code_verifier"]
    person = User.objects.get()
    assert (person.username, person.email, person.has_usable_password()) == ("lin", "l@x.tw", False)
    other = Client()
    come_in(other)
    assert is_in(other)
    assert User.objects.count() == 1


def test_a_name_that_is_taken_here_is_not_taken_over(service: Service, visitor: Client) -> None:
    User.objects.create_superuser("lin", "l@x.tw")
    come_in(visitor)
    assert not User.objects.get(username="lin").socialaccount_set.exists()


def test_nobody_new_comes_in_where_that_is_off(service: Service, visitor: Client, settings) -> None:
    settings.OCRSITE_OIDC_SIGNUP = False
    come_in(visitor)
    assert not is_in(visitor)
    assert not User.objects.exists()


def test_an_account_here_can_be_connected_and_then_opened_with_the_service(
    service: Service, owner: User, visitor: Client, settings
) -> None:
    settings.OCRSITE_OIDC_SIGNUP = False
    log_in(visitor, "owner", PASSWORD)
    assert visitor.get("/accounts/oidc/sso/login/?process=connect").headers["Location"] == "/accounts/services/"
    assert visitor.get("/accounts/oidc/sso/connect/").status_code == 405
    assert 'action="/accounts/oidc/sso/connect/"' in visitor.get("/accounts/services/").content.decode()
    ask_to_connect(visitor)
    come_in(visitor, "connect")
    assert visitor.get("/accounts/oidc/sso/login/?process=connect").headers["Location"] == "/accounts/services/"
    other = Client()
    come_in(other)
    assert other.get("/").wsgi_request.user == owner


def teams_of(name: str) -> list[str]:
    return list(User.objects.get(username=name).groups.order_by("name").values_list("name", flat=True))


@pytest.fixture
def teams(settings) -> dict[str, Group]:
    settings.OCRSITE_OIDC_TEAMS = [("readers", "Archive"), ("/office/lead", "Personnel"), ("readers", "Nowhere")]
    return {name: Group.objects.create(name=name) for name in ("Archive", "Personnel", "Readers' club")}


def test_groups_at_the_service_stand_for_teams_that_exist_here(
    service: Service, visitor: Client, teams: dict[str, Group]
) -> None:
    service.person["groups"] = ["readers", "Readers' club", "Personnel", 7]
    come_in(visitor)
    assert teams_of("lin") == ["Archive"]
    assert Event.objects.get(verb=Verb.TEAMS_FOLLOWED).details == {"added": ["Archive"], "removed": []}

    User.objects.get().groups.add(teams["Readers' club"])
    service.person["groups"] = "/office/lead"
    come_in(Client())
    assert teams_of("lin") == ["Personnel", "Readers' club"]
    come_in(Client())
    assert Event.objects.filter(verb=Verb.TEAMS_FOLLOWED).count() == 2  # nothing has changed, nothing is noted

    del service.person["groups"]
    come_in(Client())
    assert teams_of("lin") == ["Readers' club"]
    assert Group.objects.count() == 3


def test_groups_at_the_service_give_no_rights_in_the_administration(
    service: Service, visitor: Client, teams: dict[str, Group]
) -> None:
    teams["Archive"].permissions.add(Permission.objects.get(codename="change_user"))
    service.person |= {"groups": ["readers"], "is_staff": True, "is_superuser": True}
    come_in(visitor)
    person = User.objects.get()
    assert (person.is_staff, person.is_superuser, teams_of("lin")) == (False, False, [])
    assert visitor.get("/admin/").status_code != 200


def test_teams_follow_only_when_the_second_factor_has_been_given(
    service: Service, visitor: Client, teams: dict[str, Group]
) -> None:
    come_in(visitor)
    secret = generate_totp_secret()
    TOTP.activate(User.objects.get(), secret)
    service.person["groups"] = ["readers"]
    other = Client()
    come_in(other)
    assert (is_in(other), teams_of("lin")) == (False, [])
    other.post("/accounts/security/authenticate/", code_of(secret))
    assert (is_in(other), teams_of("lin")) == (True, ["Archive"])


def test_without_such_a_setting_and_with_a_password_teams_stay(
    service: Service, owner: User, visitor: Client, settings
) -> None:
    owner.groups.add(Group.objects.create(name="Archive"))
    log_in(visitor, "owner", PASSWORD)
    service.person["groups"] = []
    ask_to_connect(visitor)
    come_in(visitor, "connect")
    come_in(Client())
    assert teams_of("owner") == ["Archive"]
    settings.OCRSITE_OIDC_TEAMS = [("readers", "Archive")]
    log_in(Client(), "owner", PASSWORD)
    assert teams_of("owner") == ["Archive"]
    come_in(Client())
    assert teams_of("owner") == []


def test_an_answer_that_nobody_asked_for_is_refused(service: Service, visitor: Client) -> None:
    answer = visitor.get("/accounts/oidc/sso/login/callback/", {"code": "c", "state": "forged"})
    assert answer.status_code in {200, 401, 403}
    assert not is_in(visitor)


def test_a_service_that_is_down_is_told(visitor: Client, settings) -> None:
    offer(settings, "http://127.0.0.1:1")
    answer = visitor.get("/accounts/oidc/sso/login/", follow=True)
    assert "does not answer" in answer.content.decode()
    assert not is_in(visitor)


def test_without_a_service_there_is_no_such_door(visitor: Client) -> None:
    assert "Log in with" not in visitor.get("/accounts/login/").content.decode()
    assert visitor.get("/accounts/oidc/sso/login/").status_code == 404
