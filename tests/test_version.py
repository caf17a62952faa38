"""pyproject.toml has the version; everything else shows that one."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.template import engines
from django.test import Client, RequestFactory

ROOT = Path(__file__).parent.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@pytest.fixture(autouse=True)
def without_collected_files(settings) -> None:
    """Pages are drawn though nobody has run collectstatic."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


def test_the_package_knows_its_version_without_django():
    script = "import sys, ocrsite; print(ocrsite.__version__, 'django' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.split() == [VERSION, "False"]


def test_the_changelog_has_a_heading_for_it():
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert VERSION in [heading.partition(" ")[0] for heading in headings]


def test_every_template_can_show_it():
    template = engines["django"].from_string("{{ ocrsite_version }}")
    assert template.render(request=RequestFactory().get("/")) == VERSION


@pytest.mark.django_db
def test_people_see_it_on_their_account_page():
    client = Client()
    client.force_login(User.objects.create_user("reader"))
    assert f"<dd>{VERSION}</dd>" in client.get("/accounts/").content.decode()


@pytest.mark.django_db
def test_administrators_see_it_below_every_page():
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    assert f"ocrsite {VERSION}</p>" in client.get("/admin/").content.decode()


@pytest.mark.django_db
def test_the_api_tells_it_in_its_schema_and_to_whoever_asks():
    client = Client()
    client.force_login(User.objects.create_user("reader"))
    assert client.get("/api/v1/schema/").json()["info"]["version"] == VERSION
    assert client.get("/api/v1/me/").json()["version"] == VERSION
