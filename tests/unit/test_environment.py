"""One table of variables: the settings', the example file's and the demo's are the same."""

import re
from pathlib import Path

import pytest

from checkout_site.settings import env
from scripts.stack.environment import Plan, Secrets, environment
from scripts.stack.ports import Ports

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"
NEEDS_NO_DEFAULT = {"DATABASE_URL", "STATIC_ROOT"}


@pytest.fixture
def example():
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))


def test_the_example_names_every_variable_and_no_other(example):
    assert example.keys() == env.scheme.keys()


def test_the_example_shows_the_defaults(example):
    for name, (kind, default) in env.scheme.items():
        shown = ",".join(default) if kind is list else str(default)
        assert name in NEEDS_NO_DEFAULT or example[name] == shown


def test_the_demo_leaves_nothing_to_the_shell_or_to_a_dot_env(tmp_path, monkeypatch):
    for name in env.scheme:
        monkeypatch.setenv(name, "from the shell")
    given = environment(Plan(ports=Ports(), state_dir=tmp_path, database_url="sqlite:///:memory:", secrets=Secrets()))
    assert [name for name in env.scheme if given[name] == "from the shell"] == []
