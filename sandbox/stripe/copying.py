"""Copies of API objects. They are plain JSON, so this is several times as fast as `copy.deepcopy`."""

from typing import Any, TypeVar

T = TypeVar("T")


def copied(value: T) -> T:
    found: Any = _copied(value)
    made: T = found
    return made


def _copied(value: Any) -> Any:
    if type(value) is dict:
        return {key: _copied(inner) if type(inner) in _NESTED else inner for key, inner in value.items()}
    if type(value) is list:
        return [_copied(inner) for inner in value]
    return value


_NESTED = {dict, list}
