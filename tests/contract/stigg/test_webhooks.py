"""The envelope, and that one request's webhooks carry its trace id."""

import uuid

ENVELOPE = {"type", "messageId", "traceId", "timestamp", "accountId", "environmentId", "eventId", "actor"}


def test_the_envelope_is_flat_and_each_message_has_its_own_id(servers, stigg, ada):
    stigg.provision(ada, "plan-free")
    servers.settle()
    assert len(servers.received) == 3
    for body in servers.received:
        assert set(body) > ENVELOPE
        uuid.UUID(body["messageId"])
    assert len({body["messageId"] for body in servers.received}) == 3
    created, updated = servers.last("subscription.created"), servers.last("entitlements.updated")
    assert created["traceId"] == updated["traceId"]


def test_the_secret_is_sent_along(servers, stigg, ada):
    [endpoint] = servers.world.deliveries.endpoints("stigg")
    assert endpoint.secret == "stigg-webhook-sandbox"


def test_entitlements_updated_lists_all_there_is(servers, stigg, ada):
    stigg.provision(ada, "plan-free", resourceId=None)
    servers.settle()
    body = servers.last("entitlements.updated")
    calls = next(e for e in body["entitlements"] if e["feature"]["id"] == "feature-api-calls")
    assert calls["feature"]["meterType"] == "INCREMENTAL"
    assert (calls["usageLimit"], calls["resetPeriod"]) == (1000, "MONTH")
    assert body["trigger"] == "subscription_created"


def test_stripes_doings_do_not_repeat_what_was_said(servers, stigg, ada, with_card):
    with_card()
    stigg.provision(ada, "plan-pro")
    servers.settle()
    kinds = servers.kinds(ada)
    assert kinds.count("subscription.created") == 1
    assert "subscription.updated" not in kinds
