"""The test cards and what each does, straight from the table that the Stripe side goes by."""

from sandbox.console.html import Child, Html, h
from sandbox.console.pages.layout import card, code, page, pill, table
from sandbox.stripe.cards import TEST_CARDS, Card
from sandbox.world import World

AUTHENTICATION = {"never": None, "unless_set_up": "3-D Secure when saved", "always": "3-D Secure each time"}


def cards_page(world: World) -> Html:
    lines: list[list[Child]] = [
        [
            h("button", _spaced(each), type="button", cls="copy", data_copy=each.number, title="Copy the number"),
            each.brand.capitalize(),
            _outcome(each),
            _charge(each),
            code(each.name),
        ]
        for each in TEST_CARDS
    ]
    note = h("p", "Any expiry date in the future, any security code, any postal code.", cls="line")
    listed = table(["Number", "Brand", "Saving it", "Charging it", "On the server"], lines, "")
    return page(world, "/cards", "Test cards", card("Cards", note, listed))


def _spaced(each: Card) -> str:
    if each.brand == "amex":
        return f"{each.number[:4]} {each.number[4:10]} {each.number[10:]}"
    return " ".join(each.number[start : start + 4] for start in range(0, len(each.number), 4))


def _outcome(each: Card) -> list[Html]:
    if each.on_set_up:
        return [pill(each.on_set_up.decline_code or each.on_set_up.code, "bad")]
    asked = AUTHENTICATION[each.authentication]
    return [pill(asked, "wait")] if asked else [pill("saved", "good")]


def _charge(each: Card) -> Html:
    if each.on_charge:
        return pill(each.on_charge.decline_code or each.on_charge.code, "bad")
    return pill("asks each time", "wait") if each.authentication == "always" else pill("paid", "good")
