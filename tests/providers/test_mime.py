"""Mails as bytes, parsed back: hard names, and nothing gets out of its place."""

from __future__ import annotations

import gc
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID
from weakref import ref

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid
from clarion.kernel.mail import Attachment, Mail
from clarion.providers.mime import Letter, LetterWriter
from clarion.providers.sending import OutgoingMessage

NOW = datetime(2026, 11, 24, 9, 5, 7, 123456, tzinfo=UTC)
ID = UUID("018f3c5e-0000-7000-8000-000000000001")
GOLDEN = Path(__file__).parent / "golden_mail"

#: Anything that PostgreSQL can hold as text: no NUL, no halves of letters.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
LINE_ENDS = re.compile(r"\r\n|\r|\n")


def message(**changes: Any) -> OutgoingMessage:
    options: dict[str, Any] = {
        "message_id": ID,
        "attempt": 2,
        "channel": Channel.EMAIL,
        "to": "ann@example.com",
        "body": "",
    }
    return OutgoingMessage(**(options | changes))


def mail(**changes: Any) -> Mail:
    options: dict[str, Any] = {"subject": ("News",), "text": ("Hello",)}
    return Mail(**(options | changes))


def write(given: OutgoingMessage, name: str | None = None) -> Letter:
    return LetterWriter(sender="news@crm.example", sender_name=name).write(given, now=NOW)


def parsed(letter: Letter) -> EmailMessage:
    """Read back; what the parser had to put up with is no defect of ours."""
    content = letter.content
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    read = message_from_bytes(content, policy=default)
    assert isinstance(read, EmailMessage)
    for part in read.walk():
        assert part.defects == []
        assert all(value.defects == () for value in part.values() if hasattr(value, "defects"))
    return read


def text_of(part: Any) -> str:
    """Lines end as they like on each system."""
    return LINE_ENDS.sub("\n", part.get_payload(decode=True).decode())


def lines(text: str) -> str:
    return LINE_ENDS.sub("\n", text)


