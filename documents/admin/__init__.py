"""The administrator's view: what is in the archive, how its reading goes, what people use and did, and what to do."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from . import audit, bulk_actions, documents, programs, readings  # noqa: F401  # each registers its records

admin.site.site_header = _("ocrsite administration")
admin.site.site_title = "ocrsite"
