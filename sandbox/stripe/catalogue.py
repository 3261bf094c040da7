"""/v1/products and /v1/prices."""

from decimal import Decimal, InvalidOperation

from sandbox.stripe.call import LIST_PARAMS, Call, operation
from sandbox.stripe.copying import copied
from sandbox.stripe.errors import StripeError, invalid, missing_parameter
from sandbox.stripe.events import emit, emit_update
from sandbox.stripe.ids import new_id, random_text
from sandbox.stripe.listing import matching, page
from sandbox.stripe.params import Params, merged_metadata
from sandbox.stripe.state import Obj

PRODUCT_PARAMS = (
    "active description images marketing_features metadata name package_dimensions shippable "
    "statement_descriptor tax_code tax_details unit_label url"
)
PRICE_PARAMS = "active currency_options lookup_key metadata nickname tax_behavior transfer_lookup_key"


def create_product(call: Call) -> Obj:
    params = call.params
    product_id = params.text("id") or f"prod_{random_text(14)}"
    if product_id in call.state.products:
        raise invalid(f"Product already exists: {product_id}", "id", "resource_already_exists")
    product = new_product(call, product_id, params.need("name"))
    _write_product(call, product)
    call.state.products[product_id] = product
    emit(call.world, "product.created", product)
    if "default_price_data" in params:
        price = _new_price(call, params.group("default_price_data"), product_id)
        product["default_price"] = price["id"]
    return product


def new_product(call: Call, product_id: str, name: str) -> Obj:
    now = call.now()
    return {
        "id": product_id,
        "object": "product",
        "active": True,
        "created": now,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "tax_details": None,
        "type": "service",
        "unit_label": None,
        "updated": now,
        "url": None,
    }


def retrieve_product(call: Call, id: str) -> Obj:
    return call.find("products", id, "product")


def update_product(call: Call, id: str) -> Obj:
    product = call.find("products", id, "product")
    before = copied(product)
    _write_product(call, product)
    product["updated"] = call.now()
    emit_update(call.world, "product.updated", product, before)
    return product


def list_products(call: Call) -> Obj:
    wanted, active = call.params.texts("ids"), call.params.flag("active")
    rows = [
        each
        for each in call.state.products.values()
        if (not wanted or each["id"] in wanted) and active in {None, each["active"]}
    ]
    return page(call, rows, "/v1/products")


def create_price(call: Call) -> Obj:
    params = call.params
    if "product_data" in params:
        data = params.group("product_data")
        product = new_product(call, data.text("id") or f"prod_{random_text(14)}", data.need("name"))
        product["metadata"] = merged_metadata({}, data)
        call.state.products[product["id"]] = product
        emit(call.world, "product.created", product)
        product_id: str = product["id"]
    else:
        product_id = call.find("products", params.need("product"), "product", "product")["id"]
    return _new_price(call, params, product_id)


def price_from_data(call: Call, data: Params) -> Obj:
    """An inline `price_data` of a subscription item: an inactive price, as Stripe makes it."""
    product_id = call.find("products", data.need("product"), "product", data.path("product"))["id"]
    price = _new_price(call, data, product_id)
    price["active"] = False
    return price


def retrieve_price(call: Call, id: str) -> Obj:
    return call.find("prices", id, "price")


def update_price(call: Call, id: str) -> Obj:
    price = call.find("prices", id, "price")
    before = copied(price)
    _write_price(call, price, call.params)
    emit_update(call.world, "price.updated", price, before)
    return price


def list_prices(call: Call) -> Obj:
    params = call.params
    keys, active = params.texts("lookup_keys"), params.flag("active")
    interval = params.group("recurring").text("interval")
    rows = [
        each
        for each in matching(call.state.prices.values(), params, "product", "currency", "type")
        if (not keys or each["lookup_key"] in keys)
        and active in {None, each["active"]}
        and (interval is None or (each["recurring"] or {}).get("interval") == interval)
    ]
    return page(call, rows, "/v1/prices")


def _write_product(call: Call, product: Obj) -> None:
    params = call.params
    for name in ("description", "statement_descriptor", "tax_code", "unit_label", "url"):
        if name in params:
            product[name] = params.text(name)
    if "name" in params:
        product["name"] = params.need("name")
    for name in ("active", "shippable"):
        if (flag := params.flag(name)) is not None:
            product[name] = flag
    if "images" in params:
        product["images"] = params.texts("images")
    if "marketing_features" in params:
        features = params.groups("marketing_features")
        product["marketing_features"] = [{"name": each.need("name")} for each in features]
    if price_id := params.text("default_price"):
        product["default_price"] = call.find("prices", price_id, "price", "default_price")["id"]
    product["metadata"] = merged_metadata(product["metadata"], params)


