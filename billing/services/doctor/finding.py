"""What a check found. Every fault says what to do; none of them ever holds a secret."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from billing.errors import GatewayUnauthorized


class Status(StrEnum):
    """How bad it is. A warning is for things that work, or that could not be looked at."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination."""

    check: str
    status: Status
    message: str
    fix: str = ""


def ok(check: str, message: str) -> Finding:
    """All is well."""
    return Finding(check, Status.OK, message)


def warning(check: str, message: str, fix: str = "") -> Finding:
    """Works, but somebody should know."""
    return Finding(check, Status.WARNING, message, fix)


def fault(check: str, message: str, fix: str) -> Finding:
    """Does not work; `fix` says what to do."""
    return Finding(check, Status.FAULT, message, fix)


def not_checked(check: str, reason: str) -> Finding:
    """Could not be looked at because of another finding, which says what to do."""
    return warning(check, f"not checked: {reason}")


def lacks_permission(error: GatewayUnauthorized) -> bool:
    """The key is known, but not allowed to do this: restricted keys are like that."""
    return error.upstream_status == 403
