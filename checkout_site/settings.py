"""Settings of the site, all read from the environment: one table of names, types and defaults.

Environments differ by variables, never by modules. `.env.example` explains each variable; a `.env`
beside `manage.py` is read when there is one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import environ

from checkout_site import csp, logs, queues

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env(
    DEBUG=(bool, False),
    SECRET_KEY=(str, ""),
    ALLOWED_HOSTS=(list, []),
    CSRF_TRUSTED_ORIGINS=(list, []),
    SITE_NAME=(str, "Tollgate"),
    SITE_URL=(str, ""),
    SECURE=(bool, True),
    BEHIND_PROXY=(bool, False),
    DATABASE_URL=(str, f"sqlite:///{BASE_DIR / 'var' / 'tollgate.sqlite3'}"),
    DATABASE_CONN_MAX_AGE=(int, 60),
    TASKS_URL=(str, ""),
    EMAIL_URL=(str, "consolemail://"),
    EMAIL_FILE_PATH=(str, ""),
    DEFAULT_FROM_EMAIL=(str, "billing@localhost"),
    EMAIL_VERIFICATION=(str, "optional"),
    STATIC_ROOT=(str, str(BASE_DIR / "var" / "static")),
    LANGUAGE_CODE=(str, "en"),
    LOG_FORMAT=(str, "json"),
    LOG_LEVEL=(str, "INFO"),
    STIGG_API_URL=(str, "https://api.stigg.io"),
    STIGG_EDGE_URL=(str, ""),
    STIGG_API_KEY=(str, ""),
    STIGG_WEBHOOK_SECRETS=(list, []),
    STIGG_APP_URL=(str, "https://app.stigg.io"),
    STIGG_PRODUCT_ID=(str, ""),
    STIGG_PRODUCT_IDS=(list, []),
    STRIPE_API_URL=(str, ""),
    STRIPE_SECRET_KEY=(str, ""),
    STRIPE_PUBLISHABLE_KEY=(str, ""),
    STRIPE_WEBHOOK_SECRETS=(list, []),
    STRIPE_JS_URL=(str, "https://js.stripe.com/endive/stripe.js"),
    STRIPE_DASHBOARD_URL=(str, "https://dashboard.stripe.com"),
    HIGHLIGHTED_PLAN_ID=(str, ""),
    PREFERRED_BILLING_PERIOD=(str, ""),
    HIDDEN_PLAN_IDS=(list, []),
    ONLY_ELIGIBLE_PLANS=(bool, False),
    COUNTRY_HEADER=(str, ""),
    TRIAL_CARD=(str, "if_converting"),
    DESIGNER_THEME=(bool, False),
    TEXTS=(str, "{}"),
    CONTACT_EMAIL=(str, ""),
)
environ.Env.read_env(str(BASE_DIR / ".env"))

DEBUG = env("DEBUG")
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env("CSRF_TRUSTED_ORIGINS")
SITE_NAME = env("SITE_NAME")

INSTALLED_APPS = [
    "billing",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "django_structlog",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "billing.views.hooks_first.HooksFirst",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "checkout_site.permissions.PermissionsPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "billing.views.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "billing.views.errors.BillingErrorMiddleware",
]

ROOT_URLCONF = "checkout_site.urls"
WSGI_APPLICATION = "checkout_site.wsgi.application"
ASGI_APPLICATION = "checkout_site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "billing.views.context.site",
            ],
        },
    }
]


def _database() -> dict[str, Any]:
    """SQLite so that an acknowledged webhook survives a power cut; connections are kept open."""
    config: dict[str, Any] = env.db_url_config(env("DATABASE_URL"))
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    else:
        config["CONN_HEALTH_CHECKS"] = True
    # SQLite too: the last connection that closes writes the whole journal back, which a request would wait for.
    config["CONN_MAX_AGE"] = env("DATABASE_CONN_MAX_AGE")
    return config


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "billing:account"
LOGOUT_REDIRECT_URL = "billing:home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "billing.forms.SignupDetails"
ACCOUNT_EMAIL_VERIFICATION = env("EMAIL_VERIFICATION")
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if env("SECURE") else "http"

LANGUAGE_CODE = env("LANGUAGE_CODE")
LANGUAGES = [
    ("en", "English"),
    ("es", "Español"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("pt-br", "Português (Brasil)"),
    ("ja", "日本語"),
]
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_SECURE = env("SECURE")
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = env("STATIC_ROOT")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "checkout_site.storage.ModuleManifestStorage"
    },
}

vars().update(env.email_url_config(env("EMAIL_URL")))
if env("EMAIL_FILE_PATH"):
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = env("EMAIL_FILE_PATH")
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL")
EMAIL_TIMEOUT = 20

# Empty: wake-ups travel through the database. redis://…: through Redis, and so does the cache.
TASKS, CACHES, RQ_QUEUES = queues.config(env("TASKS_URL"))
if RQ_QUEUES:
    INSTALLED_APPS.append("django_rq")
    RQ_SHOW_ADMIN_LINK = False

SECURE_SSL_REDIRECT = env("SECURE") and not DEBUG
SECURE_HSTS_SECONDS = 31_536_000 if env("SECURE") else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups"
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
if env("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env("SECURE")
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if env("SECURE"):
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

CONTENT_SECURITY_POLICY = csp.policy(stripe_js_url=env("STRIPE_JS_URL"), stripe_api_url=env("STRIPE_API_URL"))

LOGGING = logs.config(level=env("LOG_LEVEL"), output=env("LOG_FORMAT"))
logs.configure_structlog()

TOLLGATE_SITE_NAME = SITE_NAME
# Unset, it is the first host that the site answers for.
TOLLGATE_SITE_URL = (
    env("SITE_URL") or f"http{'s' * env('SECURE')}://{''.join(ALLOWED_HOSTS[:1]).lstrip('*.')}"
).rstrip("/")
TOLLGATE_BEHIND_PROXY = env("BEHIND_PROXY")
TOLLGATE_STIGG_API_URL = env("STIGG_API_URL").rstrip("/")
TOLLGATE_STIGG_EDGE_URL = env("STIGG_EDGE_URL").rstrip("/")
TOLLGATE_STIGG_API_KEY = env("STIGG_API_KEY")
TOLLGATE_STIGG_WEBHOOK_SECRETS = tuple(filter(None, env("STIGG_WEBHOOK_SECRETS")))
TOLLGATE_STIGG_APP_URL = env("STIGG_APP_URL").rstrip("/")
TOLLGATE_PRODUCT_ID = env("STIGG_PRODUCT_ID")
TOLLGATE_PRODUCT_IDS = tuple(filter(None, env("STIGG_PRODUCT_IDS")))
TOLLGATE_STRIPE_API_URL = env("STRIPE_API_URL").rstrip("/")
TOLLGATE_STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY")
TOLLGATE_STRIPE_PUBLISHABLE_KEY = env("STRIPE_PUBLISHABLE_KEY")
TOLLGATE_STRIPE_WEBHOOK_SECRETS = tuple(filter(None, env("STRIPE_WEBHOOK_SECRETS")))
TOLLGATE_STRIPE_JS_URL = env("STRIPE_JS_URL")
TOLLGATE_STRIPE_DASHBOARD_URL = env("STRIPE_DASHBOARD_URL").rstrip("/")
TOLLGATE_HIGHLIGHTED_PLAN_ID = env("HIGHLIGHTED_PLAN_ID")
TOLLGATE_PREFERRED_BILLING_PERIOD = env("PREFERRED_BILLING_PERIOD")
TOLLGATE_HIDDEN_PLAN_IDS = tuple(filter(None, env("HIDDEN_PLAN_IDS")))
TOLLGATE_ONLY_ELIGIBLE_PLANS = env("ONLY_ELIGIBLE_PLANS")
TOLLGATE_COUNTRY_HEADER = env("COUNTRY_HEADER")
TOLLGATE_TRIAL_CARD = env("TRIAL_CARD")
TOLLGATE_DESIGNER_THEME = env("DESIGNER_THEME")
TOLLGATE_TEXTS = json.loads(env("TEXTS"))
TOLLGATE_CONTACT_EMAIL = env("CONTACT_EMAIL")
