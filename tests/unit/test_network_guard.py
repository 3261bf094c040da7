"""The guard that keeps tests on this machine."""

import socket

import pytest
import requests

from tests.conftest import NetworkBlocked, is_loopback


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", None, ""])
def test_this_machine_may_be_spoken_to(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "api.stripe.com", "localhost.example.com", "2001:db8::1", "0.0.0.0"])  # noqa: S104
def test_other_machines_may_not(host):
    assert not is_loopback(host)


def test_a_connection_to_another_machine_is_refused():
    with socket.socket() as sock, pytest.raises(NetworkBlocked):
        sock.connect(("192.0.2.1", 443))


def test_a_name_is_not_even_looked_up():
    with pytest.raises(requests.ConnectionError, match=r"api\.stripe\.com"):
        requests.get("https://api.stripe.com", timeout=1)
