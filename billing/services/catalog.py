"""The price list: served from the stored snapshot and renewed behind the visitor's back; nobody waits for Stigg."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from billing import conf, wake
from billing.errors import GatewayError, PlanNotOffered
from billing.gateways import stigg
from billing.gateways.stigg import parse_paywall
from billing.gateways.stigg.types import PaywallSnapshot, PlanSnapshot
from billing.models import CatalogSnapshot

log = structlog.get_logger(__name__)

MAX_PARSED = 64
_parsed: dict[str, PaywallSnapshot] = {}


@dataclass(frozen=True, slots=True)
class Catalog:
    """The price list and where it comes from; `version` changes when anything in it does."""

    paywall: PaywallSnapshot
    version: str
    fetched_at: datetime
    price_countries: tuple[tuple[str, str], ...] = ()
    """(country, currency) of those with prices of their own; all others pay the default ones."""
    default_currency: str = ""

    def require_plan(self, plan_id: str, billing_period: str = "") -> PlanSnapshot:
        """The plan, sold in that period.

        Raises: PlanNotOffered.
        """
        plan = self.paywall.find_plan(plan_id)
        if plan is None or plan_id in conf.current().hidden_plan_ids:
            raise PlanNotOffered(f"no plan {plan_id!r}")
        if plan.pricing_type == "PAID" and billing_period not in plan.periods:
            raise PlanNotOffered(f"plan {plan_id!r} is not sold {billing_period or 'without a period'}")
        return plan


def product_ids() -> tuple[str, ...]:
    """The products that are sold, the usual one first; one that is "" is Stigg's only one."""
    options = conf.current()
    named = dict.fromkeys(filter(None, (options.product_id, *options.product_ids)))
    return tuple(named) or ("",)


def current(*, country_code: str = "", product_id: str | None = None, now: datetime | None = None) -> Catalog:
    """The stored price list of a product (None is the usual one), in a country's prices where it has its own.

    Only the very first visitor of a new installation waits for Stigg. A country's list that is not stored yet is
    fetched behind the visitor's back, who sees the default prices meanwhile. Countries without prices of their own
    have no list, so that nobody can fill the table by asking for all of them.
    Raises: GatewayError, when nothing is stored and Stigg does not answer.
    """
    product = product_ids()[0] if product_id is None else product_id
    rows = {row.country_code: row for row in _stored(product).filter(country_code__in={"", country_code})}
    default = rows.get("") or renew(product_id=product)
    row = rows.get(country_code)
    if country_code not in dict(_parse(default).price_countries):
        row = default
    elif row is None:
        wake.up("catalog")
        row = default
    if row.is_stale(now or timezone.now(), max_age_seconds=conf.current().catalog_max_age_seconds):
        wake.up("catalog")
    usual = _parse(default)
    return Catalog(_parse(row), row.version, row.fetched_at, usual.price_countries, usual.currency)


def selling(plan_id: str, *, country_code: str = "") -> Catalog:
    """The price list of the product that a plan belongs to; the usual product's for a plan that nobody sells.

    Raises: GatewayError, as `current` does.
    """
    products = product_ids()
    for product_id in products if plan_id else ():
        listed = current(country_code=country_code, product_id=product_id)
        if listed.paywall.find_plan(plan_id) is not None:
            return listed
    return current(country_code=country_code, product_id=products[0])


def country_for(plan_id: str, currency: str, *, preferred: str) -> str:
    """A country whose prices of the plan are in `currency`: the preferred one if it will do, else "" for the default
    prices, else another one; the preferred one where nothing is sold in it.

    Raises: GatewayError, as `current` does.
    """
    listed = selling(plan_id)
    sold_in = dict(listed.price_countries)
    if currency in ("", sold_in.get(preferred, listed.default_currency)):
        return preferred
    if currency == listed.default_currency:
        return ""
    return next((country for country, other in sold_in.items() if other == currency), preferred)


def stored_plan(plan_id: str) -> PlanSnapshot | None:
    """A plan of the stored price lists, for its words; None when there is none. Never asks Stigg."""
    for row in CatalogSnapshot.objects.filter(product_id__in=product_ids(), country_code=""):
        plan = _parse(row).find_plan(plan_id)
        if plan is not None:
            return plan
    return None


def stored_product_name(product_id: str) -> str:
    """What a product is called, by its stored price list; else its id. Never asks Stigg."""
    row = _stored(product_id).filter(country_code="").first()
    plans = _parse(row).plans if row else ()
    return next((plan.product_name for plan in plans if plan.product_name), product_id)


