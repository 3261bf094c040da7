"""Form parameters in Stripe's bracket notation: `items[0][price]=…`, `expand[]=…`, read by type."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.errors import StripeError, invalid, missing_parameter, unknown_parameter

Tree = dict[str, Any]


def words(text: str) -> frozenset[str]:
    """Names written as one text, space-separated."""
    return frozenset(text.split())


def parse_form(text: str) -> Tree:
    """Nested dictionaries of strings; lists are dictionaries keyed "0", "1", … as they came."""
    tree: Tree = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _put(tree, list(_segments(name)), value)
    return tree


class Params:
    """Reads one level of parameters. An empty string is Stripe's way to unset: it reads as None."""

    def __init__(self, tree: Tree, path: str = "") -> None:
        self.tree = tree
        self._path = path

    def __contains__(self, name: str) -> bool:
        return name in self.tree

    def names(self) -> Iterable[str]:
        return self.tree.keys()

    def path(self, name: str) -> str:
        return f"{self._path}[{name}]" if self._path else name

    def text(self, name: str) -> str | None:
        value = self.tree.get(name)
        if isinstance(value, dict):
            raise invalid("Invalid string: must be a string.", self.path(name))
        return value or None

    def need(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise missing_parameter(self.path(name))
        return value

    def choice(self, name: str, options: Iterable[str]) -> str | None:
        value = self.text(name)
        allowed = tuple(options)
        if value is not None and value not in allowed:
            message = f"Invalid {name}: must be one of {', '.join(allowed)}"
            raise invalid(message, self.path(name))
        return value

    def integer(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            return int(value)
        except ValueError:
            raise invalid(f"Invalid integer: {value}", self.path(name), "parameter_invalid_integer") from None

    def number(self, name: str) -> float | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            return float(value)
        except ValueError:
            raise invalid(f"Invalid decimal: {value}", self.path(name)) from None

    def flag(self, name: str) -> bool | None:
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in {"true", "false"}:
            raise invalid(f"Invalid boolean: {value}", self.path(name))
        return value.lower() == "true"

    def group(self, name: str) -> "Params":
        """A nested object; an absent or unset one reads as empty."""
        value = self.tree.get(name) or {}
        if not isinstance(value, dict):
            raise invalid("Invalid object", self.path(name))
        return Params(value, self.path(name))

    def groups(self, name: str) -> list["Params"]:
        group = self.group(name)
        return [group.group(index) for index in _in_order(group.tree)]

    def texts(self, name: str) -> list[str]:
        group = self.group(name)
        return [text for index in _in_order(group.tree) if (text := group.text(index)) is not None]

    def only(self, allowed: Iterable[str]) -> "Params":
        """Raises parameter_unknown for anything else."""
        known = set(allowed)
        for name in self.tree:
            if name not in known:
                raise unknown_parameter(self.path(name))
        return self


def merged_metadata(current: dict[str, str], params: Params) -> dict[str, str]:
    """Stripe merges: a key with an empty value goes, `metadata=` alone empties all.

    Source: https://docs.stripe.com/api/metadata
    """
    if "metadata" not in params:
        return current
    if params.tree["metadata"] == "":
        return {}
    merged = dict(current)
    for name, value in params.group("metadata").tree.items():
        if isinstance(value, dict):
            raise StripeError(400, "Metadata values must be strings.", param=f"metadata[{name}]")
        if value == "":
            merged.pop(name, None)
        else:
            merged[name] = value
    return merged


def _segments(name: str) -> Iterator[str]:
    head, bracket, rest = name.partition("[")
    yield head
    if bracket:
        yield from rest.removesuffix("]").split("][")


def _put(tree: Tree, segments: list[str], value: str) -> None:
    for segment in segments[:-1]:
        key = segment or str(len(tree))
        inner = tree.get(key)
        if not isinstance(inner, dict):
            inner = tree[key] = {}
        tree = inner
    tree[segments[-1] or str(len(tree))] = value


def _in_order(tree: Tree) -> list[str]:
    return sorted(tree, key=lambda index: (not index.isdigit(), int(index) if index.isdigit() else 0))
