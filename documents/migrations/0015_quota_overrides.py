import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("documents", "0014_partial_uploads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint("allowance", "allowance_of_one_party"),
        migrations.RenameModel("Allowance", "QuotaOverride"),
        migrations.AlterModelOptions(
            "quotaoverride", {"verbose_name": "quota override", "verbose_name_plural": "quota overrides"}
        ),
        migrations.AlterField(
            "quotaoverride",
            "team",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="quota_override",
                to="auth.group",
                verbose_name="team",
            ),
        ),
        migrations.AlterField(
            "quotaoverride",
            "user",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="quota_override",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
        migrations.AddConstraint(
            "quotaoverride",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("team__isnull", False), ("user", None)),
                    models.Q(("team", None), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="quota_override_of_one_grantee",
            ),
        ),
    ]
