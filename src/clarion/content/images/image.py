"""Pictures for mails: what they really are, how large, and without what a camera told in them."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NewType
from uuid import UUID

from PIL import Image, ImageFile, ImageOps

from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from datetime import datetime

ImageId = NewType("ImageId", UUID)

MAX_BYTES = 5 * 1024 * 1024
MAX_SIDE = 4_000

#: Pixels of all frames of a moving picture: what a few kilobytes can make a reader work through.
_MAX_PIXELS = 250_000_000

_MAX_NAME = 200

#: By the name that Pillow has for it: the content type, and how a file is called that has no name.
#: A JPEG with a second picture behind it (many phones write one) is an MPO.
_KINDS = {
    "PNG": ("image/png", "png"),
    "JPEG": ("image/jpeg", "jpg"),
    "MPO": ("image/jpeg", "jpg"),
    "GIF": ("image/gif", "gif"),
    "WEBP": ("image/webp", "webp"),
}

_READ = ("PNG", "JPEG", "GIF", "WEBP")

#: What says how a picture looks or moves; all else that a file tells of itself is left out.
_KEPT = ("icc_profile", "transparency", "background", "duration", "loop", "default_image", "adobe")

#: What Pillow raises for files that are broken in one way or another.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
)

#: Far more pixels than MAX_SIDE allows.
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)

_ORIENTATION = 0x0112

#: Where re-coding loses something, this loses nothing that is seen.
_QUALITY = 92


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A file that was looked through. `checksum`: SHA-256 of `content`."""

    name: str
    content_type: str
    width: int
    height: int
    content: bytes
    checksum: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    """What is known of a stored picture besides its content. `bytes`: the length of that."""

    id: ImageId
    name: str
    content_type: str
    width: int
    height: int
    bytes: int
    uploaded_by: str
    created_at: datetime


def read_picture(content: bytes, *, name: str, pointer: str = "/file") -> Picture:
    """Takes some tenths of a second for a large one. Raises Invalid for what is no PNG, JPEG, GIF
    or WebP, whatever its name says, for one that is too large, and for one that is broken."""
    if not content:
        raise _wrong(pointer, "The file is empty. Choose a picture.")
    if len(content) > MAX_BYTES:
        raise _wrong(
            pointer,
            f"The picture has {len(content) / 1024 / 1024:.1f} MB. "
            f"Make it smaller: {MAX_BYTES // 1024 // 1024} MB is the most.",
        )
    try:
        # Reads the head only; the pixels wait until their number is known to be harmless.
        with Image.open(BytesIO(content), formats=_READ) as opened:
            if max(opened.size) > MAX_SIDE:
                raise _wrong(
                    pointer,
                    f"The picture is {opened.width} by {opened.height} pixels. "
                    f"Make it smaller: {MAX_SIDE} on each side is the most.",
                )
            content_type, ending = _KINDS[opened.format or ""]
            cleaned, width, height = _cleaned(opened, content, pointer)
    except _BOMBS as error:
        raise _wrong(
            pointer,
            f"The picture has too many pixels: {MAX_SIDE} on each side are the most.",
        ) from error
    except _BROKEN as error:
        raise _wrong(
            pointer,
            "This is no picture that can be read. Choose a PNG, JPEG, GIF or WebP file.",
        ) from error
    return Picture(
        name=_clean_name(name) or f"Picture.{ending}",
        content_type=content_type,
        width=width,
        height=height,
        content=cleaned,
        checksum=hashlib.sha256(cleaned).digest(),
    )


def _cleaned(opened: ImageFile.ImageFile, content: bytes, pointer: str) -> tuple[bytes, int, int]:
    """The file without what it tells of the camera and the place, its width and its height."""
    kind = opened.format
    frames = 1 if kind == "MPO" else getattr(opened, "n_frames", 1)
    if frames * opened.width * opened.height > _MAX_PIXELS:
        raise _wrong(
            pointer,
            f"The picture has {frames} frames of {opened.width} by {opened.height} pixels. "
            "Leave some out or make it smaller.",
        )
    for frame in range(frames):
        opened.seek(frame)
        opened.load()
    opened.seek(0)
    # After loading: a PNG may tell of itself behind its pixels, too.
    told = "exif" in opened.info or "xmp" in opened.info or bool(opened.getexif())
    if kind == "GIF" or (kind == "WEBP" and not told):
        # A GIF knows no EXIF; to write its frames anew would change how they follow each other.
        return content, opened.width, opened.height
    turned = frames == 1 and opened.getexif().get(_ORIENTATION, 1) != 1
    picture = ImageOps.exif_transpose(opened) if turned else opened
    picture.info = {key: opened.info[key] for key in _KEPT if key in opened.info}
    out = BytesIO()
    if kind == "PNG":
        picture.save(out, "PNG", save_all=frames > 1)
    elif kind == "WEBP":
        picture.save(out, "WEBP", save_all=frames > 1, quality=_QUALITY, exif=b"", xmp=b"")
    else:
        # The tables of the original, unless the pixels were turned: nothing more is lost.
        kept = kind == "JPEG" and not turned
        picture.save(out, "JPEG", quality="keep" if kept else _QUALITY)
    return out.getvalue(), picture.width, picture.height


def _clean_name(name: str) -> str:
    """Without folders, and without signs that no list can show."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(each for each in last if each.isprintable()).strip()[:_MAX_NAME]


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])
