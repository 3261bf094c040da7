"""`static/billing/preview.png`, 1200 by 630: what a shared link to the prices shows. Part of `make pictures`.

The brand's mark and colours, and no word of any language but the mark's; a host puts its own file in its place.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "static" / "billing" / "preview.png"
MARK = ROOT / "templates" / "billing" / "partials" / "mark.html"
TOKENS = ROOT / "static" / "billing" / "css" / "tokens.css"
LOOKS = """
  body { margin: 0; inline-size: 1200px; block-size: 630px; display: grid; place-items: center; overflow: hidden;
         background: var(--color-feature); }
  main { display: grid; grid-template-columns: auto repeat(3, 190px); gap: 34px; align-items: end; }
  svg { inline-size: 250px; margin-inline-end: 30px; }
  i { border-radius: 26px; background: var(--color-on-feature); opacity: 0.16; }
  i:nth-of-type(1) { block-size: 220px; }
  i:nth-of-type(2) { block-size: 290px; background: var(--color-signal); opacity: 1; }
  i:nth-of-type(3) { block-size: 360px; }
  body::before { content: ""; position: absolute; inset: 0 0 auto; block-size: 26px; background: var(--stripes); }
"""


def main() -> None:
    """Draw it with the browser that `scripts/chromium` finds."""
    from playwright.sync_api import sync_playwright

    page_text = f"<style>{TOKENS.read_text()}{LOOKS}</style><main>{MARK.read_text()}<i></i><i></i><i></i></main>"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"])
        page = browser.new_page(viewport={"width": 1200, "height": 630}, color_scheme="light")
        page.set_content(page_text)
        page.screenshot(path=TARGET)
        browser.close()
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
