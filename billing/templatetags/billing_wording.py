"""`{% wording "paywall_title" %}`: a text of paywall or checkout, in the host's words if it gave any."""

from __future__ import annotations

from django import template

from billing import wording as texts

register = template.Library()


@register.simple_tag
def wording(key: str, **values: object) -> str:
    """The text, escaped like any other value; raises KeyError for a name that there is not."""
    return texts.say(key, **values)
