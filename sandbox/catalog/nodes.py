"""YAML mappings that remember where they were written, so that a mistake can name its line."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from sandbox.settings import SettingsError


class CatalogError(SettingsError):
    """The catalogue cannot be used; the message says which line is wrong and why."""


class Section(dict[str, Any]):
    """One mapping of the file, with the line of each key. Every read marks its key as known."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file = file
        self.line = line
        self.lines: dict[str, int] = {}
        self.known: set[str] = set()

    def fail(self, key: str, why: str) -> CatalogError:
        return CatalogError(f"{self.file}, line {self.lines.get(key, self.line)}: {key}: {why}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.optional_text(key)
        if value is None:
            if default is None:
                raise self.fail(key, "is missing")
            return default
        return value

    def optional_text(self, key: str) -> str | None:
        value = self._read(key)
        if value is not None and not isinstance(value, str):
            raise self.fail(key, f"must be text, not {value!r}")
        return value

    def choice(self, key: str, allowed: dict[str, str], default: str | None = None) -> str:
        """The wire word for one of the words that may stand in the file."""
        word = self.text(key, default)
        if word not in allowed:
            raise self.fail(key, f"{word!r} is not one of {', '.join(allowed)}")
        return allowed[word]

    def flag(self, key: str, default: bool = False) -> bool:
        value = self._read(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.fail(key, f"must be true or false, not {value!r}")
        return value

    def whole(self, key: str) -> int | None:
        value = self._read(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise self.fail(key, f"must be a whole number, not {value!r}")
        return value

    def number(self, key: str) -> Decimal | None:
        value = self._read(key)
        if value is None:
            return None
        try:
            if isinstance(value, bool):
                raise ValueError(value)
            return Decimal(str(value))
        except (InvalidOperation, ValueError):
            raise self.fail(key, f"must be a number, not {value!r}") from None

    def words(self, key: str) -> tuple[str, ...]:
        value = self._read(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.fail(key, "must be a list of words")
        return tuple(value)

    def section(self, key: str) -> "Section":
        value = self._read(key)
        if value is None:
            return Section(self.file, self.lines.get(key, self.line))
        if not isinstance(value, Section):
            raise self.fail(key, "must hold keys and values")
        return value

    def sections(self, key: str) -> Iterator[tuple[str, "Section"]]:
        """The named entries under a key, in the order of the file."""
        for name in (parent := self.section(key)):
            yield name, parent.section(name)

    def listed(self, key: str) -> list["Section"]:
        value = self._read(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, Section) for item in value):
            raise self.fail(key, "must be a list of entries")
        return value

    def free(self, key: str) -> dict[str, Any]:
        """A mapping whose content is the catalogue's own business, such as metadata."""
        section = self.section(key)
        section.known.update(section)
        return {name: section.free(name) if isinstance(v, Section) else v for name, v in section.items()}

    def finish(self) -> None:
        """Raises for the first key that nobody read: a typing mistake must not pass in silence."""
        for key in self:
            if key not in self.known:
                raise self.fail(key, "is not a key that belongs here")

    def _read(self, key: str) -> Any:
        self.known.add(key)
        return self.get(key)


def read(path: Path) -> Section:
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise CatalogError(f"{path}: {error.strerror}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CatalogError(f"{path.name}, line {line}: {error.problem}") from error
    if not isinstance(node, yaml.MappingNode):
        raise CatalogError(f"{path.name}, line 1: the file must hold keys and values")
    section = _value(node, path.name)
    assert isinstance(section, Section)  # noqa: S101 - a MappingNode always becomes a Section
    return section


def _value(node: yaml.Node, file: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _section(node, file)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, file) for item in node.value]
    return yaml.SafeLoader("").construct_object(node, deep=True)


def _section(node: yaml.MappingNode, file: str) -> Section:
    section = Section(file, node.start_mark.line + 1)
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in section:
            raise CatalogError(f"{file}, line {line}: {key}: stands here twice")
        section[key] = _value(value_node, file)
        section.lines[key] = line
    return section
