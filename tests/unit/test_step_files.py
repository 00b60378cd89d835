"""Which files may go along with an email, what they are called, and how much they take."""

from __future__ import annotations

import base64

import pytest

from clarion.broadcasts.files.file import (
    MOST_BYTES,
    MOST_ENCODED,
    MOST_FILES,
    check_room,
    clean_name,
    encoded_bytes,
    read_file,
)
from clarion.kernel.errors import Invalid

PDF = b"%PDF-1.7\n" + b"x" * 100


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("offer.pdf", "offer.pdf"),
        ("C:\\Users\\ana\\offer.pdf", "offer.pdf"),
        ("../../etc/offer.pdf", "offer.pdf"),
        ("of\r\nBcc: x\x00fer.pdf", "ofBcc: xfer.pdf"),
        ("Angebot für Zoë.pdf", "Angebot für Zoë.pdf"),
        ("Zoe\u0308.pdf", "Zoë.pdf"),
        ("提案書.pdf", "提案書.pdf"),
        ("fdp\u202egnp.exe", "fdpgnp.exe"),
        ("offer.pdf. . ", "offer.pdf"),
        ("  ", ""),
        ("a/", "a"),
        ("l" * 300 + ".pdf", "l" * 146 + ".pdf"),
    ],
)
def test_a_name_has_no_folder_and_nothing_that_cannot_be_seen(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    "name",
    ["a.exe", "invoice.pdf.EXE", "a.js", "a.bat", "a.scr", "a.html", "a.lnk. ", "x\u202efdp.vbs"],
)
def test_what_runs_when_it_is_opened_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_file(name, "application/pdf", PDF)
    (fault,) = refused.value.faults
    assert fault.pointer == "/name"
    assert "Mailboxes refuse" in fault.detail


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"MZ\x90\x00", "a program"),
        (b"\x7fELF\x02", "a program"),
        (b"#!/bin/sh\nrm -r x", "a program"),
        (b"\xca\xfe\xba\xbe\x00", "a program"),
        (b"\xef\xbb\xbf  <!-- hi --> <HTML><script>", "a page"),
        (b"<!DOCTYPE html><p>", "a page"),
        (b"<?xml version='1.0'?><svg onload='x'>", "a page"),
    ],
)
def test_what_runs_is_refused_by_how_it_begins(content: bytes, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_file("offer.pdf", "application/pdf", content)
    (fault,) = refused.value.faults
    assert fault.pointer == "/file"
    assert words in fault.detail
    assert "offer.pdf" in fault.detail


@pytest.mark.parametrize("content", [PDF, b"PK\x03\x04", b"name;price\n", b"<note>hi</note>"])
def test_other_files_are_taken_as_they_are(content: bytes) -> None:
    assert read_file("offer.pdf", "text/html", content).content == content


@pytest.mark.parametrize(
    ("name", "told", "kept"),
    [
        ("a.pdf", "text/html", "application/pdf"),
        ("a.docx", "", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.ics", "", "text/calendar"),
        ("a.sketch", "application/x-sketch; v=1", "application/x-sketch"),
        ("a.sketch", "text/html", "application/octet-stream"),
        ("a.sketch", "no type\r\n", "application/octet-stream"),
        ("a.csv.gz", "", "application/gzip"),
    ],
)
def test_the_type_is_that_of_the_name(name: str, told: str, kept: str) -> None:
    assert read_file(name, told, b"x").content_type == kept


@pytest.mark.parametrize("size", [1, 56, 57, 58, 1_000, 100_001])
def test_a_file_takes_what_it_takes_in_a_mail(size: int) -> None:
    written = base64.encodebytes(b"x" * size).replace(b"\n", b"\r\n")
    assert len(written) <= encoded_bytes(size) < len(written) + 78


def test_the_largest_file_fits_and_one_byte_more_does_not() -> None:
    assert encoded_bytes(MOST_BYTES) <= MOST_ENCODED
    read_file("a.pdf", "", b"x" * MOST_BYTES)
    with pytest.raises(Invalid, match=r"larger than 5\.1 MB"):
        read_file("a.pdf", "", b"x" * (MOST_BYTES + 1))


def test_an_empty_file_and_one_without_a_name_are_refused() -> None:
    with pytest.raises(Invalid, match="empty"):
        read_file("a.pdf", "", b"")
    with pytest.raises(Invalid, match="Give the file a name"):
        read_file(" / ", "", PDF)


def test_all_files_of_an_email_share_its_room() -> None:
    check_room("e.pdf", 1_000, there=[1_000] * (MOST_FILES - 1))
    with pytest.raises(Invalid, match="5 files at most"):
        check_room("f.pdf", 1, there=[1] * MOST_FILES)
    half = MOST_BYTES // 2
    check_room("b.pdf", half - 100, there=[half])
    with pytest.raises(Invalid) as refused:
        check_room("b.pdf", half + 200, there=[half])
    assert "“b.pdf” has 2.6 MB; with the 2.6 MB that are there" in refused.value.detail
