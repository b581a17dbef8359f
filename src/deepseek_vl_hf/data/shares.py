"""Shares and draw numbers come in; which source each draw is from, and which row of it, goes out, with no state.

Everything is computed from the seed and a number alone: any stretch of draws can be looked up without those before it, on any
machine.

Letters: B draws looked up at a time.
"""

from collections.abc import Sequence

import numpy as np


def hashed(*words: int | np.ndarray) -> np.ndarray:
    """Mix integers into pseudo-random 64-bit ones (Steele et al., 2014, "Fast splittable pseudorandom number generators")."""
    mixed = np.uint64(0)
    with np.errstate(over="ignore"):
        for word in words:
            mixed = mixed + np.asarray(word).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed = mixed ^ (mixed >> np.uint64(31))
    return mixed


def uniform(*words: int | np.ndarray) -> np.ndarray:
    """Mix integers into pseudo-random numbers in [0, 1)."""
    return (hashed(*words) >> np.uint64(11)) * 2.0**-53


def permuted(places: np.ndarray, sizes: np.ndarray | int, keys: np.ndarray | int) -> np.ndarray:
    """Look up places in pseudo-random permutations of `range(size)` that are never written out.

    A Feistel network permutes the next power of two; what falls outside is sent through again until it falls inside.

    Args:
        places (`np.ndarray` of shape `(B,)`): Integers in `[0, size)`.
        sizes (`np.ndarray` of shape `(B,)` or `int`): Length of the permutation that each place is looked up in.
        keys (`np.ndarray` of shape `(B,)` or `int`): Which permutation of that length.

    Returns:
        `np.ndarray` of shape `(B,)`, int64.
    """
    sizes, keys = (np.broadcast_to(np.asarray(value), places.shape) for value in (sizes, keys))
    bits = np.maximum(2, np.ceil(np.log2(np.maximum(sizes, 2)))).astype(np.uint64)
    narrow = bits >> np.uint64(1)
    widths = np.stack([bits - narrow, narrow])  # of the left and of the right half
    rounds, limit = hashed(keys, np.arange(4)[:, None]), sizes.astype(np.uint64)  # (4, B)
    found, outside = places.astype(np.uint64), np.arange(len(places))
    while len(outside):
        width, key, passing = widths[:, outside], rounds[:, outside], found[outside]
        masks = (np.uint64(1) << width) - np.uint64(1)
        left, right = passing >> width[1], passing & masks[1]
        for turn in range(4):
            mixed = (right ^ key[turn]) * np.uint64(0x9E3779B97F4A7C15)
            left, right = right, left ^ ((mixed >> np.uint64(33)) & masks[turn % 2])
        passing = left << width[1] | right
        found[outside] = passing
        outside = outside[passing >= limit[outside]]
    return found.astype(np.int64)


class SourceMixture:
    """Spread draws over sources so that each has its share in any stretch of draws, and say which draw of it each is.

    Sources are split in two halves of about equal weight, the halves again, and so on; every split hands out draws by
    error diffusion. A stretch of draws, wherever it starts and however long, has fewer than four draws too few or too many
    of any source.

    Args:
        weights: One for each source, above 0; they need not sum to 1.
        seed: Shifts where the diffusion starts.
    """

    def __init__(self, weights: Sequence[float], seed: int = 0):
        self.weights, self.seed = tuple(weights), seed

    def locate(self, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Look draws up.

        Args:
            draws (`np.ndarray` of shape `(B,)`): Numbers of draws, from 0.

        Returns:
            The source of each and its number among the draws of that source, both of shape `(B,)`, int64.
        """
        sources, numbers = np.zeros_like(draws), np.zeros_like(draws)
        self._split(draws, np.arange(len(draws)), list(range(len(self.weights))), sources, numbers)
        return sources, numbers

    def _split(self, draws, where, group: list[int], sources, numbers) -> None:
        if not len(where):
            return
        if len(group) == 1:
            sources[where], numbers[where] = group[0], draws
            return
        sums = np.cumsum([self.weights[source] for source in group])
        middle = min(max(1, int(np.searchsorted(sums, sums[-1] / 2)) + 1), len(group) - 1)
        share, phase = sums[middle - 1] / sums[-1], uniform(self.seed, group[0], group[-1])
        before, after = np.floor(draws * share + phase), np.floor((draws + 1) * share + phase)
        in_first, of_first = after > before, before.astype(np.int64)
        self._split(of_first[in_first], where[in_first], group[:middle], sources, numbers)
        self._split((draws - of_first)[~in_first], where[~in_first], group[middle:], sources, numbers)
