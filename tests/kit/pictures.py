"""What a phone's camera sends."""

from __future__ import annotations

import io

from PIL import Image


def picture() -> bytes:
    """A photo on which there is nothing."""
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), "white").save(buffer, "JPEG")
    return buffer.getvalue()
