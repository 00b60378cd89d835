"""What SendGrid is handed of a broadcast's mail."""

from __future__ import annotations

import base64
from uuid import uuid4

from clarion.kernel.channel import Channel
from clarion.kernel.mail import Attachment, Mail
from clarion.providers.sandbox.signing import EventSigner
from clarion.providers.sendgrid.email import SendGridEmail
from clarion.providers.sending import OutgoingMessage


def test_a_mail_of_a_broadcast_is_filled_in_for_its_recipient() -> None:
    provider = SendGridEmail(
        api_key="SG.x", sender="hello@acme.example", public_key=EventSigner(None).public_key
    )
    mail = Mail(
        subject=("Hello ", 0),
        text=("Dear ", 1),
        html=("<p>Dear ", 2, "</p>"),
        from_name="Ana of Acme",
        reply_to="ana@acme.example",
        attachments=(Attachment(name="a.txt", content_type="text/plain", content=b"\x00file"),),
    )
    sent = provider._mail(
        OutgoingMessage(
            message_id=uuid4(),
            attempt=1,
            channel=Channel.EMAIL,
            to="ann@a.example",
            body="",
            mail=mail,
            values=("Ann", "Ann & Ben", "Ann &amp; Ben"),
            headers={"List-Unsubscribe": "<https://a.example/m/x/unsubscribe>"},
        )
    )
    assert sent["subject"] == "Hello Ann"
    assert [part["value"] for part in sent["content"]] == [
        "Dear Ann & Ben",
        "<p>Dear Ann &amp; Ben</p>",
    ]
    assert sent["from"] == {"email": "hello@acme.example", "name": "Ana of Acme"}
    assert sent["reply_to"] == {"email": "ana@acme.example"}
    (file,) = sent["attachments"]
    assert base64.b64decode(file["content"]) == b"\x00file"
    (person,) = sent["personalizations"]
    assert person["headers"] == {"List-Unsubscribe": "<https://a.example/m/x/unsubscribe>"}
    assert sent["tracking_settings"]["open_tracking"] == {"enable": False}
