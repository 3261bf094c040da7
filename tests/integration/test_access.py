"""Who may see and do what: strangers, mere members, people who are not signed in, and forged requests."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing.models import CardAttempt, CheckoutSession, Customer, Membership, Subscription
from tests.people import PASSWORD, Person, person
from tests.sandbox_process import SandboxClient

pytestmark = pytest.mark.django_db

PAGES = ("checkout", "checkout_status", "checkout_return")
STEPS = ("checkout_complete", "checkout_card", "checkout_pay", "checkout_cancel")
CHECKOUT = [("get", name) for name in PAGES] + [("post", name) for name in STEPS]
each_checkout_address = pytest.mark.parametrize(("method", "name"), CHECKOUT, ids=[name for _method, name in CHECKOUT])


@pytest.fixture
def carol() -> Person:
    return person("carol")


@pytest.fixture
def checkout(carol: Person) -> CheckoutSession:
    """Carol's, whose payment failed."""
    now = timezone.now()
    subscription = Subscription.objects.create(
        customer=carol.customer,
        stigg_id="subscription-carol",
        status="PAYMENT_PENDING",
        payment_collection="FAILED",
        plan_id="plan-pro",
        plan_name="Pro",
        latest_invoice_id="in_1",
        mirrored_at=now,
    )
    return CheckoutSession.objects.create(
        customer=carol.customer,
        user=carol.user,
        state="payment_failed",
        plan_id="plan-pro",
        plan_name="Pro",
        subscription=subscription,
        invoice_attempted_with="pm_1",
        expires_at=now + timedelta(hours=20),
    )


def signed_in(who: Person, **options: bool) -> Client:
    client = Client(**options)
    client.force_login(who.user)
    return client


def everything(row: CheckoutSession) -> dict[str, object]:
    return CheckoutSession.objects.filter(pk=row.pk).values().get()


# Strangers and members


@each_checkout_address
def test_a_stranger_finds_nothing_at_the_address_of_a_checkout(
    checkout: CheckoutSession, method: str, name: str
) -> None:
    before = everything(checkout)
    answer = getattr(signed_in(person("dave")), method)(reverse(f"billing:{name}", args=[checkout.pk]))
    assert answer.status_code == 404
    assert everything(checkout) == before


@each_checkout_address
def test_a_mere_member_finds_nothing_at_the_address_of_a_checkout(
    checkout: CheckoutSession, carol: Person, method: str, name: str
) -> None:
    answer = getattr(signed_in(member_of(carol)), method)(reverse(f"billing:{name}", args=[checkout.pk]))
    assert answer.status_code == 404


def member_of(owner: Person, role: str = Membership.Role.MEMBER) -> Person:
    """Somebody who belongs to the owner's organisation and to no other."""
    mia = person("mia")
    Membership.objects.filter(user=mia.user).update(customer=owner.customer, role=role)
    mia.customer.delete()
    return Person(mia.user, owner.customer)


def test_an_admin_of_the_organisation_may_go_on_with_its_checkout(checkout: CheckoutSession, carol: Person) -> None:
    admin = member_of(carol, Membership.Role.ADMIN)
    assert signed_in(admin).get(reverse("billing:checkout_status", args=[checkout.pk])).status_code == 200


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("who", ["stranger", "member"])
def test_nobody_else_may_recover_a_payment(carol: Person, who: str) -> None:
    client = signed_in(person("dave") if who == "stranger" else member_of(carol))
    assert client.post(reverse("billing:recover", args=["subscription-carol"])).status_code == 404
    assert CheckoutSession.objects.count() == 1


def test_a_subscription_or_checkout_that_is_not_there_is_a_404(carol: Person) -> None:
    client = signed_in(carol)
    missing = "00000000-0000-4000-8000-000000000000"
    assert client.get(reverse("billing:checkout", args=[missing])).status_code == 404
    assert client.post(reverse("billing:recover", args=["subscription-nobody"])).status_code == 404
    assert client.get("/checkout/not-a-uuid/").status_code == 404


@pytest.mark.usefixtures("price_list")
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_mere_member_can_begin_no_checkout(sandbox: SandboxClient, carol: Person, method: str) -> None:
    choice = {"plan": "plan-pro", "period": "MONTHLY", "name": "Renamed", "country": "DE"}
    answer = getattr(signed_in(member_of(carol)), method)(reverse("billing:checkout_start"), choice)
    assert answer.status_code == 403
    assert CheckoutSession.objects.count() == CardAttempt.objects.count() == 0
    assert Customer.objects.get(pk=carol.customer.pk).name == "Carol"
    assert sandbox.calls("stripe") == []


@pytest.mark.usefixtures("checkout")
def test_me_json_shows_everybody_their_own(carol: Person) -> None:
    assert signed_in(carol).get("/billing/me.json").json()["subscriptions"][0]["id"] == "subscription-carol"
    assert signed_in(person("dave")).get("/billing/me.json").json()["subscriptions"] == []


# Not signed in, or not any more

SIGN_IN = ("/accounts/login/", "/accounts/signup/")


