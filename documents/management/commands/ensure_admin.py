from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Creates the first administrator if there is none yet: OCRSITE_ADMIN_USER (default: admin) with "
        "OCRSITE_ADMIN_PASSWORD, else with a generated password that is printed this once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            return
        name, given = settings.OCRSITE_ADMIN_USER, settings.OCRSITE_ADMIN_PASSWORD
        password = given or secrets.token_urlsafe(12)
        users.create_superuser(username=name, password=password)
        self.stdout.write(f"Administrator created. User: {name}")
        if not given:
            self.stdout.write(f"Password: {password}   (shown only now; change it after logging in)")
