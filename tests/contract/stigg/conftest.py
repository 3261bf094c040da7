"""One pair of servers for the folder, reset before each test; the people who call them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.catalog import loader
from tests.contract.stigg.callers import Stigg, Stripe
from tests.contract.stigg.servers import Servers


@pytest.fixture(scope="session")
def running() -> Iterator[Servers]:
    servers = Servers()
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture
def servers(running: Servers) -> Servers:
    running.world.settings.catalog = None
    running.run(running.world.reset())
    running.received.clear()
    return running


@pytest.fixture
def stigg(servers: Servers) -> Stigg:
    return Stigg(servers.world)


@pytest.fixture
def stripe(servers: Servers) -> Stripe:
    return Stripe(servers.world)


@pytest.fixture
def ada(stigg: Stigg) -> str:
    """A customer without a card."""
    customer_id: str = stigg.provision_customer("customer-ada")["customer"]["customerId"]
    return customer_id


@pytest.fixture
def with_card(servers: Servers, stigg: Stigg, stripe: Stripe, ada: str) -> Any:
    """Gives Ada a card by its test id, and says which payment method it became."""

    def give(card: str = "pm_card_visa") -> str:
        method = stripe.save_card(stigg.customer(ada)["billingId"], card)
        stigg.update_customer(ada, billingInformation={"paymentMethodId": method})
        servers.settle()
        return method

    return give


@pytest.fixture
def switched(servers: Servers, tmp_path: Path) -> Iterator[Any]:
    """Changes a line of the catalogue, for what Stigg's documentation leaves open."""

    def switch(old: str, new: str) -> None:
        text = loader.DEFAULT.read_text()
        assert old in text
        path = tmp_path / "catalog.yaml"
        path.write_text(text.replace(old, new))
        servers.world.settings.catalog = path
        servers.run(servers.world.reset())

    yield switch
    servers.world.settings.catalog = None
