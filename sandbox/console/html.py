"""HTML as nested calls: `h("p", "text", cls="note")`. Text is escaped, `Html` is not, None is left out."""

from collections.abc import Iterable
from html import escape

VOID = {"input", "meta", "link", "br"}


class Html(str):
    """Markup that is already safe."""

    __slots__ = ()


Child = str | int | float | None | Iterable["Child"]
Attribute = str | int | bool | None


def h(tag: str, *children: Child, **attributes: Attribute) -> Html:
    """`cls` and `for_` stand for class and for; a trailing or inner underscore becomes a hyphen."""
    opening = "".join([tag, *(_attribute(name, value) for name, value in attributes.items())])
    if tag in VOID:
        return Html(f"<{opening}>")
    return Html(f"<{opening}>{_join(children)}</{tag}>")


def joined(*children: Child) -> Html:
    return Html(_join(children))


def _join(children: Iterable[Child]) -> str:
    return "".join(_text(child) for child in children)


def _text(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, str | int | float):
        return escape(str(child))
    return _join(child)


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = {"cls": "class", "for_": "for"}.get(name, name.rstrip("_").replace("_", "-"))
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
