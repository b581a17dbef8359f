"""Sentences and a dictionary come in; single words of both languages, each by itself worth reading, go out."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .packages import fetch, named
from .prose import UNWANTED, is_common


LEAST_SEEN = 3  # times in the texts, of an English word
ENGLISH_LENGTH, CHINESE_LENGTH = (3, 14), (2, 4)  # letters, characters
LEAST_FREQUENT = 250  # in the dictionary's own count, of a Chinese word
# The dictionary's classes: nouns, verbs, adjectives, adverbs, idioms and set phrases; no names of persons and places.
CLASSES = frozenset(["n", "v", "vn", "a", "ad", "an", "d", "i", "l", "s", "t", "z"])
UNWANTED_CHINESE = re.compile(
    "妓|奸|淫|嫖|娼|尸|屎|尿|屁|鬼子|杀|强暴|性交|性器|阴茎|阴道|阴部|自杀|吸毒|法轮|台独|藏独|疆独|共匪|支那|蛮夷"
)


def english_words(sentences: Sequence[str]) -> list[str]:
    """Words of the sentences, in lower case unless they are always capitals within one, in alphabetical order."""
    plain, capital = Counter(), Counter()
    for sentence in sentences:
        for place, found in enumerate(re.finditer(r"(?<![\w'-])[A-Za-z]+(?![\w'-])", sentence)):
            word = found.group()
            if word.islower():
                plain[word] += 1
            elif place and word[1:].islower() and re.search(r"[a-z,;] $", sentence[: found.start()]):
                capital[word] += 1
    words = [word for word, count in plain.items() if count >= LEAST_SEEN]
    words += [word for word, count in capital.items() if count >= LEAST_SEEN and word.lower() not in plain]
    shortest, longest = ENGLISH_LENGTH
    return sorted(word for word in words if shortest <= len(word) <= longest and not UNWANTED.search(word))


def chinese_words(folder: Path) -> list[str]:
    """Frequent words of the dictionary, the most frequent first."""
    path = fetch(named("@node-rs/jieba"), folder) / "dict.txt"
    shortest, longest = CHINESE_LENGTH
    counts = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, count, kind = line.split(" ")
        if kind in CLASSES and shortest <= len(word) <= longest and int(count) >= LEAST_FREQUENT:
            counts[word] = int(count)
    kept = [word for word in counts if all(map(_is_hanzi, word)) and not UNWANTED_CHINESE.search(word)]
    return sorted(kept, key=lambda word: (-counts[word], word))


def _is_hanzi(mark: str) -> bool:
    """Whether it is one of the 3755 most common characters, which stand before 0xD8 in GB 2312."""
    return "\u4e00" <= mark <= "\u9fff" and is_common(mark) and mark.encode("gb2312")[0] < 0xD8
