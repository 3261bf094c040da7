"""What a person does at the card form."""


def mount(shop, intent, **options):
    shop.evaluate("(options) => mountPayment(options)", {"clientSecret": intent["client_secret"], **options})


def fill_card(frame, number="4242 4242 4242 4242", expiry="12 / 34", cvc="123", zip_code="94103"):
    frame.get_by_label("Card number").fill(number)
    frame.get_by_label("Expiration date").fill(expiry)
    frame.get_by_label("Security code").fill(cvc)
    frame.get_by_label("ZIP code").fill(zip_code)


def start_confirming(shop):
    """Does not wait: the answer comes after 3-D Secure."""
    shop.evaluate("() => { window.outcome = confirm(); }")


def bank(shop):
    return shop.frame_locator("iframe[title='3D Secure authentication']")


def until(shop, expression):
    """Waits for a JavaScript expression to become true; its value. (The shop's policy forbids `wait_for_function`.)"""
    return shop.evaluate(
        f"""() => new Promise((resolve) => {{
          const look = () => {{ const found = {expression}; found ? resolve(found) : setTimeout(look, 15); }};
          look();
        }})"""
    )
