"""The command line of `python -m sandbox`: every option with its help. Nothing is run here."""

import argparse
from pathlib import Path

from sandbox.settings import AFTER_RETRIES, Settings

DESCRIPTION = """\
Stripe, Stigg and Stripe.js on loopback, for development and tests: stateful, joined as in life,
with a clock to move and faults on demand. It prints "sandbox ready" when all its ports listen.
The control panel is at http://127.0.0.1:12110/ (see --console-port).
"""
EXAMPLES = """\
examples:
  python -m sandbox
      everything on its usual port; no application is notified
  python -m sandbox --stripe-webhook-url http://127.0.0.1:8000/hooks/stripe/ \\
                    --stigg-webhook-url http://127.0.0.1:8000/hooks/stigg/
      an application on port 8000 hears of what happens
  python -m sandbox --catalog plans.yaml --state-file var/sandbox.json
      plans of your own; what was made is there again after a restart
  python -m sandbox --edge-port 3060
      the edge where Stigg's own SDKs look for it on localhost

It takes test keys only (never sk_live_, pk_live_, rk_live_) and speaks to loopback addresses only.
"""


def parser() -> argparse.ArgumentParser:
    """Each option's name is that of a field of `Settings`."""
    made = argparse.ArgumentParser(
        prog="python -m sandbox",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_ports(made.add_argument_group("where it listens, all on 127.0.0.1"))
    _add_keys(made.add_argument_group("keys that it accepts"))
    _add_webhooks(made.add_argument_group("the application that it notifies"))
    _add_behaviour(made.add_argument_group("what it holds and how it behaves"))
    made.add_argument("--with-parent", action="store_true", help="stop when the process that started it is gone")
    return made


def _add_ports(group: argparse._ArgumentGroup) -> None:
    usual = Settings()
    told = {
        "stripe": (usual.stripe_port, "Stripe's API and Stripe.js"),
        "stigg": (usual.stigg_port, "Stigg's GraphQL and edge"),
        "console": (usual.console_port, "the control panel and its JSON API"),
    }
    for name, (port, what) in told.items():
        group.add_argument(f"--{name}-port", type=int, default=port, metavar="PORT", help=f"{what} (default {port})")
    group.add_argument("--edge-port", type=int, metavar="PORT", help="Stigg's edge on a port of its own as well")


def _add_keys(group: argparse._ArgumentGroup) -> None:
    usual = Settings()
    told = {
        "stripe-secret-key": (usual.stripe_secret_key, "for servers"),
        "stripe-publishable-key": (usual.stripe_publishable_key, "for Stripe.js"),
        "stigg-api-key": (usual.stigg_api_key, "x-api-key of Stigg"),
    }
    for name, (key, what) in told.items():
        group.add_argument(f"--{name}", default=key, metavar="KEY", help=f"{what} (default {key})")


def _add_webhooks(group: argparse._ArgumentGroup) -> None:
    usual = Settings()
    secrets = {"stripe": usual.stripe_webhook_secret, "stigg": usual.stigg_webhook_secret}
    for name, secret in secrets.items():
        title = name.capitalize()
        group.add_argument(
            f"--{name}-webhook-url", metavar="URL", help=f"where it takes {title}'s webhooks; a loopback address"
        )
        group.add_argument(
            f"--{name}-webhook-secret",
            default=secret,
            metavar="SECRET",
            help=f"what {title}'s webhooks are signed with (default {secret})",
        )


def _add_behaviour(group: argparse._ArgumentGroup) -> None:
    usual = Settings()
    group.add_argument(
        "--catalog", type=Path, metavar="FILE", help="a YAML catalog of plans instead of the one that comes along"
    )
    group.add_argument(
        "--state-file",
        type=Path,
        metavar="FILE",
        help="keep customers, subscriptions and the clock in this JSON file across restarts (use the same ports)",
    )
    days = ",".join(map(str, usual.retry_days))
    group.add_argument(
        "--retry-days",
        type=_days,
        default=usual.retry_days,
        metavar="DAYS",
        help=f"pauses before a failed renewal is tried again (default {days}; none: '')",
    )
    group.add_argument(
        "--after-retries",
        choices=AFTER_RETRIES,
        default=usual.after_retries,
        help=f"what becomes of the subscription then (default {usual.after_retries})",
    )
    group.add_argument(
        "--draft-hour",
        action="store_true",
        help="leave a renewal's invoice a draft for an hour, as Stripe does, instead of billing at once",
    )
    group.add_argument(
        "--need-return-url",
        action="store_true",
        help="refuse a server's confirmation without return_url unless redirects are off, as Stripe does",
    )
    group.add_argument(
        "--upcoming-days",
        type=int,
        default=usual.upcoming_days,
        metavar="DAYS",
        help=f"send invoice.upcoming so long before a renewal, 0 for never (default {usual.upcoming_days})",
    )


def _days(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(",") if part)
    except ValueError:
        raise argparse.ArgumentTypeError("whole days, separated by commas: 3,5,7") from None
