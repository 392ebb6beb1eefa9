"""An assisted reading of a spelled word: the word of a list that it may be, where that is clearly better."""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from overlay.hot_words import by_spelling
from overlay.language.character_model import CharacterModel
from overlay.language.confusions import spelled_where_read
from overlay.language.near_words import NearWords
from overlay.language.scoring import BLANK, CLASSES, any_word, forward, stretches
from overlay.language.word_list import CANDIDATES, WordList

AROUND: Final = 0.3  # seconds before a word's first letter and after its last, of which it wants posteriors
MOST_STEPS: Final = 900  # of posteriors, half a minute: longer words stay as they are
LONGEST: Final = 24  # letters of a word that is read with a language

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Assisted:
    """What a word is rather than what was read.

    Attributes:
        text: in capitals; with a space where words were run together.
        clearer: natural logarithm of how many times likelier it is than what was read.
    """

    text: str
    clearer: float


@dataclass(frozen=True, slots=True)
class Weights:
    """What was fitted, see bench/assisted.py."""

    seen: float = 1.0  # of what the network saw, against how words are written
    mixed: float = 0.3  # share of what letters are usually read as in what was seen
    lost: float = 0.02  # share of a letter in what looks like none
    added: float = 0.02  # share of none in what looks like a letter
    unlisted: float = -1.0  # log share of what is spelled that is in no list
    hot: float = -4.0  # log share of each hot word
    together: float = -6.0  # log share of words that are run together
    margin: float = 2.0  # how much likelier the assisted reading must be
    margin_listed: float = 4.0  # the same where a word of the list was read
    prior: float = 1.0
    rivals: float = -3.0
    edit: float = 1.0
    candidates: int = 48


class AssistedReader:
    """Reads words with a language, once it has loaded. Any thread may ask; one at a time is served.

    Args:
        hot_words: names and other words that the user expects, as they shall be shown.
        word_list: the dictionary, where others read it too.
    """

    def __init__(
        self, hot_words: Sequence[str] = (), *, word_list: WordList | None = None, weights: Weights | None = None
    ) -> None:
        self._word_list = word_list or WordList()
        self._weights = weights or Weights()
        self._lock = threading.Lock()
        self._hot = by_spelling(hot_words)
        self._language: _Language | None = None

    @property
    def loaded(self) -> bool:
        """Whether it knows its words by now."""
        return self._language is not None

    def load(self, rest: float = 0.0) -> None:
        """Read the dictionary, unless somebody has, and prepare it.

        Args:
            rest: seconds to rest after each half a millisecond of reading it, so that other threads can go on.
        """
        language = _Language(self._word_list, self._weights, rest)
        with self._lock:
            language.expect(self._hot)
            self._language = language

    def expect(self, hot_words: Sequence[str]) -> None:
        """Expect other hot words from now on."""
        hot = by_spelling(hot_words)
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
        if not (word.isascii() and word.isalpha()) or len(word) > LONGEST:
            return None
        if posteriors.ndim != 2 or posteriors.shape[1] != CLASSES or not 0 < len(posteriors) <= MOST_STEPS:
            return None
        with self._lock:
            return None if self._language is None else self._language.read(word, posteriors)


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str  # as it is shown
    letters: str
    prior: float


class _Language:
    def __init__(self, word_list: WordList, weights: Weights, rest: float) -> None:
        counts = word_list.load(rest)
        self._weights = weights
        self._counts = counts
        self._total = sum(counts.values())
        self._characters = CharacterModel(counts)
        table = spelled_where_read()
        self._mixing = np.zeros((CLASSES, CLASSES), np.float32)
        self._mixing[:BLANK, :BLANK] = (1 - weights.added) * (
            (1 - weights.mixed) * np.eye(26) + weights.mixed * table
        )
        self._mixing[:BLANK, BLANK] = weights.added
        self._mixing[BLANK, :BLANK] = weights.lost / 26
        self._mixing[BLANK, BLANK] = 1 - weights.lost
        costs = -np.log(table)
        np.fill_diagonal(costs, 0)
        self._costs = np.minimum(costs, 8).astype(np.float32)
        self._near = NearWords(counts, CANDIDATES, self._costs, 2.5, 4.5)
        self._near_hot: NearWords | None = None
        self._hot: dict[str, list[str]] = {}

    def expect(self, hot: dict[str, list[str]]) -> None:
        self._hot = hot
        self._near_hot = NearWords(dict.fromkeys(hot, 1), len(hot), self._costs, 2.5, 4.5) if hot else None

    def read(self, word: str, posteriors: Floats) -> Assisted | None:
        weights = self._weights
        candidates = self.candidates(word)
        if word in self._hot:
            return None
        if not candidates:
            return None
        listed = word in self._counts
        own = weights.unlisted + self._characters.log_probability(word)
        if listed:
            own = max(own, self._share(word))
        means, lengths = stretches(posteriors)
        emissions = np.asarray((means @ self._mixing) ** (weights.seen * lengths)[:, None], np.float32)
        fits = forward(emissions, [word, *(one.letters for one in candidates)])
        scores = fits[1:] + weights.prior * np.array([one.prior for one in candidates])
        best = int(np.argmax(scores))
        others = np.delete(scores, best)
        unknown = any_word(emissions, self._characters.follows) + weights.unlisted
        literal = float(fits[0]) + weights.prior * own
        against = float(np.logaddexp.reduce(np.array([literal, unknown, *(weights.rivals + others)])))
        clearer = float(scores[best]) - against
        if clearer < (weights.margin_listed if listed else weights.margin):
            return None
        return Assisted(candidates[best].text, clearer)

    def candidates(self, word: str) -> list[_Candidate]:
        weights = self._weights
        found = [
            _Candidate(near, near, share)
            for near, _, share in self._near.near(word, 1.0 / weights.edit, weights.candidates)
            if near != word
        ]
        if self._near_hot is not None:
            for near, _, _ in self._near_hot.near(word, 0.0, 8):
                found += [_Candidate(shown, near, weights.hot) for shown in self._hot[near]]
        for place in range(2, len(word) - 1):
            pieces = word[:place], word[place:]
            if all(piece in self._counts or piece in self._hot for piece in pieces):
                share = sum(self._share(piece) for piece in pieces) + weights.together
                text = " ".join(self._hot[piece][0] if piece in self._hot else piece for piece in pieces)
                found.append(_Candidate(text, word, share))
        return found

    def _share(self, word: str) -> float:
        if word in self._hot:
            return self._weights.hot
        return math.log(self._counts[word] / self._total)
