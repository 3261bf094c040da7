"""CSS from outside, so tamed that it can only dress the paywall: parsed, and built anew from what is allowed.

Nothing is passed on because it looks harmless; what is not named here is dropped. So it cannot load
anything (no url, no import, no font), reach beyond the paywall (each selector is put below its
container) or leave the flow of the page (no position, no transform). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import tinycss2

MAX_LENGTH = 50_000
MAX_DEPTH = 24
# Stigg's own class names, for which custom CSS is written, and what they are here.
CLASSES = {
    "stigg-plan-offering-container": "plan",
    "stigg-current-plan": "plan--current",
    "stigg-period-picker-container": "periods",
    "stigg-price-text": "price__text",
    "stigg-highlight-badge": "pill",
    "stigg-discount-rate-text": "pill",
    "stigg-trial-days-left-text": "pill",
    "stigg-entitlement-row-container": "checks",
}
PSEUDO_FUNCTIONS = {"is", "where", "not", "nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type"}
VALUE_FUNCTIONS = {
    *("rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix", "light-dark"),
    *("var", "calc", "min", "max", "clamp", "minmax", "repeat", "fit-content"),
    *("linear-gradient", "radial-gradient", "conic-gradient", "repeating-linear-gradient"),
}
PROPERTIES = re.compile(
    r"(?:color|background(?:-color|-image|-size|-position|-repeat)?|opacity|box-shadow|text-shadow"
    r"|border(?:-(?:top|right|bottom|left|block|inline)(?:-(?:start|end))?)?(?:-(?:color|style|width|radius))?"
    r"|border-(?:top|bottom)-(?:left|right)-radius"
    r"|font|font-(?:family|size|weight|style|stretch|variant|variant-numeric)|line-height|letter-spacing|word-spacing"
    r"|text-(?:align|transform|decoration|decoration-color|decoration-line|indent|wrap)|white-space"
    r"|(?:padding|margin)(?:-(?:top|right|bottom|left|block|inline)(?:-(?:start|end))?)?"
    r"|(?:min-|max-)?(?:width|height|inline-size|block-size)|(?:row-|column-)?gap|display|order"
    r"|flex(?:-(?:direction|wrap|grow|shrink|basis|flow))?|grid-template-(?:columns|rows)"
    r"|(?:align|justify|place)-(?:items|content|self)|vertical-align|accent-color"
    r"|--[a-z][a-z0-9-]{0,60})"
)
# The container's own box stays where the page has put it, and as large.
ON_CONTAINER = re.compile(
    r"(?:color|accent-color|background(?:-color|-image|-size|-position|-repeat)?|gap|row-gap|column-gap"
    r"|font|font-(?:family|size|weight|style|stretch|variant|variant-numeric)|line-height|letter-spacing|word-spacing"
    r"|text-(?:align|transform|wrap)|padding(?:-(?:top|right|bottom|left|block|inline)(?:-(?:start|end))?)?"
    r"|--[a-z][a-z0-9-]{0,60})"
)
# A box without a box of its own would slip out of what holds the paywall's paint in.
NO_DISPLAY = {"contents"}
Tokens = Sequence[Any]


def scoped(css: str, scope: str) -> str:
    """`css` with every selector below `scope`, a single class selector; what is not allowed is left out."""
    if len(css) > MAX_LENGTH or _is_too_deep(tinycss2.parse_component_value_list(css)):
        return ""
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return "\n".join(_rules(rules, scope, may_nest=True))


def _is_too_deep(tokens: Tokens) -> bool:
    """Whether brackets stand in brackets so often that to follow them would take too much of our stack."""
    level = list(tokens)
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for token in level
            for inner in (getattr(token, "content", None) or getattr(token, "arguments", None) or ())
        ]
    return bool(level)


def _rules(rules: Iterable[Any], scope: str, *, may_nest: bool) -> list[str]:
    found = [_media(rule, scope) if rule.type == "at-rule" and may_nest else _rule(rule, scope) for rule in rules]
    return [rule for rule in found if rule]


def _media(rule: Any, scope: str) -> str:
    """`@media` is the one at-rule allowed, and holds plain rules."""
    if rule.lower_at_keyword != "media" or rule.content is None or not _is_plain(rule.prelude):
        return ""
    inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
    rules = _rules(inner, scope, may_nest=False)
    return f"@media {_text(rule.prelude).strip()} {{\n{chr(10).join(rules)}\n}}" if rules else ""


def _is_plain(tokens: Tokens) -> bool:
    kinds = {"ident", "whitespace", "number", "dimension"}
    return all(
        token.type in kinds
        or (token.type == "literal" and token.value in {":", ",", "<", ">", "=", "/", "<=", ">="})
        or (token.type == "() block" and _is_plain(token.content))
        for token in tokens
    )


def _rule(rule: Any, scope: str) -> str:
    if rule.type != "qualified-rule":
        return ""
    selectors = [text for part in _split(rule.prelude) if (text := _selector(part, scope))]
    inner = [selector for selector in selectors if selector != scope]
    declarations = _declarations(rule.content)
    rules = [_block(", ".join(inner), [_declaration(each, PROPERTIES) for each in declarations])]
    if scope in selectors:
        rules.append(_block(scope, [_declaration(each, ON_CONTAINER) for each in declarations]))
    return "\n".join(filter(None, rules))


def _block(selectors: str, declarations: list[str]) -> str:
    kept = [each for each in declarations if each]
    return f"{selectors} {{ {' '.join(kept)} }}" if selectors and kept else ""


# Selectors


def _split(tokens: Tokens) -> list[list[Any]]:
    parts: list[list[Any]] = [[]]
    for token in tokens:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        elif token.type != "comment":
            parts[-1].append(token)
    return [_stripped(part) for part in parts]


def _stripped(tokens: list[Any]) -> list[Any]:
    while tokens and tokens[0].type == "whitespace":
        tokens = tokens[1:]
    while tokens and tokens[-1].type == "whitespace":
        tokens = tokens[:-1]
    return tokens


def _selector(tokens: list[Any], scope: str) -> str:
    """Below `scope`: the page's own elements stand for it, and nothing may start beside it."""
    if not tokens or not _is_selector(tokens):
        return ""
    rest = _without_page(tokens)
    if not rest:
        return scope
    first = rest[0]
    if first.type == "literal" and first.value in {"+", "~", ">"}:
        return ""
    return f"{scope} {_text([_renamed(token) for token in rest])}"


