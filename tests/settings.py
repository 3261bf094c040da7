"""The site's settings with what tests need different; addresses that nothing answers unless a test says so."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "tests-only-" + "x" * 50)
os.environ["SECURE"] = "False"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ.setdefault("DATABASE_URL", f"sqlite:///{tempfile.gettempdir()}/tollgate-tests.sqlite3")
for name, value in {
    "STIGG_API_URL": "http://stigg.test",
    "STIGG_EDGE_URL": "http://edge.stigg.test",
    "STIGG_API_KEY": "server-test",
    "STIGG_WEBHOOK_SECRETS": "stigg-secret",
    "STRIPE_API_URL": "http://stripe.test",
    "STRIPE_SECRET_KEY": "sk_test_tests",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_tests",
    "STRIPE_WEBHOOK_SECRETS": "whsec_test",
    "STRIPE_JS_URL": "http://stripe.test/endive/stripe.js",
    "EMAIL_URL": "memorymail://",
    "LOG_LEVEL": "ERROR",
}.items():
    os.environ[name] = value

from checkout_site.settings import *  # noqa: E402, F403 - the environment must be set before

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # Tests need no durability: not waiting for the disk makes rows cheap.
    DATABASES["default"]["OPTIONS"]["init_command"] = (  # noqa: F405
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
    )
    # In a file: the in-memory database locks as soon as a test uses a second thread.
    DATABASES["default"]["TEST"] = {  # noqa: F405
        "NAME": os.path.join(tempfile.gettempdir(), f"tollgate-tests-{os.getpid()}.sqlite3")
    }
else:
    # One of our own, so that two runs on one server do not meet.
    DATABASES["default"]["TEST"] = {"NAME": f"tollgate_tests_{os.getpid()}"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
# Static files are looked for when asked for: nothing is collected for tests, and no test waits for a scan.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
