"""Forms: what people type, checked before a service sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from babel import Locale
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.gateways.stigg.types import PlanSnapshot, SubscriptionChoice
from billing.services import contact, current, customers, options, tax_ids, text

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest

    from billing.models import Customer, Subscription

NOT_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


def countries() -> list[tuple[str, str]]:
    """Countries in the visitor's language, in its alphabetical order."""
    names = Locale.parse(text.locale()).territories
    found = [(code, name) for code, name in names.items() if len(code) == 2 and code not in NOT_COUNTRIES]
    return [("", _("Choose a country")), *sorted(found, key=lambda pair: pair[1])]


class SignupDetails(forms.Form):
    """What sign-up asks beside e-mail and password; the customer is made with the user."""

    name = forms.CharField(
        label=_("Your name or your organisation's"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    field_order = ("name", "email", "password1")

    def signup(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Called by allauth once the user is saved."""
        email = str(getattr(user, "email", ""))
        customers.create_customer(user, name=self.cleaned_data["name"], email=email)


class ContactForm(forms.Form):
    """A question about a plan. `website` is not for people: whoever fills in everything is a program."""

    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label=_("Email"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    plan = forms.ChoiceField(label=_("Plan"), required=False)
    seats = forms.IntegerField(
        label=_("How many people will use it? (optional)"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    message = forms.CharField(label=_("What do you need?"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, plans: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan = self.fields["plan"]
        if isinstance(plan, forms.ChoiceField):
            plan.choices = [("", _("I do not know yet")), *plans]

    def clean(self) -> dict[str, Any]:
        """Said aloud and not swallowed: should a person's browser have filled it in, the message is not lost."""
        cleaned = super().clean() or {}
        if cleaned.get("website"):
            raise forms.ValidationError(
                _("Please leave the last field empty: it is there to tell people from programs.")
            )
        return cleaned

    @property
    def question(self) -> contact.Question:
        """Of a valid form."""
        cleaned = self.cleaned_data
        return contact.Question(
            name=cleaned["name"],
            email=cleaned["email"],
            message=cleaned["message"],
            plan_id=cleaned["plan"],
            seats=cleaned["seats"],
        )


class OrderForm(forms.Form):
    """The review step: what is bought, and for whom. Its fields for quantities and add-ons come from the plan."""

    plan = forms.SlugField(max_length=255, widget=forms.HiddenInput)
    resource = forms.CharField(max_length=255, required=False, widget=forms.HiddenInput)
    period = forms.ChoiceField(label=pgettext_lazy("how often", "Billing"), required=False, widget=forms.RadioSelect)
    coupon = forms.CharField(
        label=_("Discount code"), max_length=255, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(
        label=_("Name on the invoice"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    country = forms.ChoiceField(
        label=_("Country"), widget=forms.Select(attrs={"autocomplete": "country"}), required=False
    )

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        plan: PlanSnapshot,
        period: str,
        held: Subscription | None = None,
        is_change: bool = False,
    ) -> None:
        """`data` is what was sent, over what `plan` in `period` starts with for who has `held`. A change of a paid
        subscription keeps the billing details, and with them the currency."""
        self.missing_addons: list[tuple[str, str]] = []
        self.quantities = options.quantity_options(plan, period)
        self.addons = current.addons_on_offer(held, plan, period)
        minimums = {f"quantity-{option.feature_id}": str(option.minimum) for option in self.quantities}
        none_taken = {f"addon-{option.addon_id}": "0" for option in self.addons}
        super().__init__({**minimums, **none_taken, **data, "plan": plan.plan_id, "period": period})
        self._choices("country", countries())
        self._choices("period", [(value, text.period_name(value)) for value in plan.periods])
        if len(plan.periods) < 2:
            self.fields["period"].widget = forms.HiddenInput()
        if plan.pricing_type != "PAID":
            del self.fields["coupon"]
        if is_change:
            del self.fields["name"], self.fields["country"]
        for quantity in self.quantities:
            self.fields[f"quantity-{quantity.feature_id}"] = _number(
                quantity.label, quantity.minimum, quantity.maximum, quantity.hint
            )
        for addon in self.addons:
            hint = " · ".join(filter(None, [addon.price, addon.description]))
            self.fields[f"addon-{addon.addon_id}"] = _number(addon.name, 0, addon.maximum, hint)
        self.order_fields(["plan", "resource", "period", *minimums, *none_taken, "coupon", "name", "country"])

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        """An add-on may need another one: said at the one that needs it, and offered in `missing_addons`."""
        cleaned = super().clean() or {}
        names = {option.addon_id: option.name for option in self.addons}
        for addon in self.addons:
            missing = [key for key in addon.requires if key in names and not cleaned.get(f"addon-{key}")]
            if cleaned.get(f"addon-{addon.addon_id}") and missing:
                self.missing_addons += [
                    (key, names[key]) for key in missing if (key, names[key]) not in self.missing_addons
                ]
                message = _("%(addon)s needs %(missing)s, too. Add it, or take %(addon)s off.")
                words = {"addon": addon.name, "missing": text.listing([names[key] for key in missing])}
                self.add_error(f"addon-{addon.addon_id}", forms.ValidationError(message, params=words))
        return cleaned

    def choice(self, *, country_code: str = "") -> SubscriptionChoice:
        """Of a valid form."""
        cleaned = self.cleaned_data
        units = [(option.feature_id, cleaned[f"quantity-{option.feature_id}"]) for option in self.quantities]
        addons = [(option.addon_id, cleaned[f"addon-{option.addon_id}"]) for option in self.addons]
        return SubscriptionChoice(
            plan_id=cleaned["plan"],
            billing_period=cleaned["period"] or None,
            unit_quantities=tuple(units),
            addons=tuple((addon_id, quantity) for addon_id, quantity in addons if quantity),
            coupon_id=cleaned.get("coupon", "").strip(),
            country_code=country_code,
            resource_id=cleaned["resource"],
        )


def _number(label: str, minimum: int, maximum: int | None, hint: str) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, min_value=minimum, max_value=maximum or 1_000_000, help_text=hint, widget=widget
    )


def _line(label: Any, autocomplete: str, *, max_length: int = 200, required: bool = False, hint: Any = "") -> Any:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=max_length, required=required, widget=widget, help_text=hint)


class BillingDetailsForm(forms.Form):
    """What stands on invoices, and where they go. Fields are named as on the customer."""

    name = _line(_("Name or company"), "organization", required=True)
    invoice_email = forms.EmailField(
        label=_("Email for invoices"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    country = forms.ChoiceField(label=_("Country"), widget=forms.Select(attrs={"autocomplete": "country"}))
    address_line1 = _line(_("Address"), "address-line1", required=True)
    address_line2 = _line(_("Address, second line (optional)"), "address-line2")
    postal_code = _line(_("Postal code"), "postal-code", max_length=20)
    city = _line(_("City"), "address-level2", max_length=100)
    address_state = _line(_("State (if any)"), "address-level1", max_length=100)
    tax_id = _line(
        _("Tax ID (optional)"),
        "off",
        max_length=40,
        hint=_("Of a company, as it should stand on the invoice: VAT number, EIN, ABN …"),
    )

    @classmethod
    def of(cls, customer: Customer, data: Mapping[str, Any] | None = None) -> BillingDetailsForm:
        """Filled with `data`, or with what is known."""
        known = {name: getattr(customer, name) for name in cls.base_fields}
        return cls(data, initial={**known, "invoice_email": customer.invoice_email or customer.email})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = self.fields["country"]
        if isinstance(country, forms.ChoiceField):
            country.choices = countries()

    def clean(self) -> dict[str, Any]:
        """A tax id has to look like one of the country."""
        cleaned = super().clean() or {}
        country, tax_id = cleaned.get("country", ""), cleaned.get("tax_id", "")
        cleaned["tax_id_type"] = ""
        if not tax_id or not country:
            return cleaned
        found = tax_ids.parse(country, tax_id)
        if found:
            cleaned["tax_id_type"], cleaned["tax_id"] = found
        elif shapes := tax_ids.shapes_of(country):
            message = _("This is no tax ID of the country above. One looks like this: %(example)s.")
            words = {"example": shapes[0].example}
            self.add_error("tax_id", forms.ValidationError(message, params=words))
        else:
            self.add_error("tax_id", _("We cannot put a tax ID of this country on invoices yet. Please leave it out."))
        return cleaned
