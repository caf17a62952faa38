"""What the records of the administration share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """What recognition wrote is looked at here, never edited by hand; it goes with its document."""

    show_full_result_count = False  # beside a search for some: all of them had to be counted

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
