"""Every failure that this app names, as one tree: catch at the level you mean.

BillingError                       code, public_message, http_status
├─ ConfigurationError              a key, address or secret is missing or wrong; found by checks, never by a customer
├─ Busy                            somebody else is working on the same row: try again in a moment
├─ GatewayError                    provider, operation, request_id, retryable
│  ├─ GatewayUnavailable           time-out, connection, 5xx, breaker open            retryable
│  │  └─ GatewayRateLimited        retry_after_seconds                                retryable
│  ├─ GatewayRejected              our request was refused; `upstream_code` says why
│  │  ├─ GatewayUnauthorized       key missing, wrong or expired
│  │  └─ GatewayNotFound           no such object in this environment
│  └─ GatewayProtocolError         the answer is not of the agreed shape
├─ PaymentError                    safe to show to the customer
│  ├─ CardDeclined                 decline_code
│  ├─ AuthenticationRequired       3-D Secure is asked for on a payment
│  ├─ SetupIntentMismatch          not this checkout's SetupIntent, or not this customer's
│  └─ TooManyAttempts              card-testing limit reached; retry_after_seconds
├─ SubscriptionError
│  ├─ PlanNotOffered               not in the price list, or not in this billing period
│  └─ NothingToChange
└─ WebhookError
   ├─ SignatureInvalid             → 400
   ├─ PayloadInvalid               → 400
   ├─ PayloadTooLarge              → 413
   ├─ SourceDisabled               → 404, the source has no secret
   ├─ NotYet                       what it refers to has not arrived: retry soon
   └─ NotOurs                      nothing of ours: finish as ignored

`str(error)` is for staff and logs; `public_message` is what a customer may read. Neither ever
holds a secret or card data.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class BillingError(Exception):
    """Root of the tree."""

    code = "billing_error"
    http_status = 500
    public_message: Text = _("Something went wrong on our side. Nothing was charged twice; please try again.")


class ConfigurationError(BillingError):
    """A setting is missing or wrong; the message says which and what to do."""

    code = "configuration"


class Busy(BillingError):
    """Another worker holds the lease on what we need; nothing was changed."""

    code = "busy"
    http_status = 503
    public_message = _("We are still working on your last request. Please try again in a moment.")


class GatewayError(BillingError):
    """A call to Stigg or Stripe did not give what was asked."""

    code = "gateway"
    http_status = 502
    retryable = False

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        operation: str,
        request_id: str = "",
        upstream_code: str = "",
        upstream_status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.operation = operation
        self.request_id = request_id
        self.upstream_code = upstream_code
        self.upstream_status = upstream_status

    def __str__(self) -> str:
        reference = f" [{self.request_id}]" if self.request_id else ""
        return f"{self.provider} {self.operation}: {super().__str__()}{reference}"


class GatewayUnavailable(GatewayError):
    """Time-out, refused connection, 5xx or an open breaker. Trying later may help."""

    code = "gateway_unavailable"
    http_status = 503
    retryable = True
    public_message = _(
        "Our billing service cannot be reached right now. Nothing is lost: please try again in a moment."
    )


class GatewayRateLimited(GatewayUnavailable):
    """The provider asked us to slow down."""

    code = "gateway_rate_limited"

    def __init__(
        self,
        message: str,
        *,
        retry_after_seconds: float | None = None,
        provider: str,
        operation: str,
        request_id: str = "",
    ) -> None:
        super().__init__(message, provider=provider, operation=operation, request_id=request_id, upstream_status=429)
        self.retry_after_seconds = retry_after_seconds


class GatewayRejected(GatewayError):
    """The provider understood and refused. The same request will be refused again."""

    code = "gateway_rejected"


class GatewayUnauthorized(GatewayRejected):
    """The key is missing, wrong or expired."""

    code = "gateway_unauthorized"


class GatewayNotFound(GatewayRejected):
    """The object does not exist in this environment."""

    code = "gateway_not_found"


class GatewayProtocolError(GatewayError):
    """The answer is not JSON, or not of the agreed shape."""

    code = "gateway_protocol"


class PaymentError(BillingError):
    """A payment or card step failed in a way that the customer can act on."""

    code = "payment"
    http_status = 402
    public_message = _("The payment did not go through. Please try another card.")


class CardDeclined(PaymentError):
    """The card was refused; `decline_code` is Stripe's word for why.

    Source: https://docs.stripe.com/declines/codes
    """

    code = "card_declined"

    def __init__(self, message: str, *, decline_code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.decline_code = decline_code
        self.request_id = request_id


class AuthenticationRequired(PaymentError):
    """The bank asks for 3-D Secure before this payment can be taken."""

    code = "authentication_required"
    public_message = _("Your bank asks you to confirm this payment.")


class SetupIntentMismatch(PaymentError):
    """The SetupIntent is not this checkout's, or belongs to another customer."""

    code = "setup_intent_mismatch"
    http_status = 409
    public_message = _("This card form is out of date. Please reload the page.")


class TooManyAttempts(PaymentError):
    """Too many card attempts: a card tester, or a person who should take a break."""

    code = "too_many_attempts"
    http_status = 429
    public_message = _("Too many card attempts. Please wait a little before you try again.")

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class SubscriptionError(BillingError):
    """The change that was asked for makes no sense for this customer."""

    code = "subscription"
    http_status = 409


class PlanNotOffered(SubscriptionError):
    """The plan is not in the price list, or not in this billing period."""

    code = "plan_not_offered"
    http_status = 404
    public_message = _("This plan is not offered any more. Please pick another one.")


class NothingToChange(SubscriptionError):
    """What is asked for is what they have, or there is nothing to do."""

    code = "nothing_to_change"
    public_message = _("There is nothing to change: this is what you have already.")


class WebhookError(BillingError):
    """A message at /hooks/ was refused or cannot be worked now."""

    code = "webhook"
    http_status = 400


class SignatureInvalid(WebhookError):
    """The sender could not prove who it is."""

    code = "signature_invalid"


class PayloadInvalid(WebhookError):
    """The body is not an event."""

    code = "payload_invalid"


class PayloadTooLarge(WebhookError):
    """The body is larger than any event."""

    code = "payload_too_large"
    http_status = 413


class SourceDisabled(WebhookError):
    """No secret is set for this source, so its endpoint does not exist."""

    code = "source_disabled"
    http_status = 404


class NotYet(WebhookError):
    """What the event refers to has not arrived: try again soon."""

    code = "not_yet"


class NotOurs(WebhookError):
    """The event is about something that this application did not make."""

    code = "not_ours"
