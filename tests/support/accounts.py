"""People at the login page."""

from __future__ import annotations

from django.test import Client

PASSWORD = "correct horse"


def log_in(client: Client, name: str, password: str = PASSWORD):
    return client.post("/accounts/login/", {"login": name, "password": password})


def is_in(client: Client) -> bool:
    """Whether the site takes the client for somebody."""
    return client.get("/").status_code == 200
