"""Each behaviour is shown through both doors."""

from typing import Any

import pytest

from tests.contract.stripe.behaviours.doors import DOORS, Door
from tests.contract.stripe.behaviours.steps import Steps
from tests.contract.stripe.side import StripeSide


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, side: StripeSide) -> Door:
    return DOORS[request.param](side)


@pytest.fixture
def steps(door: Door) -> Steps:
    return Steps(door)


@pytest.fixture
def customer(door: Door) -> Any:
    return door("customers.create", email="ada@example.com")


@pytest.fixture
def price(steps: Steps) -> Any:
    return steps.price(4900)