@each_checkout_address
def test_who_is_not_signed_in_is_sent_there_and_lands_on_a_page(
    sandbox: SandboxClient, checkout: CheckoutSession, carol: Person, method: str, name: str
) -> None:
    client = Client()
    answer = getattr(client, method)(reverse(f"billing:{name}", args=[checkout.pk]))
    assert answer.status_code == 302
    assert urlsplit(answer.url).path in SIGN_IN
    assert_lands_on_a_page(client, answer.url, carol)


@pytest.mark.usefixtures("checkout")
def test_who_was_signed_out_before_mending_a_payment_lands_on_the_account(carol: Person) -> None:
    client = Client()
    answer = client.post(reverse("billing:recover", args=["subscription-carol"]))
    assert answer.status_code == 302
    assert_lands_on_a_page(client, answer.url, carol, ends_at="/billing/")


@pytest.mark.usefixtures("price_list")
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_choice_outlives_signing_in(carol: Person, method: str) -> None:
    client = Client()
    address = f"{reverse('billing:checkout_start')}?plan=plan-pro&period=ANNUALLY"
    form = {"plan": "plan-pro", "period": "ANNUALLY", "name": "Carol"} if method == "post" else {}
    page = signed_in(carol).get(address).content.decode()
    assert 'action="/checkout/start/?plan=plan-pro&amp;period=ANNUALLY"' in page
    answer = getattr(client, method)(address, form or None)
    assert_lands_on_a_page(client, answer.url, carol, ends_at=address)


def assert_lands_on_a_page(client: Client, sign_in_url: str, who: Person, ends_at: str = "") -> None:
    """Sign in there, and go where one is sent."""
    (target,) = parse_qs(urlsplit(sign_in_url).query)["next"]
    answer = client.post(
        f"/accounts/login/?next={target}", {"login": who.user.email, "password": PASSWORD, "next": target}
    )
    assert (answer.status_code, answer.url) == (302, target)
    landed = client.get(target, follow=True)
    assert landed.status_code in (200, 503)
    if ends_at:
        assert target == ends_at


def test_the_wait_page_of_somebody_signed_out_leaves_as_a_whole(checkout: CheckoutSession) -> None:
    url = reverse("billing:checkout_status", args=[checkout.pk])
    answer = Client().get(url, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"], answer.content) == (200, url, b"")


def test_the_account_page_asks_for_signing_in() -> None:
    assert Client().get("/billing/").url == "/accounts/login/?next=/billing/"


def test_me_json_tells_a_script_that_nobody_is_signed_in() -> None:
    answer = Client().get("/billing/me.json")
    assert (answer.status_code, answer.json()) == (401, {"error": {"code": "not_signed_in"}})


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "http://testserver@evil.example/",
    ],
)
@pytest.mark.parametrize("door", ["login", "signup"])
def test_signing_in_never_leads_to_another_site(carol: Person, door: str, target: str) -> None:
    forms = {
        "login": {"login": carol.user.email, "password": PASSWORD},
        "signup": {"name": "New", "email": "new@example.com", "password1": PASSWORD},
    }
    answer = Client().post(f"/accounts/{door}/", forms[door] | {"next": target})
    assert answer.status_code == 302
    assert answer.url == "/billing/"


# Methods and forgery


@pytest.mark.parametrize("name", STEPS)
def test_a_step_takes_posts_only(checkout: CheckoutSession, carol: Person, name: str) -> None:
    url = reverse(f"billing:{name}", args=[checkout.pk])
    for method in ("get", "head", "put", "delete"):
        assert getattr(signed_in(carol), method)(url).status_code == 405


@pytest.mark.parametrize("name", PAGES)
def test_a_page_takes_no_posts(checkout: CheckoutSession, carol: Person, name: str) -> None:
    assert signed_in(carol).post(reverse(f"billing:{name}", args=[checkout.pk])).status_code == 405


@pytest.mark.parametrize("path", ["/", "/pricing/", "/contact/thanks/", "/billing/", "/billing/me.json"])
def test_reading_pages_take_no_posts(carol: Person, path: str) -> None:
    assert signed_in(carol).post(path).status_code == 405


@pytest.mark.parametrize("name", STEPS)
def test_a_forged_step_is_refused(checkout: CheckoutSession, carol: Person, name: str) -> None:
    client = signed_in(carol, enforce_csrf_checks=True)
    before = everything(checkout)
    assert client.post(reverse(f"billing:{name}", args=[checkout.pk])).status_code == 403
    assert everything(checkout) == before


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("path", ["/checkout/start/", "/billing/subscriptions/subscription-carol/recovery/"])
def test_a_forged_beginning_is_refused(carol: Person, path: str) -> None:
    client = signed_in(carol, enforce_csrf_checks=True)
    assert client.post(path, {"plan": "plan-free", "name": "x"}).status_code == 403
    assert CheckoutSession.objects.count() == 1


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/logout/"])
def test_a_forged_sign_in_is_refused(carol: Person, path: str) -> None:
    client = signed_in(carol, enforce_csrf_checks=True)
    assert client.post(path, {"login": carol.user.email, "password": PASSWORD}).status_code == 403
