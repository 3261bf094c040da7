"""Static files: hashed names, compressed, ES modules that import each other by hashed names, sheets in one piece."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

_FILES, _STATIC_IMPORTS = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns
_SHEETS = "billing/css/sheets/"
_IMPORT = re.compile(r'^@import "([^"]+)";\n', re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
# An address that is read from where it is written: with no scheme, host or root, and not a place in this document.
_RELATIVE_URL = re.compile(r"""(?<=url\()(["']?)(?![a-z]+:|/|#)([^"')]+)(?=\1\))""")


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise ships no types
    """Rewrites `import … from "./…"` too, so that modules may be split without an import map.

    Django's pattern for dynamic `import("…")` is left out: it also takes JSDoc's type imports for files.

    Stylesheets under `sheets/` list others by `@import`, one round trip after another for a browser:
    the collected ones hold what they list instead.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns: Any = (
        _FILES,
        tuple(entry for entry in _STATIC_IMPORTS if r"import\(" not in entry[0]),
    )

    def post_process(self, paths: dict[str, Any], **options: Any) -> Iterator[Any]:
        sheets = {name: (_Text(joined(name, paths)), name) for name in paths if name.startswith(_SHEETS)}
        yield from super().post_process(paths | sheets, **options)


class _Text:
    """A storage of one file, which need not be anywhere on a disk."""

    def __init__(self, text: str) -> None:
        self._text = text

    def open(self, _name: str) -> ContentFile[bytes]:
        return ContentFile(self._text.encode())


def joined(name: str, paths: Mapping[str, Any]) -> str:
    """A stylesheet with the text of what it imports in the imports' place, and without comments.

    `paths` are the files by name, each a storage and the path in it, as `collectstatic` finds them: a host's own
    file of the same name counts. Raises KeyError when there is no such file.
    """
    storage, path = paths[name]
    with storage.open(path) as file:
        text = _COMMENT.sub("", file.read().decode())
    folder = posixpath.dirname(name)
    return _IMPORT.sub(lambda found: _moved(posixpath.normpath(posixpath.join(folder, found[1])), folder, paths), text)


def _moved(name: str, folder: str, paths: Mapping[str, Any]) -> str:
    """The same, with addresses that lead from `folder` to where they led before."""
    before = posixpath.dirname(name)

    def rebased(found: re.Match[str]) -> str:
        return found[1] + posixpath.relpath(posixpath.join(before, found[2]), folder)

    return _RELATIVE_URL.sub(rebased, joined(name, paths))
