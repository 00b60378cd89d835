"""The e-mails of the library, as blocks. No image comes from the web."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.content.library.template import (
    Category,
    LibraryTemplate,
    button,
    columns,
    divider,
    document,
    footer,
    heading,
    listed,
    spacer,
    text,
)
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from clarion.content.library.template import Block

_HELLO = 'Hi {{ first_name | default: "there" }},'
_SIGNED = "Best regards,<br>[Your name]<br>[Company]"


def _email(
    key: str,
    category: Category,
    name: str,
    purpose: str,
    *blocks: Block,
    subject: str,
    preheader: str,
    accent: str = "#0b5cad",
) -> LibraryTemplate:
    return LibraryTemplate(
        key=key,
        name=name,
        purpose=purpose,
        channel=Channel.EMAIL,
        category=category,
        subject=subject,
        preheader=preheader,
        email=document(*blocks, divider(), footer(), accent=accent),
    )


EMAILS = (
    _email(
        "email-welcome",
        Category.WELCOME,
        "Welcome, with the first three steps",
        "The first mail to a new customer: who you are, what to do first, whom to ask.",
        heading('Welcome, {{ first_name | default: "glad you are here" }}'),
        text(
            "Thank you for choosing [Company]. Here is how to begin well in your first week.",
        ),
        listed(
            "<strong>Look around.</strong> Sign in and see what is set up for you.",
            "<strong>Tell us what matters.</strong> Answer three questions; we fit things to you.",
            "<strong>Meet your contact.</strong> [Your name] answers within a working day.",
        ),
        button("Get started", "https://example.com/start"),
        text("Something unclear? Reply to this e-mail: a person reads it.", _SIGNED),
        subject='Welcome to [Company], {{ first_name | default: "and thank you" }}',
        preheader="Three steps for your first week, and whom to ask.",
    ),
    _email(
        "email-appointment",
        Category.REMINDER,
        "Appointment reminder with details",
        "A day or two before a meeting: when, where, what to bring, how to change it.",
        heading("We look forward to seeing you"),
        text(_HELLO, "a short reminder of our appointment. Here is all you need:"),
        columns(
            (
                heading("When", level=3),
                text('{{ metadata.appointment | default: "At the time we agreed on" }}'),
            ),
            (heading("Where", level=3), text("[Address, or link to the call]")),
        ),
        text("Please bring: [what to bring]. It takes about [minutes] minutes."),
        button("Confirm or change", "https://example.com/appointment"),
        text(_SIGNED),
        subject="Our appointment: {{ metadata.appointment | default: 'a reminder' }}",
        preheader="When, where, and what to bring.",
        accent="#0f6b52",
    ),
    _email(
        "email-follow-up",
        Category.FOLLOW_UP,
        "Summary of a call",
        "After a first conversation: what was said, what comes next, by when.",
        text(
            _HELLO,
            "thank you for the conversation today. This is what I have taken from it:",
        ),
        listed(
            "You want to [goal] by [date].",
            "What holds you up today is [problem].",
            "We can help with [solution]; it costs about [price].",
        ),
        heading("What comes next", level=2),
        text(
            "I send you the proposal by [date]. Did I get something wrong? "
            "Reply, and I put it right.",
            _SIGNED,
        ),
        subject="What we talked about, and what comes next",
        preheader="A summary of our call, and the next step.",
    ),
    _email(
        "email-seasonal-offer",
        Category.PROMOTION,
        "Seasonal offer with two products",
        "One offer, one button, one date on which it ends.",
        heading("[Discount] off until [date]", align="center"),
        text(
            'Dear {{ first_name | default: "customer" }}, the [season] is here, and with it '
            "our offer for everyone who has bought from us before.",
            align="center",
        ),
        button("See the offer", "https://example.com/offer", align="center"),
        spacer(8),
        columns(
            (heading("[Product one]", level=3), text("[Why people like it, in a sentence]")),
            (heading("[Product two]", level=3), text("[Why people like it, in a sentence]")),
        ),
        text(
            "The offer ends on [date] at midnight and cannot be combined with others.",
            align="center",
        ),
        subject="[Discount] off, for you, until [date]",
        preheader="For everyone who has bought from us before.",
        accent="#a3341f",
    ),
    _email(
        "email-event",
        Category.EVENT,
        "Invitation to an event",
        "A webinar, an open day, a workshop: what it is, for whom, how to come.",
        heading("You are invited: [event]"),
        text(
            _HELLO, "join us on <strong>[date] at [time]</strong> for [event]. You will take home:"
        ),
        listed("[First thing people learn]", "[Second thing people learn]", "[Time for questions]"),
        button("Save my seat", "https://example.com/event"),
        columns(
            (heading("Where", level=3), text("[Address, or online]")),
            (heading("Who speaks", level=3), text("[Name], [what they do]")),
        ),
        text("You cannot come? Save a seat all the same, and we send you the recording.", _SIGNED),
        subject="Invitation: [event] on [date]",
        preheader="Seats are limited; yours is a click away.",
        accent="#5b3fa3",
    ),
    _email(
        "email-newsletter",
        Category.NEWSLETTER,
        "Monthly newsletter",
        "Three stories of a few lines each, with one thing to do.",
        heading("News of [month]"),
        text(_HELLO, "what is new at [Company], in two minutes of reading."),
        divider(),
        heading("[First story]", level=2),
        text('[Three sentences.] <a href="https://example.com/first">Read on</a>'),
        heading("[Second story]", level=2),
        text('[Three sentences.] <a href="https://example.com/second">Read on</a>'),
        heading("A tip from our support team", level=2),
        text("[The question that was asked most last month, and its answer.]"),
        button("See all news", "https://example.com/news"),
        subject="[Month] at [Company]: [first story]",
        preheader="Three stories and a tip, in two minutes.",
    ),
    _email(
        "email-re-engagement",
        Category.RE_ENGAGEMENT,
        "We have missed you",
        "For people who have not opened or bought for half a year: stay or go.",
        heading("Still interested?", align="center"),
        text(
            'Hi {{ first_name | default: "there" }}, we have not heard from you for a while. '
            "That is fine; we only want to write to people who like to read us.",
            align="center",
        ),
        button("Yes, keep me posted", "https://example.com/stay", align="center"),
        text(
            "As a thank you, [offer] waits for you until [date]. If we do not hear from you, "
            "we write less often.",
            align="center",
        ),
        subject='{{ first_name | default: "Hello" }}, shall we keep in touch?',
        preheader="One click, and you hear from us as before.",
        accent="#0f6b52",
    ),
    _email(
        "email-abandoned-quote",
        Category.FOLLOW_UP,
        "A quote that was not answered",
        "A week after a quote: help with the decision, without pressure.",
        text(
            _HELLO,
            'last week we sent you our quote {{ metadata.quote | default: "for you" }}. Is there '
            "anything that keeps you from deciding? Most people ask us one of these:",
        ),
        listed(
            "<strong>Can we begin smaller?</strong> Yes: [smaller offer].",
            "<strong>What if our plans change?</strong> Cancel until [date], free of charge.",
            "<strong>Who else uses it?</strong> [Customer] has for [years] years.",
        ),
        button("Look at the quote", "https://example.com/quote"),
        text("The quote holds until [date]. Reply if you would rather talk.", _SIGNED),
        subject="Your quote: can I help you decide?",
        preheader="The three questions that we hear most, answered.",
    ),
)
