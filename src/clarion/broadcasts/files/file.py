"""A file that goes along with a step's mail, and which files may."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from mimetypes import MimeTypes
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NewType
from uuid import UUID

from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from datetime import datetime

FileId = NewType("FileId", UUID)

MOST_FILES = 5

#: In a mail a file is written in base64, lines of 76 letters for 57 bytes each. Mailboxes take
#: mails of 10 to 25 MB and SendGrid requests of 30 MB; 7 MB of files leave room for the mail
#: itself, for what servers on the way add, and for the strictest of them.
MOST_ENCODED = 7 * 1024 * 1024
_LINE_BYTES, _LINE_ENCODED = 57, 78

#: The same in bytes of the files themselves, a little more than 5 MB.
MOST_BYTES = MOST_ENCODED // _LINE_ENCODED * _LINE_BYTES

_MEGABYTE = 1024 * 1024
_LONGEST_NAME = 150
_LONGEST_ENDING = 12

_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,80}/[a-z0-9][a-z0-9.+-]{0,80}")
_UNKNOWN_TYPE = "application/octet-stream"

#: Of the library alone: what a machine knows besides would make each machine name types otherwise.
_TYPES = MimeTypes()
_OFFICE = "application/vnd.openxmlformats-officedocument"
for _kind, _ending in (
    ("wordprocessingml.document", ".docx"),
    ("spreadsheetml.sheet", ".xlsx"),
    ("presentationml.presentation", ".pptx"),
):
    _TYPES.add_type(f"{_OFFICE}.{_kind}", _ending)
_TYPES.add_type("text/calendar", ".ics")

#: Between letters these two belong to the spelling of a name.
_JOINERS = "\u200c\u200d"

#: What mailboxes refuse since it runs when it is opened; one such file and the whole mail is gone.
_DANGEROUS = frozenset(
    re.findall(
        r"\w+",
        """
        ade adp apk app appx appxbundle bat cab chm cmd com command cpl diagcab diagcfg
        diagpack dll dmg ex ex_ exe gadget hta htm html img inf ins iso isp jar jnlp js jse
        jsp ksh lib lnk mde mht mhtml mjs msc msh msi msix msixbundle msp mst nsh pif php pl
        ps1 ps1xml ps2 psc1 psm1 py pyw rb reg scf scr sct sh shb shtml svg svgz sys url vb
        vbe vbs vhd vhdx vxd wsc wsf wsh xhtml xht xll
        """,
    )
)

#: How programs begin, whatever they are called.
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\x00asm",
    b"dex\n",
    b"#!",
    b"MSCF",
    b"ITSF",
    b"L\x00\x00\x00\x01\x14\x02\x00",
)

#: How pages begin that a browser runs, after blanks and remarks.
_PAGE = re.compile(
    rb"(?:\s|<!--.*?-->|<\?xml.*?\?>)*"
    rb"<(?:!doctype\s+(?:html|svg)|html|head|body|script|iframe|svg)\b",
    re.IGNORECASE | re.DOTALL,
)
_LOOKED_AT = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """Cleaned and looked through."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFile:
    """What is known of a stored file besides its content. `bytes`: the length of that."""

    id: FileId
    name: str
    content_type: str
    bytes: int
    created_at: datetime


def encoded_bytes(size: int) -> int:
    """How much a file of `size` bytes adds to a mail."""
    return -(-size // _LINE_BYTES) * _LINE_ENCODED


def read_file(name: str, content_type: str, content: bytes) -> NewFile:
    """Raises Invalid for what is empty, too large or dangerous, by its name or as it begins."""
    cleaned = clean_name(name)
    if not cleaned:
        raise wrong("/name", "Give the file a name.")
    if not content:
        raise wrong("/file", f"“{cleaned}” is empty. Choose a file with something in it.")
    check_size(len(content), name=cleaned)
    _check_harmless(cleaned, content)
    return NewFile(name=cleaned, content_type=_type_of(cleaned, content_type), content=content)


def check_size(size: int, *, name: str = "The file") -> None:
    """Raises Invalid for a file that is too large even when it is the only one."""
    if encoded_bytes(size) > MOST_ENCODED:
        raise wrong("/file", f"{_quoted(name)} is larger than {in_megabytes(MOST_BYTES)}. {_WAY}")


def check_room(name: str, size: int, *, there: list[int]) -> None:
    """`there`: the sizes of the step's other files. Raises Invalid when this one is too much."""
    if len(there) >= MOST_FILES:
        raise wrong("/file", f"An email takes {MOST_FILES} files at most. Remove one first.")
    if sum(map(encoded_bytes, [*there, size])) > MOST_ENCODED:
        raise wrong(
            "/file",
            f"{_quoted(name)} has {in_megabytes(size)}; with the {in_megabytes(sum(there))} that "
            f"are there it is more than {in_megabytes(MOST_BYTES)}. {_WAY}",
        )


def clean_name(name: str) -> str:
    """Without folders and without signs that no list can show; letters of any language stay."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    shown = "".join(each for each in last if each.isprintable() or each in _JOINERS)
    shown = shown.strip().rstrip(". ")
    stem, dot, ending = shown.rpartition(".")
    if dot and len(ending) <= _LONGEST_ENDING:
        return f"{stem[: _LONGEST_NAME - len(ending) - 1]}.{ending}"
    return shown[:_LONGEST_NAME]


def in_megabytes(size: int) -> str:
    if size < _MEGABYTE / 10:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / _MEGABYTE:.1f} MB"


def wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])


_WAY = "Make it smaller, or put it on the web and link to it."


def _check_harmless(name: str, content: bytes) -> None:
    _, dot, ending = name.lower().rpartition(".")
    if dot and ending in _DANGEROUS:
        raise wrong(
            "/name",
            f"Mailboxes refuse .{ending} files, and the email with them. "
            "Send a PDF, or a link to the file.",
        )
    head = content[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf")
    what = "a program" if head.startswith(_PROGRAMS) else "a page" if _PAGE.match(head) else None
    if what is not None:
        raise wrong(
            "/file",
            f"{_quoted(name)} is {what}, whatever its name says, and mailboxes refuse such files. "
            "Send a PDF, or a link to the file.",
        )


def _type_of(name: str, told: str) -> str:
    """By the name, as mail programs judge it; what was told only where the name says nothing."""
    guessed, packed = _TYPES.guess_type(name)
    told = told.partition(";")[0].strip().lower()
    if packed is not None:
        return f"application/{packed}"
    if guessed is not None:
        return guessed
    is_page = told in ("text/html", "application/xhtml+xml", "image/svg+xml")
    return told if _CONTENT_TYPE.fullmatch(told) and not is_page else _UNKNOWN_TYPE


def _quoted(name: str) -> str:
    return name if name == "The file" else f"“{name}”"
