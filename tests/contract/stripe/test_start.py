"""`python -m sandbox`: what it says when it starts, and what it refuses."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.settings import Settings, SettingsError

ROOT = Path(__file__).parents[3]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def started(*options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sandbox", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ports(**chosen: int) -> list[str]:
    names = ("stripe", "stigg", "console")
    return [part for name in names for part in (f"--{name}-port", str(chosen.get(name) or free_port()))]


def test_it_says_when_it_is_ready_and_stops_on_request() -> None:
    process = started(*ports())
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "sandbox ready\n"
    finally:
        process.terminate()
        _said, complaints = process.communicate(timeout=60)
    assert process.returncode == 0, complaints
    assert complaints == ""


def test_it_may_go_when_whoever_started_it_is_killed() -> None:
    starts = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'sandbox', '--with-parent', *sys.argv[1:]])"
    command = [sys.executable, "-c", starts, *ports()]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "sandbox ready\n"
        parent.kill()
        # The pipe comes to its end: nobody is left who could write to it.
        assert parent.communicate(timeout=60) == ("", None)


def test_a_busy_port_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = started(*ports(stripe=port))
        _said, complaints = process.communicate(timeout=60)
    assert process.returncode == 2
    assert complaints.count("\n") == 1
    assert str(port) in complaints


@pytest.mark.parametrize(
    "options",
    [
        {"stripe_secret_key": "sk_live_1"},
        {"stripe_publishable_key": "pk_live_1"},
        {"stripe_secret_key": "rk_live_1"},
        {"stripe_webhook_url": "https://example.com/hooks/stripe/"},
        {"stigg_webhook_url": "http://10.0.0.1/hooks/stigg/"},
    ],
)
def test_live_keys_and_foreign_addresses_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        Settings(**options)


def test_a_live_key_ends_the_program() -> None:
    process = started("--stripe-secret-key", "sk_live_1")
    _said, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints.count("\n")) == (2, 1)
