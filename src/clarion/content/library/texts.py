"""The SMS of the library: characters of GSM-7 alone, two segments at most with a usual name."""

from __future__ import annotations

from clarion.content.library.template import Category, sms

STOP = "Reply STOP to opt out."

TEXTS = (
    sms(
        "sms-welcome",
        Category.WELCOME,
        "Welcome a new contact",
        "Say hello on the day somebody joins, and tell them what they will hear from you.",
        'Hi {{ first_name | default: "there" }}, welcome to [Company]! You will get offers and '
        f"updates here, about two texts a month. Questions? Just reply. {STOP}",
    ),
    sms(
        "sms-appointment-reminder",
        Category.REMINDER,
        "Appointment reminder",
        "The day before a visit, a call or a delivery.",
        'Hi {{ first_name | default: "there" }}, a reminder from [Company]: we see you on '
        '{{ metadata.appointment | default: "the day we agreed on" }}. '
        f"Reply YES to confirm, or call us to change it. {STOP}",
    ),
    sms(
        "sms-follow-up-call",
        Category.FOLLOW_UP,
        "Follow up after a call",
        "Within an hour after a call, while it is fresh.",
        'Hi {{ first_name | default: "there" }}, thanks for your time on the phone today. '
        f"Anything we left open? Reply here and I get back to you. [Your name], [Company]. {STOP}",
    ),
    sms(
        "sms-seasonal-offer",
        Category.PROMOTION,
        "Seasonal offer",
        "An offer with an end, for people who buy now and then.",
        '{{ first_name | default: "Hi" }}, our [season] offer is on: [discount] off until [date]. '
        f"See it here: [link]. [Company]. {STOP}",
    ),
    sms(
        "sms-payment-reminder",
        Category.TRANSACTIONAL,
        "Payment reminder",
        "A friendly word when an invoice is a few days late.",
        'Hi {{ first_name | default: "there" }}, your invoice '
        '{{ metadata.invoice | default: "of last month" }} '
        f"from [Company] is still open. Pay here: [link]. Paid already? Thank you! {STOP}",
    ),
    sms(
        "sms-review-request",
        Category.SURVEY,
        "Ask for a review",
        "Two or three days after the work is done or the parcel has arrived.",
        'Hi {{ first_name | default: "there" }}, how did we do? A short review helps others '
        f"to find us: [link]. It takes a minute. Thank you, [Company]. {STOP}",
    ),
    sms(
        "sms-re-engagement",
        Category.RE_ENGAGEMENT,
        "We have not heard from you",
        "For people who have not bought or answered for months.",
        'Hi {{ first_name | default: "there" }}, it has been a while. Shall we keep in touch? '
        f"Reply YES and we save [offer] for you until [date]. [Company]. {STOP}",
    ),
)
