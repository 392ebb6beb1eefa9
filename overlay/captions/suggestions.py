"""Words that may have been spelled where another was read: hot words, then those of an English frequency list."""

import gc
import math
import threading
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from overlay.captions.language.word_list import CANDIDATES, WordList, batches
from overlay.captions.misreading import NATS, misreading
from overlay.core.hotwords import by_spelling

if TYPE_CHECKING:
    from symspellpy import SymSpell

SUGGESTED: Final = 3
COMPARED: Final = 60  # candidates of the dictionary, closest and most frequent first
MOST_EDITS: Final = 2
SHORTEST: Final = 3  # letters that must have been read for words of the dictionary to be suggested
SHORT: Final = 2  # letters read up to which a word may differ in one letter only
MOST_MISREAD: Final = 0.3  # weight of two errors for each letter read, above which a word is not near
MOST_MISREAD_HOT: Final = 0.5  # the same for hot words
LIKELY: Final = 5.0  # natural logarithm of how many times less likely than the first of its kind a word may be
PREFIX: Final = 6  # letters of a word that the index goes by
BATCH: Final = 20  # words, about half a millisecond
REST: Final = 0.002  # seconds between two batches
FREEZE_EVERY: Final = 1000  # words
REMEMBERED: Final = 256  # words, more than two captions have


class Suggester:
    """Knows words, once it has loaded them.

    Words are ranked by how often they are written and by how likely a recogniser misreads them so. A hot word
    counts as if every word were it: of two words that were misread alike, the hot one comes first.

    Args:
        hot_words: names and other words that the user expects, as they shall be shown.
        word_list: the dictionary, where others read it too.
    """

    def __init__(self, hot_words: Sequence[str] = (), word_list: WordList | None = None) -> None:
        self._hot = by_spelling(hot_words)
        self._word_list = word_list or WordList()
        self._words: _Words | None = None
        self._lock = threading.Lock()  # what symspellpy compares words with serves one thread at a time
        self._asked: SimpleQueue[str] = SimpleQueue()
        self._answers: dict[str, tuple[str, ...]] = {}

    @property
    def loaded(self) -> bool:
        """Whether it knows its words by now."""
        return self._words is not None

    def load(self, rest: float = 0.0) -> None:
        """Read the dictionary and index it: more than half a second of work.

        Args:
            rest: seconds to rest after each half a millisecond, so that other threads can go on.
        """
        hot = self._hot
        words = _Words(hot, self._word_list, rest)
        with self._lock:
            if self._hot is not hot:
                words.expect(self._hot)
            self._words = words

    def near(self, read: str) -> tuple[str, ...]:
        """Return likely words, likeliest first. From any thread; takes half a millisecond, five at most.

        Args:
            read: one word as it was read.

        Returns:
            At most three words in upper case. None where `read` is itself a hot word or one of the dictionary,
            where nothing is near, where it is too short to tell, where it has more than the letters A to Z, and
            before the words are loaded.
        """
        if self._words is None or not (read.isascii() and read.isalpha()):
            return ()
        with self._lock:
            return self._words.near(read.upper())

    def start(self) -> None:
        """Load, and then look up what `suggest` is asked for, in a thread that leaves most of the time to others."""
        threading.Thread(target=self._answer, name="suggest words", daemon=True).start()

    def suggest(self, read: str) -> tuple[str, ...]:
        """The same as `near` at once, for one thread that asks again and again: nothing until it is looked up."""
        if self._words is None:
            return ()
        answers = self._answers  # `expect` begins another
        if read not in answers:
            if len(answers) >= REMEMBERED:
                del answers[next(iter(answers))]
            answers[read] = ()
            self._asked.put(read)
        return answers[read]

    def expect(self, hot_words: Sequence[str]) -> None:
        """Expect other hot words from now on. From any thread."""
        hot = by_spelling(hot_words)
        with self._lock:
            if hot == self._hot:
                return
            self._hot = hot
            if self._words is not None:
                self._words.expect(hot)
            self._answers = {}

    def _answer(self) -> None:
        self.load(REST)
        while True:
            read = self._asked.get()
            words = self.near(read)
            if read in self._answers:
                self._answers[read] = words


class _Words:
    """Hot words and the dictionary, indexed."""

    def __init__(self, hot: Mapping[str, Sequence[str]], word_list: WordList, rest: float) -> None:
        from symspellpy import SymSpell

        self.expect(hot)
        self._counts = word_list.load(rest)
        self._total = sum(self._counts.values())
        self._index = SymSpell(MOST_EDITS, PREFIX)
        for batch in batches(islice(self._counts, CANDIDATES), BATCH):
            for word in batch:
                self._index.create_dictionary_entry(word, self._counts[word])
            if self._index.word_count % FREEZE_EVERY == 0:
                # The index stays for good. The collector stops all threads while it looks through everything
                # there is: let it not look through 150,000 lists again and again.
                gc.freeze()
            time.sleep(rest)

    def expect(self, hot: Mapping[str, Sequence[str]]) -> None:
        """Exchange the hot words."""
        from symspellpy import SymSpell

        index = SymSpell(MOST_EDITS, PREFIX)
        for word in hot:
            index.create_dictionary_entry(word, 1)
        self._hot, self._hot_index = hot, index

    def near(self, read: str) -> tuple[str, ...]:
        """See `Suggester.near`; `read` in upper case."""
        if read in self._hot:  # perhaps written otherwise than it is spelled: JOSE is JOSÉ
            return () if read in self._hot[read] else tuple(self._hot[read][:SUGGESTED])
        if read in self._counts:
            return ()
        edits = 1 if len(read) <= SHORT else MOST_EDITS
        # Each with minus the logarithm of how likely it is that this word is spelled and read so.
        hot: list[tuple[float, str]] = []
        near: list[tuple[float, str]] = []
        for word, distance in _lookup(self._hot_index, read, edits):
            weight = misreading(read, word)
            if distance == 1 or weight <= MOST_MISREAD_HOT * len(read):
                hot += [(weight * NATS, shown) for shown in self._hot[word]]
        if len(read) >= SHORTEST:
            for word, distance in _lookup(self._index, read, edits)[:COMPARED]:
                weight = misreading(read, word)
                if distance == 1 or weight <= MOST_MISREAD * len(read):
                    near.append((weight * NATS - math.log(self._counts[word] / self._total), word))
        likely = sorted(_likely(hot) + _likely(near))
        return tuple(islice(dict.fromkeys(word for _, word in likely), SUGGESTED))


def _likely(near: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Those that are not far less likely than the likeliest of them."""
    least = min(near, default=(0.0, ""))[0]
    return [(surprise, word) for surprise, word in near if surprise - least <= LIKELY]


def _lookup(index: "SymSpell", read: str, edits: int) -> list[tuple[str, int]]:
    """Words of an index with their distance from `read`, closest and most frequent first."""
    from symspellpy import Verbosity

    return [(found.term, found.distance) for found in index.lookup(read, Verbosity.ALL, max_edit_distance=edits)]
