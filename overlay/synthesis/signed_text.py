"""Any text, signed by a person who does not exist, with the captions that are true of it."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from overlay.captions.state import CaptionState, Cue
from overlay.core.errors import SigncapError
from overlay.media.frame import Frame, Pixels
from overlay.synthesis.fingerspelling import SpelledText, spell
from overlay.synthesis.signer import SignerLook, SyntheticSigner

RATE: Final = 30.0  # pictures a second
SLOWEST, USUAL, FASTEST = 0.5, 3.0, 8.0  # letters a second within words
# Seconds that the hand stays down longer than the signer's own 0.36: between words so that the pause is the second
# that people are asked for, too.
WORD_PAUSE, SENTENCE_PAUSE = 0.2, 0.8
MOVED: Final = "JZ"  # letters that are formed when their movement is over
CLEAREST: Final = 2.0  # degrees by which somebody's letters differ from the usual, at most: people learn from them
HAND_SCALES: Final = (0.85, 1.2)
INNERMOST: Final = 0.36  # of the width: where the hand is held at most, so that it is beside the face
SIZES: Final = (96, 3840)  # shortest and longest side in pixels
LAST_SEED: Final = 2**31 - 1


class SignedLetter(NamedTuple):
    """A letter of the text.

    Attributes:
        letter: A to Z.
        word: number of its word, from 0.
        start: when its sign is reached, in seconds.
        end: when the hand leaves it.
    """

    letter: str
    word: int
    start: float
    end: float

    @property
    def formed(self) -> float:
        """The time at which it can be told: at once, or after the movement of J and Z."""
        return self.end if self.letter in MOVED else self.start


@dataclass(frozen=True, slots=True)
class Signing:
    """The way a text is signed.

    Attributes:
        speed: letters a second within words, 0.5 to 8.
        signer: who signs: the same number gives the same person; the usual signer when None.
        left_handed: signs with the left hand.
        coarticulation: how far letters run into each other: 0, each is posed, to 1, as fluent people sign.
    """

    speed: float = USUAL
    signer: int | None = None
    left_handed: bool = False
    coarticulation: float = 0.0


def signer_look(signing: Signing) -> SignerLook:
    """Return the look of a signer who forms clear letters and holds the hand where it can be seen well."""
    look = SignerLook() if signing.signer is None else SignerLook.random(signing.signer)
    least, most = HAND_SCALES
    return replace(
        look,
        handedness="left" if signing.left_handed else "right",
        mirrored_z=False,
        pose_jitter=min(look.pose_jitter, CLEAREST),
        hand_scale=min(max(look.hand_scale, least), most),
        place=(min(look.place[0], INNERMOST), look.place[1]),
    )


class SignedText:
    """A text as a performance: pictures, and what has been spelled when. All is a pure function of the arguments.

    Args:
        text: anything; see `overlay.synthesis.fingerspelling.spell`.
        signing: how.
        size: width and height of the pictures.

    Raises:
        SigncapError: there is nothing to spell in the text, it is too long, or the speed, the signer or the size
            cannot be had.
    """

    def __init__(
        self, text: str | SpelledText, signing: Signing | None = None, *, size: tuple[int, int] = (1280, 720)
    ) -> None:
        signing = signing or Signing()
        _check(signing, size)
        self.spelled = spell(text) if isinstance(text, str) else text
        pauses = [
            SENTENCE_PAUSE if last else WORD_PAUSE
            for sentence in self.spelled.sentences
            for last in (word == len(sentence) - 1 for word in range(len(sentence)))
        ]
        self._signer = SyntheticSigner(
            " ".join(self.spelled.words),
            letters_per_second=signing.speed,
            seed=signing.signer or 0,
            look=signer_look(signing),
            size=size,
            pauses=pauses,
            coarticulation=signing.coarticulation,
        )
        numbers = (number for number, word in enumerate(self.spelled.words) for _ in word)
        self.letters = tuple(
            SignedLetter(span.letter, number, span.start, span.end)
            for span, number in zip(self._signer.letters, numbers, strict=True)
        )
        self._formed = [letter.formed for letter in self.letters]
        self.cues = tuple(self._cues())

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures."""
        return self._signer.size

    @property
    def duration(self) -> float:
        """Seconds."""
        return self._signer.duration

    @property
    def count(self) -> int:
        """The number of pictures."""
        return int(self.duration * RATE) + 1

    def frames(self, first: int = 0) -> Iterator[Frame]:
        """All pictures from the one with this number on."""
        for number in range(first, self.count):
            yield Frame(self.picture(number / RATE), number, number / RATE)

    def picture(self, at: float) -> Pixels:
        """BGR uint8 (H, W, 3) of the moment `at` seconds."""
        return self._signer.render(at)

    def state(self, at: float) -> CaptionState:
        """Return the text spelled until `at` seconds, letter by letter; a sentence is a caption."""
        count = bisect_right(self._formed, at)
        finished: list[Cue] = []
        for cue in self.cues:
            letters = sum(not sign.isspace() for sign in cue.text)
            if letters > count or at < cue.end:
                break
            finished.append(cue)
            count -= letters
        committed = "" if len(finished) == len(self.cues) else _first_letters(self.cues[len(finished)].text, count)
        return CaptionState(sum(len(cue.text) for cue in finished) + len(committed), tuple(finished), committed)

    def _cues(self) -> Iterator[Cue]:
        first = 0
        for index, sentence in enumerate(self.spelled.sentences):
            last = first + sum(map(len, sentence)) - 1
            yield Cue(index, " ".join(sentence), self._formed[first], self.letters[last].end)
            first = last + 1


def _first_letters(text: str, count: int) -> str:
    """The beginning of a text with so many letters, without what comes after the last of them."""
    for end, sign in enumerate(text):
        if not count:
            return text[:end].rstrip()
        count -= not sign.isspace()
    return text


def _check(signing: Signing, size: tuple[int, int]) -> None:
    if not SLOWEST <= signing.speed <= FASTEST:  # also what is no number at all
        raise SigncapError(
            f"{signing.speed:g} letters a second cannot be signed: choose a speed from {SLOWEST:g} to {FASTEST:g}."
        )
    if signing.signer is not None and not 0 <= signing.signer <= LAST_SEED:
        raise SigncapError(f"Signers have numbers from 0 to {LAST_SEED}: choose one of them.")
    least, most = SIZES
    if min(size) < least or max(size) > most or size[0] % 2 or size[1] % 2:
        raise SigncapError(
            f"A picture of {size[0]}x{size[1]} cannot be made: choose even sides from {least} to {most}, "
            "for example 1280x720."
        )
