"""The environment of the demo's processes: production settings, addresses of the sandbox, secrets of this run."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from scripts.stack.ports import LOOPBACK, Ports

ADMIN_USER = "admin@example.com"


def _secret(prefix: str = "") -> str:
    return prefix + secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Secrets:
    """Made anew for each run; none is worth keeping."""

    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(50))
    stripe_webhook: str = field(default_factory=lambda: _secret("whsec_"))
    stigg_webhook: str = field(default_factory=_secret)
    admin_password: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    stripe_secret_key: str = "sk_test_sandbox"
    stripe_publishable_key: str = "pk_test_sandbox"
    stigg_api_key: str = "server-sandbox"


@dataclass(frozen=True)
class Plan:
    """Where everything of this run is."""

    ports: Ports
    state_dir: Path
    database_url: str
    secrets: Secrets

    @property
    def site_url(self) -> str:
        """Another host name than the sandbox's, so that the browser takes the two for strangers, as in life."""
        return f"http://localhost:{self.ports.web}"

    @property
    def console_url(self) -> str:
        return _url(self.ports.console)

    @property
    def stripe_url(self) -> str:
        return _url(self.ports.stripe)

    @property
    def stigg_url(self) -> str:
        return _url(self.ports.stigg)

    @property
    def mail_dir(self) -> Path:
        return self.state_dir / "mail"


def environment(plan: Plan) -> dict[str, str]:
    """Every variable that the settings read is given here: neither the caller's shell nor a `.env` changes the demo."""
    return os.environ | _site(plan) | _stigg(plan) | _stripe(plan) | {"PYTHONUNBUFFERED": "1"}


def _site(plan: Plan) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "checkout_site.settings",
        "DEBUG": "False",
        "SECRET_KEY": plan.secrets.secret_key,
        "ALLOWED_HOSTS": f"localhost,{LOOPBACK}",
        "CSRF_TRUSTED_ORIGINS": "",
        "SITE_NAME": "Tollgate",
        "SITE_URL": plan.site_url,
        "SECURE": "False",  # loopback has no TLS
        "BEHIND_PROXY": "False",
        "DATABASE_URL": plan.database_url,
        "DATABASE_CONN_MAX_AGE": "60",
        "TASKS_URL": "",
        "EMAIL_URL": "consolemail://",
        "EMAIL_FILE_PATH": str(plan.mail_dir),
        "DEFAULT_FROM_EMAIL": "billing@localhost",
        "EMAIL_VERIFICATION": "optional",
        "STATIC_ROOT": str(plan.state_dir / "static"),
        "LANGUAGE_CODE": "en",
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "INFO",
        "HIGHLIGHTED_PLAN_ID": "plan-pro",
        "PREFERRED_BILLING_PERIOD": "",
        "HIDDEN_PLAN_IDS": "",
        "ONLY_ELIGIBLE_PLANS": "False",
        "TRIAL_CARD": "if_converting",
        "COUNTRY_HEADER": "",
        "DESIGNER_THEME": "False",
        "TEXTS": "{}",
        "CONTACT_EMAIL": "sales@example.com",
    }


def _stigg(plan: Plan) -> dict[str, str]:
    return {
        "STIGG_API_URL": plan.stigg_url,
        "STIGG_EDGE_URL": plan.stigg_url,
        "STIGG_API_KEY": plan.secrets.stigg_api_key,
        "STIGG_WEBHOOK_SECRETS": plan.secrets.stigg_webhook,
        "STIGG_APP_URL": plan.console_url,
        "STIGG_PRODUCT_ID": "",
        "STIGG_PRODUCT_IDS": "",
    }


def _stripe(plan: Plan) -> dict[str, str]:
    return {
        "STRIPE_API_URL": plan.stripe_url,
        "STRIPE_SECRET_KEY": plan.secrets.stripe_secret_key,
        "STRIPE_PUBLISHABLE_KEY": plan.secrets.stripe_publishable_key,
        "STRIPE_WEBHOOK_SECRETS": plan.secrets.stripe_webhook,
        "STRIPE_JS_URL": f"{plan.stripe_url}/endive/stripe.js",
        "STRIPE_DASHBOARD_URL": plan.console_url,
    }


def _url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"
