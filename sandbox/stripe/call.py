"""One API call as the resources see it, and how an operation is declared."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.stripe.errors import StripeError, missing_object
from sandbox.stripe.params import Params, words
from sandbox.stripe.state import Obj, StripeState
from sandbox.world import World


@dataclass(slots=True)
class Call:
    world: World
    params: Params
    publishable: bool

    @property
    def state(self) -> StripeState:
        return self.world.stripe

    def now(self) -> int:
        return self.world.clock.timestamp()

    def find(self, collection: str, object_id: str, kind: str, param: str = "id") -> Obj:
        """Raises resource_missing (404); `kind` is the word that Stripe's message has for the object."""
        found = self.state.collection(collection).get(object_id)
        if found is None:
            raise missing_object(kind, object_id, param)
        return found

    def need_client_secret(self, intent: Obj) -> None:
        """A publishable key opens an intent only together with its client secret."""
        if not self.publishable:
            return
        if self.params.need("client_secret") != intent["client_secret"]:
            kind = intent["object"].replace("_", "")
            message = f"The client_secret provided does not match the client_secret associated with the {kind}."
            raise StripeError(400, message, code=f"{intent['object']}_invalid_parameter", param="client_secret")


Handler = Callable[..., Obj]

CURSOR_PARAMS = "limit starting_after ending_before"
LIST_PARAMS = f"{CURSOR_PARAMS} created"
# What Stripe knows and the sandbox does not do: refused, for nothing may be ignored in silence.
UNSUPPORTED = words(
    "add_invoice_items amount_to_confirm application_fee_amount application_fee_percent backdate_start_date "
    "billing_cycle_anchor_config billing_schedules billing_thresholds cash_balance "
    "currency_options custom customer_account default_source from_invoice instructions_email "
    "intended_submission_method invoice_items on_behalf_of origin pending_invoice_item_interval "
    "refund_application_fee reverse_transfer schedule schedule_details shipping_cost single_use source tax_id_data "
    "transfer_data transform_quantity"
)
# What Stripe.js adds to the calls it makes with the publishable key.
BROWSER_PARAMS = words(
    "key client_secret is_stripe_sdk expected_payment_method_type client_context use_stripe_sdk referrer "
    "_stripe_account _stripe_version guid muid sid payment_user_agent time_on_page radar_options "
    "client_attribution_metadata return_url mandate_data"
)


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    handler: Handler
    params: frozenset[str]
    publishable: bool
    redirects: bool = False


def operation(method: str, path: str, handler: Handler, params: str = "", *, publishable: bool = False) -> Operation:
    """`params` are the top-level parameters it takes, space-separated; `publishable`: callable by Stripe.js."""
    names = words(params) | {"expand"}
    return Operation(method, path, handler, names, publishable)