def test_a_mail_has_its_headers_once_and_in_their_form() -> None:
    letter = write(
        message(
            mail=mail(from_name="Ann from News", reply_to="reply@crm.example"),
            headers={
                "List-Unsubscribe": "<https://crm.example/m/token/unsubscribe>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
    )
    head, _, body = letter.content.partition(b"\r\n\r\n")
    assert head.decode().split("\r\n") == [
        "Date: Tue, 24 Nov 2026 09:05:07 +0000",
        "Message-ID: <018f3c5e000070008000000000000001.2@crm.example>",
        "To: ann@example.com",
        "Subject: News",
        "List-Unsubscribe: <https://crm.example/m/token/unsubscribe>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        'From: "Ann from News" <news@crm.example>',
        "Reply-To: reply@crm.example",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
    ]
    assert body == b"Hello\r\n"
    assert letter.message_id == "018f3c5e000070008000000000000001.2@crm.example"


def test_the_name_of_the_mail_goes_before_that_of_the_sender() -> None:
    writer = LetterWriter(sender="news@crm.example", sender_name="CRM")
    for name, shown in ((None, "CRM"), ("Ann", "Ann")):
        read = parsed(writer.write(message(mail=mail(from_name=name)), now=NOW))
        assert read["from"].addresses[0].display_name == shown


def test_a_message_names_its_own_sender_and_the_id_is_of_its_domain() -> None:
    shared = mail()
    writer = LetterWriter(sender="news@crm.example")
    for sender in ("offers@shop.example", None, "offers@shop.example"):
        read = parsed(writer.write(message(mail=shared, sender=sender), now=NOW))
        address = sender or "news@crm.example"
        assert read["from"].addresses[0].addr_spec == address
        assert read["message-id"].endswith(f".2@{address.partition('@')[2]}>")


def test_text_stands_before_html_and_files_beside_both() -> None:
    file = bytes(range(256)) * 300
    shared = mail(
        text=("Hi ", 0, "!"),
        html=("<p>Hi ", 1, "</p>"),
        attachments=(
            Attachment(name="Angebot für Zoë.pdf", content_type="application/pdf", content=file),
            Attachment(name="a.txt", content_type="text/plain", content=b"\r\n.\r\n--=_"),
        ),
    )
    read = parsed(write(message(mail=shared, values=("Ann & Bob", "Ann &amp; Bob"))))
    assert read.get_content_type() == "multipart/mixed"
    texts, pdf, note = read.iter_parts()
    assert texts.get_content_type() == "multipart/alternative"
    plain, html = texts.iter_parts()
    assert (plain.get_content_type(), text_of(plain)) == ("text/plain", "Hi Ann & Bob!")
    assert (html.get_content_type(), text_of(html)) == ("text/html", "<p>Hi Ann &amp; Bob</p>")
    assert (pdf.get_filename(), pdf.get_content_type()) == (
        "Angebot für Zoë.pdf",
        "application/pdf",
    )
    assert pdf.get_payload(decode=True) == file
    assert note.get_payload(decode=True) == b"\r\n.\r\n--=_"
    assert {part.get_content_disposition() for part in (pdf, note)} == {"attachment"}


@pytest.mark.parametrize("kind", ["", "pdf", "a/b\r\nX: y", "text/html; charset=x", "ü/ü"])
def test_a_kind_of_file_that_is_none_is_unknown(kind: str) -> None:
    file = Attachment(name="a", content_type=kind, content=b"x")
    (_, part) = parsed(write(message(mail=mail(attachments=(file,))))).iter_parts()
    assert part.get_content_type() == "application/octet-stream"


def test_a_message_without_a_mail_has_its_own_texts() -> None:
    read = parsed(write(message(subject="Hi", body="Text", html="<p>Text</p>")))
    assert (read["subject"], read.get_content_type()) == ("Hi", "multipart/alternative")
    assert [text_of(part) for part in read.iter_parts()] == ["Text", "<p>Text</p>"]
    only_html = parsed(write(message(subject="Hi", body="", html="<p>x</p>")))
    assert only_html.get_content_type() == "text/html"


@settings(deadline=None)
@given(
    fixed=st.lists(TEXT, min_size=1, max_size=4),
    values=st.lists(TEXT, min_size=3, max_size=3),
)
@example(fixed=["x" * 76, "", "y"], values=["=", " ", "."])
@example(fixed=["é" * 25 + "a", "\n.\n", " "], values=["\t", "x" * 75, "\r"])
@example(fixed=["\n", "\n"], values=["\n", "", "\x0c"])
def test_what_is_put_together_reads_as_what_was_filled_in(
    fixed: list[str], values: list[str]
) -> None:
    parts: list[str | int] = []
    whole = ""
    for at, text in enumerate(fixed):
        parts += [text, at % 3]
        whole += lines(text) + lines(values[at % 3])
    letter = write(message(mail=mail(text=tuple(parts), html=tuple(parts)), values=tuple(values)))
    for part in parsed(letter).iter_parts():
        assert text_of(part) == whole
    _, _, body = letter.content.partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 76


@settings(deadline=None)
@given(subject=TEXT)
@example(subject="Hi\r\nBcc: all@example.com")
@example(subject="Hi\n\n<script>")
@example(subject="=?utf-8?Q?=0D=0ABcc:_x?=")
@example(subject=" leading and trailing ")
@example(subject="x" * 2000)
@example(subject="🎉" * 100)
@example(subject="a b\u2028c\x85d")
def test_a_subject_is_one_header_whatever_it_holds(subject: str) -> None:
    read = parsed(write(message(mail=mail(subject=("Re: ", 0)), values=(subject,))))
    expected = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", f"Re: {subject}")
    assert str(read["subject"]).rstrip(" ") == expected.rstrip(" ")
    assert read.keys() == [
        "Date",
        "Message-ID",
        "To",
        "Subject",
        "From",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    ]


@settings(deadline=None)
@given(name=TEXT)
@example(name='Ann "the \\ boss" O\'Neil, Inc. <x@y.example>')
@example(name="Ann\r\nBcc: all@example.com")
@example(name="x" * 200)
@example(name="word " * 40)
def test_a_display_name_is_a_name_whatever_it_holds(name: str) -> None:
    read = parsed(write(message(mail=mail(from_name=name))))
    (address,) = read["from"].addresses
    assert address.addr_spec == "news@crm.example"
    expected = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029 ]+", " ", name).strip()
    # This parser puts a blank between encoded words, and takes one for another.
    assert address.display_name.split() == expected.split() or len(expected.encode()) > 39
    assert "".join(address.display_name.split()) == "".join(expected.split())
    assert len(read.keys()) == 8


@settings(deadline=None)
@given(name=TEXT.filter(lambda name: bool(name.strip())))
@example(name="a\r\nX-Evil: 1\r\n\r\n.pdf")
@example(name='quo"te\\.pdf')
@example(name="🎉" * 100 + ".pdf")
@example(name="x" * 200)
def test_the_name_of_a_file_stays_in_its_place(name: str) -> None:
    file = Attachment(name=name, content_type="application/pdf", content=b"x")
    letter = write(message(mail=mail(attachments=(file,))))
    read = message_from_bytes(letter.content, policy=default)
    _, part = read.iter_parts()
    assert set(part.keys()) == {
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Disposition",
    }
    assert part.get_payload(decode=True) == b"x"


@settings(deadline=None)
@given(value=TEXT)
@example(value="<https://crm.example/u>\r\nBcc: all@example.com")
@example(value=", ".join(f"<https://crm.example/{'x' * 60}/{each}>" for each in range(5)))
def test_a_header_of_the_message_never_begins_another(value: str) -> None:
    letter = write(message(mail=mail(), headers={"List-Unsubscribe": value}))
    read = message_from_bytes(letter.content, policy=default)
    assert len(read.keys()) == 9
    assert read["bcc"] is None


@pytest.mark.parametrize(
    "name", ["", "Subject", "to", "X:", "X\r\nBcc", "Über", "Content-Type", "X Y", "DKIM-Signature"]
)
def test_a_header_that_the_mail_has_or_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        write(message(mail=mail(), headers={name: "x"}))


def test_a_header_with_a_word_that_fits_in_no_line_is_refused() -> None:
    with pytest.raises(Invalid, match="List-Unsubscribe"):
        write(message(mail=mail(), headers={"List-Unsubscribe": f"<{'x' * 1000}>"}))


@pytest.mark.parametrize(
    ("to", "written"),
    [
        ("o'neil+tag@sub.example.co", "o'neil+tag@sub.example.co"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("用户@例え.example", "用户@xn--r8jz45g.example"),
    ],
)
def test_addresses_of_all_languages_can_be_written_to(to: str, written: str) -> None:
    letter = write(message(to=to, mail=mail()))
    assert str(letter.to) == written
    assert f"To: {written}\r\n".encode() in letter.content
    assert letter.to.is_international is not written.isascii()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "ann@example.com\r\nRCPT TO:<all@example.com>",
        "ann@example.com\n",
        "<ann@example.com>",
        "ann@example.com, bob@example.com",
        "a b@example.com",
        "a\u2003b@example.com",
        "ann@exa mple.com",
        '"ann"@example.com',
        "ann..b@example.com",
        "a" * 65 + "@example.com",
        "ann@" + "a" * 60 + ".ü" * 130,
        "ann\u2028@example.com",
    ],
)
@pytest.mark.parametrize("place", ["to", "sender", "reply_to"])
def test_an_address_that_could_leave_its_place_is_refused(address: str, place: str) -> None:
    if place == "reply_to" or (place == "sender" and not address):
        made = message(mail=mail(reply_to=address or "x"))
    else:
        made = message(mail=mail(), **{place: address})
    with pytest.raises(Invalid) as caught:
        write(made)
    pointer = {"to": "/to", "sender": "/from", "reply_to": "/reply_to"}[place]
    assert caught.value.faults[0].pointer in {pointer, "/reply_to"}


