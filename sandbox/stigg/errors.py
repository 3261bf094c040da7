"""The refusals of Stigg's API, in the codes of its enum ErrorCode. Those that this sandbox has a reason for."""

from typing import Any, Literal

from sandbox.stigg.trace import trace_id

ErrorCode = Literal[
    "AddonDependencyMissingError",
    "AddonQuantityExceedsLimitError",
    "AddonsNotFound",
    "ArchivedCouponCantBeApplied",
    "BadUserInput",
    "BillingIntegrationMissing",
    "BillingPeriodMissingError",
    "ChangingPayingCustomerIsNotSupportedError",
    "CheckoutIsNotSupported",
    "CouponNotFound",
    "CustomCurrencyNotFound",
    "CustomerNotFound",
    "DuplicateAddonProvisionedError",
    "DuplicatedEntityNotAllowed",
    "EntityIsArchivedError",
    "FeatureNotFound",
    "FutureUpdateNotFound",
    "IncompatibleSubscriptionAddon",
    "InvalidArgumentError",
    "InvalidCancellationDate",
    "InvalidQuantity",
    "InvalidSubscriptionStatus",
    "InvalidTaxId",
    "NoActiveSubscriptionForCustomer",
    "NoFeatureEntitlementInSubscription",
    "PaymentMethodNotFoundError",
    "PlanNotFound",
    "PriceNotFound",
    "ProductNotFoundError",
    "PromotionCodeNotActive",
    "PromotionCodeNotFound",
    "PromotionalEntitlementNotFoundError",
    "RateLimitExceeded",
    "StripeCustomerIsDeleted",
    "StripeError",
    "SubscriptionAlreadyCanceledOrExpired",
    "SubscriptionAlreadyOnLatestPlanError",
    "SubscriptionNotFound",
    "TrialMustBeCancelledImmediately",
    "Unauthenticated",
    "UnsupportedParameter",
]


class StiggError(Exception):
    """A refusal that reaches the caller as a GraphQL error with `extensions.code`."""

    def __init__(self, code: ErrorCode, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        # The executor copies this into the error that the caller reads.
        self.extensions = {"code": code, "traceId": trace_id(), **details}


def unsupported(given: dict[str, Any], names: tuple[str, ...]) -> None:
    """Refuses what this sandbox cannot honour, rather than letting it pass unheard."""
    for name in names:
        if given.get(name) not in (None, [], {}):
            raise StiggError("UnsupportedParameter", f"The sandbox does not know {name} yet")
