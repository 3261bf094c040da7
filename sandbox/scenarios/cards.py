"""What becomes of the cards that customers have saved, and how 3-D Secure is shown."""

from dataclasses import replace

from sandbox.elements.preferences import set_preferences
from sandbox.scenarios.scenario import Scenario
from sandbox.stripe.cards import FUNDS, card_by_number
from sandbox.world import World

GROUP = "Cards"


async def next_charge_declined(world: World) -> None:
    """A saved card declines from the next charge on, until `calm`; a card saved later is not touched."""
    for payment_method, card in world.stripe.cards.items():
        world.stripe.cards[payment_method] = replace(card, on_charge=FUNDS)


async def next_charge_needs_authentication(world: World) -> None:
    for payment_method, card in world.stripe.cards.items():
        world.stripe.cards[payment_method] = replace(card, authentication="always")


async def three_d_secure_by_redirect(world: World) -> None:
    set_preferences(world, {"three_d_secure": "redirect"})


async def no_wallet(world: World) -> None:
    set_preferences(world, {"wallet": "none"})


def heal_cards(world: World) -> None:
    """Every saved card does again what its number says."""
    for payment_method, card in world.stripe.cards.items():
        world.stripe.cards[payment_method] = card_by_number(card.number)


def changed_cards(world: World) -> int:
    """How many saved cards do something else than their number says."""
    return sum(card != card_by_number(card.number) for card in world.stripe.cards.values())


ALL = (
    Scenario(
        "next_charge_declined",
        GROUP,
        "Next charge declined",
        "All cards saved by now lack funds at the next charge, until calm.",
        next_charge_declined,
    ),
    Scenario(
        "next_charge_needs_authentication",
        GROUP,
        "Next charge needs 3-D Secure",
        "All cards saved by now ask for authentication at each charge, until calm.",
        next_charge_needs_authentication,
    ),
    Scenario(
        "three_d_secure_by_redirect",
        GROUP,
        "3-D Secure by redirect",
        "Authentication leaves the page and comes back to return_url, until calm.",
        three_d_secure_by_redirect,
    ),
    Scenario(
        "no_wallet",
        GROUP,
        "No wallet in the browser",
        "The Express Checkout Element has nothing to offer, until calm.",
        no_wallet,
    ),
)