def _without_page(tokens: list[Any]) -> list[Any]:
    """Without `:root`, `html` and `body` in front, each with the `>` behind it."""
    while length := _page_length(tokens):
        tokens = _stripped(tokens[length:])
        if tokens and tokens[0].type == "literal" and tokens[0].value == ">":
            tokens = _stripped(tokens[1:])
    return tokens


def _page_length(tokens: list[Any]) -> int:
    names = [token.lower_value if token.type == "ident" else getattr(token, "value", "") for token in tokens[:2]]
    if names[:1] and names[0] in {"html", "body"} and tokens[0].type == "ident":
        length = 1
    elif names == [":", "root"]:
        length = 2
    else:
        return 0
    behind = tokens[length] if len(tokens) > length else None
    ends = behind is None or behind.type == "whitespace" or (behind.type == "literal" and behind.value in "+~>")
    return length if ends else 0


def _is_selector(tokens: Tokens, *, is_argument: bool = False) -> bool:
    literals = {".", ":", "*", ">", "+", "~", *((",", "-") if is_argument else ())}
    kinds = {"ident", "hash", "whitespace", *(("number", "dimension") if is_argument else ())}
    return all(
        token.type in kinds
        or (token.type == "literal" and token.value in literals)
        or (token.type == "[] block" and _is_attribute(token.content))
        or (
            token.type == "function"
            and token.lower_name in PSEUDO_FUNCTIONS
            and _is_selector(token.arguments, is_argument=True)
        )
        for token in tokens
    )


def _is_attribute(tokens: Tokens) -> bool:
    return all(token.type in {"ident", "string", "whitespace", "literal"} for token in tokens)


def _renamed(token: Any) -> Any:
    """Stigg's class by our name; whatever is called like that and is no class matches nothing anyway."""
    if token.type == "ident" and token.value in CLASSES:
        (renamed,) = tinycss2.parse_component_value_list(CLASSES[token.value])
        return renamed
    return token


# Declarations


def _declarations(content: Tokens) -> list[Any]:
    found = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    return [each for each in found if each.type == "declaration"]


def _declaration(each: Any, allowed: re.Pattern[str]) -> str:
    """Its `!important` is dropped: the theme wins over our layers without it."""
    name = each.lower_name
    value = [token for token in each.value if token.type != "comment"]
    is_font = name in {"font", "font-family"}
    if not allowed.fullmatch(name) or not _is_value(value, may_hold_strings=is_font):
        return ""
    if name == "display" and any(token.type != "whitespace" and _is_no_display(token) for token in value):
        return ""
    return f"{name}: {_text(_stripped(value))};"


def _is_no_display(token: Any) -> bool:
    return token.type != "ident" or token.lower_value in NO_DISPLAY


def _is_value(tokens: Tokens, *, may_hold_strings: bool) -> bool:
    kinds = {
        "ident",
        "hash",
        "number",
        "percentage",
        "dimension",
        "whitespace",
        *(("string",) if may_hold_strings else ()),
    }
    return all(
        token.type in kinds
        or (token.type == "literal" and token.value in {",", "/", "+", "-", "*"})
        or (token.type == "() block" and _is_value(token.content, may_hold_strings=False))
        or (
            token.type == "function"
            and token.lower_name in VALUE_FUNCTIONS
            and _is_value(token.arguments, may_hold_strings=False)
        )
        for token in tokens
    ) and any(token.type != "whitespace" for token in tokens)


def _text(tokens: Tokens) -> str:
    return str(tinycss2.serialize(tokens))
