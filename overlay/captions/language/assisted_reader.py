"""An assisted reading of a spelled word: the word of a list that it may be, where that is clearly better."""

import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overlay.captions.language.character_model import CharacterModel
from overlay.captions.language.confusions import read_where_spelled
from overlay.captions.language.near_words import NearWords
from overlay.captions.language.scoring import BLANK, CLASSES, any_word, forward, stretches
from overlay.captions.language.weights import FITTED, Weights
from overlay.captions.language.word_list import CANDIDATES, WordList
from overlay.core.hotwords import by_spelling

AROUND: Final = 0.3  # seconds before a word's first letter and after its last, of which it wants posteriors
MOST_STEPS: Final = 900  # of posteriors, half a minute: longer words stay as they are
REST: Final = 0.002  # seconds between two batches of words
LONGEST: Final = 24  # letters of a word that is read with a language
COMPARED: Final = 64  # words of the list that are compared with what the network saw
COMPARED_HOT: Final = 8  # hot words
COMPARED_PIECE: Final = 4  # words, where one of two that were run together was misread
COST_LOST, COST_ADDED = 2.2, 5.6  # of edits, in natural logarithms, when words to compare are looked for
LISTED: Final = 1.4  # weight of how often a word is written against them
SHORTEST_PIECE: Final = 2  # letters of a word that others may be run together with
FAR, NEAR = -20.0, 15.0  # between which what is weighed is taken to be

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Assisted:
    """The word that was probably spelled, rather than what was read.

    Attributes:
        text: in capitals; with a space where words were run together.
        clearer: natural logarithm of how many times likelier it is right than not, above what is needed.
    """

    text: str
    clearer: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that may have been spelled.

    Attributes:
        text: as it will be shown.
        letters: A to Z, as a hand spells it.
        share: natural logarithm of its share of all that is spelled.
    """

    text: str
    letters: str
    share: float


class AssistedReader:
    """Reads words with a language, once it has loaded. Any thread may ask; one at a time is served.

    Args:
        hot_words: names and other words that the user expects; they are shown in capitals.
        word_list: the dictionary, where others read it too.
        weights: other than those that were fitted.
    """

    def __init__(
        self, hot_words: Sequence[str] = (), *, word_list: WordList | None = None, weights: Weights = FITTED
    ) -> None:
        self._word_list = word_list or WordList()
        self._weights = weights
        self._lock = threading.Lock()
        self._hot = _in_capitals(hot_words)
        self._language: Language | None = None
        self._started = False

    @property
    def loaded(self) -> bool:
        """Whether it knows its words by now."""
        return self._language is not None

    def load(self, rest: float = 0.0) -> None:
        """Read the dictionary, unless somebody has, and prepare it: half a second of work.

        Args:
            rest: seconds to rest after each half a millisecond of reading, so that other threads can go on.
        """
        language = Language(self._word_list.load(rest), self._weights)
        with self._lock:
            language.expect(self._hot)
            self._language = language

    def start(self) -> None:
        """Load in a thread that leaves most of the time to others; once, however often it is called."""
        if not self._started:
            self._started = True
            threading.Thread(target=self.load, args=(REST,), name="load words", daemon=True).start()

    def expect(self, hot_words: Sequence[str]) -> None:
        """Expect other hot words from now on. From any thread."""
        hot = _in_capitals(hot_words)
        with self._lock:
            if hot != self._hot:
                self._hot = hot
                if self._language is not None:
                    self._language.expect(hot)

    def read(self, word: str, posteriors: Floats) -> Assisted | None:
        """Return what a word is rather than what was read, or None where that stands. Takes some milliseconds.

        Args:
            word: as it was read, A to Z.
            posteriors: float32 (T, CLASSES) of the time grid, from about `AROUND` before its first letter to as long
                after its last.

        Returns:
            None also where the word has more than the letters A to Z, is very long, and before all is loaded.
        """
        word = word.upper()
        fits = word.isascii() and word.isalpha() and len(word) <= LONGEST
        fits = fits and posteriors.shape == (len(posteriors), CLASSES) and 0 < len(posteriors) <= MOST_STEPS
        if not fits:
            return None
        with self._lock:
            return None if self._language is None else self._language.read(word, posteriors)


class Language:
    """Words, names and what letters are read as. One thread at a time.

    Args:
        counts: how often each word is written, most frequent first.
        weights: how all of it is weighed.
    """

    def __init__(self, counts: Mapping[str, int], weights: Weights) -> None:
        self._counts = counts
        self._weights = weights
        self._total = max(sum(counts.values()), 1)
        self._characters = CharacterModel(counts)
        table = read_where_spelled()
        costs = np.minimum(-np.log(table / np.diag(table)), 8.0)
        np.fill_diagonal(costs, 0)
        self._costs = costs.astype(np.float32)
        self._near = self._index(dict(islice(counts.items(), CANDIDATES)))
        self._emits = _emits(table, weights)
        self.expect({})

    def expect(self, hot: Mapping[str, Sequence[str]]) -> None:
        """Exchange the hot words, as they are shown, by the letters that spell them."""
        self._hot = hot
        self._near_hot = self._index(dict.fromkeys(hot, 1))

    def read(self, word: str, posteriors: Floats) -> Assisted | None:
        """See `AssistedReader.read`; `word` in upper case."""
        if word in self._hot:  # perhaps written otherwise than it is spelled: JOSE is JOSÉ
            return None if word in self._hot[word] else Assisted(self._hot[word][0], self._weights.enough)
        candidates = self.candidates(word)
        if not candidates:
            return None
        best, evidence = self.compare(word, candidates, posteriors)
        clearer = self.clearer(evidence) - (self._weights.is_listed if word in self._counts else 0)
        return Assisted(candidates[best].text, clearer) if clearer > 0 else None

    def candidates(self, word: str) -> list[Candidate]:
        """Return what may have been spelled where a word in upper case was read, other than that."""
        found = {one.text: one for one in (*self._apart(word), *self._listed(word, COMPARED))}
        if self._hot:
            near = self._near_hot.near(word, 0.0, COMPARED_HOT)
            found |= {text: Candidate(text, one, self._weights.hot) for one, _ in near for text in self._hot[one]}
        found.pop(word, None)
        return list(found.values())

    def compare(self, word: str, candidates: Sequence[Candidate], posteriors: Floats) -> tuple[int, Floats]:
        """Compare what may have been spelled with what was read.

        Returns:
            The number of the likeliest candidate; and float32 (4,), how much likelier it is than what was read, than
            any other string, and than the other candidates, and how much better it fits the posteriors than what was
            read does: natural logarithms.
        """
        weights = self._weights
        means, lengths = stretches(posteriors)
        powers = weights.seen * np.maximum(lengths, weights.least_seen)
        emissions = ((means @ self._emits) ** powers[:, None]).astype(np.float32)
        fits = forward(emissions, [word, *(one.letters for one in candidates)])
        scores = fits[1:] + weights.listed * np.array([one.share for one in candidates])
        best = int(np.argmax(scores))
        literal = weights.unlisted + self._characters.log_probability(word)
        if word in self._counts:
            literal = max(literal, self._share(word))
        rivals = np.logaddexp.reduce(np.delete(scores, best), initial=-np.inf)
        evidence = (
            scores[best] - (fits[0] + weights.listed * literal),
            scores[best] - any_word(emissions, self._characters.follows),
            scores[best] - rivals,
            fits[1 + best] - fits[0],
        )
        return best, np.clip(np.array(evidence), FAR, NEAR).astype(np.float32)

    def clearer(self, evidence: Floats) -> float:
        """Return by how much the evidence of `compare` is more than enough."""
        weights = self._weights
        by = (weights.over_literal, weights.over_any, weights.over_rivals, weights.better_seen)
        return float(np.dot(evidence, by)) - weights.enough

    def _index(self, counts: Mapping[str, int]) -> NearWords:
        return NearWords(counts, self._costs, COST_LOST, COST_ADDED)

    def _listed(self, word: str, most: int) -> Iterator[Candidate]:
        for near, share in self._near.near(word, LISTED, most):
            yield Candidate(near, near, share)

    def _apart(self, word: str) -> Iterator[Candidate]:
        """Two words that were run together."""
        for place in range(SHORTEST_PIECE, len(word) - SHORTEST_PIECE + 1):
            pieces = word[:place], word[place:]
            if all(piece in self._counts or piece in self._hot for piece in pieces):
                share = sum(map(self._share, pieces)) + self._weights.together
                yield Candidate(" ".join(map(self._shown, pieces)), word, share)

    def _share(self, word: str) -> float:
        return self._weights.hot if word in self._hot else math.log(self._counts[word] / self._total)

    def _shown(self, word: str) -> str:
        return self._hot[word][0] if word in self._hot else word


def _in_capitals(hot_words: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Words as they are shown, by the letters that spell them."""
    return by_spelling([word.upper() for word in hot_words])


def _emits(table: Floats, weights: Weights) -> Floats:
    """How likely each symbol is read (first) where each is spelled (second), (CLASSES, CLASSES)."""
    emits = np.zeros((CLASSES, CLASSES), np.float32)
    emits[:BLANK, :BLANK] = (1 - weights.lost) * table
    emits[BLANK, :BLANK] = weights.lost
    emits[:, :BLANK] *= math.exp(weights.letter)
    emits[:BLANK, BLANK] = weights.added / BLANK
    emits[BLANK, BLANK] = 1 - weights.added
    return emits
