"""What a row is made of comes in; whether that is for training or held out goes out, by its hash alone.

An item is anything that must not be seen in training when it is asked about in a test: a text, a drawing of a thing, the numbers
of a chart, a font. It is named by its kind and a key: "font:DejaVu Sans". A row of the split "train" has no held-out item; a row of
"test" has at least one. So nothing that a test asks about has ever been in training, in any wording, size or colour.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Literal, TypeVar


Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")
HELD_OUT_SHARE = 1 / 12  # of the items of each kind
# Part of every hash; changing it moves every item. The smallest number with which the fonts that every build has, DejaVu and the two
# Noto faces for Chinese, are for training, three to five others for Latin letters are held out, of several styles, and one for Chinese.
SALT = "4"
# Whole kinds of items that are held out besides: the drawings of one vendor, for a style that nobody has trained on. Its silhouettes
# are the least like those of any other vendor.
HELD_OUT_WHOLLY = ("drawing:noto-v1/",)
T = TypeVar("T")


def item(kind: str, key: str) -> str:
    """Name an item: its kind, and a key; a long key by its hash."""
    key = " ".join(key.split())
    return f"{kind}:{key if len(key) <= 64 else sha256(key.encode()).hexdigest()[:24]}"


def is_held_out(name: str) -> bool:
    """Whether an item, as `item` names it, is held out."""
    if name.startswith(HELD_OUT_WHOLLY):
        return True
    number = int.from_bytes(sha256(f"{SALT}:{name}".encode()).digest()[:8], "big")
    return number < HELD_OUT_SHARE * 2**64


def split_of(items: Iterable[str]) -> Split:
    """The split that a row of these items belongs to: the test as soon as one of them is held out."""
    return "test" if any(is_held_out(name) for name in items) else "train"


def of_split(options: Sequence[T], kind: str, split: Split, key=str) -> list[T]:
    """The options that are held out, or those that are not."""
    return [option for option in options if is_held_out(item(kind, key(option))) == (split == "test")]
