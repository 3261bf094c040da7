"""Addresses of the pages. Nouns; a new action is a POST to a resource of its own."""

from django.urls import path

from billing.views import account, changes, checkout, checkout_steps, contact, details, order, paywall, receipt

app_name = "billing"

urlpatterns = [
    path("", paywall.home, name="home"),
    path("pricing/", paywall.paywall, name="paywall"),
    path("pricing/theme-<slug:version>.css", paywall.theme, name="paywall_theme"),
    path("contact/", contact.contact, name="contact"),
    path("contact/thanks/", contact.thanks, name="contact_thanks"),
    path("checkout/start/", order.start, name="checkout_start"),
    path("checkout/<uuid:checkout_id>/", checkout.card, name="checkout"),
    path("checkout/<uuid:checkout_id>/status/", checkout.status, name="checkout_status"),
    path("checkout/<uuid:checkout_id>/return/", checkout.returned, name="checkout_return"),
    path("checkout/<uuid:checkout_id>/agreement/", checkout_steps.agree, name="checkout_agree"),
    path("checkout/<uuid:checkout_id>/completion/", checkout_steps.complete, name="checkout_complete"),
    path("checkout/<uuid:checkout_id>/card/", checkout_steps.another_card, name="checkout_card"),
    path("checkout/<uuid:checkout_id>/payment/", checkout_steps.pay_again, name="checkout_pay"),
    path("checkout/<uuid:checkout_id>/cancellation/", checkout_steps.give_up, name="checkout_cancel"),
    path("checkout/<uuid:checkout_id>/receipt/", receipt.receipt, name="checkout_receipt"),
    path("checkout/<uuid:checkout_id>/receipt.pdf", receipt.receipt, {"as_pdf": True}, name="checkout_receipt_pdf"),
    path("billing/", account.account, name="account"),
    path("billing/details/", details.details, name="details"),
    path("billing/me.json", account.me, name="me"),
    path("billing/subscriptions/<str:stigg_id>/recovery/", account.recover, name="recover"),
    path(
        "billing/subscriptions/<str:stigg_id>/scheduled-changes/cancellation/",
        changes.cancel_scheduled_change,
        name="cancel_scheduled_change",
    ),
    path("billing/subscriptions/<str:stigg_id>/trial/cancellation/", changes.cancel_trial, name="cancel_trial"),
]
