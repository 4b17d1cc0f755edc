"""What a phone's camera sends."""

from __future__ import annotations

import io

from PIL import Image


def photo() -> bytes:
    """There is nothing on it."""
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), "white").save(buffer, "JPEG")
    return buffer.getvalue()
