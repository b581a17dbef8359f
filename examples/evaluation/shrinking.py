"""A picture's file comes in; a small WebP file of the same picture goes out."""

import io

from PIL import Image


QUALITY = 82
WORTH = 1.25  # how much larger than a lossy file a lossless one may be


def shrink(file: bytes, longest: int) -> bytes:
    """Encode a picture anew, scaled down if a side is longer than `longest` pixels, without loss where that costs little."""
    picture = Image.open(io.BytesIO(file)).convert("RGB")
    if max(picture.size) > longest:
        picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    exact, lossy = (
        _encoded(picture, lossless=lossless, quality=quality) for lossless, quality in ((True, 80), (False, QUALITY))
    )
    return exact if len(exact) <= WORTH * len(lossy) else lossy


def _encoded(picture: Image.Image, **how) -> bytes:
    file = io.BytesIO()
    picture.save(file, "WEBP", method=4, **how)
    return file.getvalue()
