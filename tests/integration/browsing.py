"""What a browser does, for tests of pages: sign in, choose a plan, read what the page's script is given."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from billing.models import CheckoutSession
from tests.people import Person

CHOICE = "/checkout/start/?plan=plan-pro&period=MONTHLY"


def signed_in(who: Person) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def url(name: str, session: CheckoutSession) -> str:
    return reverse(f"billing:{name}", args=[session.pk])


def choose(client: Client, plan: str = "plan-pro", period: str = "MONTHLY", query: str = "") -> HttpResponse:
    form = {"plan": plan, "period": period, "name": "Ada's company", "country": "US"}
    return client.post(f"/checkout/start/{query}", form)


def config_of(page: HttpResponse, name: str = "elements-config") -> dict[str, Any]:
    """What the page's script is given."""
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page.content.decode())
    return json.loads(found[1]) if found else {}
