"""An English frequency list, read once and shared by those that know words."""

import importlib.resources
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, TypeVar

T = TypeVar("T")

DICTIONARY: Final = "frequency_dictionary_en_82_765.txt"  # in symspellpy: lines of a word and its count
CANDIDATES: Final = 30_000  # the most frequent words; rarer ones are known as words, but not suggested
BATCH: Final = 400  # lines, about half a millisecond


class WordList:
    """Frequencies of words, once they have been loaded. Any thread may load and read them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Mapping[str, int] | None = None

    def load(self, rest: float = 0.0) -> Mapping[str, int]:
        """Return the words in upper case with their counts, most frequent first; read at the first call only.

        Args:
            rest: seconds to rest after each half a millisecond, so that other threads can go on.
        """
        with self._lock:
            if self._counts is None:
                counts: dict[str, int] = {}
                with (importlib.resources.files("symspellpy") / DICTIONARY).open(encoding="utf-8-sig") as lines:
                    for batch in batches(lines, BATCH):
                        counts.update((word.upper(), int(count)) for word, count in map(str.split, batch))
                        if rest:
                            time.sleep(rest)
                self._counts = dict(sorted(counts.items(), key=lambda entry: -entry[1]))
            return self._counts


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of up to `size` items, in order."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
