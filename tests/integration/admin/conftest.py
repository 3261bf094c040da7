"""Staff at the admin: a superuser, and one who may only look."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client


@pytest.fixture
def staff(admin_client: Client) -> Client:
    """Signed in, may do everything."""
    return admin_client


@pytest.fixture
def viewer(db: None) -> Client:
    """Signed in, may only look at billing."""
    user = get_user_model().objects.create_user(username="viewer", email="viewer@example.com", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="billing", codename__startswith="view_")
    )
    client = Client()
    client.force_login(user)
    return client
