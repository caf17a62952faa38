import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("documents", "0023_originals_of_documents"),
    ]

    operations = [
        migrations.AlterField(
            model_name="page",
            name="original",
            field=models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name="pages", to="documents.original", verbose_name="original file"),
        ),
        migrations.AlterField(
            model_name="page",
            name="original_number",
            field=models.PositiveIntegerField(verbose_name="number in the original file"),
        ),
        migrations.RemoveField(model_name="document", name="original"),
        migrations.RemoveField(model_name="document", name="sha256"),
        migrations.RemoveField(model_name="document", name="kind"),
        migrations.RemoveField(model_name="document", name="media_type"),
        migrations.RemoveField(model_name="document", name="bytes"),
    ]
