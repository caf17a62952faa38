"""The database between two tests that commit."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

KEPT = {"django_content_type", "auth_permission"}
"""The tables in which every test finds what ``migrate`` has written."""


def empty(connection: BaseDatabaseWrapper) -> None:
    """Deletes the rows of all tables but KEPT.

    Django's ``flush`` truncates full and empty tables alike, for which PostgreSQL makes new files, and then has every
    content type and permission written anew: a third of a second of processor time, after each of a thousand tests.
    """
    quote = connection.ops.quote_name
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    looks = [f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quote(table)})" for table in {*tables} - KEPT]
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(looks))
        filled = [table for (table,) in cursor.fetchall()]
        if connection.vendor == "postgresql":  # in any order of tables, and past the guard of the audit
            cursor.execute("SET LOCAL session_replication_role = replica")
        for table in filled:
            cursor.execute(f"DELETE FROM {quote(table)}")
    ContentType.objects.clear_cache()
