"""What can be set on an order, as the review form says it."""

from dataclasses import replace

import pytest

from billing.gateways.stigg.types import AddonSnapshot
from billing.services.options import addon_options
from tests.unit.shop import PRO, price


@pytest.mark.shows("C4")
def test_an_add_on_that_is_paid_once_says_so():
    often = AddonSnapshot(addon_id="seats", display_name="Seats", prices=(price("MONTHLY", 15),))
    once = AddonSnapshot(
        addon_id="setup", display_name="Setup", prices=(price("MONTHLY", 500, billing_cadence="ONE_OFF"),)
    )
    found = addon_options(replace(PRO, compatible_addons=(often, once)), "MONTHLY")
    assert [option.price for option in found] == ["$15 per month", "$500 once"]
