from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("documents", "0013_parts_go_with_documents")]

    operations = [migrations.RenameModel("Part", "PartialUpload")]
