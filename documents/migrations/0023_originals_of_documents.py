"""Each document of one file gets that file as its original, from which all of its pages come.

By itself, between the changes of the tables: PostgreSQL changes no table in the transaction that has written to it.
"""

from django.db import migrations


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO documents_original (document_id, file, name, sha256, kind, media_type, bytes, page_count)
            SELECT id, original, substr(title, 1, 240) || '.' || kind, sha256, kind, media_type, bytes, page_count
            FROM documents_document ORDER BY created, id
            """
        )
        cursor.execute(
            """
            UPDATE documents_page SET original_number = number, original_id = (
                SELECT documents_original.id FROM documents_original
                WHERE documents_original.document_id = documents_page.document_id
            )
            """
        )


class Migration(migrations.Migration):

    dependencies = [
        ("documents", "0022_originals"),
    ]

    operations = [
        migrations.RunPython(fill),
    ]
