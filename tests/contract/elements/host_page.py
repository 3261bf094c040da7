"""A checkout page of some shop: strict policy, Stripe.js, and nothing else. Served on a loopback port of its own."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Shop</title></head>
<body>
  <main><h1>Checkout</h1><div id="address"></div><div id="payment"></div><p id="log"></p></main>
  <script src="/watch.js"></script>
  <script src="{stripe_url}/endive/stripe.js"></script>
</body></html>"""
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  violations.push(event.violatedDirective + " " + event.blockedURI);
});
window.events = [];
window.mountPayment = (options, elementOptions = {}) => {
  window.stripe = Stripe("pk_test_sandbox");
  window.elements = stripe.elements(options);
  const payment = elements.create("payment", elementOptions);
  for (const name of ["loaderstart", "ready", "change", "focus", "loaderror"]) {
    payment.on(name, (event) => events.push({ name, ...event }));
  }
  payment.mount("#payment");
  return new Promise((resolve) => { payment.on("ready", resolve); payment.on("loaderror", resolve); }).then(() => true);
};
window.attempt = async (work) => {
  try { return await work(); } catch (error) { return { thrown: error.name, message: error.message }; }
};
window.confirm = (more = {}) => attempt(() => stripe.confirmSetup({
  elements, redirect: "if_required", confirmParams: { return_url: location.origin + "/return" }, ...more,
}));
"""


def policy(stripe_url: str) -> str:
    return (
        f"default-src 'none'; script-src 'self' {stripe_url}; frame-src {stripe_url}; "
        f"connect-src 'self' {stripe_url}; style-src 'self'; img-src 'self'; base-uri 'none'"
    )


@contextmanager
def served(stripe_url: str):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            script = urlsplit(self.path).path == "/watch.js"
            body = (WATCH if script else HTML.format(stripe_url=stripe_url)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if script else "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy(stripe_url))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
