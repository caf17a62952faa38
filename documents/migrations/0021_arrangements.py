from __future__ import annotations

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def keep_orders(apps: Any, schema_editor: Any) -> None:
    """The order of a page that somebody edited becomes its first arrangement: that of the current reading, if several."""
    results = apps.get_model("documents", "PageResult")
    arrangements = apps.get_model("documents", "Arrangement")
    corrections = apps.get_model("documents", "Correction")
    edited = results.objects.filter(order__isnull=False)
    latest = dict(edited.order_by("finished", "pk").values_list("page", "pk"))
    latest |= dict(edited.filter(run=F("run__document__current_run")).values_list("page", "pk"))
    for page, pk in latest.items():
        result = results.objects.get(pk=pk)
        drawn = dict(corrections.objects.filter(page=page, kind="drawn").values_list("pk", "polygon"))
        places = [box for name in result.order if (box := _box(name.partition("-")[2], result.lines, drawn))]
        number = {box: n for n, box in reversed(list(enumerate(map(tuple, places))))}
        index = {n: number.get(tuple(_box(str(n + 1), result.lines, drawn) or ())) for n in range(len(result.lines))}
        blocks = [_renumbered(block, index) for block in result.blocks]
        arrangements.objects.create(page_id=page, number=1, places=places, blocks=blocks)


def _box(key: str, lines: list[Any], drawn: dict[int, Any]) -> list[float] | None:
    polygon = drawn.get(int(key[1:])) if key.startswith("c") else lines[int(key) - 1]["polygon"]
    if not polygon:
        return None
    xs, ys = zip(*polygon, strict=True)
    return [float(side) for side in (min(xs), min(ys), max(xs), max(ys))]


def _renumbered(block: dict[str, Any], index: dict[int, int | None]) -> dict[str, Any]:
    def known(lines: list[int]) -> list[int]:
        return sorted(n for line in lines if (n := index.get(line)) is not None)

    table = block["table"] and [[cell | {"lines": known(cell["lines"])} for cell in row] for row in block["table"]]
    return block | {"lines": known(block["lines"]), "table": table}


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0020_replacements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Arrangement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("places", models.JSONField(blank=True, null=True, verbose_name="places of lines")),
                ("blocks", models.JSONField(blank=True, default=list, verbose_name="blocks")),
                ("created", models.DateTimeField(default=django.utils.timezone.now, verbose_name="written")),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="arrangements",
                        to="documents.page",
                        verbose_name="page",
                    ),
                ),
            ],
            options={
                "verbose_name": "arrangement",
                "verbose_name_plural": "arrangements",
                "ordering": ["page", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("page", "number"), name="one_arrangement_per_number")
                ],
            },
        ),
        migrations.RunPython(keep_orders, migrations.RunPython.noop),
        migrations.RemoveField(model_name="pageresult", name="order"),
        migrations.RemoveField(model_name="pageresult", name="order_number"),
    ]