def _new_price(call: Call, params: Params, product_id: str) -> Obj:
    tiers = [_tier(each) for each in params.groups("tiers")]
    scheme = params.choice("billing_scheme", ["per_unit", "tiered"]) or "per_unit"
    amount = _decimal(params, "unit_amount_decimal", "unit_amount")
    if scheme == "per_unit" and amount is None:
        raise invalid("You must specify either `unit_amount` or `unit_amount_decimal`.", "unit_amount")
    recurring = _recurring(params.group("recurring")) if "recurring" in params else None
    price: Obj = {
        "id": new_id("price"),
        "object": "price",
        "active": True,
        "billing_scheme": scheme,
        "created": call.now(),
        "currency": params.need("currency").lower(),
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product_id,
        "recurring": recurring,
        "tax_behavior": "unspecified",
        "tiers_mode": params.choice("tiers_mode", ["graduated", "volume"]),
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": _whole(amount),
        "unit_amount_decimal": _plain(amount),
    }
    _write_price(call, price, params)
    call.state.prices[price["id"]] = price
    if tiers:
        call.state.price_tiers[price["id"]] = tiers
    emit(call.world, "price.created", price)
    return price


def _write_price(call: Call, price: Obj, params: Params) -> None:
    if (active := params.flag("active")) is not None:
        price["active"] = active
    if "nickname" in params:
        price["nickname"] = params.text("nickname")
    if behavior := params.choice("tax_behavior", ["exclusive", "inclusive", "unspecified"]):
        price["tax_behavior"] = behavior
    if "lookup_key" in params:
        price["lookup_key"] = _claimed_lookup_key(call, price, params)
    price["metadata"] = merged_metadata(price["metadata"], params)


def _claimed_lookup_key(call: Call, price: Obj, params: Params) -> str | None:
    key = params.text("lookup_key")
    for other in call.state.prices.values():
        if key is not None and other["lookup_key"] == key and other["id"] != price["id"]:
            if not params.flag("transfer_lookup_key"):
                message = f"A price (`{other['id']}`) already uses that lookup key."
                raise StripeError(400, message, param="lookup_key")
            other["lookup_key"] = None
    return key


def _recurring(params: Params) -> Obj:
    params.only(["interval", "interval_count", "meter", "trial_period_days", "usage_type"])
    interval = params.choice("interval", ["day", "week", "month", "year"])
    if interval is None:
        raise missing_parameter(params.path("interval"))
    return {
        "interval": interval,
        "interval_count": params.integer("interval_count") or 1,
        "meter": params.text("meter"),
        "trial_period_days": params.integer("trial_period_days"),
        "usage_type": params.choice("usage_type", ["licensed", "metered"]) or "licensed",
    }


def _tier(params: Params) -> Obj:
    flat = _decimal(params, "flat_amount_decimal", "flat_amount")
    unit = _decimal(params, "unit_amount_decimal", "unit_amount")
    up_to = params.need("up_to")
    return {
        "flat_amount": _whole(flat),
        "flat_amount_decimal": _plain(flat),
        "unit_amount": _whole(unit),
        "unit_amount_decimal": _plain(unit),
        "up_to": None if up_to == "inf" else params.integer("up_to"),
    }


def _decimal(params: Params, *names: str) -> Decimal | None:
    for name in names:
        text = params.text(name)
        if text is not None:
            try:
                return Decimal(text)
            except InvalidOperation:
                raise invalid(f"Invalid decimal: {text}", params.path(name)) from None
    return None


def _whole(amount: Decimal | None) -> int | None:
    return int(amount) if amount is not None and amount == amount.to_integral_value() else None


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount.normalize():f}"


OPERATIONS = [
    operation("POST", "/v1/products", create_product, f"{PRODUCT_PARAMS} id default_price_data type"),
    operation("GET", "/v1/products", list_products, f"{LIST_PARAMS} active ids shippable type url"),
    operation("GET", "/v1/products/{id}", retrieve_product),
    operation("POST", "/v1/products/{id}", update_product, f"{PRODUCT_PARAMS} default_price"),
    operation(
        "POST",
        "/v1/prices",
        create_price,
        f"{PRICE_PARAMS} currency billing_scheme custom_unit_amount product product_data recurring tiers "
        "tiers_mode transform_quantity unit_amount unit_amount_decimal",
    ),
    operation("GET", "/v1/prices", list_prices, f"{LIST_PARAMS} active currency lookup_keys product recurring type"),
    operation("GET", "/v1/prices/{id}", retrieve_price),
    operation("POST", "/v1/prices/{id}", update_price, PRICE_PARAMS),
]
