"""Calendar arithmetic: billing periods, reset windows, trial lengths. Times are aware UTC."""

import calendar
from datetime import datetime, timedelta

MONTHS = {"MONTHLY": 1, "ANNUALLY": 12, "MONTH": 1, "YEAR": 12}
SPANS = {"HOUR": timedelta(hours=1), "DAY": timedelta(days=1), "WEEK": timedelta(weeks=1)}


def add_months(moment: datetime, months: int) -> datetime:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def after_period(start: datetime, period: str) -> datetime:
    return add_months(start, MONTHS[period])


def trial_end(start: datetime, duration: int, units: str) -> datetime:
    return add_months(start, duration) if units == "MONTH" else start + timedelta(days=duration)


def window(anchor: datetime, period: str | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The reset window around `now`: anchor + n · period. Nothing when the feature never resets."""
    if period is None:
        return None, None
    if period in SPANS:
        span = SPANS[period]
        start = anchor + span * max(0, (now - anchor) // span)
        return start, start + span
    step = MONTHS[period]
    count = max(0, ((now.year - anchor.year) * 12 + now.month - anchor.month) // step)
    if count and add_months(anchor, count * step) > now:
        count -= 1
    return add_months(anchor, count * step), add_months(anchor, (count + 1) * step)
