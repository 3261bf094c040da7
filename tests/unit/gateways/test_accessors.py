"""`current()`: one gateway per process, built anew when the settings change."""

from __future__ import annotations

from types import ModuleType

import pytest
from pytest_django import Settings

from billing.errors import ConfigurationError
from billing.gateways import stigg, stripe


@pytest.mark.parametrize(
    ("module", "setting"), [(stigg, "TOLLGATE_STIGG_API_KEY"), (stripe, "TOLLGATE_STRIPE_SECRET_KEY")]
)
def test_current_is_kept_until_the_settings_change(settings: Settings, module: ModuleType, setting: str) -> None:
    setattr(settings, setting, "key-one")
    first = module.current()
    assert module.current() is first
    setattr(settings, setting, "key-two")
    second = module.current()
    assert second is not first
    assert module.current() is second
    setattr(settings, setting, "")
    with pytest.raises(ConfigurationError):
        module.current()
