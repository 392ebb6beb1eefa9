"""Which trials are made, and their figures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.evaluation.live import Eyes
from models.evaluation.people.landmark_clips import ASPECT, RATE, read_takes, take_figures
from models.evaluation.people.running import read_all_running, running_takes
from models.evaluation.people.running_figures import running_figures
from models.evaluation.silence.silence import silence_figures
from models.evaluation.speed import speed_figures
from models.evaluation.synthetic.spelling import spelling_figures
from models.evaluation.synthetic.strokes import stroke_figures
from models.evaluation.synthetic.tones import tone_figures
from overlay.core.errors import SigncapError
from overlay.recognition.letter_model import LetterModel

WORDS: Final = 300  # at each speed
MINUTES: Final = 10.0
STROKES: Final = 25  # of each letter
TONE_WORDS: Final = 60  # with each tone

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried; nothing by default.

    Attributes:
        words: that synthetic people spell at each speed.
        coarticulated: let them spell these as fluent people do, too.
        minutes: for which nobody signs.
        rest: folder of real pictures that are shown then too, without their hands.
        motion: an .npz of real people's takes.
        running: an .npz of running spelling by real people, or a folder of videos named after what is spelled.
        rate, aspect: of `motion`, where the file does not say: frames a second, width over height.
        strokes: how often synthetic people sign each of J, Z, I and D.
        tone_words: that the same people spell with each skin tone.
        speed: measure how long each stage takes.
    """

    words: int = 0
    coarticulated: bool = False
    minutes: float = 0.0
    rest: Path | None = None
    motion: Path | None = None
    running: Path | None = None
    rate: float = RATE
    aspect: float = ASPECT
    strokes: int = 0
    tone_words: int = 0
    speed: bool = False

    @property
    def empty(self) -> bool:
        """Nothing is tried."""
        files = self.motion or self.running
        return not (self.words or self.minutes or files or self.strokes or self.tone_words or self.speed)

    def check(self) -> None:
        """Find out at once what would else be found out after minutes of work.

        Raises:
            SigncapError: a file or folder cannot be used.
        """
        if self.coarticulated and not self.words:
            raise SigncapError("--coarticulated has no words to spell: say how many with --words, for example 60.")
        if self.motion is not None:
            read_takes(self.motion, self.rate, self.aspect)
        if self.running is not None:
            running_takes(self.running)
        if self.rest is not None and not self.rest.is_dir():
            raise SigncapError(f"There is no folder {self.rest}: --rest takes a folder of pictures.")


def trial_figures(plan: Plan, eyes: Eyes) -> Json:
    """Make the trials; a figure is None where its trial was not asked for.

    Raises:
        SigncapError: a file or folder cannot be used, or the model cannot be run.
    """
    takes = running = None
    if plan.motion is not None:
        takes = take_figures(LetterModel(eyes.model), read_takes(plan.motion, plan.rate, plan.aspect))
    if plan.running is not None:
        running = running_figures(read_all_running(eyes, running_takes(plan.running)))
    return {
        "speed": speed_figures(eyes.model, eyes.hand_model) if plan.speed else None,
        "takes": takes,
        "running": running,
        "silence": silence_figures(eyes, plan.minutes, plan.rest) if plan.minutes else None,
        "strokes": stroke_figures(eyes, plan.strokes) if plan.strokes else None,
        "tones": tone_figures(eyes, plan.tone_words) if plan.tone_words else None,
        "spelling": spelling_figures(eyes, plan.words, coarticulated=plan.coarticulated) if plan.words else None,
    }
