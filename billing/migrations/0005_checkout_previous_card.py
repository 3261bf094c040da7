from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_checkout_rejections"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkoutsession",
            name="previous_payment_method_id",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="the default card before it; empty: none, or restored",
                max_length=64,
            ),
        ),
    ]
