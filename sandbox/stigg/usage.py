"""Reported usage of metered features: counted per customer and resource within the reset window."""

import contextlib
from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import uuid4

from sandbox.stigg import credits, entitlements, webhooks
from sandbox.stigg.entitlements import Granted
from sandbox.stigg.errors import StiggError, unsupported
from sandbox.stigg.side import Side
from sandbox.stigg.state import Customer, Measurement, Usage

Given = dict[str, Any]

OVERRIDES = (
    "resetPeriod",
    "monthlyResetPeriodConfiguration",
    "weeklyResetPeriodConfiguration",
    "yearlyResetPeriodConfiguration",
)


def report(side: Side, given: Given) -> dict[str, Any]:
    """Idempotent by `idempotencyKey` within a feature. Raises when no subscription grants the feature."""
    customer = side.living_customer(given["customerId"])
    item = _granted(side, customer, given)
    now = given.get("createdAt") or side.now()
    key = (f"{customer.ref_id}/{item.feature.ref_id}", given.get("idempotencyKey") or "")
    change, credit = 0.0, None
    if not key[1] or key not in side.state.usage_keys:
        change = _count(side, customer, item, given)
        side.state.usage_keys.add(key)
        credit = credits.consume(side.state, customer, given.get("resourceId"), item.feature.ref_id, change, side.now())
    item = _granted(side, customer, given)
    webhooks.measurement_reported(side.world, customer, item, change, given.get("resourceId"))
    return {
        "id": str(uuid4()),
        "featureId": item.feature.ref_id,
        "customerId": customer.ref_id,
        "resourceId": given.get("resourceId"),
        "currentUsage": item.current_usage,
        "credit": credit,
        "usagePeriodStart": item.period_start,
        "usagePeriodEnd": item.period_end,
        "nextResetDate": item.period_end,
        "timestamp": now,
    }


def report_events(side: Side, given: Given) -> None:
    """Each event counts for the features metered by its name; what nobody is granted is dropped in silence."""
    catalog = side.state.catalog
    for event in given["usageEvents"]:
        for feature in catalog.features.values():
            if feature.event_name == event["eventName"]:
                _report_event(side, feature.ref_id, event)


def _report_event(side: Side, feature_id: str, event: Given) -> None:
    moment = event.get("timestamp") or side.now()
    measured = {
        "customerId": event["customerId"],
        "resourceId": event.get("resourceId"),
        "featureId": feature_id,
        "value": 1.0,
        "idempotencyKey": f"{event['eventName']}/{moment.isoformat()}/{event['idempotencyKey']}",
        "dimensions": event.get("dimensions"),
        "createdAt": moment,
    }
    if event.get("timestamp") is None:
        # Two events without a time are told apart by their key alone.
        measured["idempotencyKey"] = f"{event['eventName']}/{event['idempotencyKey']}"
    with contextlib.suppress(StiggError):
        report(side, measured)


def older_history(side: Side, given: Given) -> dict[str, Any]:
    """The first version of the same question, in its words."""
    unsupported(given, OVERRIDES)
    asked = {
        "customerId": given["customerRefId"],
        "featureId": given["featureRefId"],
        "resourceId": given.get("resourceRefId"),
        "startDate": given["startDate"],
        "endDate": given.get("endDate"),
    }
    found = history(side, asked)
    groups = history(side, {**asked, "groupBy": given["groupBy"]})["series"] if given.get("groupBy") else []
    return {
        "startDate": given["startDate"],
        "endDate": given.get("endDate"),
        "markers": found["markers"],
        "usageMeasurements": _dated(found["series"][0]["points"]),
        "groups": [{"groupInfo": group["tags"], "usageMeasurements": _dated(group["points"])} for group in groups],
    }


def _dated(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**point, "date": point["timestamp"]} for point in points]


def history(side: Side, given: Given) -> dict[str, Any]:
    """The course of the usage between two moments; one series, or one per value of the `groupBy` dimensions."""
    unsupported(given, ("paging",))
    customer = side.customer(given["customerId"])
    if given["featureId"] not in side.state.catalog.features:
        raise StiggError("FeatureNotFound", "Feature not found", featureId=given["featureId"])
    start, end = given["startDate"], given.get("endDate") or side.now()
    place = (customer.ref_id, given.get("resourceId"), given["featureId"])
    found = [m for m in side.state.measurements.get(place, []) if start <= m.at <= end]
    resets = sorted({m.since for m in found if m.since is not None and m.since >= start})
    return {
        "markers": [{"type": "PERIODIC_RESET", "timestamp": moment} for moment in resets],
        "series": _series(found, given.get("groupBy") or []),
    }


def _series(found: list[Measurement], names: Sequence[str]) -> list[dict[str, Any]]:
    if not names:
        return [{"tags": [], "points": _points(found)}]

    def tags(measured: Measurement) -> list[tuple[str, str]]:
        known = dict(measured.dimensions)
        return [(name, known.get(name, "")) for name in names]

    return [
        {"tags": [{"key": key, "value": value} for key, value in group], "points": _points(list(each))}
        for group, each in groupby(sorted(found, key=tags), key=tags)
    ]


def _points(found: list[Measurement]) -> list[dict[str, Any]]:
    """What had been used by then, and a zero where a new reset window began."""
    points: list[dict[str, Any]] = []
    since = None
    for measured in sorted(found, key=lambda m: m.at):
        if since is not None and measured.since is not None and measured.since > since:
            points.append({"timestamp": measured.since, "value": 0, "isResetPoint": True})
        since = measured.since or since
        points.append({"timestamp": measured.at, "value": measured.value, "isResetPoint": False})
    return points


def _granted(side: Side, customer: Customer, given: Given) -> Granted:
    feature_id = given["featureId"]
    if feature_id not in side.state.catalog.features:
        raise StiggError("FeatureNotFound", "Feature not found", featureId=feature_id)
    found = entitlements.granted(side.state, customer, given.get("resourceId"), side.now())
    for item in found:
        if item.feature.ref_id == feature_id and item.is_metered:
            return item
    raise StiggError("NoFeatureEntitlementInSubscription", "No subscription grants this metered feature")


def _count(side: Side, customer: Customer, item: Granted, given: Given) -> float:
    """The change that was made. A value that another period began with is set aside."""
    before, now = item.current_usage or 0.0, side.now()
    value = given["value"] if given.get("updateBehavior") == "SET" else before + given["value"]
    if value < 0:
        raise StiggError("InvalidArgumentError", "Usage cannot be below zero")
    place = (customer.ref_id, given.get("resourceId"), item.feature.ref_id)
    side.state.usage[place] = Usage(value=value, updated_at=now)
    measured = Measurement(
        at=given.get("createdAt") or now,
        change=value - before,
        value=value,
        since=item.period_start,
        dimensions=tuple(sorted((k, str(v)) for k, v in (given.get("dimensions") or {}).items())),
    )
    side.state.measurements.setdefault(place, []).append(measured)
    return float(value - before)
