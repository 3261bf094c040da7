"""What the account page says that a customer may use: the price list's own words for as long as they are true."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from billing.models import CatalogSnapshot
from tests.integration.browsing import signed_in
from tests.integration.gated import grant, on_plan
from tests.people import Person, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("price_list")]
LABELS = {
    "feature-storage": "All the room that you need",
    "feature-integrations": "Slack and GitHub integrations",
    "feature-history": "History for ever",
}
STORAGE: dict[str, Any] = {"display_name": "Storage", "feature_type": "NUMBER", "units": "GB", "units_plural": "GB"}
TOOLS: dict[str, Any] = {"display_name": "Integrations", "feature_type": "ENUM"}
HISTORY: dict[str, Any] = {"display_name": "History", "feature_type": "NUMBER", "units": "day", "units_plural": "days"}


@pytest.fixture
def ada() -> Person:
    """On Starter, which has words of its own for some of what it grants."""
    row = CatalogSnapshot.objects.get()
    plan = next(plan for plan in row.payload["plans"] if plan["refId"] == "plan-starter")
    for item in plan["packageEntitlements"]:
        feature_id = item["feature"]["refId"]
        item["displayNameOverride"] = LABELS.get(feature_id)
        item["hasUnlimitedUsage"] = feature_id == "feature-history"
    row.version = "labelled"
    row.save()
    who = person("ada")
    on_plan(who, "plan-starter", "Starter")
    return who


def account(who: Person) -> str:
    page = signed_in(who).get("/billing/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize(
    ("feature_id", "fields"),
    [
        ("feature-storage", STORAGE | {"usage_limit": Decimal(25)}),
        ("feature-integrations", TOOLS | {"enum_values": ["github", "slack"]}),
        ("feature-history", HISTORY | {"has_unlimited_usage": True}),
    ],
)
def test_the_plans_words_stand_for_what_the_plan_grants(ada: Person, feature_id: str, fields: dict[str, Any]) -> None:
    grant(ada, feature_id, **fields)
    assert LABELS[feature_id] in account(ada)


@pytest.mark.parametrize(
    ("feature_id", "fields", "said"),
    [
        ("feature-storage", STORAGE | {"usage_limit": Decimal(999)}, "999 GB"),
        ("feature-storage", STORAGE | {"has_unlimited_usage": True}, "Unlimited GB"),
        ("feature-integrations", TOOLS | {"enum_values": ["github", "jira", "slack"]}, "github, jira, slack"),
        ("feature-history", HISTORY | {"usage_limit": Decimal(30)}, "30 days"),
    ],
    ids=["more", "without an end", "other values", "an end"],
)
def test_who_has_more_or_less_than_the_plan_reads_what_they_have(
    ada: Person, feature_id: str, fields: dict[str, Any], said: str
) -> None:
    grant(ada, feature_id, **fields)
    page = account(ada)
    assert said in page
    assert LABELS[feature_id] not in page
