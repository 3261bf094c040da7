from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_invoice_tax_and_discount"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkoutsession",
            name="rejections",
            field=models.PositiveIntegerField(db_default=0, default=0, help_text="attempts that were refused for good"),
        ),
    ]
