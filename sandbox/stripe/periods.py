"""Billing periods by the calendar, in UTC epoch seconds."""

import calendar
from datetime import UTC, datetime, timedelta

DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "year": 12}


def later(moment: int, interval: str, count: int) -> int:
    """`count` intervals after `moment`; a day that the month lacks becomes its last day."""
    start = datetime.fromtimestamp(moment, UTC)
    if interval in DAYS:
        return int((start + timedelta(days=DAYS[interval] * count)).timestamp())
    months = start.month - 1 + MONTHS[interval] * count
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def period_end(anchor: int, interval: str, count: int, after: int) -> int:
    """The first boundary after `after`, counted from the anchor so that the 31st comes back."""
    steps = 1
    while (end := later(anchor, interval, count * steps)) <= after:
        steps += 1
    return end
