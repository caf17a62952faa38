"""The account in a real browser: an invitation, a passkey, and pages that everybody can use."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import confirm_password, faults
from tests.support.stack import Platform

PAGES = [
    "/accounts/",
    "/accounts/activity/",
    "/accounts/password/change/",
    "/accounts/security/",
    "/accounts/sessions/",
    "/accounts/security/webauthn/add/",
]
PASSWORD = "battery staple 9"


def test_an_invited_person_comes_in_and_logs_in_with_a_passkey_from_then_on(site: Platform, window, open_browser):
    admin = window()
    admin.goto("/admin/auth/user/add/")
    admin.locator("[name=username]").fill("newcomer")
    admin.get_by_role("button", name="Save", exact=True).click()
    link = admin.locator("code").inner_text()

    page = open_browser(base_url=f"http://localhost:{site.port}").new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    lock = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    able = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": lock | able})

    page.goto(re.sub(r"http://[^/]+", "", link))
    for field in page.get_by_label("password").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    page.get_by_label("Username").fill("newcomer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title("My documents · ocrsite")

    confirm_password(page, PASSWORD)
    page.goto("/accounts/security/webauthn/add/")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Recovery Codes")).to_be_visible()

    page.wait_for_load_state()  # the menu opens by a script
    page.get_by_role("button", name="newcomer").click()
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_title("My documents · ocrsite")
    expect(page.get_by_role("button", name="newcomer")).to_be_visible()


def test_no_passkey_is_offered_where_browsers_have_none(window, open_browser):
    page = open_browser().new_page()
    page.goto("/accounts/login/")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()


@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}])
def test_the_pages_of_the_account_are_accessible(options, window):
    page = window(**options)
    confirm_password(page)
    for address in PAGES:
        page.goto(address)
        assert faults(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_the_dashboards_of_the_administration_open_without_a_complaint(window):
    page = window()
    for address in ("/admin/", "/admin/queue/", "/admin/usage/", "/admin/settings/", "/admin/documents/document/"):
        page.goto(address)
        expect(page.locator("#content")).to_be_visible()
