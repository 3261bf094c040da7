"""The theme in force: that of the stored price list, made once per version; None unless the host wants it."""

from __future__ import annotations

import structlog

from billing import conf
from billing.services import catalog
from billing.services.theme.stylesheet import Theme, theme

log = structlog.get_logger(__name__)

MAX_KEPT = 16
_made: dict[str, Theme | None] = {}


def of(prices: catalog.Catalog) -> Theme | None:
    """The theme that came with a price list; what was left out of it is logged once."""
    if not conf.current().designer_theme:
        return None
    known = dict(_made)
    if prices.version in known:
        return known[prices.version]
    if len(known) >= MAX_KEPT:
        _made.clear()
    made = _made[prices.version] = theme(prices.paywall.configuration)
    if made and made.notices:
        log.warning("theme.left_out", notices=made.notices)
    return made
