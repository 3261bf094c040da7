"""What a fresh demo starts with: an administrator and the price list. Run as a program; safe to repeat."""

from __future__ import annotations

import os

import django


def main() -> None:
    django.setup()
    _make_administrator(os.environ["DEMO_ADMIN_USER"], os.environ["DEMO_ADMIN_PASSWORD"])
    from billing.services import catalog

    catalog.renew()


def _make_administrator(email: str, password: str) -> None:
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    admin, _created = users.get_or_create(
        username=email, defaults={"email": email, "is_staff": True, "is_superuser": True}
    )
    admin.set_password(password)
    admin.save()


if __name__ == "__main__":
    main()
