import django.db.models.deletion
import documents.models.archive
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("documents", "0021_arrangements"),
    ]

    operations = [
        migrations.CreateModel(
            name="Original",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file", models.FileField(db_index=True, max_length=255, upload_to=documents.models.archive.original_name, verbose_name="original file")),
                ("name", models.CharField(help_text="as it was sent", max_length=255, verbose_name="file name")),
                ("sha256", models.CharField(db_index=True, max_length=64, verbose_name="SHA-256")),
                ("kind", models.CharField(help_text="the usual suffix of its type", max_length=8, verbose_name="kind")),
                ("media_type", models.CharField(max_length=64, verbose_name="media type")),
                ("bytes", models.PositiveBigIntegerField(verbose_name="bytes")),
                ("page_count", models.PositiveIntegerField(help_text="of the file", verbose_name="pages")),
                ("document", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="originals", to="documents.document", verbose_name="document")),
            ],
            options={
                "verbose_name": "original file",
                "verbose_name_plural": "original files",
                "ordering": ["id"],
            },
        ),
        migrations.AddConstraint(
            model_name="original",
            constraint=models.UniqueConstraint(fields=("document", "sha256"), name="one_original_per_content"),
        ),
        migrations.AddField(
            model_name="page",
            name="original",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="pages", to="documents.original", verbose_name="original file"),
        ),
        migrations.AddField(
            model_name="page",
            name="original_number",
            field=models.PositiveIntegerField(null=True, verbose_name="number in the original file"),
        ),
        migrations.AddField(
            model_name="page",
            name="turn",
            field=models.PositiveSmallIntegerField(default=0, help_text="degrees clockwise", verbose_name="turned"),
        ),
        migrations.AddField(
            model_name="page",
            name="image_turn",
            field=models.PositiveSmallIntegerField(default=0, editable=False, help_text="how far the stored image is turned; it is turned on when it is shown"),
        ),
        migrations.AlterField(
            model_name="page",
            name="image",
            field=models.FileField(blank=True, db_index=True, max_length=255, upload_to="", verbose_name="page image"),
        ),
        migrations.AlterField(
            model_name="page",
            name="thumbnail",
            field=models.FileField(blank=True, db_index=True, max_length=255, upload_to="", verbose_name="thumbnail"),
        ),
    ]
