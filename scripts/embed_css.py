"""Writes `static/billing/css/embed.css`: our stylesheets for plan cards, every rule below `.tollgate-paywall`.

Tokens and plain elements weigh nothing there (`:where`), so that components win over them as in our own pages,
where layers see to it; and no layers, for a host's rules for plain elements would win over any.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

CSS = Path(__file__).resolve().parent.parent / "static" / "billing" / "css"
TARGET = CSS / "embed.css"
SCOPE = ".tollgate-paywall"
PLAIN = ("tokens.css", "reset.css", "base.css")
PARTS = tuple(f"components/{name}.css" for name in ("button", "status", "fold", "periods", "price", "plan", "units"))
PAGES = ("pages/paywall.css",)
LOOKS = ("display: grid", "gap: 1.5rem", "color: var(--color-text)", "font: var(--size-m) / 1.55 var(--font-text)")
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
FONT = re.compile(r"@font-face \{.*?\n\}\n", re.DOTALL)
LAYER = re.compile(r"^@layer [\w]+ \{\n(.*?)^\}\n", re.DOTALL | re.MULTILINE)


def main() -> int:
    """Write it, or with `--check` only say whether it is as it should be."""
    text = embedded()
    if "--check" in sys.argv:
        return 0 if TARGET.read_text() == text else 1
    TARGET.write_text(text)
    return 0


def embedded() -> str:
    """The whole stylesheet."""
    head = "/* Written by `python -m scripts.embed_css` from the files beside it: do not edit. */"
    tokens = (CSS / "tokens.css").read_text()
    fonts = "".join(FONT.findall(COMMENT.sub("", tokens)))
    plain = "\n".join(_inside(name) for name in PLAIN)
    parts = "\n".join(_inside(name) for name in (*PARTS, *PAGES))
    looks = "".join(f"  {declaration};\n" for declaration in LOOKS)
    return f"{head}\n{fonts}\n:where({SCOPE}) {{\n{plain}\n{looks}}}\n\n{SCOPE} {{\n{parts}}}\n"


def _inside(name: str) -> str:
    """What stands in a file's layers, `:root` and the page's own elements turned into the container."""
    text = COMMENT.sub("", (CSS / name).read_text())
    rules = "".join(LAYER.findall(FONT.sub("", text)))
    # `html` and `body` belong to the host; ours are not for its page.
    rules = re.sub(r"^  (?:html|body) \{.*?^  \}\n", "", rules, flags=re.DOTALL | re.MULTILINE)
    return rules.replace("  :root {", "  & {")


if __name__ == "__main__":
    sys.exit(main())
