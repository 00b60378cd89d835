"""What a picture must be, and what is taken out of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.content.images.image import MAX_BYTES, MAX_SIDE, read_picture
from clarion.kernel.errors import Invalid
from support.pictures import (
    CAMERA,
    from_a_camera,
    gif_that_says,
    moving,
    opened,
    picture,
    png_that_says,
)

if TYPE_CHECKING:
    from PIL import Image

KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


def _refused(content: bytes, name: str = "a.png") -> str:
    with pytest.raises(Invalid) as refused:
        read_picture(content, name=name)
    assert [fault.pointer for fault in refused.value.faults] == ["/file"]
    return refused.value.detail


def _is_blue(image: Image.Image, x: int, y: int) -> bool:
    pixel = image.convert("RGB").getpixel((x, y))
    assert isinstance(pixel, tuple)
    red, green, blue = pixel
    return blue > 200 and max(red, green) < 90


@pytest.mark.parametrize(("kind", "content_type"), KINDS.items())
def test_a_picture_is_what_its_content_is_whatever_its_name_says(
    kind: str, content_type: str
) -> None:
    read = read_picture(picture(kind), name="page.html")
    assert (read.content_type, read.width, read.height) == (content_type, 24, 16)
    assert read.name == "page.html"
    assert opened(read.content).format == kind
    assert read.checksum == hashlib.sha256(read.content).digest()


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script></html>",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a" + b"\0" * 8,
        picture("BMP"),
        picture("TIFF"),
        b"%PDF-1.7",
    ],
    ids=["svg", "html", "head of a png", "head of a gif", "bmp", "tiff", "pdf"],
)
def test_what_is_no_picture_of_these_kinds_is_refused(content: bytes) -> None:
    assert "Choose a PNG, JPEG, GIF or WebP" in _refused(content)


def test_an_empty_file_is_refused() -> None:
    assert "empty" in _refused(b"")


def test_a_file_is_refused_from_one_byte_too_many() -> None:
    # A GIF may have anything behind its end.
    gif = picture("GIF")
    assert read_picture(gif + b"\0" * (MAX_BYTES - len(gif)), name="a.gif").width == 24
    assert "5 MB is the most" in _refused(gif + b"\0" * (MAX_BYTES - len(gif) + 1))


def test_the_longest_side_counts() -> None:
    assert read_picture(picture(size=(MAX_SIDE, 1)), name="a.png").width == MAX_SIDE
    assert read_picture(picture(size=(1, MAX_SIDE)), name="a.png").height == MAX_SIDE
    assert "4001 by 1 pixels" in _refused(picture(size=(MAX_SIDE + 1, 1)))
    assert "1 by 4001 pixels" in _refused(picture(size=(1, MAX_SIDE + 1)))


@pytest.mark.parametrize("side", [5_000, 10_000, 12_000, 60_000])
def test_a_small_file_that_says_to_be_huge_is_refused_unread(side: int) -> None:
    content = png_that_says(side, side)
    assert len(content) < 200
    assert "4000 on each side" in _refused(content)


def test_a_moving_picture_has_so_many_pixels_at_most() -> None:
    assert "17 frames of 4000 by 3900 pixels" in _refused(
        gif_that_says(17, width=4_000, height=3_900)
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_the_camera_tells_is_taken_out(kind: str) -> None:
    content = from_a_camera(kind)
    assert CAMERA.encode() in content
    read = read_picture(content, name="a")
    assert CAMERA.encode() not in read.content
    kept = opened(read.content)
    kept.load()
    assert not kept.getexif()
    assert "xmp" not in kept.info
    assert _is_blue(kept, 4, 8)
    assert not _is_blue(kept, 20, 8)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_was_taken_on_its_side_stands_upright(kind: str) -> None:
    # 6: the camera was turned, the left of the stored pixels is the top of the picture.
    read = read_picture(from_a_camera(kind, orientation=6), name="a")
    assert (read.width, read.height) == (16, 24)
    upright = opened(read.content)
    assert upright.size == (16, 24)
    assert _is_blue(upright, 8, 4)
    assert not _is_blue(upright, 8, 20)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_a_moving_picture_goes_on_moving(kind: str) -> None:
    kept = opened(read_picture(moving(kind), name="a").content)
    assert getattr(kept, "n_frames", 1) == 3
    kept.seek(1)
    kept.load()
    assert kept.info["duration"] == 120


def test_a_gif_is_kept_as_it_is() -> None:
    gif = moving("GIF")
    assert read_picture(gif, name="a.gif").content == gif


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_can_be_seen_through_stays_so(kind: str) -> None:
    kept = opened(read_picture(picture(kind, mode="RGBA", color="#ff000080"), name="a").content)
    pixel = kept.convert("RGBA").getpixel((3, 3))
    assert isinstance(pixel, tuple)
    assert pixel[3] == 128


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_picture_twice_has_one_checksum(kind: str) -> None:
    one = read_picture(picture(kind), name="one")
    assert read_picture(picture(kind), name="two").checksum == one.checksum
    assert read_picture(picture(kind, color="blue"), name="one").checksum != one.checksum


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("C:\\Users\\ana\\logo.png", "logo.png"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nb\0.png", "ab.png"),
        ("half\ud800.png", "half.png"),
        ("", "Picture.png"),
        ("///", "Picture.png"),
        ("x" * 300, "x" * 200),
        ("Überblick 1.png", "Überblick 1.png"),
    ],
)
def test_a_name_is_one_that_a_list_can_show(given_name: str, name: str) -> None:
    assert read_picture(picture(), name=given_name).name == name


# Pillow says so when what a camera told is broken; it is taken out all the same.
@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=300, deadline=None)
@given(
    content=st.sampled_from(
        [picture(kind) for kind in KINDS]
        + [moving(kind) for kind in ("GIF", "PNG", "WEBP")]
        + [from_a_camera(kind) for kind in ("JPEG", "PNG", "WEBP")]
    ),
    cut=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=6),
)
def test_a_broken_file_is_refused_in_words_or_read(
    content: bytes, cut: float, changes: list[tuple[float, int]]
) -> None:
    broken = bytearray(content[: round(len(content) * (1 - cut / 3))])
    for place, value in changes:
        broken[int(place * len(broken))] = value
    try:
        read = read_picture(bytes(broken), name="a")
    except Invalid as refused:
        assert refused.detail.endswith(".")  # noqa: PT017
    else:
        assert opened(read.content).size == (read.width, read.height)
