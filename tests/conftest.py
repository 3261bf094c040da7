"""For all tests: no network beyond loopback, and the browser's tests last."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
from typing import Any

import pytest
from django.utils import translation

from tests import behaviour

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Headless Chromium sends clicks astray below a frame of another site that has grown, as Stripe's frames do.
    "--disable-site-isolation-trials",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


class NetworkBlocked(OSError):
    """A test reached for another machine."""


def is_loopback(host: Any) -> bool:
    """A name is loopback only if it is `localhost`: to look up another one would be network already."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def loopback_only():
    """Unix sockets and loopback go through; everything else is refused before a packet leaves."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex", "sendto"):
        patch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))
    patch.setattr(socket, "getaddrinfo", guarded_lookup(socket.getaddrinfo))
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def own_language():
    """A page leaves its language active in the thread: the next test begins in the site's own."""
    yield
    translation.deactivate()


def guarded(method):
    def checked(self, *arguments):
        address = arguments[-1]
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address[0]):
            raise NetworkBlocked(f"a test may talk to this machine only, not to {address[0]}")
        return method(self, *arguments)

    return checked


def guarded_lookup(lookup):
    def checked(host, *arguments, **named):
        if not is_loopback(host):
            raise NetworkBlocked(f"a test may talk to this machine only, not to {host!r}")
        return lookup(host, *arguments, **named)

    return checked


@pytest.fixture(scope="session")
def browser_type_launch_args():
    """A browser of the system, that finds nobody but this machine either."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert chromium, "the browser tests need Chromium: `make test` installs it, or set CHROMIUM to its path"
    return {"executable_path": chromium, "args": CHROMIUM_ARGUMENTS}


def pytest_addoption(parser):
    parser.addoption("--browser-tests", choices=("all", "none", "only"), default="all", help="whether those run")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """The browser's driver keeps an event loop in this thread, in which Django refuses its synchronous database.

    And whoever waits for the suite learns first what is quick to learn.
    """
    config.hook.pytest_deselected(items=[item for item in items if not is_wanted(config, item)])
    items[:] = sorted((item for item in items if is_wanted(config, item)), key=is_in_browser)


def is_wanted(config, item):
    """A sandbox with other answers is of interest only to tests that ask it."""
    if os.environ.get(behaviour.VARIABLE) and "sandbox" not in item.fixturenames:
        return False
    wanted = config.getoption("browser_tests")
    return wanted == "all" or is_in_browser(item) == (wanted == "only")


def is_in_browser(item):
    return "playwright" in item.fixturenames
