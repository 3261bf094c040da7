"""The hosted invoice page: what an invoice is for, and a form to pay it with a test card. Plain HTML."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandbox.stripe import billing, invoice_text, payment_methods, pdf
from sandbox.stripe.amounts import shown
from sandbox.stripe.call import Call
from sandbox.stripe.errors import StripeError
from sandbox.stripe.params import Params, parse_form
from sandbox.stripe.state import Obj
from sandbox.world import World

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f6f8fa;color:#1a1f36}"
    "main{max-width:30rem;margin:3rem auto;background:#fff;padding:2rem;border-radius:8px;"
    "box-shadow:0 1px 4px rgba(0,0,0,.12)}table{width:100%;border-collapse:collapse}"
    "td{padding:.4rem 0;border-bottom:1px solid #e3e8ee}td:last-child{text-align:right}"
    "label{display:block;margin:.8rem 0 .2rem}input{font:inherit;padding:.5rem;width:100%;box-sizing:border-box}"
    "button{font:inherit;margin-top:1rem;padding:.6rem 1.2rem;border:0;border-radius:6px;background:#1a1f36;"
    "color:#fff}.error{color:#b3093c}.row{display:flex;gap:1rem}.row>*{flex:1}"
)
FORM = (
    '<form method="post"><label for="number">Card number</label>'
    '<input id="number" name="number" inputmode="numeric" autocomplete="cc-number" required>'
    '<div class="row"><div><label for="expiry">Expiry (MM / YY)</label>'
    '<input id="expiry" name="expiry" autocomplete="cc-exp" required></div>'
    '<div><label for="cvc">CVC</label><input id="cvc" name="cvc" inputmode="numeric" autocomplete="cc-csc" '
    "required></div></div><button>Pay {amount}</button></form>"
)


def show(world: World, request: Request) -> Response:
    invoice = _invoice(world, request)
    if invoice is None:
        return HTMLResponse(_page("Not found", "<p>There is no such invoice.</p>"), 404)
    return HTMLResponse(_invoice_page(world, invoice, error=None))


async def pay(world: World, request: Request) -> Response:
    form = Params(parse_form((await request.body()).decode("utf-8", "replace")))
    invoice = _invoice(world, request)
    if invoice is None:
        return HTMLResponse(_page("Not found", "<p>There is no such invoice.</p>"), 404)
    if invoice["status"] != "open":
        return RedirectResponse(request.url.path, 303)
    try:
        _pay(world, invoice, form)
    except StripeError as error:
        return HTMLResponse(_invoice_page(world, invoice, error.message), 402)
    intent = billing.intent_of(world, invoice)
    if intent is not None and intent["status"] == "requires_action":
        return RedirectResponse(intent["next_action"]["redirect_to_url"]["url"], 303)
    return RedirectResponse(request.url.path, 303)


def document(world: World, request: Request) -> Response:
    invoice = _invoice(world, request)
    if invoice is None:
        return HTMLResponse(_page("Not found", "<p>There is no such invoice.</p>"), 404)
    headers = {"Content-Disposition": f'inline; filename="Invoice-{invoice["number"]}.pdf"'}
    content = pdf.document(f"Invoice {invoice['number']}", invoice_text.rows(invoice))
    return Response(content, media_type="application/pdf", headers=headers)


def _invoice(world: World, request: Request) -> Obj | None:
    ending = f"/invoice/{request.path_params['token']}"
    invoices = world.stripe.invoices.values()
    return next((each for each in invoices if (each["hosted_invoice_url"] or "").endswith(ending)), None)


def _pay(world: World, invoice: Obj, form: Params) -> None:
    month, _, year = (form.text("expiry") or "").partition("/")
    card = {"number": form.need("number"), "exp_month": month.strip(), "exp_year": year.strip()}
    data = Params({"type": "card", "card": card | {"cvc": form.text("cvc") or ""}})
    method = payment_methods.from_data(Call(world, form, publishable=True), data)
    return_url = invoice["hosted_invoice_url"]
    decline = billing.collect(world, invoice, method, return_url=return_url)
    if decline is not None:
        raise decline.error()


def _invoice_page(world: World, invoice: Obj, error: str | None) -> str:
    parts = [_summary(invoice)]
    if error is not None:
        parts.append(f'<p class="error" role="alert">{escape(error)}</p>')
    if invoice["status"] == "open":
        parts.append(FORM.format(amount=shown(invoice["amount_due"], invoice["currency"])))
    return _page(f"Invoice {invoice['number']}", "".join(parts))


def _summary(invoice: Obj) -> str:
    currency = invoice["currency"]
    rows = "".join(
        f"<tr><td>{escape(line['description'])}</td><td>{shown(line['amount'], currency)}</td></tr>"
        for line in invoice["lines"]["data"]
    )
    due = shown(invoice["amount_due"], currency)
    return (
        f"<p>Status: <strong>{escape(invoice['status'])}</strong></p><table>{rows}"
        f"<tr><td><strong>Amount due</strong></td><td><strong>{due}</strong></td></tr></table>"
    )


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
