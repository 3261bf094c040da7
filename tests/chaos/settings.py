"""The site as it runs, with shorter waits: a lease of a killed process ends soon, a hanging Stigg costs two seconds."""

import os

from checkout_site.settings import *  # noqa: F403 - the site's own settings are what is tested

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.killpoints.KillPoints"]  # noqa: F405
TOLLGATE_HOOKS_LEASE_SECONDS = int(os.environ.get("CHAOS_LEASE_SECONDS", "10"))
TOLLGATE_HOOKS_MAX_ATTEMPTS = 4
TOLLGATE_READ_TIMEOUT_SECONDS = 2.0
