"""A row comes in; short numbers by which it is recognised again, exactly or nearly, go out.

    exact      16 bytes of the text and the pictures' bytes
    words      16 bytes of the text alone, without case, punctuation and spaces
    pieces     MinHash of the text's five-character pieces; none for short texts, which are the same or not
    pictures   perceptual hash (64 bits) of each picture

MinHash is `datasketch`'s, the perceptual hash `imagehash`'s (DCT).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from .rows import texts_of


SHORT = 150  # characters below which texts are nearly the same only if they are the same
PIECE = 5  # characters
NUM_HASHES = 64  # of MinHash
NGRAM = 13  # words, or hanzi, that are taken for a quotation (Brown et al., 2020, appendix C)
WORD = re.compile(r"[\u4e00-\u9fff]|[^\W_]+")  # a hanzi or a word


@dataclass(frozen=True)
class Signature:
    """What a row is recognised by; see the module."""

    exact: bytes
    words: bytes
    pieces: bytes | None
    pictures: tuple[int, ...]

    @classmethod
    def from_columns(cls, columns: Mapping[str, Any]) -> "Signature":
        """A signature as it stands in a table."""
        return cls(columns["exact"], columns["words"], columns["pieces"], tuple(columns["pictures"]))


def words_of(text: str) -> list[str]:
    """The words of a text, and its hanzi one by one, without case and punctuation."""
    return WORD.findall(text.casefold())


def sign(row: Mapping[str, Any], near: bool = True) -> Signature:
    """Take the signature of a row with encoded pictures.

    Args:
        row: See `rows`.
        near: Whether to take what recognises rows that are nearly the same.
    """
    text = "\n".join(texts_of(row))
    exact = blake2b(text.encode(), digest_size=16)
    for picture in row["images"]:
        exact.update(picture["bytes"])
    plain = " ".join(words_of(text))
    words = blake2b((plain or text).encode(), digest_size=16).digest()
    pieces = min_hash(plain) if near and len(plain) >= SHORT else None
    pictures = tuple(picture_hash(picture["bytes"]) for picture in row["images"]) if near else ()
    return Signature(exact.digest(), words, pieces, pictures)


def min_hash(text: str) -> bytes:
    """MinHash of a text's pieces, `NUM_HASHES` numbers of 32 bits."""
    from datasketch import MinHash

    pieces = {text[start : start + PIECE].encode() for start in range(len(text) - PIECE + 1)}
    found = MinHash(num_perm=NUM_HASHES, seed=1)
    found.update_batch(sorted(pieces))
    return found.hashvalues.astype(np.uint32).tobytes()


def similarity(first: bytes, second: bytes) -> float:
    """Estimate which share of their pieces two texts have in common, from their MinHash."""
    one, other = (np.frombuffer(value, np.uint32) for value in (first, second))
    return float((one == other).mean())


def picture_hash(data: bytes) -> int:
    """Perceptual hash of an encoded picture: nearly the same for copies that were scaled or compressed."""
    import imagehash

    with Image.open(BytesIO(data)) as picture:
        bits = imagehash.phash(picture.convert("L")).hash.ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def distance(first: int, second: int) -> int:
    """Bits by which two perceptual hashes differ."""
    return (first ^ second).bit_count()


def ngrams(text: str, length: int = NGRAM) -> Iterable[bytes]:
    """Every run of so many words of a text, hashed."""
    words = words_of(text)
    for start in range(len(words) - length + 1):
        yield blake2b(" ".join(words[start : start + length]).encode(), digest_size=8).digest()
