from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_checkout_previous_card"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkoutsession",
            name="price_rose",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="asked about a price after a lower one was shown, not after none",
            ),
        ),
    ]
