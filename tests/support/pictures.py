"""Pictures made up for tests, as a camera, a designer or an attacker would send them."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

#: Stands in what a camera tells of itself; nobody may find it in a stored file.
CAMERA = "ClarionCam of 7 Secret Street"

_MAKER, _DESCRIPTION, _ORIENTATION = 0x010F, 0x010E, 0x0112


def picture(
    kind: str = "PNG", *, size: tuple[int, int] = (24, 16), color: str = "red", mode: str = "RGB"
) -> bytes:
    """A file of one colour."""
    return _saved(Image.new(mode, size, color), kind)


def from_a_camera(kind: str, *, orientation: int = 1, size: tuple[int, int] = (24, 16)) -> bytes:
    """The left half blue, the rest white; it tells of the camera, in EXIF and where else it can."""
    image = Image.new("RGB", size, "white")
    image.paste("blue", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[_MAKER] = exif[_DESCRIPTION] = CAMERA
    exif[_ORIENTATION] = orientation
    more: dict[str, Any] = {"quality": 95} if kind != "PNG" else {}
    if kind != "PNG":
        more["xmp"] = f"<x>{CAMERA}</x>".encode()
    if kind == "JPEG":
        more["comment"] = CAMERA
    return _saved(image, kind, exif=exif, **more)


def moving(kind: str, *, frames: int = 3, size: tuple[int, int] = (20, 10)) -> bytes:
    """Each frame of another colour, 120 ms each, for ever."""
    colors = ["red", "green", "blue", "white", "black"]
    made = [Image.new("RGB", size, colors[n % len(colors)]) for n in range(frames)]
    first, *others = made
    return _saved(first, kind, save_all=True, append_images=others, duration=120, loop=0)


def gif_that_says(frames: int, *, width: int, height: int) -> bytes:
    """A few bytes that are a moving picture of any size: each frame changes one pixel of it."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * frames + b";"


def png_that_says(width: int, height: int) -> bytes:
    """A few bytes whose head tells of any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 64)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def _saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()
