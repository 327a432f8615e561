"""Files are what their bytes are, and the reader is told why one cannot be sent."""

from __future__ import annotations

import base64

import pytest

from landbridge.dashboard.attachments import LARGEST_IMAGE, LARGEST_PDF, LARGEST_TEXT, Unfit, attach

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20


@pytest.mark.parametrize(
    ("data", "type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0x", "image/jpeg"),
        (b"GIF89a...", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\n\n%PDF-1.4\n", "application/pdf"),
        ("하늘 = 1\n".encode(), "text/plain"),
    ],
)
def test_a_file_is_what_its_bytes_are(data: bytes, type: str) -> None:
    file = attach("photo.exe", data)
    assert (file.name, file.type, base64.b64decode(file.data)) == ("photo.exe", type, data)


def test_folders_are_no_part_of_a_name() -> None:
    assert attach("C:\\tmp/../x.png", PNG).name == "x.png"
    assert attach("a/", PNG).name == "file"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "x.png is empty"),
        (b"\x7fELF\x00\xff", "x.png is no image"),
        (b"a\0b", "x.png is no image"),
        (b"RIFF\x10\x00\x00\x00WAVE", "x.png is no image"),
        (PNG + b"x" * LARGEST_IMAGE, "5 MB are possible"),
        (b"%PDF-1.7" + b"x" * LARGEST_PDF, "20 MB are possible"),
        (b"x" * (LARGEST_TEXT + 1), "has 1.0 MB; 1 MB are possible"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_sent_is_said(data: bytes, words: str) -> None:
    with pytest.raises(Unfit, match=words):
        attach("x.png", data)
