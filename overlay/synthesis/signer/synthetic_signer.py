"""A person who does not exist and fingerspells any text, drawn frame by frame."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from overlay.core.errors import SigncapError
from overlay.synthesis.signer.drawing.person import Person
from overlay.synthesis.signer.hand.letters import LETTERS, Pose
from overlay.synthesis.signer.hand.skeleton import rotation_matrix, rotation_vector
from overlay.synthesis.signer.look import SignerLook
from overlay.synthesis.signer.movement.coarticulation import FluentScore, Habits, compose_fluently
from overlay.synthesis.signer.movement.motion import Score, Span, compose, words_of

SLOWEST, FASTEST = 0.2, 12.0


class SyntheticSigner:
    """Fingerspells a text; every frame is a pure function of (text, seed, look, t) and the other arguments.

    Pictures are unmirrored, as a camera sees the signer: a right hand is on the left of the picture.

    Args:
        text: A to Z and spaces; lower case is folded. SigncapError lists any other character.
        letters_per_second: speed within words, 0.2 to 12.
        seed: of the small differences between two makings of a letter, and of the wobble.
        look: the signer; the default look when None.
        size: width and height of the pictures in pixels.
        lead: seconds before the first letter is made, in which the hand comes up.
        tail: seconds after the last.
        pauses: seconds that the hand stays down longer than usual after each word; none by default.
        coarticulation: 0 poses each letter; up to 1, letters run into each other as fluent people's do: those that
            the speed leaves no time for are not quite reached, fingers lead and lag, the rhythm is uneven.

    Attributes:
        duration: seconds, from 0, after which the hand stays down.
        letters: what is made when, in order.
    """

    def __init__(
        self,
        text: str,
        *,
        letters_per_second: float = 3.0,
        seed: int = 0,
        look: SignerLook | None = None,
        size: tuple[int, int] = (1280, 720),
        lead: float = 0.6,
        tail: float = 1.2,
        pauses: Sequence[float] = (),
        coarticulation: float = 0.0,
    ) -> None:
        words = words_of(text)
        if not SLOWEST <= letters_per_second <= FASTEST:
            raise SigncapError(
                f"{letters_per_second:g} letters a second cannot be signed; choose {SLOWEST:g} to {FASTEST:g}."
            )
        if not 0 <= coarticulation <= 1:
            raise SigncapError(
                f"A coarticulation of {coarticulation:g} cannot be signed; choose 0, posed, to 1, fluent."
            )
        self.look = look or SignerLook()
        self.size = size
        rng = np.random.default_rng((seed, 3))
        look = self.look
        self._score: Score | FluentScore
        if coarticulation:
            own = np.random.default_rng((seed, 29))
            self._score = compose_fluently(
                words,
                letters_per_second,
                lead,
                tail,
                _styled(look),
                own,
                look.wobble,
                Habits.of(look.style),
                coarticulation,
                look.mirrored_z,
                pauses,
            )
        else:
            self._score = compose(
                words, letters_per_second, lead, tail, _styled(look), rng, look.wobble, look.mirrored_z, pauses
            )
        self._person = Person(self.look, size, rng)

    @property
    def duration(self) -> float:
        """Seconds that the performance lasts."""
        return self._score.duration

    @property
    def letters(self) -> tuple[Span, ...]:
        """(letter, start, end) of every letter, in order, in seconds."""
        return self._score.spans

    def label(self, t: float) -> str | None:
        """The letter whose sign is being made at t seconds; None on the way between letters and at rest."""
        return self._score.label(t)

    def landmarks(self, t: float) -> NDArray[np.float32] | None:
        """Landmarks (21, 3) at t seconds in pixels, in MediaPipe's order: x right, y down, z away from the
        camera relative to the wrist, scaled like x. None while less than two thirds of them are in the picture.
        """
        return self._person.landmarks(self._score.at(t), t)

    def render(self, t: float) -> NDArray[np.uint8]:
        """The picture at t seconds, BGR uint8 (H, W, 3)."""
        return self._person.render(self._score.at(t), t)


def _styled(look: SignerLook) -> dict[str, Pose]:
    """The alphabet as this signer forms it."""
    styled: dict[str, Pose] = {}
    for k, (letter, pose) in enumerate(LETTERS.items()):
        rng = np.random.default_rng((look.style, k, 17))
        joints_off = rng.normal(0, 1, 21) * look.pose_jitter
        turn_off = rotation_matrix(rng.normal(0, 1, 3) * math.radians(look.pose_jitter))
        styled[letter] = Pose(pose.angles + joints_off, rotation_vector(turn_off @ rotation_matrix(pose.turn)))
    return styled
