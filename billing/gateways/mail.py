"""The door for e-mails: Django's mail, whichever backend the site has set. One message a call, no retries here."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass

from django.core.mail import EmailMultiAlternatives

from billing.errors import GatewayUnavailable

PROVIDER = "mail"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person, as text and as HTML."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str = ""
    """The same for every try: should one get through unnoticed, mailboxes know the next for a copy."""
    reply_to: str = ""


def send(message: Message) -> None:
    """Hand the message to the mail server.

    Raises: GatewayUnavailable, whatever the reason: mail servers' refusals are rarely for ever.
    """
    mail = EmailMultiAlternatives(
        subject=" ".join(message.subject.split()),
        body=message.text,
        to=[message.to],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={"Message-ID": message.message_id} if message.message_id else None,
    )
    mail.attach_alternative(message.html, "text/html")
    try:
        mail.send()
    except (smtplib.SMTPException, OSError) as error:
        raise GatewayUnavailable(str(error), provider=PROVIDER, operation="send") from error
