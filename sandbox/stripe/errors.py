"""Stripe's errors: one exception that is answered as Stripe's error body."""

from typing import Any


class StripeError(Exception):
    """Raised by handlers; `extra` goes into the error object as it stands (setup_intent, charge, …).

    Source: https://docs.stripe.com/api/errors
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        decline_code: str | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.code = code
        self.param = param
        self.decline_code = decline_code
        self.extra = extra

    def body(self, request_id: str) -> dict[str, Any]:
        error: dict[str, Any] = {"type": self.kind, "message": self.message}
        for name in ("code", "param", "decline_code"):
            if getattr(self, name) is not None:
                error[name] = getattr(self, name)
        if self.code is not None:
            error["doc_url"] = f"https://docs.stripe.com/error-codes#{self.code.replace('_', '-')}"
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": error | self.extra}


def missing_object(kind: str, object_id: str, param: str = "id") -> StripeError:
    message = f"No such {kind}: '{object_id}'"
    return StripeError(404, message, code="resource_missing", param=param)


def missing_parameter(param: str) -> StripeError:
    return StripeError(400, f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown_parameter(param: str) -> StripeError:
    return StripeError(400, f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def unsupported(param: str) -> StripeError:
    """For what Stripe does and the sandbox does not: nothing is ignored in silence."""
    return StripeError(400, f"The sandbox does not support this use of {param}.", param=param)


def invalid(message: str, param: str | None = None, code: str | None = None) -> StripeError:
    return StripeError(400, message, code=code, param=param)
