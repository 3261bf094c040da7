"""`make messages`: bring the catalogs up to the code, compile them, and say what is still to be translated.

`--check` changes nothing and fails when a text is missing, as `make ci` does.
"""

from __future__ import annotations

import sys

from babel.messages import Message

from scripts import catalogs


def main(arguments: list[str]) -> int:
    template = catalogs.extracted()
    is_check = "--check" in arguments
    gaps = 0
    for language in catalogs.LANGUAGES:
        catalog = catalogs.read(language) if is_check else catalogs.merge(language, template)
        missing = catalogs.missing_texts(catalog, template)
        unused = catalogs.unused_texts(catalog, template)
        wrong = catalogs.wrong_placeholders(catalog)
        gaps += len(missing) + len(unused) + len(wrong)
        print(f"{language:<6} {len(template)} texts, {len(missing)} to translate")
        print(*(f"       {_where(message)}  {message.id!r}" for message in missing), sep="\n", end="\n" * bool(missing))
        for text in unused:
            print(f"       said nowhere any more: {text.id!r}")
        for line in wrong:
            print(f"       placeholders differ: {line}")
    if gaps and is_check:
        print("Run `make messages`, fill in what is empty in billing/locale, and run it again.", file=sys.stderr)
    return 1 if gaps and is_check else 0


def _where(message: Message) -> str:
    return "{}:{}".format(*message.locations[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
