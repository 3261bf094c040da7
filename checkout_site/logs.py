"""Logs: structlog over the standard library, one JSON object a line in production, colours on a terminal."""

from __future__ import annotations

from typing import Any

import structlog


def without_query(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """The line about a request without the query string: Stripe adds a client_secret to the address it returns to."""
    if isinstance(request := event.get("request"), str):
        event["request"] = request.partition("?")[0]
    return event


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    without_query,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_structlog() -> None:
    """Route structlog through the standard library, so that every line has one shape."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED_PROCESSORS,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def config(*, level: str, output: str) -> dict[str, Any]:
    """A `dictConfig`; `output` is "json" or "console"."""
    renderer = structlog.dev.ConsoleRenderer() if output == "console" else structlog.processors.JSONRenderer()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                "foreign_pre_chain": SHARED_PROCESSORS,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "level": level, "propagate": False},
            "urllib3": {"level": "ERROR"},
            "stripe": {"level": "WARNING"},
        },
    }
