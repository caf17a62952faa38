"""The WSGI application that gunicorn serves."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocrsite.settings")
_application = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The site, also under a path (OCRSITE_PATH), whether the proxy in front leaves the path in addresses or not."""
    path = settings.FORCE_SCRIPT_NAME
    asked = environ.get("PATH_INFO", "")
    if path and (asked == path or asked.startswith(f"{path}/")):
        environ["PATH_INFO"] = asked.removeprefix(path) or "/"
    return _application(environ, start_response)
