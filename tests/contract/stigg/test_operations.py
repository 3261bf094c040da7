"""Every operation answers a valid document; none is missing; the product's gateway gets along with all it uses."""

import inspect

import pytest
from graphql import GraphQLObjectType

from billing.gateways.guard import Breaker, Guard
from billing.gateways.stigg import StiggGateway
from billing.gateways.stigg.client import StiggClient
from billing.gateways.stigg.types import BillingInformation, SubscriptionChoice
from sandbox.stigg import resolvers
from sandbox.stigg.graphql_api import make_schema
from tests.contract.stigg import customer_operations, subscription_operations
from tests.contract.stigg.callers import StiggRefused
from tests.contract.stigg.operation import ADA, BOB, SUBSCRIPTION, Operation, schedule_a_downgrade

OPERATIONS = customer_operations.OPERATIONS + subscription_operations.OPERATIONS
PRO = SubscriptionChoice("plan-pro", "MONTHLY")
VERBS = {
    "provision_customer": lambda g: g.provision_customer(
        customer_id=BOB, name="Bob", email="bob@example.com", metadata={}
    ),
    "fetch_customer": lambda g: g.fetch_customer(ADA),
    "update_customer": lambda g: g.update_customer(customer_id=ADA, name="Ada & Co"),
    "fetch_paywall": lambda g: g.fetch_paywall(customer_id=ADA),
    "fetch_subscription": lambda g: g.fetch_subscription(SUBSCRIPTION),
    "fetch_subscription_page": lambda g: g.fetch_subscription_page(where={"customerId": {"eq": ADA}}),
    "fetch_active_subscriptions": lambda g: g.fetch_active_subscriptions(ADA),
    "provision_subscription": lambda g: g.provision_subscription(
        customer_id=ADA, choice=PRO, subscription_id="subscription-2", metadata={}
    ),
    "preview_subscription": lambda g: g.preview_subscription(customer_id=ADA, choice=PRO),
    "cancel_subscription": lambda g: g.cancel_subscription(subscription_id=SUBSCRIPTION, when="IMMEDIATE"),
    "cancel_schedule": lambda g: g.cancel_schedule(subscription_id=SUBSCRIPTION),
    "fetch_entitlements_state": lambda g: g.fetch_entitlements_state(ADA),
    "ping": lambda g: g.ping(),
    "fetch_customer_state": lambda g: g.fetch_customer_state(ADA),
    "update_customer_and_preview": lambda g: g.update_customer_and_preview(
        customer_id=ADA, billing_information=BillingInformation(customer_name="Ada & Co"), choice=PRO
    ),
}
SEVERAL_IN_ONE_DOCUMENT = {"fetch_customer_state", "update_customer_and_preview"}


@pytest.fixture
def prepared(stigg, with_card):
    """The world that the table's documents expect."""
    with_card()
    stigg.provision(ADA, "plan-starter", refId=SUBSCRIPTION)


@pytest.fixture
def gateway(servers):
    client = StiggClient(
        api_key=servers.world.settings.stigg_api_key,
        api_url=servers.world.settings.stigg_url,
        edge_url=servers.world.settings.stigg_url,
        connect_timeout_seconds=5,
        read_timeout_seconds=30,
        guard=(guard := Guard("stigg", max_concurrent=4, breaker=Breaker(failures=100, seconds=1))),
        edge_guard=guard,
    )
    return StiggGateway(client)


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.number}-{o.name}")
def test_an_operation_answers(stigg, operation: Operation):
    operation.prepare(stigg)
    body = {
        "query": operation.document,
        "operationName": operation.name,
        "variables": {"input": operation.variables} if operation.signature else {},
    }
    answer = stigg.post(body, **{"x-graphql-operation-name": operation.name}).json()
    if operation.refused:
        assert [error["extensions"]["code"] for error in answer["errors"]] == [operation.refused]
    else:
        assert "errors" not in answer
        assert operation.root == "reportEvent" or answer["data"][operation.root] not in (None, [])


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_of_the_product_is_understood(stigg, gateway, verb):
    if verb == "cancel_schedule":
        schedule_a_downgrade(stigg)
    VERBS[verb](gateway)


def test_the_table_is_whole():
    """39 numbers, and every root field that the schema has."""
    assert {operation.number for operation in OPERATIONS} == {f"2.{n}" for n in range(1, 40)}
    assert {operation.root for operation in OPERATIONS} == set(root_fields())


def test_every_verb_of_the_product_is_tried():
    public = {name for name, _ in inspect.getmembers(StiggGateway, inspect.isfunction) if not name.startswith("_")}
    assert set(VERBS) == public
    assert {operation.verb for operation in OPERATIONS} - {None} == public - SEVERAL_IN_ONE_DOCUMENT


def test_every_root_field_has_its_resolver():
    assert set(resolvers.RESOLVERS) == set(root_fields())
    assert all(field.resolve.__wrapped__ is resolvers.RESOLVERS[name] for name, field in root_fields().items())


def root_fields():
    schema = make_schema()
    roots = [schema.query_type, schema.mutation_type]
    return {name: field for root in roots if isinstance(root, GraphQLObjectType) for name, field in root.fields.items()}


@pytest.mark.usefixtures("prepared")
def test_a_delegated_subscription_is_used_by_one_and_paid_by_the_other(servers, stigg, stripe):
    delegate = next(operation for operation in OPERATIONS if operation.number == "2.36")
    delegate.prepare(stigg)
    answer = stigg.ask(delegate.document, input=delegate.variables)
    assert (answer["customer"]["customerId"], answer["payingCustomer"]["customerId"]) == (BOB, ADA)
    assert stigg.entitlements(BOB)[1]["feature-seats"]["usageLimit"] == 5
    assert stigg.entitlements(ADA)[0] == "NoActiveSubscription"
    servers.advance(days=32)
    renewed = stigg.subscription(SUBSCRIPTION)
    assert (renewed["status"], renewed["latestInvoice"]["billingReason"]) == ("ACTIVE", "BILLING_CYCLE")


@pytest.mark.usefixtures("prepared")
def test_a_transfer_needs_a_free_plan_at_its_end(stigg):
    transfer = next(operation for operation in OPERATIONS if operation.number == "2.34")
    with pytest.raises(StiggRefused) as refused:
        stigg.ask(transfer.document, input=transfer.variables)
    assert refused.value.code == "NoActiveSubscriptionForCustomer"
