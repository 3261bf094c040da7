"""How the page may shape the fields: theme and rules, floating labels, condensed inputs, languages."""

import pytest
from playwright.sync_api import expect

from tests.contract.elements.steps import fill_card, mount


def test_the_appearance_is_honoured(shop, card_frame, sandbox):
    appearance = {
        "theme": "night",
        "variables": {"colorPrimary": "rgb(255, 0, 128)", "borderRadius": "11px"},
        "rules": {".Label": {"fontWeight": "700"}, "body {} .Input": {"color": "red"}},
    }
    mount(shop, sandbox.setup_intent(), appearance=appearance, locale="de")
    number = card_frame.get_by_label("Kartennummer")
    expect(number).to_have_css("border-radius", "11px")
    expect(number).to_have_css("background-color", "rgb(48, 49, 61)")
    expect(card_frame.get_by_text("Kartennummer")).to_have_css("font-weight", "700")


def test_floating_labels_stand_in_the_field_until_it_is_filled(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent(), appearance={"labels": "floating"})
    label = card_frame.locator("label", has_text="Expiration date")
    field = card_frame.get_by_label("Expiration date")
    inside = field.bounding_box()
    assert inside["y"] < label.bounding_box()["y"] < inside["y"] + inside["height"]
    expect(label).to_have_class("Label Label--resting")
    field.fill("12 / 34")
    card_frame.get_by_label("Security code").focus()
    expect(label).to_have_class("Label Label--floating")
    expect(card_frame.locator("label", has_text="Country")).to_have_class("Label Label--floating")


def test_condensed_inputs_touch_and_tell_their_errors_below(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent(), appearance={"inputs": "condensed"})
    number = card_frame.get_by_label("Card number").bounding_box()
    expiry = card_frame.get_by_label("Expiration date").bounding_box()
    assert abs(number["y"] + number["height"] - expiry["y"]) <= 1
    shop.evaluate("elements.submit()")
    expect(card_frame.get_by_role("alert")).to_have_count(4)
    first = card_frame.get_by_role("alert").first.bounding_box()
    assert first["y"] > expiry["y"] + expiry["height"]


def test_the_appearance_may_change_later(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent())
    shop.evaluate("elements.update({ appearance: { inputs: 'condensed' }, locale: 'fr' })")
    expect(card_frame.get_by_label("Numéro de carte")).to_have_css("border-bottom-left-radius", "0px")


@pytest.mark.parametrize(
    ("locale", "number", "declined"),
    [
        ("en", "Card number", "Your card was declined."),
        ("de", "Kartennummer", "Ihre Karte wurde abgelehnt."),
        ("es", "Número de tarjeta", "Tu tarjeta ha sido rechazada."),
        ("fr", "Numéro de carte", "Votre carte a été refusée."),
        ("pt-BR", "Número do cartão", "Seu cartão foi recusado."),
        ("ja", "カード番号", "カードが拒否されました。"),
        ("xx", "Card number", "Your card was declined."),
    ],
)
def test_the_fields_and_refusals_speak_the_language(shop, card_frame, sandbox, locale, number, declined):
    mount(shop, sandbox.setup_intent(), locale=locale)
    card_frame.get_by_label(number).fill("4000 0000 0000 0002")
    card_frame.locator("[name=expiry]").fill("12 / 34")
    card_frame.locator("[name=cvc]").fill("123")
    card_frame.locator("[name=country]").select_option("DE")
    assert shop.evaluate("confirm()")["error"]["message"] == declined
    expect(card_frame.get_by_role("alert")).to_have_text(declined)


def test_a_condensed_form_saves_a_card(shop, card_frame, sandbox):
    mount(shop, sandbox.setup_intent(), appearance={"inputs": "condensed", "labels": "floating"})
    fill_card(card_frame)
    assert shop.evaluate("confirm()")["setupIntent"]["status"] == "succeeded"
