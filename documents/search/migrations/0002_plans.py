"""What PostgreSQL has to know to look things up well.

Taking the grams out of a text is dear, so it should never do that to filter rows one by one; and it cannot learn
from samples of them how many entries a query will find.
"""

from django.db import migrations

STATEMENTS = [
    "ALTER FUNCTION search_grams(text) COST 10000",
    "ALTER INDEX search_entry_grams ALTER COLUMN 1 SET STATISTICS 0",
]


def teach(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in STATEMENTS:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0001_entries"),
    ]

    operations = [
        migrations.RunPython(teach, migrations.RunPython.noop),
    ]
