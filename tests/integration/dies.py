"""`python -m tests.integration.dies CHECKOUT MODULE FUNCTION`: complete a checkout, and be killed right after FUNCTION.

The product knows nothing of this: the function is wrapped from outside, in a process of its own.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import Any
from uuid import UUID

import django


def main() -> None:
    checkout_id, module_name, name = sys.argv[1:]
    django.setup()
    from billing.services import completion

    module = import_module(module_name)
    function = getattr(module, name)

    def deadly(*arguments: Any, **named: Any) -> None:
        function(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, deadly)
    completion.complete(UUID(checkout_id), cause="checkout page")


if __name__ == "__main__":
    main()
