"""Tokens come in one by one; pieces of text go out, of whole characters and nothing of what follows a stop text."""

from collections.abc import Iterable

from tokenizers.decoders import DecodeStream
from transformers import PreTrainedTokenizerBase


class StoppedText:
    """The text of one answer while its tokens arrive. White space around it is no part of it.

    Args:
        tokenizer: The model's.
        stops: Texts before which the answer ends.

    Attributes:
        stopped (`bool`): Whether one of them was reached.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, stops: Iterable[str]):
        self._tokenizer, self._decoder = tokenizer.backend_tokenizer, DecodeStream(skip_special_tokens=True)
        self._beginnings = {stop[:length] for stop in stops for length in range(1, len(stop))}
        self._stops = tuple(stops)
        self._begun = False
        # Read and not given out: it may turn out to belong to a stop text, or to the white space at the end.
        self._held = ""
        self.stopped = False

    def add(self, token: int) -> str:
        """The piece that a token completes, often empty; after a stop text, always."""
        if self.stopped:
            return ""
        self._held += self._decoder.step(self._tokenizer, token) or ""
        cuts = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if cuts:
            self.stopped = True
            self._held = self._held[: min(cuts)]
            return self.end()
        longest = max((len(text) for text in self._beginnings if self._held.endswith(text)), default=0)
        return self._give(self._held[: len(self._held) - longest].rstrip())

    def end(self) -> str:
        """The last piece, when no more tokens come."""
        piece = self._give(self._held.rstrip())
        self._held = ""
        return piece

    def _give(self, piece: str) -> str:
        """Take a piece off what is held; a stop text may lie in the white space before the first, so it is held until here."""
        self._held = self._held[len(piece) :]
        if not self._begun:
            piece = piece.lstrip()
        self._begun = self._begun or bool(piece)
        return piece
