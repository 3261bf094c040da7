"""Links between a customer's records, and out to the same object at Stigg and Stripe."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.db.models import Model
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from billing import conf

NOTHING = "–"

STRIPE_PAGES = {
    "cus": "customers",
    "sub": "subscriptions",
    "in": "invoices",
    "pi": "payments",
    "seti": "setup_intents",
    "evt": "events",
}
"""Which page of the dashboard shows what: an id says by its beginning what it is."""


def to_record(record: Model | None, text: str = "") -> SafeString | str:
    """The admin page of one of our rows."""
    if record is None:
        return NOTHING
    url = reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])
    return format_html('<a href="{}">{}</a>', url, text or str(record))


def to_list(model: type[Model], text: str | Promise, **filters: object) -> SafeString:
    """The admin's list of `model`, with these filters."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', url, urlencode(filters), text)


def joined(*links: SafeString | str) -> SafeString:
    """Several links in one field."""
    return format_html_join(" · ", "{}", ((link,) for link in links))


def to_stripe(stripe_id: str | None) -> SafeString | str:
    """The object in Stripe's dashboard, of the mode that our key is of. Ids without a page are shown as they are."""
    if not stripe_id:
        return NOTHING
    page = STRIPE_PAGES.get(stripe_id.partition("_")[0])
    if page is None:
        return stripe_id
    options = conf.current()
    mode = "/test" if "_test_" in options.stripe_secret_key else ""
    return _out(f"{options.stripe_dashboard_url}{mode}/{page}/{quote(stripe_id, safe='')}", stripe_id, "Stripe")


def to_stigg(page: str, stigg_id: str) -> SafeString | str:
    """The object in Stigg's app; `page` is `customers` or `subscriptions`."""
    if not stigg_id:
        return NOTHING
    return _out(f"{conf.current().stigg_app_url}/{page}/{quote(stigg_id, safe='')}", stigg_id, "Stigg")


def _out(url: str, text: str, place: str) -> SafeString:
    title = _("Opens %(place)s in a new tab") % {"place": place}
    return format_html('<a href="{}" target="_blank" rel="noopener noreferrer" title="{}">{} ↗</a>', url, title, text)
