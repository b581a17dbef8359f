"""What the language model has read: the keys of a prompt come in, how much of it need not be read again goes out.

A key is what the cache at one position depends on: a token's id, or for an image token the picture behind it. A new prompt shares
with the cache what their keys share from the start; the rest of the cache is cut off.
"""

from collections.abc import Sequence

from transformers import DynamicCache


class Prefix:
    """Keys and values of the last prompt and its answer.

    Attributes:
        cache (`DynamicCache`): For `generate`, which adds to it.
    """

    def __init__(self):
        self.forget()

    def forget(self) -> None:
        """Give the memory back."""
        self.cache, self._keys = DynamicCache(), []

    def reuse(self, keys: Sequence[int | str]) -> int:
        """Cut the cache back to what it shares with a prompt.

        Args:
            keys: Of all tokens of the prompt; those of a picture are equal strings.

        Returns:
            `int`: How many tokens that is: all but one at most, because the scores after the last token are the first of the answer.
        """
        length = self.cache.get_seq_length()
        limit = min(len(self._keys), length, len(keys) - 1)
        shared = next((at for at in range(limit) if self._keys[at] != keys[at]), limit)
        if shared == 0:
            self.forget()
        elif shared < length:
            self.cache.crop(shared - length)
        self._keys = self._keys[:shared]  # until `grow` says what was read after them
        return shared

    def grow(self, keys: Sequence[int | str]) -> None:
        """Note what the cache was filled with; it may hold less, never more, for the last token was drawn and not read."""
        self._keys = list(keys)
