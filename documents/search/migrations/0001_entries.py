"""The entries, and what makes them searchable in each database.

SQLite forgets triggers when Django remakes the table that they are on: a later migration that alters
``search_entry`` has to run ``TRIGGERS`` again.
"""

import django.db.models.deletion
from django.db import migrations, models

FULL_TEXT = """
CREATE VIRTUAL TABLE search_fts
USING fts5(stream, content='search_entry', content_rowid='id', tokenize='ascii', columnsize=0)
"""
ADD = "INSERT INTO search_fts(rowid, stream) VALUES (new.id, new.stream);"
REMOVE = "INSERT INTO search_fts(search_fts, rowid, stream) VALUES ('delete', old.id, old.stream);"
TRIGGERS = [
    f"CREATE TRIGGER search_entry_insert AFTER INSERT ON search_entry BEGIN {ADD} END",
    f"CREATE TRIGGER search_entry_delete AFTER DELETE ON search_entry BEGIN {REMOVE} END",
    f"CREATE TRIGGER search_entry_update AFTER UPDATE OF stream ON search_entry BEGIN {REMOVE} {ADD} END",
]

# Every character that is a token, pairs of them that follow each other, and the beginnings of words.
GRAMS = """
CREATE FUNCTION search_grams(stream text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg(gram) FROM (
        SELECT token, lead(token) OVER (ORDER BY place) AS following
        FROM unnest(string_to_array(ltrim(stream), ' ')) WITH ORDINALITY AS tokens(token, place)
    ) AS pairs, LATERAL (
        SELECT left(token, size) AS gram FROM generate_series(1, least(length(token), 8)) AS size
        UNION ALL
        SELECT token || following WHERE length(token) = 1 AND length(following) = 1
    ) AS grams
$$
"""
INDEX = "CREATE INDEX search_entry_grams ON search_entry USING gin (search_grams(stream))"


def make_searchable(apps, schema_editor):
    statements = {"sqlite": [FULL_TEXT, *TRIGGERS], "postgresql": [GRAMS, INDEX]}[schema_editor.connection.vendor]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE search_fts")
    else:
        schema_editor.execute("DROP FUNCTION search_grams CASCADE")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("documents", "0003_working_time"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("language", models.CharField(blank=True, max_length=8)),
                ("stream", models.TextField(help_text="see documents.search.text.stream")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="documents.document"
                    ),
                ),
                (
                    "result",
                    models.OneToOneField(
                        help_text="the reading that a page is found by; none for title and tags",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entry",
                        to="documents.pageresult",
                    ),
                ),
            ],
        ),
        migrations.RunPython(make_searchable, remove),
    ]