def renew(*, country_code: str = "", product_id: str | None = None) -> CatalogSnapshot:
    """Read the price list from Stigg and store it. Idempotent.

    A country's list remembers which default list it goes with: that one holds the prices of all countries, so that
    while it stays the same, theirs do.
    Raises: GatewayError.
    """
    product = product_ids()[0] if product_id is None else product_id
    default_version = _default_version(product) if country_code else ""
    snapshot, payload = stigg.current().fetch_paywall(country_code=country_code, product_id=product)
    if not snapshot.plans:
        log.warning("catalog.empty", country_code=country_code)
    now = timezone.now()
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"))
    values = {
        "payload": payload,
        "fetched_at": now,
        "checked_at": now,
        "version": hashlib.sha256(text.encode()).hexdigest()[:32],
        "default_version": default_version,
    }
    key: dict[str, Any] = {"product_id": product, "country_code": country_code}
    try:
        with transaction.atomic():
            row, _created = CatalogSnapshot.objects.update_or_create(defaults=values, **key)
    except IntegrityError:
        row = CatalogSnapshot.objects.get(**key)
    return row


def renew_unless_younger(moment: datetime) -> bool:
    """Renew every stored price list that was read before `moment`; whether any was.

    One call for each product, and one more for each of its countries where anything has changed.
    Raises: GatewayError.
    """
    older = list(CatalogSnapshot.objects.filter(fetched_at__lte=moment).order_by("product_id", "country_code"))
    for row in older:  # a product's default list comes first
        _bring_up_to_date(row)
    if not older and not CatalogSnapshot.objects.exists():
        renew()
        return True
    return bool(older)


def work_due(now: datetime) -> int:
    """Renew the snapshots that somebody found stale, and fetch those that countries lack; how many were tried."""
    worked = 0
    rows = CatalogSnapshot.objects.exclude(checked_at__lt=now - timedelta(days=30))
    for row in rows.order_by("product_id", "country_code"):
        if row.is_stale(now, max_age_seconds=conf.current().catalog_max_age_seconds):
            worked += 1
            CatalogSnapshot.objects.filter(pk=row.pk).update(checked_at=timezone.now())
            with _one_that_may_fail(row.country_code):
                _bring_up_to_date(row)
    for product_id, country_code in missing():
        worked += 1
        with _one_that_may_fail(country_code):
            renew(country_code=country_code, product_id=product_id)
    return worked


def missing() -> list[tuple[str, str]]:
    """(product, country) of every price list that Stigg has and we do not, the usual product's own left out: the
    first visitor fetches that.
    """
    stored = set(CatalogSnapshot.objects.values_list("product_id", "country_code"))
    defaults = CatalogSnapshot.objects.filter(product_id__in=product_ids(), country_code="")
    priced = [(row.product_id, country) for row in defaults for country, _ in _parse(row).price_countries]
    further = [(product_id, "") for product_id in product_ids()[1:]]
    return [pair for pair in (*further, *priced) if pair not in stored]


def _bring_up_to_date(row: CatalogSnapshot) -> None:
    """Read again, unless it is a country's list and the default one that it goes with has not changed since."""
    if row.country_code and row.default_version and row.default_version == _default_version(row.product_id):
        now = timezone.now()
        CatalogSnapshot.objects.filter(pk=row.pk).update(fetched_at=now, checked_at=now)
    else:
        renew(country_code=row.country_code, product_id=row.product_id)


def _default_version(product_id: str) -> str:
    return _stored(product_id).filter(country_code="").values_list("version", flat=True).first() or ""


def _stored(product_id: str) -> QuerySet[CatalogSnapshot]:
    return CatalogSnapshot.objects.filter(product_id=product_id)


@contextmanager
def _one_that_may_fail(country_code: str) -> Iterator[None]:
    try:
        yield
    except GatewayError as error:
        log.warning("catalog.renew_failed", error=str(error), country_code=country_code)


def _parse(row: CatalogSnapshot) -> PaywallSnapshot:
    """Parsed once per version, country and process."""
    key = f"{row.country_code} {row.version}"
    parsed = _parsed.get(key)
    if parsed is None:
        if len(_parsed) >= MAX_PARSED:
            _parsed.clear()
        parsed = _parsed[key] = parse_paywall(row.payload, country_code=row.country_code)
    return parsed
