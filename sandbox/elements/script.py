"""`stripe.js` as one classic script, made of the ES modules in `common/` and `host/`.

A page loads Stripe.js with a plain script tag and expects the global at once, which a module cannot
give. So the modules are joined in order inside one function, without their import and export words.
"""

import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
MODULES = (
    "common/wire.js",
    "host/errors.js",
    "host/frame.js",
    "host/dialog.js",
    "host/element.js",
    "host/express.js",
    "host/elements.js",
    "host/authentication.js",
    "host/billing-details.js",
    "host/methods.js",
    "host/intents.js",
    "host/stripe.js",
)
_IMPORT_LINE = re.compile(r"^import .*;\n", re.MULTILINE)
_EXPORT_WORD = re.compile(r"^export (?=(?:async )?(?:function|class|const))", re.MULTILINE)


@cache
def stripe_js() -> str:
    joined = "\n".join((HERE / module).read_text("utf-8") for module in MODULES)
    plain = _EXPORT_WORD.sub("", _IMPORT_LINE.sub("", joined))
    return f'(() => {{\n"use strict";\n{plain}}})();\n'
