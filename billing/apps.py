"""The app and what it hooks up when Django starts."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Tollgate's one app; liftable into another project together with its templates and static files."""

    name = "billing"
    verbose_name = "Billing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register checks and the wake-up callback."""
        from billing import checks, tasks

        checks.register()
        tasks.register()