def test_what_was_worked_out_for_a_mail_goes_with_it() -> None:
    writer = LetterWriter(sender="news@crm.example")
    shared = mail()
    first = writer.write(message(mail=shared), now=NOW)
    assert writer.write(message(mail=shared), now=NOW) == first
    kept = ref(shared)
    del shared
    gc.collect()
    assert kept() is None


NAMES = {
    "emoji": ("🎉 Sale 👩\u200d👩\u200d👧 50 %", "Zoë 🦊 from Clarion", "👋 Hi 🧑🏽\u200d🚀"),
    "rtl": ("שלום, مرحبا — news", "חברת החדשות", "שלום \u2066Ann\u2069, \u200fمرحبا"),  # noqa: RUF001
    "quotes": (
        '"Don\'t" <stop> =?utf-8?B?PHg+?=',
        'Ann "O\'Neil", Inc. \\ <News>',
        '.\n..\n"quotes" = =20\n',
    ),
    "scripts": (
        "日本語の件名 и русская тема и ещё немного длинных слов",
        "株式会社クラリオン",
        "Ελληνικά\tmit Leerzeichen \nund Ende ",
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_hard_names_are_written_as_they_were(name: str) -> None:
    """The samples were looked at by eye: they change on purpose only."""
    subject, sender, value = NAMES[name]
    shared = mail(
        subject=(0,),
        text=("Dear ", 1, ",\n\nall well?"),
        html=("<p>Dear ", 2, ",</p>"),
        from_name=sender,
    )
    letter = write(message(mail=shared, values=(subject, value, value)))
    golden = message_from_bytes((GOLDEN / f"{name}.eml").read_bytes(), policy=default)
    for read in (parsed(letter), golden):
        assert read["subject"] == subject
        assert read["from"].addresses[0].display_name == sender
        plain, html = read.iter_parts()
        assert text_of(plain) == f"Dear {value},\n\nall well?"
        assert text_of(html) == f"<p>Dear {value},</p>"
    assert letter.content == (GOLDEN / f"{name}.eml").read_bytes()
