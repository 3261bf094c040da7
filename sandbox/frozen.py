"""Any state of the sandbox as JSON and back. Only classes known here are made again: a file runs no code."""

import asyncio
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox.catalog import model
from sandbox.stigg import state as stigg_state
from sandbox.stripe import cards
from sandbox.stripe import state as stripe_state

_MODULES = (model, stigg_state, cards, stripe_state)
_SCALARS = (str, int, float, bool, type(None))
_MARK = "$"


class NotFrozen(ValueError):
    """A text that `frozen` of this version cannot have made."""


def freeze(value: Any) -> Any:
    """Raises TypeError for a value of a kind that is not known here."""
    return _Freezer().freeze(value)


def thaw(value: Any) -> Any:
    """Raises NotFrozen."""
    try:
        return _Thawer().thaw(value)
    except (KeyError, TypeError, AttributeError, ArithmeticError) as problem:
        raise NotFrozen(f"{type(problem).__name__}: {problem}") from problem


class _Freezer:
    """An object met again is written as a reference: what shared it before shares it afterwards."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def freeze(self, value: Any) -> Any:
        if isinstance(value, _SCALARS):
            return value
        if isinstance(value, list):
            return [self.freeze(each) for each in value]
        if isinstance(value, dict):
            return self._mapping(value)
        for kind, (mark, write, _read) in _SIMPLE.items():
            if type(value) is kind:
                return {mark: write(self, value)}
        return self._object(value)

    def _mapping(self, value: dict[Any, Any]) -> Any:
        if all(isinstance(key, str) and not key.startswith(_MARK) for key in value):
            return {key: self.freeze(inner) for key, inner in value.items()}
        return {"$pairs": [[self.freeze(key), self.freeze(inner)] for key, inner in value.items()]}

    def _object(self, value: Any) -> Any:
        name = _name(type(value))
        if name not in _KNOWN:
            raise TypeError(f"{name} cannot be kept in a file")
        if id(value) in self._seen:
            return {"$same": self._seen[id(value)]}
        number = self._seen[id(value)] = len(self._seen)
        held = {key: inner for key, inner in _held(value).items() if not isinstance(inner, asyncio.Lock)}
        return {"$new": name, "number": number, "held": {key: self.freeze(inner) for key, inner in held.items()}}


class _Thawer:
    def __init__(self) -> None:
        self._made: dict[int, Any] = {}

    def thaw(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.thaw(each) for each in value]
        if not isinstance(value, dict):
            return value
        mark = next((key for key in value if key.startswith(_MARK)), None)
        if mark is None:
            return {key: self.thaw(inner) for key, inner in value.items()}
        if mark == "$new":
            return self._object(value)
        if mark == "$same":
            return self._made[value[mark]]
        if mark == "$pairs":
            return {self.thaw(key): self.thaw(inner) for key, inner in value[mark]}
        return _READERS[mark](self, value[mark])

    def _object(self, value: dict[str, Any]) -> Any:
        known = _KNOWN[value["$new"]]
        made: Any = object.__new__(known)
        self._made[value["number"]] = made
        held = {key: self.thaw(inner) for key, inner in value["held"].items()}
        if is_dataclass(known):
            held = {each.name: held.get(each.name, MISSING) for each in fields(known)}
            held = {each.name: _or_default(each, held[each.name]) for each in fields(known)}
        for key, inner in held.items():
            object.__setattr__(made, key, inner)
        return made


def _held(value: Any) -> dict[str, Any]:
    if is_dataclass(value):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    return dict(vars(value))


def _or_default(field: Field[Any], value: Any) -> Any:
    """Locks are never kept, and a file may come from before the field was there."""
    if value is not MISSING:
        return value
    if field.default is not MISSING:
        return field.default
    if callable(field.default_factory):
        return field.default_factory()
    raise KeyError(field.name)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


Writer = Callable[[_Freezer, Any], Any]
Reader = Callable[[_Thawer, Any], Any]
_SIMPLE: dict[type, tuple[str, Writer, Reader]] = {
    tuple: ("$tuple", lambda f, v: [f.freeze(each) for each in v], lambda t, v: tuple(t.thaw(each) for each in v)),
    set: ("$set", lambda f, v: [f.freeze(each) for each in v], lambda t, v: {t.thaw(each) for each in v}),
    frozenset: (
        "$frozenset",
        lambda f, v: [f.freeze(each) for each in v],
        lambda t, v: frozenset(t.thaw(each) for each in v),
    ),
    datetime: ("$time", lambda _, v: v.isoformat(), lambda _, v: datetime.fromisoformat(v)),
    date: ("$date", lambda _, v: v.isoformat(), lambda _, v: date.fromisoformat(v)),
    Decimal: ("$decimal", lambda _, v: str(v), lambda _, v: Decimal(v)),
}
_READERS = {mark: read for mark, _write, read in _SIMPLE.values()}
_KNOWN: dict[str, type] = {
    _name(each): each
    for module in _MODULES
    for each in vars(module).values()
    if isinstance(each, type) and each.__module__ == module.__name__
}
